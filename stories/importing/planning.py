"""What an import would do with each draft. Reads only; a dry run ends here."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from wagtail.models import PageLogEntry

from consent.enums import ENDING_EVENTS, EventKind
from consent.erasing import tombstones
from consent.models import Approval, Consent, ConsentEvent
from stories.importing.drafts import Draft
from stories.importing.errors import RowRefused
from stories.importing.narrators import Narrators, same_narrator
from stories.importing.placing import IMPORTED
from stories.importing.records import BY_SLUG, external_id_of, record_from_story, slugs_of_touchpoints
from stories.models import StoryImage, StoryPage

FORGOTTEN = "its narrator was forgotten at her demand; what was erased is not imported again"
# After one of these nothing that an import brings counts as the narrator's yes.
TAKEN_BACK = (EventKind.WITHDRAWN, EventKind.ERASED, EventKind.REFUSED)
COLUMNS = (
    "pk", "title", "slug", "external_id", "live", "first_published_at", "latest_revision_id",
    "live_revision_id", "wording_sha256", "member__code",
)  # fmt: skip


class Outcome(StrEnum):
    """What becomes of a row."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    WITHDRAWN = "withdrawn"
    REJECTED = "rejected"


@dataclass(slots=True)
class Step:
    """One draft with the decision about it. ``publish`` is what will be tried."""

    draft: Draft
    outcome: Outcome
    story: StoryPage | None = None
    consent: bool = False
    approve: bool = False
    publish: bool = False
    reason: str = ""

    @property
    def existing(self) -> StoryPage:
        """The story that is here already; only for steps that have one."""
        if self.story is None:
            raise LookupError("the step makes a new story")
        return self.story


@dataclass(frozen=True, slots=True)
class LastImport:
    """What the log says of the last import of a story."""

    fingerprint: str
    revision_id: int | None


class Facts:
    """What the database knows about a chunk of drafts; a fixed number of queries."""

    def __init__(self, drafts: Sequence[Draft], narrators: Narrators) -> None:
        self.stories = self._stories(drafts)
        pages = [story.pk for story in self.stories.values()]
        self.last = self._last(pages)
        known = {narrators.known(draft) for draft in drafts} | {
            story.member_id for story in self.stories.values()
        }
        self.consented = set(
            Consent.objects.filter(member__in=known - {None}).values_list("member_id", flat=True)
        )
        digests = [draft.digest for draft in drafts]
        self.approvals = set(
            Approval.objects.filter(wording_sha256__in=digests).values_list("member_id", "wording_sha256")
        )
        ended = ConsentEvent.objects.order_by()
        self.taken_back = set(
            ended.filter(kind__in=TAKEN_BACK).values_list("member_id", flat=True).distinct()
        )
        revoked = ended.filter(kind__in=ENDING_EVENTS, wording_sha256__in=digests)
        self.revoked = set(revoked.values_list("wording_sha256", flat=True))
        self.withdrawn_keys = self._withdrawn_keys()
        self.forgotten = tombstones.known_among(pair for draft in drafts for pair in _marks(draft))
        self.contents = self._contents(drafts)

    def _stories(self, drafts: Sequence[Draft]) -> dict[str, StoryPage]:
        """Stories by the id a row would name them with; one without an id goes by its address."""
        names = [draft.external_id for draft in drafts]
        slugs = [name.removeprefix(BY_SLUG) for name in names if name.startswith(BY_SLUG)]
        stories = StoryPage.objects.select_related("member").only(*COLUMNS)
        found = [*stories.filter(external_id__in=names)]
        found += stories.filter(external_id=None, slug__in=slugs) if slugs else []
        return {external_id_of(story): story for story in found}

    def _last(self, pages: Sequence[int]) -> dict[int, LastImport]:
        entries = PageLogEntry.objects.filter(action=IMPORTED, page_id__in=pages).order_by("timestamp", "pk")
        return {
            page: LastImport(str(data.get("fingerprint", "")), revision)
            for page, data, revision in entries.values_list("page_id", "data", "revision_id")
        }

    def _withdrawn_keys(self) -> set[str]:
        """Keys of rows whose narrators took their stories back, also where the story itself is gone."""
        if not self.taken_back:
            return set()
        entries: Iterable[dict[str, Any]] = (
            PageLogEntry.objects.filter(action=IMPORTED).order_by().values_list("data", flat=True)
        )
        return {str(data.get("key")) for data in entries if data.get("member") in self.taken_back}

    def _contents(self, drafts: Sequence[Draft]) -> dict[int, dict[str, Any]]:
        """What the stories say whose rows are not those of the last import, by page."""
        asked = [
            story.pk
            for draft in drafts
            if (story := self.stories.get(draft.external_id)) and not self.is_last(draft, story)
        ]
        if not asked:
            return {}
        whole = StoryPage.objects.filter(pk__in=asked).select_related("member")
        whole = whole.prefetch_related("touchpoints", "product_lines", "audience_groups", "tagged_items__tag")
        touchpoints = slugs_of_touchpoints()
        images = {pk: str(pk) for pk in StoryImage.objects.values_list("pk", flat=True)}
        return {
            story.pk: _content(record_from_story(story, touchpoints=touchpoints, images=images))
            for story in whole
        }

    def is_last(self, draft: Draft, story: StoryPage) -> bool:
        """Whether the last import of a story brought the same row."""
        last = self.last.get(story.pk)
        return last is not None and last.fingerprint == draft.fingerprint

    def says_the_same(self, draft: Draft, story: StoryPage) -> bool:
        """Whether the row says nothing that the last import or the story itself does not say already."""
        if self.is_last(draft, story):
            return True
        here = self.contents[story.pk]
        return all(here[name] == _plain(value) for name, value in draft.content().items())

    def is_forgotten(self, draft: Draft) -> bool:
        """Whether the story or its narrator was erased at her demand."""
        return any(pair in self.forgotten for pair in _marks(draft))

    def is_taken_back(self, draft: Draft, member_id: int | None) -> bool:
        """Whether the narrator withdrew, refused or was erased, or took back her yes to these very words."""
        by_words = (
            {member for member, digest in self.approvals if digest == draft.digest}
            if member_id is None
            else set()
        )
        return (
            member_id in self.taken_back
            or draft.digest in self.revoked
            or draft.key in self.withdrawn_keys
            or bool(by_words & self.taken_back)
        )


