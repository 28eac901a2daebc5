"""Statements of one enrolment: a pure function of its ledger, so they can be made anew and come out the same.

They hold ids, numbers and neutral labels. What somebody chose, predicted or wrote is not in them, nor a word, title or
client of a story: a record store forgets nothing. Ids come from the ledger's entries: told twice, they are one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from onboarding.enums import By, StepKind, Verb
from onboarding.models import Attempt, Enrolment, Event
from onboarding.progress import State, Structures
from onboarding.structure import Module, Step, Structure
from onboarding.xapi import vocabulary as words

Body = dict[str, Any]
VERSION = "1.0.3"
NAMESPACE = UUID("6d1a3f1e-54b6-5c0e-9a53-2f0c7b1d9e44")
PLAIN = {
    Verb.ENROLLED: "registered",
    Verb.LEFT: "unregistered",
    Verb.SUSPENDED: "suspended",
    Verb.RESUMED: "resumed",
}


@dataclass(slots=True)
class Teller:
    """What the statements of one enrolment share, and how far its ledger was followed."""

    enrolment: Enrolment
    actor: str  # opaque
    home: str  # the site's address
    attempts: Mapping[str, Attempt]  # by uuid
    structures: Structures
    versions: Mapping[int, str]  # numbers of module versions
    state: State = field(default_factory=State)

    def told(self, events: list[Event]) -> Iterator[Body]:
        """Yield every statement of some entries, in their order."""
        for event in events:
            before = self.state.copied()
            self.state.apply(event, self.structures)
            yield from self.of_event(event, before)

    @property
    def structure(self) -> Structure:
        """The track as the pin sees it now."""
        return self.structures(self.state.version_id)

    def of_event(self, event: Event, before: State) -> Iterator[Body]:
        """Yield what one entry says: itself, then what changed by it."""
        if verb := PLAIN.get(Verb(event.verb)):
            yield self.statement(event, verb, self.course())
        if before.started_at is None and self.state.started_at is not None:
            yield self.statement(event, "launched", self.course())
        yield from self.of_opening(event, before)
        yield from self.of_answer(event, before)
        yield from self.of_steps(event, before)
        yield from self.of_modules(event, before)
        yield from self.of_track(event, before)

    # What somebody did

    def of_opening(self, event: Event, before: State) -> Iterator[Body]:
        """A module or step was seen for the first time."""
        module, step = self.place(event)
        if module is None:
            return
        old, new = before.modules.get(module.key), self.state.modules.get(module.key)
        if new is not None and new.opened_at is not None and (old is None or old.opened_at is None):
            yield self.statement(event, "initialized", self.module(module), module=module)
        if step is None or event.verb not in (Verb.OPENED, Verb.ANSWERED):
            return
        seen = before.steps.get((module.key, step.id))
        if seen is None or seen.seen_at is None:
            yield self.statement(event, "experienced", self.lesson(module, step), module=module)

    def of_answer(self, event: Event, before: State) -> Iterator[Body]:
        """Something was answered, or a reflection was read by the mentor. The answer itself stays in the house."""
        module, step = self.place(event)
        attempt = self.attempts.get(str(event.data.get("attempt", "")))
        if module is None or step is None or attempt is None or attempt.kind not in words.INTERACTIONS:
            return
        asked = self.interaction(module, step, StepKind(attempt.kind))
        if event.verb == Verb.REVIEWED:
            yield self.statement(
                event, "evaluated", asked, module=module, result={"success": bool(event.data["complete"])}
            )
        if event.verb != Verb.ANSWERED:
            return
        verb = "responded" if attempt.kind == StepKind.PREDICT else "answered"
        result = self.outcome(attempt, event)
        yield self.statement(event, verb, asked, module=module, result=result)
        done = before.modules.get(module.key)
        if result.get("success") is False and not (done and done.done_at):
            yield self.statement(event, "failed", self.module(module), module=module, result=result)

    @staticmethod
    def outcome(attempt: Attempt, event: Event) -> Body:
        """Return score and success of a quiz; of everything else nothing that anybody is measured by."""
        if attempt.kind != StepKind.QUIZ or attempt.score is None:
            return {}
        scaled = round(min(1.0, max(0.0, attempt.score)), 4)
        return {"score": {"scaled": scaled}, "success": bool(event.data.get("complete"))}

    # What became of it

    def of_steps(self, event: Event, before: State) -> Iterator[Body]:
        """Steps that are satisfied from now on: done, done in another story, or waived."""
        for place in sorted(self.state.satisfied() - before.satisfied()):
            module = self.structure.module(place[0])
            step = module.step(place[1]) if module else None
            if module is None or step is None:
                continue
            by = self.state.steps[place].by
            verb, result = ("completed", {"completion": True}) if by == By.SELF else waived(by)
            yield self.statement(event, verb, self.lesson(module, step), module=module, result=result)

    def of_modules(self, event: Event, before: State) -> Iterator[Body]:
        """Modules that are done from now on."""
        for module in self.structure.modules:
            old, new = before.modules.get(module.key), self.state.modules.get(module.key)
            if new is None or new.done_at is None or (old is not None and old.done_at is not None):
                continue
            made_by = {self.state.steps[place].by for place in module.places if place in self.state.steps}
            if module.places and made_by == {By.WAIVED}:
                verb, result = waived(By.WAIVED)
                yield self.statement(event, verb, self.module(module), module=module, result=result)
                continue
            lasted = duration(new.opened_at, new.done_at)
            completed = {"completion": True, **lasted}
            yield self.statement(event, "completed", self.module(module), module=module, result=completed)
            if is_assessed(module):
                passed = {"success": True, **lasted}
                yield self.statement(event, "passed", self.module(module), module=module, result=passed)

    def of_track(self, event: Event, before: State) -> Iterator[Body]:
        """The percentage changed, or the track is finished."""
        if self.state.percent != before.percent and event.verb != Verb.ENROLLED:
            result = {"extensions": {words.PROGRESS: self.state.percent}}
            yield self.statement(event, "progressed", self.course(), result=result)
        if before.completed_at is not None or self.state.completed_at is None:
            return
        lasted = duration(self.state.started_at, self.state.completed_at)
        yield self.statement(event, "completed", self.course(), result={"completion": True, **lasted})
        if any(is_assessed(module) for module in self.structure.modules):
            yield self.statement(event, "passed", self.course(), result={"success": True, **lasted})
        yield self.statement(event, "satisfied", self.course())
        yield self.statement(event, "earned", self.badge())

    # Parts

    def place(self, event: Event) -> tuple[Module | None, Step | None]:
        """Return where an entry happened, None for what is no longer in the plan."""
        module = self.structure.module(event.module_key) if event.module_key else None
        step = module.step(event.step) if module is not None and event.step else None
        return module, step

    def statement(
        self,
        event: Event,
        verb: str,
        thing: Body,
        *,
        module: Module | None = None,
        result: Body | None = None,
    ) -> Body:
        """Return one statement."""
        moment = event.occurred_at.astimezone(UTC).isoformat(timespec="milliseconds")
        body: Body = {
            "id": str(uuid5(NAMESPACE, f"{event.uuid}/{verb}/{thing['id']}")),
            "actor": {"objectType": "Agent", "account": {"homePage": self.home, "name": self.actor}},
            "verb": {"id": words.VERBS[verb], "display": {"en": verb}},
            "object": {"objectType": "Activity", **thing},
            "context": self.context(event, thing, module),
            "timestamp": moment.replace("+00:00", "Z"),
            "version": VERSION,
        }
        if result:
            body["result"] = result
        return body

    def context(self, event: Event, thing: Body, module: Module | None) -> Body:
        """Return the enrolment, the version, and what the thing lies in."""
        around: Body = {"grouping": [self.course()]} if thing["id"] != self.course()["id"] else {}
        if module is not None and thing["id"] != self.module(module)["id"]:
            around["parent"] = [self.module(module)]
        said: Body = {"registration": str(self.enrolment.uuid), "platform": "Client stories"}
        if module is not None and (number := self.versions.get(event.version_id or module.version_id)):
            said["revision"] = number
        if around:
            said["contextActivities"] = around
        return said

    def course(self) -> Body:
        """The track. Another major version is another activity."""
        key, major = self.enrolment.track_key, self.structure.major
        return activity(f"{self.home}/xapi/tracks/{key}/{major}", words.COURSE, f"Track {short(key)}")

    def module(self, module: Module) -> Body:
        """A module."""
        return activity(module_id(self.home, module), words.MODULE, f"Module {short(module.key)}")

    def lesson(self, module: Module, step: Step) -> Body:
        """A step."""
        label = words.LABELS.get(StepKind(step.kind), "Step")
        return activity(f"{module_id(self.home, module)}/steps/{step.id}", words.LESSON, label)

    def interaction(self, module: Module, step: Step, kind: StepKind) -> Body:
        """What is asked in a step."""
        made = activity(
            f"{module_id(self.home, module)}/steps/{step.id}/answer", words.INTERACTION, words.LABELS[kind]
        )
        made["definition"]["interactionType"] = words.INTERACTIONS[kind]
        return made

    def badge(self) -> Body:
        """The badge of the track."""
        key, major = self.enrolment.track_key, self.structure.major
        return activity(f"{self.home}/xapi/badges/{key}/{major}", words.BADGE, f"Badge {short(key)}")


def activity(pk: str, kind: str, label: str) -> Body:
    """Return an activity with a label that is ours and says nothing."""
    return {"id": pk, "definition": {"type": kind, "name": {"en": label}}}


def module_id(home: str, module: Module) -> str:
    """Return the address of a module's activity; it holds for all of a major version and for no other."""
    return f"{home}/xapi/modules/{module.key}/{module.major}"


def is_assessed(module: Module) -> bool:
    """Whether a module has questions with a mark to reach: only then can it be passed."""
    return any(step.kind == StepKind.QUIZ and step.required and step.key.get("pass") for step in module.steps)


def short(key: UUID) -> str:
    """Return the beginning of an id."""
    return str(key)[:8]


def waived(by: str) -> tuple[str, Body]:
    """Return verb and result of what was not needed, or done in another story."""
    reason = words.EQUIVALENT if by == By.SUBSTITUTE else words.ADMINISTRATIVE
    return "waived", {"success": True, "completion": True, "extensions": {words.REASON: reason}}


def duration(since: datetime | None, until: datetime | None) -> Body:
    """Return the time between two moments as ISO 8601, where both are known."""
    if since is None or until is None or until < since:
        return {}
    return {"duration": f"PT{(until - since) // timedelta(seconds=1)}S"}
