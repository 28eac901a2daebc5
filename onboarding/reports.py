"""What HR sees: completion and scores, of how many people, few under five. No choices, no words, no predictions."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise
from statistics import mean, pstdev
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from consent.calendar import working_days_after
from consent.enums import Category, Purpose
from consent.models import Grant
from consent.querysets import ended
from onboarding import scoring, survival
from onboarding.enums import INSIDE, REFLECTIONS, Redaction, Status, StepKind
from onboarding.learning import module_texts, raw_steps
from onboarding.models import (
    Attempt,
    Employee,
    Enrolment,
    ModulePage,
    ModuleState,
    ModuleVersion,
    Quotation,
    StepFeedback,
    StepState,
    TrackPage,
    TrackVersion,
    VersionStory,
)
from onboarding.quoting import quoting
from onboarding.services.endings import newest_steps, twins_by_trait
from onboarding.structure import newest_modules, steps_of
from stories.querysets import teachable, texts_to_look_for

FEW = 5
ENOUGH = 20  # item analysis is hidden under this
STUCK_WORKDAYS = 3
STUCK_SHOWN = 25
LATEST = 2000


class Row(NamedTuple):
    """The columns of an enrolment that the report counts."""

    pk: int
    employee: int
    status: str
    anchor: date
    created_at: datetime
    started_at: datetime | None
    completed_at: datetime | None
    last_event_at: datetime | None
    percent: int
    uuid: UUID
    ended: bool  # a story of the plan was taken back


COLUMNS = (
    "pk",
    "employee_id",
    "status",
    "anchor",
    "created_at",
    "started_at",
    "completed_at",
    "last_event_at",
    "percent",
    "uuid",
    "ended",
)


@dataclass(frozen=True, slots=True)
class Filters:
    """What is looked at: a track, people who began in a month, of a department."""

    track: UUID | None = None
    month: str = ""
    department: str = ""
    version: int | None = None  # the major version of the track that people are pinned to

    def rows(self) -> QuerySet[Enrolment]:
        """Return the enrolments."""
        rows = Enrolment.objects.order_by()
        if self.track:
            rows = rows.filter(track_key=self.track)
            if self.version:
                rows = rows.filter(version__major=self.version)
        if len(self.month) == 7 and self.month[:4].isdigit() and self.month[5:].isdigit():
            rows = rows.filter(anchor__year=int(self.month[:4]), anchor__month=int(self.month[5:]))
        if self.department:
            rows = rows.filter(employee__department=self.department)
        return rows


@dataclass(slots=True)
class Stage:
    """A line of the funnel."""

    label: str
    people: int
    of: int
    left: int | None = None

    @property
    def few(self) -> bool:
        """Whether the number would say too much about single people."""
        return 0 < self.people < FEW

    @property
    def share(self) -> float:
        """Share of all, 0 to 1; nothing where it would give the number away."""
        return 0.0 if self.few or not self.of else self.people / self.of

    @property
    def percent(self) -> int:
        """The same in percent."""
        return round(100 * self.share)


def titles() -> dict[UUID, str]:
    """Return the titles of all tracks in the active language, or the one there is; one query."""
    return by_language(TrackPage.objects.order_by("pk").values_list("translation_key", "language", "title"))


def module_titles() -> dict[UUID, str]:
    """Return the titles of all modules; one query."""
    return by_language(ModulePage.objects.order_by("pk").values_list("translation_key", "language", "title"))


def all_titles() -> dict[UUID, str]:
    """Return the titles of tracks and modules together; one query."""
    columns = ("translation_key", "language", "title")
    rows = TrackPage.objects.order_by().values_list(*columns)
    return by_language(rows.union(ModulePage.objects.order_by().values_list(*columns), all=True))


def by_language(rows: Iterable[tuple[UUID, str, str]]) -> dict[UUID, str]:
    """Return one title a key, that of the active language first."""
    language, found, own = (get_language() or "")[:2], {}, set()
    for key, spoken, title in rows:
        if key not in found or (spoken == language and key not in own):
            found[key] = title
        if spoken == language:
            own.add(key)
    return found


def dashboard(filters: Filters, at: datetime | None = None) -> dict[str, Any]:
    """Return everything the first page of HR shows."""
    now = at or timezone.now()
    chosen = filters.rows()
    ended = StepState.objects.filter(enrolment_id=OuterRef("pk"), story_ended=True).order_by()
    rows = [Row(*row) for row in chosen.annotate(ended=Exists(ended)).values_list(*COLUMNS)]
    names = all_titles()
    overdue = overdue_counts(chosen, timezone.localdate(now))
    points = survival.finished_by(spans(rows, now))
    return {
        "total": len(rows),
        "few_people": 0 < len(rows) < FEW,
        "finished": sum(row.completed_at is not None for row in rows),
        "began": (min(row.anchor for row in rows), max(row.anchor for row in rows)) if rows else None,
        "funnel": funnel(rows, filters, names, now),
        "points": points,
        "half": survival.day_of(points, 0.5),
        "half_interval": survival.interval_of(points, 0.5),
        "nine_in_ten": survival.day_of(points, 0.9),
        "overdue": overdue,
        "on_time": len([row for row in rows if row.status in INSIDE]) - overdue["people"],
        **stuck(rows, names, now),
        "dropped": drop_off(chosen, names),
        "reflections": waiting_reflections(chosen, now),
        "taken_back": sum(row.ended for row in rows),
        "titles": names,
        "ending": ending_soon(names, now),
        "quotations": Quotation.objects.filter(state=Redaction.OPEN).count(),
    }


def spans(rows: Sequence[Row], now: datetime) -> Iterable[tuple[float, bool]]:
    """Yield days from the first step to the end, or to now for who is still inside."""
    for row in rows:
        if row.started_at is None:
            continue
        end = row.completed_at or (row.last_event_at if row.status == Status.LEFT else now) or now
        yield float(max(0, (end - row.started_at).days)), row.completed_at is not None


def funnel(rows: Sequence[Row], filters: Filters, names: Mapping[UUID, str], now: datetime) -> list[Stage]:
    """Return the stages: invited, began, first day, each module of a chosen track, finished."""
    total, today = len(rows), timezone.localdate(now)
    stages = [
        Stage(_("Invited"), total, total),
        Stage(_("Opened it"), sum(row.started_at is not None for row in rows), total),
        Stage(
            _("First day came"),
            sum(row.started_at is not None and row.anchor <= today for row in rows),
            total,
        ),
    ]
    for key, done in modules_done(filters):
        stages.append(Stage(names.get(key, ""), done, total))
    stages.append(Stage(_("Finished"), sum(row.completed_at is not None for row in rows), total))
    for before, stage in pairwise(stages):
        stage.left = None if stage.few or before.few else before.people - stage.people
    return stages


def modules_done(filters: Filters) -> list[tuple[UUID, int]]:
    """Return how many have done each required module of the chosen track, in its order."""
    version = (
        TrackVersion.objects.filter(key=filters.track).order_by("-pk").first() if filters.track else None
    )
    if version is None:
        return []
    states = ModuleState.objects.filter(enrolment__in=filters.rows(), done_at__isnull=False).order_by()
    counts = dict(states.values("module_key").annotate(n=Count("pk")).values_list("module_key", "n"))
    keys = [UUID(item["module"]) for item in version.graph["items"] if item["required"]]
    return [(key, counts.get(key, 0)) for key in keys]


def overdue_counts(chosen: QuerySet[Enrolment], today: date) -> dict[str, int]:
    """Return how many people and modules are overdue."""
    late = ModuleState.objects.filter(
        enrolment__in=chosen.filter(status__in=INSIDE), done_at=None, due_on__lt=today
    ).order_by()
    found = late.aggregate(modules=Count("pk"), people=Count("enrolment", distinct=True))
    return {"modules": found["modules"], "people": found["people"]}


def stuck(rows: Sequence[Row], names: Mapping[UUID, str], now: datetime) -> dict[str, Any]:
    """Return who has done nothing for three workdays, the longest first, with what is known of the reason."""
    since = [
        row for row in rows if row.status in INSIDE and row.last_event_at and is_stuck(row.last_event_at, now)
    ]
    since.sort(key=lambda row: (row.last_event_at or now, row.pk))
    shown = since[:STUCK_SHOWN]
    people = Employee.objects.select_related("mentor").in_bulk([row.employee for row in shown])
    ids = [row.pk for row in shown]
    at = next_modules(ids)
    waits, swapped, opened = standing(ids)
    table = []
    for row in shown:
        key, due = at.get(row.pk, (None, None))
        table.append(
            {
                "uuid": row.uuid,
                "employee": people[row.employee],
                "days": (now - (row.last_event_at or now)).days,
                "module": names.get(key, "") if key else "",
                "late": due is not None and due < timezone.localdate(now),
                "known": reason(row.pk, waits, swapped, opened),
            }
        )
    without = sum(people[row.employee].mentor_id is None for row in shown)
    return {"stuck": table, "stuck_count": len(since), "stuck_alone": without}


def standing(ids: Sequence[int]) -> tuple[set[int], set[int], set[int]]:
    """Return who waits for a mentor, who has another story before her, and who has opened a step without an answer."""
    rows = StepState.objects.filter(enrolment_id__in=ids, done_at=None).order_by()
    waits, swapped, opened = set(), set(), set()
    for pk, answered, instead, seen in rows.values_list(
        "enrolment_id", "answered_at", "instead_step", "seen_at"
    ):
        if answered:
            waits.add(pk)
        elif seen:
            opened.add(pk)
        if instead:
            swapped.add(pk)
    return waits, swapped, opened


def is_stuck(last: datetime, now: datetime) -> bool:
    """Whether three workdays have gone by since."""
    return working_days_after(timezone.localdate(last), STUCK_WORKDAYS) < timezone.localdate(now)


def reason(pk: int, waits: set[int], swapped: set[int], opened: set[int]) -> str:
    """Return what is known of why somebody stands still."""
    if pk in waits:
        return _("Waits for the mentor's answer")
    if pk in swapped:
        return _("A story was taken back, another one stands there")
    return _("Opened, not answered") if pk in opened else _("Has not opened the next step")


def next_modules(ids: Sequence[int]) -> dict[int, tuple[UUID, date | None]]:
    """Return the earliest module that is not done of each enrolment, with its due date."""
    rows = ModuleState.objects.filter(enrolment_id__in=ids, done_at=None).order_by("due_on", "pk")
    found: dict[int, tuple[UUID, date | None]] = {}
    for pk, key, due in rows.values_list("enrolment_id", "module_key", "due_on"):
        found.setdefault(pk, (key, due))
    return found


def drop_off(chosen: QuerySet[Enrolment], names: Mapping[UUID, str]) -> list[dict[str, Any]]:
    """Return the steps that most people have opened and not answered."""
    states = StepState.objects.filter(enrolment__in=chosen, seen_at__isnull=False).order_by()
    rows = states.values("module_key", "step").annotate(
        seen=Count("pk"), stopped=Count("pk", filter=Q(answered_at=None, done_at=None))
    )
    found = [row for row in rows.filter(seen__gte=FEW) if row["stopped"] >= 1]
    found.sort(key=lambda row: (-row["stopped"] / row["seen"], -row["seen"]))
    labels = titles_of({row["module_key"] for row in found[:5]}) if found else {}
    return [
        {
            "module": names.get(row["module_key"], ""),
            "step": labels.get(str(row["step"]), ""),
            "seen": row["seen"],
            "stopped": row["stopped"],
            "few": row["stopped"] < FEW,
            "percent": round(100 * row["stopped"] / row["seen"]),
        }
        for row in found[:5]
    ]


def titles_of(keys: set[UUID]) -> dict[str, str]:
    """Return the titles of the steps of some modules as they are now."""
    last = ModuleVersion.objects.filter(key__in=keys).order_by("pk").values_list("key", "pk")
    texts = module_texts(list(dict(last).values()), (get_language() or "")[:2])
    return {
        str(step["id"]): step["value"].get("title", "")
        for text in texts.values()
        for step in raw_steps(text.content)
    }


def waiting_reflections(chosen: QuerySet[Enrolment], now: datetime) -> dict[str, Any]:
    """Return how many reflections wait, and since when the oldest does."""
    rows = Attempt.objects.filter(enrolment__in=chosen, kind__in=REFLECTIONS, review=None).order_by()
    found = rows.aggregate(n=Count("pk"), oldest=Min("submitted_at"))
    return {"count": found["n"], "days": (now - found["oldest"]).days if found["oldest"] else 0}


# Stories that end, and what could stand in


def ending_soon(names: Mapping[UUID, str], now: datetime, days: int = 60) -> list[dict[str, Any]]:
    """Return the required steps whose story may be taught with for less than 60 days more, and that have no twin.

    Names no story: where it stands, and until when.
    """
    rows = [(key, step) for key, step in newest_steps() if step.story and step.required]
    stories = {step.story for _key, step in rows if step.story}
    owners = dict(
        VersionStory.objects.filter(story_id__in=stories).order_by().values_list("story_id", "member_id")
    )
    until = last_days(set(owners.values()), now)
    soon = {
        story
        for story, member in owners.items()
        if (end := until.get(member)) and end <= now + timedelta(days=days)
    }
    twins = twins_by_trait(set()) if soon else {}
    found = []
    for key, step in rows:
        if step.story not in soon:
            continue
        others = [
            twin for twin in twins.get((step.kind, step.competency or 0), []) if twin.story != step.story
        ]
        if not others:
            found.append(
                {
                    "module": names.get(key, ""),
                    "kind": StepKind(step.kind).label,
                    "until": until[owners[step.story]],
                }
            )
    return sorted(found, key=lambda row: row["until"])


def last_days(members: set[int], now: datetime) -> dict[int, datetime]:
    """Return when the last grant for teaching of each member ends; those without an end are not among them."""
    grants = Grant.objects.filter(
        Q(valid_until__isnull=True) | Q(valid_until__gt=now),
        member_id__in=members,
        purpose=Purpose.TRAIN,
        category=Category.WORDS,
    ).exclude(ended("grant"))
    ends: dict[int, list[datetime | None]] = defaultdict(list)
    for member, end in grants.order_by().values_list("member_id", "valid_until"):
        ends[member].append(end)
    return {member: max(end for end in found if end) for member, found in ends.items() if None not in found}


def without_twin() -> list[dict[str, Any]]:
    """Return the required steps that stand on a story and could not be replaced at once."""
    twins, names = twins_by_trait(set()), module_titles()
    rows = [(key, step) for key, step in newest_steps() if step.story and step.required]
    labels = titles_of({key for key, _step in rows})
    found = []
    for key, step in rows:
        fitting = twins.get((step.kind, step.competency or 0), [])
        others = {twin.story for twin in fitting if twin.module != key and twin.story != step.story}
        if not others:
            found.append(
                {
                    "module": names.get(key, ""),
                    "step": labels.get(str(step.id), ""),
                    "kind": StepKind(step.kind).label,
                    "competency": step.competency,
                }
            )
    return found


# Items: first attempts only


@dataclass(slots=True)
class Item:
    """One question: how it did on first attempts."""

    module: str
    step: str
    number: int
    prompt: str
    n: int = 0
    facility: float | None = None
    interval: tuple[float, float] | None = None
    discrimination: float | None = None
    idle: list[str] = field(default_factory=list)

    @property
    def enough(self) -> bool:
        """Whether there are enough answers to say anything."""
        return self.n >= ENOUGH

    @property
    def flags(self) -> list[str]:
        """What an author should look at."""
        found = []
        if self.facility is not None and not 0.3 <= self.facility <= 0.9:
            found.append(_("too hard") if self.facility < 0.3 else _("too easy"))
        if self.discrimination is not None and self.discrimination < 0.2:
            found.append(_("does not part those who know from those who do not"))
        if self.idle:
            found.append(
                _("answers that hardly anybody chooses: %(answers)s") % {"answers": "; ".join(self.idle)}
            )
        return found


def items(filters: Filters) -> list[Item]:
    """Return the analysis of every question: facility with Wilson's interval, item–rest correlation, idle answers."""
    rows = Attempt.objects.filter(
        enrolment__in=filters.rows(),
        kind=StepKind.QUIZ,
        is_first=True,
        is_substitute=False,
        score__isnull=False,
    )
    columns = ("version_id", "step", "enrolment_id", "response")
    attempts = list(rows.order_by("-pk").values_list(*columns)[:LATEST])
    graphs = {
        pk: graph
        for pk, graph in ModuleVersion.objects.filter(pk__in={row[0] for row in attempts}).values_list(
            "pk", "graph"
        )
    }
    keys = {(pk, step.id): step for pk, graph in graphs.items() for step in steps_of(graph)}
    marks: dict[str, dict[int, float]] = defaultdict(dict)
    chosen: dict[str, Counter[str]] = defaultdict(Counter)
    for version, step, enrolment, response in attempts:
        known = keys.get((version, step))
        for question in known.key["questions"] if known else ():
            said = response.get("answers", {}).get(question["id"])
            if said is not None:
                marks[question["id"]][enrolment] = scoring.mark(question, said)
                chosen[question["id"]].update(said if isinstance(said, list) else [said])
    return [analysed(item, pk, options, marks, chosen) for item, pk, options in asked(set(graphs))]


