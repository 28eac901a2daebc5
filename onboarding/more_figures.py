"""Figures of HR's second page: what came of reminders, meetings, practice, surveys. Groups of five at least."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import mean, median
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from onboarding import survival
from onboarding.compiling import items
from onboarding.enums import NoticeKind, NoticeState, StepKind, Verb
from onboarding.learning import DEFAULT_MINUTES, module_texts, raw_steps
from onboarding.models import Attempt, Enrolment, Event, ModuleState, ModuleVersion, Notice, StepState
from onboarding.reports import FEW, Filters, module_titles
from onboarding.spacing import HARD
from onboarding.structure import newest_modules, structures

ACTED_WITHIN = timedelta(days=2)
LONGEST_READING = 120  # minutes; a page left open over night is not read that long
LATEST = 5000
REMINDERS = (NoticeKind.SOON, NoticeKind.DUE, NoticeKind.OVERDUE)
ESCALATIONS = (NoticeKind.MENTOR, NoticeKind.MANAGER)


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many, with its interval; nothing where it would speak of single people."""

    label: str
    hits: int
    n: int

    @property
    def enough(self) -> bool:
        """Whether the group is large enough."""
        return self.n >= FEW

    @property
    def percent(self) -> int:
        """The share in percent."""
        return round(100 * self.hits / self.n) if self.n else 0

    @property
    def interval(self) -> tuple[int, int]:
        """Wilson's 95 % interval, in percent."""
        low, high = survival.wilson(self.hits, self.n)
        return round(100 * low), round(100 * high)


def figures(filters: Filters, at: datetime | None = None) -> dict[str, Any]:
    """Return everything the page shows."""
    now, chosen = at or timezone.now(), filters.rows()
    words = Wording(chosen)
    return {
        "shares": [*escalated(chosen), *reminded(chosen), meetings(chosen, now)],
        "practice": practice(chosen),
        "reading": reading(chosen, words),
        "guesses": guesses(chosen, words),
        "surveys": surveys(chosen, words),
    }


class Wording:
    """Titles, minutes and questions of the steps that people have met, in the active language; four queries."""

    def __init__(self, chosen: QuerySet[Enrolment]) -> None:
        versions = Attempt.objects.filter(enrolment__in=chosen).order_by().values("version")
        lines = ModuleVersion.objects.filter(pk__in=versions).values_list("key", "major")
        newest = newest_modules({(str(key), major) for key, major in lines})
        texts = module_texts([row.pk for row in newest.values()], (get_language() or "")[:2])
        names = module_titles()
        self.steps: dict[UUID, Mapping[str, Any]] = {}
        self.modules: dict[UUID, str] = {}
        for row in newest.values():
            for step in raw_steps(texts[row.pk].content) if row.pk in texts else ():
                self.steps[UUID(str(step["id"]))] = step["value"]
                self.modules[UUID(str(step["id"]))] = names.get(row.key, "")

    def of(self, step: UUID) -> dict[str, Any]:
        """Return what a row says of a step."""
        value = self.steps.get(step, {})
        return {"step": value.get("title", ""), "module": self.modules.get(step, "")}


def escalated(chosen: QuerySet[Enrolment]) -> Iterable[Share]:
    """Yield how many people a mentor or manager was told of."""
    total = chosen.count()
    rows = Notice.objects.filter(
        enrolment__in=chosen, kind__in=ESCALATIONS, state=NoticeState.SENT
    ).order_by()
    people: dict[str, set[int]] = defaultdict(set)
    for kind, pk in rows.values_list("kind", "enrolment_id"):
        people[kind].add(pk or 0)
    for kind, label in (
        (NoticeKind.MENTOR, _("Came to the mentor")),
        (NoticeKind.MANAGER, _("Came to the manager")),
    ):
        yield Share(label, len(people[kind]), total)


def reminded(chosen: QuerySet[Enrolment]) -> Iterable[Share]:
    """Yield after how many reminders the newcomer did something within two days."""
    acted = Event.objects.filter(
        enrolment=OuterRef("enrolment"),
        verb__in=(Verb.OPENED, Verb.ANSWERED),
        occurred_at__gte=OuterRef("sent_at"),
        occurred_at__lte=OuterRef("sent_at") + ACTED_WITHIN,
    ).order_by()
    rows = Notice.objects.filter(enrolment__in=chosen, kind__in=REMINDERS, state=NoticeState.SENT).order_by()
    counts: Counter[tuple[str, bool]] = Counter(
        rows.annotate(acted=Exists(acted)).values_list("kind", "acted")
    )
    labels = {
        NoticeKind.SOON: _("Reminder before the day: acted within two days"),
        NoticeKind.DUE: _("Reminder on the day: acted within two days"),
        NoticeKind.OVERDUE: _("Reminder after the day: acted within two days"),
    }
    for kind, label in labels.items():
        yield Share(label, counts[kind, True], counts[kind, True] + counts[kind, False])


