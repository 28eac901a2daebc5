"""Where one person stands: her track with what is open, what is locked and why, what comes next, how long it takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Case, OuterRef, QuerySet, Subquery, When
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from club.models import User
from onboarding.enums import INSIDE, Phase, Status, Unlock
from onboarding.models import Enrolment, ModuleState, ModuleText, StepState, TrackPage
from onboarding.reminders import due_date
from onboarding.structure import Module, Step, Structure, structure_of

DEFAULT_MINUTES = 5
NOWHERE = UUID(int=0)  # stands for a step in the address that all steps of a module share


@dataclass(slots=True)
class StepView:
    """A step as one person sees it in her track."""

    step: Step
    number: int
    title: str
    minutes: int
    url: str
    state: StepState | None
    locked: str = ""
    locked_by: str = ""  # address of what is missing

    @property
    def done(self) -> bool:
        """Whether it is satisfied."""
        return bool(self.state and self.state.done_at)

    @property
    def waits(self) -> bool:
        """Whether it was answered and somebody else has to look at it."""
        return bool(self.state and self.state.answered_at and not self.state.done_at)

    @property
    def passed(self) -> bool:
        """Whether one may go on behind it."""
        return self.done or self.waits


@dataclass(slots=True)
class ModuleView:
    """A module as one person sees it in her track."""

    module: Module
    title: str
    phase: str
    state: ModuleState | None
    steps: list[StepView] = field(default_factory=list)
    revision_id: int | None = None
    texts: Mapping[str, Any] = field(default_factory=dict)
    opens_on: date | None = None
    locked: str = ""
    locked_by: str = ""

    @property
    def first_locked(self) -> StepView | None:
        """The first step that the one before it keeps closed: the reason is said once."""
        return None if self.locked else next((each for each in self.steps if each.locked), None)

    @property
    def done(self) -> bool:
        """Whether all of it that is required is satisfied."""
        return bool(self.state and self.state.done_at)

    @property
    def due_on(self) -> date | None:
        """When it is due."""
        return self.state.due_on if self.state else None

    @property
    def minutes_left(self) -> int:
        """Minutes of the required steps that are not done."""
        return sum(each.minutes for each in self.steps if each.step.required and not each.done)

    @property
    def next(self) -> StepView | None:
        """The first step that is neither done nor waiting; required ones first."""
        open_steps = [each for each in self.steps if not each.passed]
        return next((each for each in open_steps if each.step.required), next(iter(open_steps), None))


@dataclass(slots=True)
class MyTrack:
    """Everything about one enrolment that its owner sees."""

    enrolment: Enrolment
    structure: Structure
    title: str
    welcome: str
    language: str
    modules: list[ModuleView]
    today: date

    def module(self, key: UUID) -> ModuleView | None:
        """Return a module by its key."""
        return next((each for each in self.modules if each.module.key == key), None)

    def step(self, key: UUID, step: UUID) -> StepView | None:
        """Return a step by its place."""
        module = self.module(key)
        return next((each for each in module.steps if each.step.id == step), None) if module else None

    @property
    def steps(self) -> list[StepView]:
        """All steps in order."""
        return [step for module in self.modules for step in module.steps]

    @property
    def next(self) -> StepView | None:
        """What to do next: the first open step that is not locked."""
        open_steps = [step for step in self.steps if not step.passed and not step.locked]
        return next((step for step in open_steps if step.step.required), next(iter(open_steps), None))

    @property
    def minutes_left(self) -> int:
        """Minutes of required steps of required modules that are not done."""
        return sum(each.minutes_left for each in self.modules if each.module.required and not each.done)

    @property
    def done_count(self) -> int:
        """Steps that are satisfied."""
        return sum(step.done for step in self.steps)


def enrolments_of(user: User) -> QuerySet[Enrolment]:
    """Return the enrolments that are this person's own, the one in progress first."""
    rows = Enrolment.objects.filter(employee__user=user, employee__has_left=False).exclude(status=Status.LEFT)
    return rows.select_related("employee__mentor", "version").order_by("-created_at", "-pk")


def titled(rows: QuerySet[Enrolment]) -> QuerySet[Enrolment]:
    """Annotate ``track_title``, in the active language or the one there is: no query of its own on a step's page."""
    own = Case(When(language=(get_language() or "")[:2], then=0), default=1)
    pages = TrackPage.objects.filter(translation_key=OuterRef("track_key")).order_by(own, "pk")
    return rows.annotate(track_title=Subquery(pages.values("title")[:1]))


