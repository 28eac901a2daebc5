"""What a withdrawal leaves of evidence: everything that counts or quotes passages, before and at once after it."""

import csv
import io
import json
import re
import time
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from club.models import Member, User
from consent.enums import Purpose
from consent.services import withdraw
from ideas import closing
from ideas.enums import CODEBOOKS, FileForm
from ideas.exchange.leaving import take_out
from ideas.models import CodedBlock, Coding, Decision, Highlight, Idea, Theme
from ideas.querysets import Ground, Tree, ground, idea_marks, lost, theme_marks
from kb_site.measuring import nothing_stays

CITED = 100
STAMPS = re.compile(rb'(creationDateTime|name)="[^"]*"')


@dataclass(frozen=True, slots=True)
class Seen:
    """What a person is shown of all evidence: passages, people and estimates by theme and idea, exports, the loop."""

    passages: Mapping[str, int]
    people: Mapping[str, int]
    estimates: Mapping[str, Any]
    exports: Mapping[str, Any]
    loop: Mapping[str, Any]


def seen(user: User) -> Seen:
    """Look at everything that rests on evidence."""
    here, tree = ground(user), Tree.load()
    by_theme = {f"theme {theme.pk}": theme_marks([theme.pk], here) for theme, _depth in tree.walk()}
    by_idea = {
        f"idea {pk}": idea_marks([pk], here)
        for pk in Idea.objects.order_by("pk").values_list("pk", flat=True)
    }
    marks = {name: found for name, found in {**by_theme, **by_idea}.items() if found}
    stories = {name: {mark.story for mark in found} for name, found in marks.items()}
    told = {
        f"{type(each.subject).__name__} {each.subject.pk}": each.closing for each in closing.everything(user)
    }
    return Seen(
        passages={name: len(found) for name, found in marks.items()},
        people={name: len(here.people(found)) for name, found in stories.items()},
        estimates={name: here.estimate(found) for name, found in stories.items()},
        exports={form.value: exported(user, form) for form in FileForm if form not in CODEBOOKS},
        loop={
            name: (each.cited, each.told, dict(each.verdicts)) for name, each in told.items() if each.cited
        },
    )


def exported(user: User, form: FileForm) -> Any:
    """Return what a file holds, without the moment at which it was made."""
    data = take_out(user=user, form=form).data
    if form == FileForm.JSONLD:
        return json.loads(data)["first"]["items"]
    if form == FileForm.EVIDENCE_CSV:
        return list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = [name for name in archive.namelist() if not name.startswith("docProps/")]
        parts = {name: archive.read(name) for name in names}
    if form == FileForm.QDPX:
        parts["project.qde"] = STAMPS.sub(b"", parts["project.qde"], count=2)
    return parts


def cite(member: Member, here: Ground, themes: list[int], ideas: list[int]) -> int:
    """Mark passages of her stories until she is cited in a hundred codings; returns in how many she is."""
    own = [pk for pk, told in here.stories.items() if told.member == member.pk]
    block = CodedBlock.objects.filter(story_id__in=own).exclude(text="").order_by("pk").first()
    have = Coding.objects.filter(highlight__story_id__in=own).count()
    if block is None:
        return have
    revision, length = here.stories[block.story_id].revision, len(block.text)
    for number in range(max(0, CITED - have)):
        start = number % max(1, length - 20)
        end = min(length, start + 20)
        row = Highlight.objects.create(
            block=block,
            story_id=block.story_id,
            revision=revision,
            start=start,
            end=end,
            exact=block.text[start:end],
        )
        place = number // 2
        if number % 2 and ideas:
            Coding.objects.create(highlight=row, idea_id=ideas[place % len(ideas)])
        else:
            Coding.objects.create(highlight=row, theme_id=themes[place % len(themes)])
    return Coding.objects.filter(highlight__story_id__in=own).count()


def evidence(user: User) -> dict[str, Any]:
    """Measure the withdrawal of somebody cited a hundred times; nothing of it stays, in no journal either.

    Raises ``LookupError`` where nobody is cited.
    """
    with nothing_stays():
        return taken_back(user)


def taken_back(user: User) -> dict[str, Any]:
    """Cite her, look, take her codings off and look, lay them back, let her withdraw, look again."""
    here = ground(user)
    member = (
        Member.objects.filter(pk__in={told.member for told in here.stories.values()}).order_by("pk").first()
    )
    themes = list(Theme.objects.filter(merged_into=None).order_by("pk").values_list("pk", flat=True))
    ideas = list(Idea.objects.filter(merged_into=None).order_by("pk").values_list("pk", flat=True))
    if member is None or not themes:
        raise LookupError("No passage of this install serves as evidence for this person.")
    codings = cite(member, here, themes, ideas)
    before = seen(user)
    expected = without_her(user, member)
    decisions = decided()
    withdrawing = milliseconds(lambda: withdraw(member=member, purpose=Purpose.IDEAS))
    looking = time.perf_counter()
    after = seen(user)
    looked = round((time.perf_counter() - looking) * 1000, 1)
    cited = set(
        Coding.objects.filter(highlight__story__member=member, idea__isnull=False).values_list(
            "idea_id", flat=True
        )
    )
    return {
        "codings": codings,
        "passages_before": sum(before.passages.values()),
        "passages_after": sum(after.passages.values()),
        "withdrawal_ms": withdrawing,
        "everything_read_anew_ms": looked,
        "exact": {
            name: getattr(after, name) == getattr(expected, name) for name in Seen.__dataclass_fields__
        },
        "decisions_kept": decided() == decisions,
        "ideas_marked_withdrawn": f"{len(lost(sorted(cited)))} of {len(cited)}",
    }


def without_her(user: User, member: Member) -> Seen:
    """Return what would be seen had she never been coded; her codings lie there again afterwards."""
    point = transaction.savepoint()
    rows = Coding.objects.filter(highlight__story__member=member)
    rows.delete()
    Decision.overrules.through.objects.filter(highlight__story__member=member).delete()
    Highlight.objects.filter(story__member=member).delete()
    found = seen(user)
    transaction.savepoint_rollback(point)
    return found


def decided() -> list[tuple[Any, ...]]:
    """Return all decisions and states of ideas."""
    decisions = Decision.objects.order_by("pk").values_list("pk", "state", "reason")
    return [*decisions, *Idea.objects.order_by("pk").values_list("pk", "state", "title")]


def milliseconds(act: Callable[[], object]) -> float:
    """Return how long something takes, wall time."""
    began = time.perf_counter()
    act()
    return round((time.perf_counter() - began) * 1000, 1)