def asked(versions: set[int]) -> Iterable[tuple[Item, str, dict[str, str]]]:
    """Yield every question of the newest wording of these modules: (item, id, texts of its options by id)."""
    from onboarding.compiling import items as listed

    keys = ModuleVersion.objects.filter(pk__in=versions).values_list("key", "major")
    newest = newest_modules({(str(key), major) for key, major in keys})
    names = module_titles()
    texts = module_texts([row.pk for row in newest.values()], (get_language() or "")[:2])
    for row in newest.values():
        for step in raw_steps(texts[row.pk].content) if row.pk in texts else ():
            for number, question in enumerate(step["value"].get("questions") or (), start=1):
                if step["type"] != StepKind.QUIZ:
                    continue
                value = question["value"]
                options = {pk: each["text"] for pk, each in listed(value.get("options"))}
                title = step["value"].get("title", "")
                yield (
                    Item(names.get(row.key, ""), title, number, value.get("prompt", "")),
                    question["id"],
                    options,
                )


def analysed(
    item: Item,
    pk: str,
    options: Mapping[str, str],
    marks: Mapping[str, Mapping[int, float]],
    chosen: Mapping[str, Counter[str]],
) -> Item:
    """Fill in the figures of one question."""
    mine = marks.get(pk, {})
    item.n = len(mine)
    if not item.enough:
        return item
    item.facility = mean(mine.values())
    item.interval = survival.wilson(sum(mine.values()), item.n)
    rest = [
        (mark, mean(others))
        for person, mark in mine.items()
        if (others := [each[person] for other, each in marks.items() if other != pk and person in each])
    ]
    item.discrimination = correlation(rest)
    item.idle = [text for option, text in options.items() if chosen[pk][option] < 0.05 * item.n]
    return item