def track_of(enrolment: Enrolment, at: datetime | None = None, *, texts_of: UUID | None = None) -> MyTrack:
    """Return the track of one person. ``texts_of`` loads the words of that module only; the others have no titles."""
    structure = structure_of(enrolment.version)
    known = getattr(enrolment, "track_title", None) if texts_of else None
    page = None if known else page_of(structure.key)
    language = (get_language() or enrolment.employee.language)[:2]
    texts = texts_for(structure, language, texts_of)
    steps = {(row.module_key, row.step): row for row in StepState.objects.filter(enrolment=enrolment)}
    states = {row.module_key: row for row in ModuleState.objects.filter(enrolment=enrolment)}
    modules = [
        module_view(enrolment, module, texts.get(module.version_id), steps, states.get(module.key))
        for module in structure.modules
    ]
    today = timezone.localdate(at, ZoneInfo(enrolment.employee.time_zone))
    lock_modules(modules, enrolment, today)
    for module in modules:
        lock_steps(module)
    title, welcome = (page.title, page.welcome) if page else (known or _("Learning"), "")
    return MyTrack(enrolment, structure, title, welcome, language, modules, today)


def page_of(key: UUID) -> TrackPage | None:
    """Return the page of a track in the active language, or in the one there is."""
    pages = list(TrackPage.objects.filter(translation_key=key).order_by("pk"))
    language = (get_language() or "")[:2]
    return next((page for page in pages if page.language == language), next(iter(pages), None))


@dataclass(frozen=True, slots=True)
class Text:
    """The words of a module version in one language."""

    revision_id: int
    content: Mapping[str, Any]


def texts_for(structure: Structure, language: str, only: UUID | None = None) -> dict[int, Text]:
    """Return the words of the modules in a language, or in the one there is, by module version; one query."""
    wanted = [module.version_id for module in structure.modules if only is None or module.key == only]
    return module_texts(wanted, language)


def module_texts(versions: Sequence[int], language: str) -> dict[int, Text]:
    """Return the words of module versions in a language, or in the one there is."""
    rows = ModuleText.objects.filter(version_id__in=versions).order_by("pk")
    found: dict[int, tuple[bool, Text]] = {}
    columns = ("version_id", "language", "revision_id", "revision__content")
    for version, spoken, revision, content in rows.values_list(*columns):
        if version not in found or (spoken == language and not found[version][0]):
            found[version] = (spoken == language, Text(revision, content))
    return {version: text for version, (_own, text) in found.items()}


def raw_steps(content: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the raw steps of a revision."""
    import json

    steps = content.get("steps") or "[]"
    return list(json.loads(steps)) if isinstance(steps, str) else list(steps)


def module_view(
    enrolment: Enrolment,
    module: Module,
    text: Text | None,
    states: Mapping[tuple[UUID, UUID], StepState],
    state: ModuleState | None,
) -> ModuleView:
    """Return a module with its steps, titles where its words were loaded."""
    raw = {str(each["id"]): each["value"] for each in raw_steps(text.content)} if text else {}
    view = ModuleView(
        module,
        text.content.get("title", "") if text else "",
        str(Phase(module.phase).label),
        state,
        revision_id=text.revision_id if text else None,
        texts=raw,
    )
    address = reverse("onboarding:step", args=[enrolment.uuid, module.key, NOWHERE])
    for number, step in enumerate(module.steps, start=1):
        value = raw.get(str(step.id), {})
        url = address.replace(str(NOWHERE), str(step.id))
        view.steps.append(
            StepView(
                step,
                number,
                value.get("title", ""),
                value.get("minutes") or DEFAULT_MINUTES,
                url,
                states.get((module.key, step.id)),
            )
        )
    return view


def lock_modules(modules: Sequence[ModuleView], enrolment: Enrolment, today: date) -> None:
    """Lock every step of modules that are not open yet, and say what is missing."""
    waiting: ModuleView | None = None
    for view in modules:
        module = view.module
        if module.unlock == Unlock.ON_DAY and not view.done:
            view.opens_on = due_date(enrolment.anchor, module.opens_in, enrolment.employee.country)
        if view.opens_on and today < view.opens_on:
            lock(view, _("It opens on its day: %(day)s.") % {"day": view.opens_on.strftime("%d.%m.%Y")}, "")
        elif module.unlock == Unlock.IN_ORDER and waiting is not None and not view.done:
            missing = waiting.next or waiting.steps[0]
            title = waiting.title or _("the module before")
            lock(view, _("First finish “%(title)s”.") % {"title": title}, missing.url)
        if module.required and waiting is None and not view.done and not all_passed(view):
            waiting = view


def all_passed(view: ModuleView) -> bool:
    """Whether everything required of a module is done or waits for somebody else."""
    return all(step.passed for step in view.steps if step.step.required)


def lock(view: ModuleView, reason: str, url: str) -> None:
    """Lock the steps of a module that are not done."""
    view.locked, view.locked_by = reason, url
    for step in view.steps:
        if not step.done:
            step.locked, step.locked_by = reason, url


def lock_steps(view: ModuleView) -> None:
    """Lock what comes after the first required step that is not passed."""
    missing: StepView | None = None
    for step in view.steps:
        if missing is not None and not step.done and not step.locked:
            title = missing.title or _("the step before")
            step.locked, step.locked_by = _("First comes “%(title)s”.") % {"title": title}, missing.url
        if missing is None and step.step.required and not step.passed:
            missing = step


def is_inside(enrolment: Enrolment) -> bool:
    """Whether the person may still work on it; who has finished may look at everything again."""
    return enrolment.status in (*INSIDE, Status.COMPLETED)
