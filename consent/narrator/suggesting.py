"""Changes that a narrator asks for in her wording, and what the keeper does about them."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from club.models import Member, User
from consent.enums import SuggestionState
from consent.models import ApprovalLink, Suggestion
from consent.narrator import registry
from consent.narrator.registry import Taken, Wording

WORDS = re.compile(r"\S+\s*|\s+")
# Beyond this the exact comparison of two texts would take seconds; a coarser one is as readable there.
EXACT = 1_000_000


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text in a marked-up change: ``same``, ``gone`` or ``new``."""

    kind: str
    text: str


def normal(text: str) -> str:
    """Return text with the line ends of this house, for comparing what browsers send back."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def changed(wording: Wording, texts: dict[str, str]) -> list[dict[str, str]]:
    """Return the passages that differ from the wording, as a suggestion keeps them."""
    return [
        {"path": passage.path, "before": passage.text, "after": normal(texts[passage.path])}
        for passage in wording.passages
        if passage.path in texts and normal(texts[passage.path]) != normal(passage.text)
    ]


@transaction.atomic
def suggest(
    *, link: ApprovalLink, wording: Wording, passages: Sequence[dict[str, str]], words: str
) -> Suggestion:
    """Keep what she asks for; asking again before an answer came replaces what she asked before."""
    member = Member.objects.select_for_update().get(pk=link.member_id)
    values = {"passages": list(passages), "words": words, "revision_id": wording.revision_id}
    waiting = Suggestion.objects.filter(
        member=member, wording_sha256=wording.sha256, state=SuggestionState.OPEN
    ).first()
    if waiting is not None:
        Suggestion.objects.filter(pk=waiting.pk).update(**values, created_at=timezone.now())
        waiting.refresh_from_db()
        return waiting
    return Suggestion.objects.create(
        member=member, wording_sha256=wording.sha256, created_at=timezone.now(), **values
    )


def marked_up(before: str, after: str) -> list[Piece]:
    """Return both texts as one, with what goes and what comes marked word by word."""
    old, new = WORDS.findall(before), WORDS.findall(after)
    matcher = SequenceMatcher(None, old, new, autojunk=len(old) * len(new) > EXACT)
    return list(_pieces(matcher, old, new))


def _pieces(matcher: SequenceMatcher, old: Sequence[str], new: Sequence[str]) -> Iterator[Piece]:
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "equal":
            yield Piece("same", "".join(old[i1:i2]))
            continue
        if i2 > i1:
            yield Piece("gone", "".join(old[i1:i2]))
        if j2 > j1:
            yield Piece("new", "".join(new[j1:j2]))


@transaction.atomic
def answer(*, suggestion: Suggestion, take: Collection[str], words: str, by: User) -> Taken | None:
    """Take the passages of these paths into a new draft, and answer her; raises ``PermissionDenied``.

    Returns what was taken, None if nothing was to be. A suggestion is answered once; a second answer changes nothing.
    """
    if not by.has_perm("consent.add_approval"):
        raise PermissionDenied
    suggestion = Suggestion.objects.select_for_update(of=("self",)).select_related("revision").get(pk=suggestion.pk)
    if suggestion.state != SuggestionState.OPEN:
        return None
    wanted = [passage for passage in suggestion.passages if passage["path"] in take]
    taken = _take(suggestion, wanted, by) if wanted else None
    suggestion.state = SuggestionState.APPLIED if taken and taken.done else SuggestionState.DECLINED
    suggestion.answer, suggestion.answered_by, suggestion.answered_at = words, by, timezone.now()
    suggestion.save()
    return taken


def _take(suggestion: Suggestion, passages: Sequence[dict[str, str]], by: User) -> Taken:
    revision = suggestion.revision
    source = registry.source_of(revision) if revision is not None else None
    if revision is None or source is None:
        raise PermissionDenied
    return source.take(revision, passages, by)