def correlation(pairs: Sequence[tuple[float, float]]) -> float | None:
    """Return Pearson's correlation; None where one side does not vary."""
    if len(pairs) < 3:
        return None
    xs, ys = zip(*pairs, strict=True)
    spread = pstdev(xs) * pstdev(ys)
    if not spread:
        return None
    both = mean(x * y for x, y in pairs) - mean(xs) * mean(ys)
    return round(both / spread, 3)


@dataclass(slots=True)
class Split:
    """How newcomers chose in one scene, as a group."""

    module: str
    heading: str
    n: int
    agreement: float | None
    options: list[dict[str, Any]]

    @property
    def enough(self) -> bool:
        """Whether the group is large enough."""
        return self.n >= FEW


def decisions(filters: Filters) -> list[Split]:
    """Return the splits of all decisions on first attempts; a choice of fewer than five people says few."""
    from onboarding.compiling import items as listed

    rows = Attempt.objects.filter(
        enrolment__in=filters.rows(), kind=StepKind.DECISION, is_first=True, is_substitute=False
    )
    attempts = list(rows.order_by("-pk").values_list("version_id", "response", "score")[:LATEST])
    ways: dict[str, Counter[str]] = defaultdict(Counter)
    scores: dict[str, list[float]] = defaultdict(list)
    for _version, response, score in attempts:
        for scene, option in response.get("path", ()):
            ways[scene][option] += 1
            if score is not None:
                scores[scene].append(score)
    keys = ModuleVersion.objects.filter(pk__in={row[0] for row in attempts}).values_list("key", "major")
    newest, names, found = newest_modules({(str(key), major) for key, major in keys}), module_titles(), []
    texts = module_texts([row.pk for row in newest.values()], (get_language() or "")[:2])
    for row in newest.values():
        for step in raw_steps(texts[row.pk].content) if row.pk in texts else ():
            for pk, scene in listed(step["value"].get("scenes")) if step["type"] == StepKind.DECISION else ():
                found.append(
                    split(names.get(row.key, ""), scene, listed(scene["options"]), ways[pk], scores[pk])
                )
    return found


