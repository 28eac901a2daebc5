"""Progress: what the ledger of one enrolment comes to. A pure function of its entries, so it can be made anew.

``State.apply`` is the only place that says what an entry means. Satisfied steps never become unsatisfied, the
percentage never shrinks while the pin stays, and a track is finished once, at the moment of the entry that did it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from uuid import UUID

from onboarding.enums import By, Status, Verb
from onboarding.models import Enrolment, Event, ModuleState, StepState
from onboarding.structure import Structure

Place = tuple[UUID, UUID]
Structures = Callable[[int], Structure]


@dataclass(slots=True)
class StepNow:
    """One step of one person."""

    seen_at: datetime | None = None
    answered_at: datetime | None = None
    done_at: datetime | None = None
    by: str = ""
    version_id: int | None = None
    instead_module: UUID | None = None
    instead_step: UUID | None = None
    story_ended: bool = False
    swaps: int = 0


@dataclass(slots=True)
class ModuleNow:
    """One module of one person."""

    due_on: date | None = None
    opened_at: datetime | None = None
    done_at: datetime | None = None


@dataclass(slots=True)
class State:
    """One enrolment."""

    version_id: int = 0
    anchor: date | None = None
    status: str = Status.INVITED
    started_at: datetime | None = None
    completed_at: datetime | None = None
    last_event_at: datetime | None = None
    percent: int = 0
    held: str = ""  # suspended or left, until it is lifted
    steps: dict[Place, StepNow] = field(default_factory=dict)
    modules: dict[UUID, ModuleNow] = field(default_factory=dict)

    def apply(self, event: Event, structures: Structures) -> None:
        """Take one entry in."""
        HANDLERS[Verb(event.verb)](self, event)
        if event.verb in OF_THE_LEARNER:
            self.last_event_at = event.occurred_at
        self.count(structures(self.version_id), event.occurred_at)
        self.stand(event.occurred_at)

    def copied(self) -> State:
        """Return a copy that does not change with this one."""
        steps = {place: replace(step) for place, step in self.steps.items()}
        modules = {key: replace(module) for key, module in self.modules.items()}
        return replace(self, steps=steps, modules=modules)

    def step_of(self, event: Event) -> StepNow:
        """Return the step an entry speaks of."""
        if event.module_key is None or event.step is None:
            raise ValueError(f"An entry “{event.verb}” names a step.")
        return self.steps.setdefault((event.module_key, event.step), StepNow())

    def module(self, key: UUID) -> ModuleNow:
        """Return a module, new if nothing was known of it."""
        return self.modules.setdefault(key, ModuleNow())

    def satisfy(self, step: StepNow, at: datetime, by: str, version: int | None) -> None:
        """Note that a step is satisfied, once."""
        if step.done_at is None:
            step.done_at, step.by, step.version_id = at, by, version

    def satisfied(self) -> frozenset[Place]:
        """Return the steps that are satisfied."""
        return frozenset(place for place, step in self.steps.items() if step.done_at)

    def count(self, structure: Structure, at: datetime) -> None:
        """Compute the percentage, which modules are done, and whether the track is."""
        done, required = self.satisfied(), structure.required
        self.percent = 100 * len(done & required) // len(required) if required else 100
        for each in structure.modules:
            now = self.module(each.key)
            if now.done_at is None and structure.places[each.key] <= done:
                now.done_at = at
        if self.completed_at is None and required <= done:
            self.completed_at = at
        if self.completed_at is not None:
            self.percent = 100

    def stand(self, at: datetime) -> None:
        """Set the state from what is known."""
        if self.completed_at is not None:
            self.status = Status.COMPLETED
        elif self.held:
            self.status = self.held
        elif self.started_at is None:
            self.status = Status.INVITED
        else:
            early = self.anchor is not None and at.date() < self.anchor
            self.status = Status.BEFORE if early else Status.ACTIVE

    def text(self) -> str:
        """Canonical JSON of everything: two states are equal when these are, byte for byte."""
        return json.dumps(
            {
                "version": self.version_id,
                "anchor": str(self.anchor),
                "status": str(self.status),
                "moments": [
                    _moment(each) for each in (self.started_at, self.completed_at, self.last_event_at)
                ],
                "percent": self.percent,
                "steps": sorted(_step_row(place, step) for place, step in self.steps.items()),
                "modules": sorted(_module_row(key, module) for key, module in self.modules.items()),
            },
            sort_keys=True,
        )


def _moment(at: datetime | None) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds") if at else ""


def _step_row(place: Place, step: StepNow) -> list[str]:
    moments = [_moment(at) for at in (step.seen_at, step.answered_at, step.done_at)]
    instead = f"{step.instead_module or ''}/{step.instead_step or ''}"
    return [
        *map(str, place),
        *moments,
        str(step.by),
        str(step.version_id or ""),
        instead,
        str(step.swaps),
        str(step.story_ended),
    ]


def _module_row(key: UUID, module: ModuleNow) -> list[str]:
    return [str(key), str(module.due_on), _moment(module.opened_at), _moment(module.done_at)]


# What each entry means


def enrolled(state: State, event: Event) -> None:
    """The beginning: pin, first day, due dates."""
    state.version_id = event.data["version"]
    state.anchor = date.fromisoformat(event.data["anchor"])
    set_due(state, event.data["due"])


def set_due(state: State, due: Mapping[str, str]) -> None:
    """Set the due dates of modules that are not done."""
    for key, day in due.items():
        module = state.module(UUID(key))
        if module.done_at is None:
            module.due_on = date.fromisoformat(day)


def opened(state: State, event: Event) -> None:
    """A step was seen for the first time; the first of all begins the track."""
    state.started_at = state.started_at or event.occurred_at
    if event.module_key is None:
        return
    module = state.module(event.module_key)
    module.opened_at = module.opened_at or event.occurred_at
    if event.step is not None:
        step = state.step_of(event)
        step.seen_at = step.seen_at or event.occurred_at


def answered(state: State, event: Event) -> None:
    """An answer came; most steps are satisfied by it."""
    opened(state, event)
    step = state.step_of(event)
    step.answered_at = step.answered_at or event.occurred_at
    if event.data.get("complete"):
        by = By.SUBSTITUTE if event.data.get("substitute") else By.SELF
        state.satisfy(step, event.occurred_at, by, event.version_id)


def confirmed(state: State, event: Event) -> None:
    """A mentor said that it is done, or accepted a reflection."""
    state.satisfy(state.step_of(event), event.occurred_at, By.SELF, event.version_id)


def reviewed(state: State, event: Event) -> None:
    """A reflection was read; accepting it may satisfy the step."""
    if event.data.get("complete"):
        confirmed(state, event)


def waived(state: State, event: Event) -> None:
    """A person decided that the step is not needed."""
    state.satisfy(state.step_of(event), event.occurred_at, By.WAIVED, event.version_id)


def story_ended(state: State, event: Event) -> None:
    """A story was taken back: its finished steps stay finished, the others are replaced or waived."""
    for module, step, instead_module, instead_step in event.data["steps"]:
        now = state.steps.setdefault((UUID(module), UUID(step)), StepNow())
        now.story_ended = True
        if now.done_at is not None:
            continue
        if instead_step:
            now.instead_module, now.instead_step = UUID(instead_module), UUID(instead_step)
            now.swaps += 1
        else:
            state.satisfy(now, event.occurred_at, By.WAIVED, None)


def suspended(state: State, event: Event) -> None:
    """Reminders and due dates rest; nothing is lost."""
    state.held = Status.SUSPENDED


def resumed(state: State, event: Event) -> None:
    """Goes on."""
    state.held = ""
    set_due(state, event.data.get("due", {}))


def left(state: State, event: Event) -> None:
    """The person does not work here any more."""
    state.held = Status.LEFT


def start_moved(state: State, event: Event) -> None:
    """The first day is another: what is not done is due by it."""
    state.anchor = date.fromisoformat(event.data["anchor"])
    set_due(state, event.data["due"])


def due_moved(state: State, event: Event) -> None:
    """The plan of one person is another."""
    set_due(state, event.data["due"])


def moved(state: State, event: Event) -> None:
    """HR moved the person to another version: the one entry after which the percentage may be lower."""
    state.version_id = event.data["version"]
    set_due(state, event.data["due"])


def regraded(state: State, event: Event) -> None:
    """A score was computed anew; it never takes a step away, and may give it."""
    if event.data.get("complete"):
        confirmed(state, event)


def recalled(state: State, event: Event) -> None:
    """Something learned was asked again in another story; practice, which satisfies nothing and takes nothing."""


def told_beside(state: State, event: Event) -> None:
    """What came of it: a survey answered, a first client met alone. It satisfies nothing and takes nothing."""


OF_THE_LEARNER = (Verb.OPENED, Verb.ANSWERED, Verb.RECALLED)
HANDLERS: dict[Verb, Callable[[State, Event], None]] = {
    Verb.ENROLLED: enrolled,
    Verb.OPENED: opened,
    Verb.ANSWERED: answered,
    Verb.REVIEWED: reviewed,
    Verb.CONFIRMED: confirmed,
    Verb.WAIVED: waived,
    Verb.STORY_ENDED: story_ended,
    Verb.SUSPENDED: suspended,
    Verb.RESUMED: resumed,
    Verb.LEFT: left,
    Verb.START_MOVED: start_moved,
    Verb.DUE_MOVED: due_moved,
    Verb.MOVED: moved,
    Verb.REGRADED: regraded,
    Verb.RECALLED: recalled,
    Verb.PULSE: told_beside,
    Verb.UNAIDED: told_beside,
}

# Rows and back

STEP_FIELDS = (
    "seen_at",
    "answered_at",
    "done_at",
    "by",
    "version_id",
    "instead_module",
    "instead_step",
    "story_ended",
    "swaps",
)
MODULE_FIELDS = ("due_on", "opened_at", "done_at")
ENROLMENT_FIELDS = (
    "version_id",
    "anchor",
    "status",
    "started_at",
    "completed_at",
    "last_event_at",
    "percent",
)


def stored(enrolments: list[Enrolment]) -> dict[int, State]:
    """Return the states that the projection's rows hold, by enrolment; two queries."""
    states = {row.pk: of_row(row) for row in enrolments}
    steps = StepState.objects.filter(enrolment_id__in=list(states)).order_by()
    for pk, module, step, *values in steps.values_list("enrolment_id", "module_key", "step", *STEP_FIELDS):
        states[pk].steps[module, step] = StepNow(*values)
    modules = ModuleState.objects.filter(enrolment_id__in=list(states)).order_by()
    for pk, key, *values in modules.values_list("enrolment_id", "module_key", *MODULE_FIELDS):
        states[pk].modules[key] = ModuleNow(*values)
    return states


def of_row(row: Enrolment) -> State:
    """Return the state of an enrolment's own row."""
    state = State(**{name: getattr(row, name) for name in ENROLMENT_FIELDS})
    state.held = state.status if state.status in (Status.SUSPENDED, Status.LEFT) else ""
    return state


def replayed(events: list[Event], structures: Structures) -> State:
    """Return the state that the entries of one enrolment come to, from nothing."""
    state = State()
    for event in events:
        state.apply(event, structures)
    return state