def _marks(draft: Draft) -> list[tuple[str, str]]:
    """Return by what a row is known again after its narrator was forgotten."""
    pairs = [
        (tombstones.EXTERNAL_ID, draft.external_id),
        (tombstones.CODE, draft.member_code),
        (tombstones.NARRATOR, draft.member_key),
    ]
    return [(kind, value) for kind, value in pairs if value]


def plan(drafts: Sequence[Draft], narrators: Narrators, *, publish: bool) -> list[Step]:
    """Return a step for every draft, in order."""
    facts = Facts(drafts, narrators)
    return [_step(draft, facts, narrators, publish) for draft in drafts]


def _step(draft: Draft, facts: Facts, narrators: Narrators, publish: bool) -> Step:
    story = facts.stories.get(draft.external_id)
    member_id = story.member_id if story else narrators.known(draft)
    if facts.is_forgotten(draft):
        return Step(draft, Outcome.REJECTED, reason=FORGOTTEN)
    try:
        if story:
            same_narrator(draft, story.member.code)
    except RowRefused as refusal:
        return Step(draft, Outcome.REJECTED, story, reason=str(refusal))
    if facts.is_taken_back(draft, member_id):
        return Step(draft, Outcome.WITHDRAWN, story)
    if story is None:
        yes = draft.claim.affirmed
        return Step(draft, Outcome.NEW, consent=yes, approve=yes, publish=yes and publish)
    return _existing(draft, story, facts, publish)


def _existing(draft: Draft, story: StoryPage, facts: Facts, publish: bool) -> Step:
    yes = draft.claim.affirmed
    last = facts.last.get(story.pk)
    same = facts.says_the_same(draft, story)
    unapproved = (story.member_id, draft.digest) not in facts.approvals
    if not same:
        return Step(
            draft, Outcome.CHANGED, story, consent=yes, approve=yes and unapproved, publish=yes and publish
        )
    consent = yes and story.member_id not in facts.consented
    pending = _is_pending(story, last)
    return Step(
        draft, Outcome.SAME, story, consent, yes and unapproved and pending, yes and publish and pending
    )


def _is_pending(story: StoryPage, last: LastImport | None) -> bool:
    """Whether what was imported last still waits as it came: not edited, not taken off the shelf."""
    untouched = last is not None and last.revision_id == story.latest_revision_id != story.live_revision_id
    return untouched and (story.live or story.first_published_at is None)


def _content(record: dict[str, Any]) -> dict[str, Any]:
    """Return a record in the form of ``Draft.content``."""
    flat = {
        **{name: value for name, value in record.items() if name not in ("period", "body")},
        "period.start": record["period"]["start"],
        "period.end": record["period"]["end"],
        "body": [[kind, value] for block in record["body"] for kind, value in block.items()],
    }
    return {name: _plain(value) for name, value in flat.items()}


def _plain(value: Any) -> Any:
    """Return a value as text, every nothing alike: no touchpoint is None in a page and "" in a record."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return "" if value is None else str(value) if isinstance(value, int) else value