def split(
    module: str, scene: Mapping[str, Any], options: list[Any], ways: Counter[str], scores: list[float]
) -> Split:
    """Return the split of one scene."""
    n = sum(ways.values())
    lines = [
        {
            "text": option["text"],
            "count": ways[pk],
            "few": 0 < ways[pk] < FEW,
            "happened": option.get("happened"),
            "expert": option.get("expert") or 0,
            "share": ways[pk] / n if n and ways[pk] >= FEW else 0.0,
        }
        for pk, option in options
    ]
    other = n - sum(ways[pk] for pk, _option in options)
    if other:
        lines.append(
            {
                "text": _("something else"),
                "count": other,
                "few": other < FEW,
                "happened": False,
                "expert": 0,
                "share": other / n if other >= FEW else 0.0,
            }
        )
    return Split(module, scene.get("heading", ""), n, mean(scores) if n >= FEW and scores else None, lines)


# What newcomers told the authors


def feedback(limit: int = 50) -> list[dict[str, Any]]:
    """Return the latest words to authors, without names; those that repeat a story taken back are left out."""
    rows = list(StepFeedback.objects.exclude(text="")[:limit])
    keys = {row.module_key for row in rows}
    about = (
        VersionStory.objects.filter(version__key__in=keys)
        .order_by()
        .values_list("story_id", flat=True)
        .distinct()
    )
    gone = set(about) - set(teachable(about).values_list("pk", flat=True))
    repeated = (
        set(quoting(((row.pk, row.text) for row in rows), texts_to_look_for(gone).values()))
        if gone
        else set()
    )
    names, labels = module_titles(), titles_of(keys) if rows else {}
    return [
        {
            "module": names.get(row.module_key, ""),
            "step": labels.get(str(row.step), ""),
            "text": row.text,
            "at": row.at,
        }
        for row in rows
        if row.pk not in repeated
    ]


