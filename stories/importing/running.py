"""Running an import: rows are read lazily, planned and written in chunks, and counted."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from time import perf_counter

from django.contrib.auth.models import Group
from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone

from search.services import drain
from stories.importing.applying import Writer
from stories.importing.drafts import Draft, DraftMaker
from stories.importing.errors import ImportRefused, RowRefused
from stories.importing.mapping import StoryMap
from stories.importing.masks import mask_draft
from stories.importing.narrators import Narrators
from stories.importing.placing import shelf
from stories.importing.planning import Outcome, Step, plan
from stories.importing.readers import open_source
from stories.importing.readers.base import Row, Source
from stories.importing.records import keys_of_images
from stories.importing.words import Words
from stories.models import StoryPage

CHUNK = 500
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Options:
    """What the person asked for."""

    mapping: StoryMap = field(default_factory=StoryMap)
    consent_field: str = ""
    publish: bool = False
    dry_run: bool = False
    mask: bool = False


@dataclass(slots=True)
class Report:
    """What became of the rows."""

    read: int = 0
    new: int = 0
    changed: int = 0
    same: int = 0
    without_consent: int = 0
    published: int = 0
    withdrawn: int = 0
    rejected: int = 0
    masked: int = 0
    seconds: float = 0.0
    notes: list[str] = field(default_factory=list)

    def count(self, step: Step) -> None:
        """Count one row that went through."""
        name = step.outcome.value
        setattr(self, name, getattr(self, name) + 1)
        if step.outcome in (Outcome.NEW, Outcome.CHANGED) and not step.draft.claim.affirmed:
            self.without_consent += 1
        self.published += step.publish
        self.masked += step.draft.masked


class Import:
    """One run over one source. ``tell`` is given a line for every row that needs one."""

    def __init__(self, source: Source, options: Options, tell: Tell) -> None:
        self.source = source
        self.options = options
        self.tell = tell
        self.report = Report()
        self.words = Words()
        self.narrators = Narrators()
        self.maker = DraftMaker(
            options.mapping,
            source=source.label,
            consent_field=options.consent_field,
            groups=Group.objects.values_list("name", flat=True),
            images={key: pk for pk, key in keys_of_images().items()},
            words={*self.words.tags, *self.words.touchpoints, *self.words.product_lines},
        )
        self.writer = Writer(options.mapping, self.words, self.narrators, moment())
        self._seen: dict[str, int] = {}

    def run(self, moved: Callable[[int], object] = lambda rows: None) -> Report:
        """Import everything; ``moved`` is told how many rows are done. Raises ``ImportRefused``."""
        began = perf_counter()
        shelf_exists()
        self._learn_narrators()
        rows = self.source.rows()
        while chunk := list(islice(rows, CHUNK)):
            self._chunk(self._drafts(chunk))
            self.report.read += len(chunk)
            moved(len(chunk))
        self._note_the_whole()
        if not self.options.dry_run:
            self._index()
        self.report.seconds = perf_counter() - began
        return self.report

    def _learn_narrators(self) -> None:
        """Where a key tells narrators apart, find out whose stories are here, wherever they stand."""
        if not self.options.mapping.groups_members:
            return
        keys: dict[str, str] = {}
        for draft in self._drafts_of(self.maker, self.source.rows(), lambda number, reason: None):
            if draft.member_key:
                keys[draft.external_id] = draft.member_key
        names = list(keys)
        for start in range(0, len(names), CHUNK):
            found = StoryPage.objects.filter(external_id__in=names[start : start + CHUNK])
            self.narrators.learn(
                {keys[name]: member for name, member in found.values_list("external_id", "member_id")}
            )

    @staticmethod
    def _drafts_of(
        maker: DraftMaker, rows: Iterable[Row], refuse: Callable[[int, str], None]
    ) -> Iterator[Draft]:
        for row in rows:
            try:
                yield maker.draft(row)
            except RowRefused as refusal:
                refuse(row.number, str(refusal))

    def _drafts(self, rows: Sequence[Row]) -> list[Draft]:
        drafts = []
        for draft in self._drafts_of(self.maker, rows, self._reject):
            first = self._seen.setdefault(draft.external_id, draft.number)
            if first != draft.number:
                self._reject(
                    draft.number, f"external_id “{draft.external_id[:60]}” stands in row {first} already"
                )
                continue
            for warning in draft.warnings:
                self.tell(f"row {draft.number}: {warning}")
            drafts.append(draft)
        return drafts

    def _chunk(self, drafts: Sequence[Draft]) -> None:
        """Write a chunk; where it fails, row by row, so that only the culprit is left out."""
        try:
            steps = self._write(drafts)
        except (OperationalError, InterfaceError) as problem:
            raise ImportRefused(
                f"The database refuses to write: {first_line(problem)}. "
                "What was imported stays; run the import again."
            ) from problem
        except ImportRefused:
            raise
        except Exception as problem:  # whatever is wrong with one row must not lose the others
            self.words.load()
            self.narrators.load()
            if len(drafts) == 1:
                self._reject(drafts[0].number, f"cannot be stored: {first_line(problem)}")
                return
            for draft in drafts:
                self._chunk([draft])
            return
        for step in steps:
            self._count(step)

    def _write(self, drafts: Sequence[Draft]) -> list[Step]:
        if self.options.dry_run:
            steps = plan(drafts, self.narrators, publish=self.options.publish)
            self._mask(steps)
            return steps
        with transaction.atomic():
            steps = plan(drafts, self.narrators, publish=self.options.publish)
            self._mask(steps)
            self.writer.apply(
                [step for step in steps if step.outcome not in (Outcome.REJECTED, Outcome.WITHDRAWN)]
            )
        return steps

    def _mask(self, steps: Sequence[Step]) -> None:
        """Replace what names somebody in the rows that become drafts, where that was asked for."""
        if self.options.mask:
            for step in steps:
                if step.outcome in (Outcome.NEW, Outcome.CHANGED) and not step.publish:
                    mask_draft(step)

    def _count(self, step: Step) -> None:
        if step.outcome == Outcome.REJECTED:
            self._reject(step.draft.number, step.reason)
            return
        self.report.count(step)
        if step.outcome == Outcome.WITHDRAWN:
            self.tell(f"row {step.draft.number}: withdrawn by the narrator, left as it is")
        elif self.options.consent_field and step.story and step.story.live and not step.draft.claim.affirmed:
            code = step.story.member.code
            self.tell(
                f"row {step.draft.number}: the source does not affirm consent any more; "
                f"to take the story back: withdraw {code}"
            )

    def _reject(self, number: int, reason: str) -> None:
        self.report.rejected += 1
        self.tell(f"row {number}: {reason}")

    def _note_the_whole(self) -> None:
        self.report.notes += self.source.notes
        if self.options.consent_field and not self.maker.consent_seen and self.report.read:
            self.report.notes.append(
                f"No row has the field {self.options.consent_field}: nothing counts as consent."
            )
        if self.words.made:
            made = ", ".join(sorted(set(self.words.made))[:20])
            self.report.notes.append(
                f"New tags, touchpoints or product lines: {made}. Give them names in both languages."
            )

    def _index(self) -> None:
        """Bring the search index up to date here and now; what cannot be done is the worker's."""
        done = drain(batch=CHUNK)
        if done.unavailable or done.failed:
            self.report.notes.append("The search index is busy; the worker will finish it.")


def moment() -> datetime:
    """Return now in whole milliseconds, as revisions keep it: a revision then says what its page says."""
    now = timezone.now()
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


def first_line(problem: Exception) -> str:
    """Return what an error says without details, which may quote a story."""
    lines = str(problem).splitlines()
    return f"{type(problem).__name__}: {lines[0][:120]}" if lines else type(problem).__name__


def shelf_exists() -> None:
    """Raise ``ImportRefused`` where there is nothing to put stories on."""
    with transaction.atomic():
        shelf()


def import_from(path: Path, options: Options, tell: Tell = lambda line: None) -> Report:
    """Import a file or folder; the whole in one call."""
    return Import(open_source(path), options, tell).run()
