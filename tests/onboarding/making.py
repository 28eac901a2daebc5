"""Makers of tracks, modules and newcomers, through the product's own services."""

import json
from datetime import date
from itertools import count
from typing import Any
from uuid import UUID, uuid4

from club.models import User
from onboarding.enums import Phase, Source, Unlock
from onboarding.models import (
    Competency,
    Employee,
    Enrolment,
    LearningIndexPage,
    ModulePage,
    TrackItem,
    TrackPage,
)
from onboarding.services import outcomes
from onboarding.services.enrolling import enrol
from stories.models import StoryPage
from tests.factories import make_story, make_user

numbers = count(1)
START = date(2026, 3, 2)


def make_competency(slug: str = "hear") -> Competency:
    """A competency."""
    names = {"name_ru": slug, "name_en": slug.title()}
    return Competency.objects.get_or_create(slug=slug, defaults=names)[0]


def trained(competency: Any) -> int | None:
    """What a step trains: a competency of its own unless something was said."""
    return make_competency().pk if competency is ... else competency


def block(kind: str, *, required: bool = True, pk: str = "", **value: Any) -> dict[str, Any]:
    """A raw step."""
    number = next(numbers)
    common = {"title": f"Step {number}", "minutes": 5, "required": required, "competency": None}
    return {"type": kind, "id": pk or str(uuid4()), "value": {**common, **value}}


def listed(*values: Any) -> list[dict[str, Any]]:
    """A raw list block."""
    return [{"type": "item", "id": str(uuid4()), "value": value} for value in values]


def option(text: str, **value: Any) -> dict[str, Any]:
    """An option of a scene."""
    return {
        "text": text,
        "effect": 1,
        "rationale": f"After “{text}” she waits.",
        "expert": 50,
        "next": "",
        "happened": False,
        **value,
    }


def scene(name: str, *options: dict[str, Any]) -> dict[str, Any]:
    """A scene."""
    return {
        "name": name,
        "when": "18:50",
        "heading": f"The {name}",
        "prompt": "What do you do?",
        "options": listed(*options),
    }


def read_step(story: StoryPage, **value: Any) -> dict[str, Any]:
    """Read a story."""
    trains = value.pop("competency", ...)
    return block("read_story", **{"story": story.pk, "intro": "", "competency": trained(trains), **value})


def decision_step(story: StoryPage | None = None, **value: Any) -> dict[str, Any]:
    """Two scenes: ring her, or say nothing."""
    scenes = listed(
        scene(
            "wait",
            option("Ring", effect=2, next="bill", expert=80),
            option("Nothing", effect=-2, happened=True, expert=20),
        ),
        scene("bill", option("Explain", effect=1), option("Refuse", effect=-5)),
    )
    about = {"story": story.pk if story else None, "competency": trained(value.pop("competency", ...))}
    return block("decision", **{**about, "start": 50, "other": True, "scenes": scenes, **value})


def question(kind: str, **value: Any) -> dict[str, Any]:
    """A question of a quiz."""
    return {
        "type": kind,
        "id": str(uuid4()),
        "value": {"prompt": f"A {kind} question", "feedback": "So it is.", **value},
    }


def quiz_step(**value: Any) -> dict[str, Any]:
    """One question of every kind."""
    answers = [
        {"text": text, "right": right, "feedback": f"About {text}"}
        for text, right in (("yes", True), ("no", False), ("maybe", True))
    ]
    questions = [
        question("single", options=listed(*answers[:2])),
        question("multiple", options=listed(*answers)),
        question("order", items=listed("first", "second", "third")),
        question("numeric", answer="12.5", tolerance="0.5"),
        question("short", answers=listed("Ёлка", "A tree")),
    ]
    return block("quiz", **{"questions": questions, "pass_mark": 60, **value})


def task_step(**value: Any) -> dict[str, Any]:
    """A task."""
    return block("task", **{"text": "Walk round the yard.", "confirm": "self", "own_story": False, **value})


def make_module(*steps: dict[str, Any], publish: bool = True, **fields: Any) -> ModulePage:
    """A module; by default a task that is required, published."""
    number = next(numbers)
    page = ModulePage(
        **{"title": f"Module {number}", "slug": f"module-{number}", "language": "en", "live": False,
           "steps": json.dumps(list(steps) or [task_step()]), **fields}
    )  # fmt: skip
    LearningIndexPage.objects.get().add_child(instance=page)
    revision = page.save_revision()
    if publish:
        revision.publish()
        page.refresh_from_db()
    return page


def republish(page: ModulePage, steps: list[dict[str, Any]]) -> ModulePage:
    """Publish a module with other steps."""
    fresh = ModulePage.objects.get(pk=page.pk)
    fresh.steps = json.dumps(steps)
    fresh.save_revision().publish()
    return ModulePage.objects.get(pk=page.pk)


def make_track(
    *modules: ModulePage, unlock: str = Unlock.IN_ORDER, publish: bool = True, **fields: Any
) -> TrackPage:
    """A track of required modules, due a workday after each other."""
    number = next(numbers)
    page = TrackPage(
        **{"title": f"Track {number}", "slug": f"track-{number}", "language": "en", "live": False, **fields}
    )
    page.items = [
        TrackItem(module=module, sort_order=order, phase=Phase.WEEK, due_in=order + 1, unlock=unlock)
        for order, module in enumerate(modules)
    ]
    LearningIndexPage.objects.get().add_child(instance=page)
    if publish:
        page.save_revision().publish()
        page.refresh_from_db()
    return page


def make_employee(user: User | None = None, **fields: Any) -> Employee:
    """A newcomer with an account."""
    number = next(numbers)
    return Employee.objects.create(
        **{"hr_id": f"HR-{number}", "name": f"Newcomer {number}", "user": user or make_user("newcomer", email=f"n{number}@warm-house.example"),
           "start_date": START, "language": "en", **fields}
    )  # fmt: skip


def make_enrolment(track: TrackPage, employee: Employee | None = None, **fields: Any) -> Enrolment:
    """A newcomer on a track."""
    return enrol(
        employee=employee or make_employee(),
        track_key=track.translation_key,
        **{"source": Source.MANUAL, **fields},
    )


def step_id(step: dict[str, Any]) -> UUID:
    """The id of a raw step."""
    return UUID(step["id"])


def make_told(number: int = 1, **fields: Any) -> StoryPage:
    """A story that may be taught with."""
    return make_story(title=f"Told {number}", **fields)


def said_how(enrolment: Enrolment, day: int, able: int = 4, brought_in: int = 5) -> None:
    """A survey answered on its day."""
    found = outcomes.Open(enrolment, day)
    at = outcomes.morning(enrolment.employee, day)
    by = enrolment.employee.user or make_user("newcomer")
    outcomes.answer(found, {"able": able, "brought_in": brought_in}, by=by, at=at)