# A file of people

HEADINGS = (
    "hr_id",
    "name",
    "department",
    "role",
    "location",
    "track",
    "first_day",
    "state",
    "percent",
    "began",
    "finished",
    "modules_overdue",
    "mean_first_score",
    "version",
)


def table(filters: Filters, at: datetime | None = None) -> Iterable[list[str]]:
    """Yield the people of a report as rows of a file: completion and scores, nothing of what they chose or wrote."""
    today = timezone.localdate(at)
    names = titles()
    rows = list(filters.rows().select_related("employee", "version").order_by("employee__name", "pk"))
    late = Counter(
        ModuleState.objects.filter(enrolment__in=filters.rows(), done_at=None, due_on__lt=today)
        .order_by()
        .values_list("enrolment_id", flat=True)
    )
    scores: dict[int, list[float]] = defaultdict(list)
    first = Attempt.objects.filter(
        enrolment__in=filters.rows(), kind=StepKind.QUIZ, is_first=True, score__isnull=False
    )
    for pk, score in first.order_by().values_list("enrolment_id", "score"):
        scores[pk].append(score or 0.0)
    yield list(HEADINGS)
    for row in rows:
        person = row.employee
        yield [
            person.hr_id,
            person.name,
            person.department,
            person.role,
            person.location,
            names.get(row.track_key, ""),
            row.anchor.isoformat(),
            str(row.get_status_display()),
            str(row.percent),
            day(row.started_at),
            day(row.completed_at),
            str(late[row.pk] if row.status in INSIDE else 0),
            f"{mean(scores[row.pk]):.2f}" if scores[row.pk] else "",
            row.version.number,
        ]


def day(at: datetime | None) -> str:
    """Return a day for a file."""
    return timezone.localdate(at).isoformat() if at else ""