def meetings(chosen: QuerySet[Enrolment], now: datetime) -> Share:
    """Return how many meetings were held, of those in modules that were due."""
    rows = list(chosen.select_related("version"))
    plans = structures({row.version for row in rows})
    places = {
        pk: {
            (module.key, step.id)
            for module in plan.modules
            for step in module.steps
            if step.kind == StepKind.MEET
        }
        for pk, plan in plans.items()
    }
    steps = {place[1] for found in places.values() for place in found}
    held = set(
        StepState.objects.filter(enrolment__in=chosen, step__in=steps, done_at__isnull=False)
        .order_by()
        .values_list("enrolment_id", "module_key", "step")
    )
    due = set(
        ModuleState.objects.filter(enrolment__in=chosen, due_on__lte=timezone.localdate(now))
        .order_by()
        .values_list("enrolment_id", "module_key")
    )
    meant = {
        (row.pk, *place) for row in rows for place in places[row.version_id] if (row.pk, place[0]) in due
    } | held
    return Share(_("Meetings held, of those that were due"), len(held), len(meant))


def practice(chosen: QuerySet[Enrolment]) -> dict[str, Any]:
    """Return how much of what comes back is still known, beside what FSRS expected."""
    rows = Event.objects.filter(enrolment__in=chosen, verb=Verb.RECALLED).order_by("-pk")
    data = list(rows.values_list("data", flat=True)[:LATEST])
    known = sum(each["rating"] >= HARD for each in data)
    wanted = [each["expected"] for each in data]
    return {
        "share": Share(_("Known when it came back"), known, len(data)),
        "expected": round(100 * mean(wanted)) if wanted else None,
    }


def reading(chosen: QuerySet[Enrolment], words: Wording) -> list[dict[str, Any]]:
    """Return the median minutes of each step from opening to answering, beside the author's; five people at least."""
    rows = StepState.objects.filter(
        enrolment__in=chosen, seen_at__isnull=False, answered_at__gt=F("seen_at")
    ).order_by()
    taken: dict[UUID, list[float]] = defaultdict(list)
    for step, seen, answered in rows.values_list("step", "seen_at", "answered_at"):
        if seen and answered and (spent := (answered - seen).total_seconds() / 60) <= LONGEST_READING:
            taken[step].append(spent)
    found = []
    for step, minutes in taken.items():
        if len(minutes) >= FEW and step in words.steps:
            told = words.steps[step].get("minutes") or DEFAULT_MINUTES
            half = round(median(minutes))
            found.append(
                {**words.of(step), "n": len(minutes), "median": half, "told": told, "off": abs(half - told)}
            )
    return sorted(found, key=lambda row: (-row["off"], row["step"]))[:15]


def guesses(chosen: QuerySet[Enrolment], words: Wording) -> list[dict[str, Any]]:
    """Return how far guesses were off and where decisions led, as a group; first attempts of five people at least."""
    rows = Attempt.objects.filter(
        enrolment__in=chosen,
        kind__in=(StepKind.PREDICT, StepKind.DECISION),
        is_first=True,
        is_substitute=False,
    ).order_by("-pk")
    errors: dict[UUID, list[float]] = defaultdict(list)
    ends: dict[UUID, list[int]] = defaultdict(list)
    for kind, step, response, loyalty in rows.values_list("kind", "step", "response", "loyalty")[:LATEST]:
        if kind == StepKind.PREDICT:
            errors[step].append(float(response.get("error") or 0))
        elif loyalty is not None:
            ends[step].append(loyalty)
    found = [
        {**words.of(step), "n": len(values), "error": round(mean(values), 2), "loyalty": None}
        for step, values in errors.items()
        if len(values) >= FEW
    ]
    found += [
        {**words.of(step), "n": len(values), "error": None, "loyalty": round(mean(values))}
        for step, values in ends.items()
        if len(values) >= FEW
    ]
    return sorted(found, key=lambda row: (str(row["module"]), str(row["step"])))


def surveys(chosen: QuerySet[Enrolment], words: Wording) -> list[dict[str, Any]]:
    """Return the mean mark of each question of a survey, 1 to 5; five answers at least."""
    rows = Attempt.objects.filter(enrolment__in=chosen, kind=StepKind.SURVEY, is_first=True).order_by("-pk")
    marks: dict[tuple[UUID, str], list[int]] = defaultdict(list)
    for step, response in rows.values_list("step", "response")[:LATEST]:
        for pk, mark in response.get("marks", {}).items():
            if mark:
                marks[step, pk].append(mark)
    found = []
    for (step, pk), given in marks.items():
        if len(given) >= FEW and step in words.steps:
            texts = {key: each["text"] for key, each in items(words.steps[step].get("questions"))}
            found.append(
                {
                    **words.of(step),
                    "question": texts.get(pk, ""),
                    "n": len(given),
                    "mean": round(mean(given), 1),
                }
            )
    return sorted(found, key=lambda row: (str(row["module"]), str(row["step"])))
