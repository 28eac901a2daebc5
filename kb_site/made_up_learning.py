"""Made-up modules, tracks and newcomers to measure learning with: made through the product's services, rolled back.

The stories are those of the install; nothing of their words is copied.
"""

import json
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from itertools import count
from typing import Any

from django.contrib.auth.models import Group
from django.utils import timezone

from club.models import User
from onboarding import ledger
from onboarding.enums import Confirm, Phase, QuestionKind, Source, StepKind, Unlock, Verb, With
from onboarding.models import (
    Competency,
    Employee,
    Enrolment,
    Event,
    LearningIndexPage,
    ModulePage,
    TrackItem,
    TrackPage,
)
from onboarding.services.authoring import block, listed
from onboarding.services.enrolling import due_dates, newest_version
from onboarding.services.entries import entry
from onboarding.structure import Structure, structure_of

BATCH = 4000
DEPARTMENTS = 7
WORDS = "Somebody asked, somebody listened, and nobody wrote it down before the next visit came."
numbers = count(1)
Progress = Callable[[Iterable[Any]], Iterable[Any]]


def competency() -> int:
    """Return what made-up steps train."""
    found, _made = Competency.objects.get_or_create(
        slug="measured", defaults={"name_en": "Measured", "name_ru": "Измерено"}
    )
    return int(found.pk)


def every_step(story: int, trains: int) -> list[dict[str, Any]]:
    """Return a raw step of every kind, each about as long as authors write them."""
    about = {"story": story}
    options = [
        {"text": "Ring her today.", "effect": 2, "expert": 80, "next": "", "happened": False, "rationale": WORDS},
        {"text": "Wait for the form.", "effect": -2, "expert": 20, "next": "", "happened": True, "rationale": WORDS},
    ]  # fmt: skip
    scene = {
        "name": "turn",
        "when": "18:50",
        "heading": "You are there.",
        "prompt": WORDS,
        "options": listed(*options),
    }
    think = {**about, "question": "Why?", "criteria": listed("Names a cause"), "words": 5, "accept": False}
    answers = [{"text": text, "right": text == "yes", "feedback": WORDS} for text in ("yes", "no", "maybe")]
    questions = [
        asked(QuestionKind.SINGLE, options=listed(*answers)),
        asked(QuestionKind.MULTIPLE, options=listed(*answers)),
        asked(QuestionKind.ORDER, items=listed("first", "second", "third")),
        asked(QuestionKind.NUMERIC, answer="12.5", tolerance="0.5"),
        asked(QuestionKind.SHORT, answers=listed("a tree")),
    ]
    text = "## Before you begin\n\n" + "\n\n".join(f"- {WORDS}" for _line in range(6))
    marks = listed({"text": "Was it clear?", "scale": True}, {"text": "Anything else?", "scale": False})
    return [
        block(StepKind.READ, "Read", 5, trains, **about, intro=WORDS),
        block(StepKind.PREDICT, "Predict", 4, trains, **about, intro=WORDS, beats=[]),
        block(StepKind.DECISION, "Decide", 4, trains, **about, start=50, other=True, scenes=listed(scene)),
        block(StepKind.REVEAL, "Hear her", 2, trains, **about, episode=None, now=WORDS),
        block(StepKind.WHY, "Why", 5, trains, **think),
        block(StepKind.MISSING, "What was missing", 5, trains, **think),
        block(StepKind.QUIZ, "Questions", 5, None, questions=questions, pass_mark=50),
        block(StepKind.MATERIAL, "Read on", 3, None, text=text, link=""),
        block(StepKind.MEET, "Meet", 20, None, whom=With.MENTOR, about=WORDS, confirm=Confirm.SELF),
        block(StepKind.TASK, "Do", 15, None, text=WORDS, confirm=Confirm.SELF, own_story=False),
        block(StepKind.ACKNOWLEDGE, "Confirm", 2, None, text=text, statement=WORDS),
        block(StepKind.SURVEY, "Tell us", 2, None, questions=marks),
    ]


def asked(kind: QuestionKind, **value: Any) -> dict[str, Any]:
    """Return a raw question."""
    [made] = listed({"prompt": WORDS, "feedback": WORDS, **value})
    return {**made, "type": str(kind)}


def task() -> dict[str, Any]:
    """Return a raw step that is done by saying so."""
    return block(StepKind.TASK, "Do", 5, None, text=WORDS, confirm=Confirm.SELF, own_story=False)


def read(story: int, trains: int) -> dict[str, Any]:
    """Return a raw step that stands on a story."""
    return block(StepKind.READ, "Read", 5, trains, story=story, intro="")


def module(*steps: dict[str, Any]) -> ModulePage:
    """Return a published module."""
    name = f"Measured {next(numbers)}"
    page = ModulePage(title=name, slug=slug(name), language="en", live=False, steps=json.dumps(steps))
    return published(page)


def track(modules: Iterable[ModulePage], unlock: Unlock = Unlock.IN_ORDER) -> TrackPage:
    """Return a published track of modules that fall due two workdays after each other."""
    name = f"Measured track {next(numbers)}"
    page = TrackPage(title=name, slug=slug(name), language="en", live=False)
    page.items = [
        TrackItem(module=each, sort_order=order, phase=Phase.WEEK, due_in=2 * order + 2, unlock=unlock)
        for order, each in enumerate(modules)
    ]
    return published(page)


def published(page: Any) -> Any:
    """Put a page on the shelf and publish it."""
    LearningIndexPage.objects.get().add_child(instance=page)
    page.save_revision().publish()
    page.refresh_from_db()
    return page


def slug(name: str) -> str:
    """Return an address that no page of an install has."""
    return f"{name.lower().replace(' ', '-')}-7f3a"


def account(role: str) -> User:
    """Return a made-up account of a role, known by its group."""
    user = User.objects.create_user(username=f"measured-{next(numbers)}")
    user.groups.add(Group.objects.get(name=role))
    return user


def people(
    page: TrackPage, number: int, start: date, account: User | None = None
) -> tuple[list[Enrolment], Structure]:
    """Bring so many people onto a track, their first days spread over two months; the first has the account."""
    rows = [
        Employee(
            hr_id=f"measured-{page.pk}-{n}",
            name=f"Measured {n}",
            department=f"Measured {n % DEPARTMENTS}",
            start_date=start + timedelta(days=n % 60),
            user=account if n == 0 else None,
            language="en",
        )
        for n in range(number)
    ]
    rows = Employee.objects.bulk_create(rows, batch_size=500)
    version, invited = newest_version(page.translation_key), timezone.now() - timedelta(days=70)
    made = Enrolment.objects.bulk_create(
        [
            Enrolment(
                employee=row,
                track_key=page.translation_key,
                version=version,
                source=Source.FILE,
                anchor=row.start_date,
                created_at=invited,
            )
            for row in rows
        ],
        batch_size=500,
    )
    structure = structure_of(version)
    write(began(row, structure) for row in made)
    return made, structure


def began(row: Enrolment, structure: Structure) -> Event:
    """Return the first entry of an enrolment."""
    due = due_dates(structure, row.employee, row.anchor)
    data = {"version": row.version_id, "anchor": row.anchor.isoformat(), "due": due}
    return entry(row, Verb.ENROLLED, "enrolled", at=row.created_at, data=data)


def go_through(
    rows: list[Enrolment], structure: Structure, share: Callable[[int], float], progress: Progress
) -> None:
    """Let everybody answer the first steps of the track, a step in 17 hours; ``share`` of all by their number."""
    steps = [(each, step) for each in structure.modules for step in each.steps]
    now = timezone.now()
    for first in progress(range(0, len(rows), 300)):
        events = []
        for n, row in enumerate(rows[first : first + 300], start=first):
            at = now - timedelta(days=60 - n % 40)
            for number, (each, step) in enumerate(steps[: round(share(n) * len(steps))]):
                place, moment = (each.key, step.id), at + timedelta(hours=17 * number)
                data = {"complete": True}
                events.append(
                    entry(
                        row,
                        Verb.ANSWERED,
                        f"m{number}",
                        at=moment,
                        place=place,
                        version_id=each.version_id,
                        data=data,
                    )
                )
        write(events)


def write(events: Iterable[Event]) -> None:
    """Append entries, some thousands at a time."""
    rows = list(events)
    for first in range(0, len(rows), BATCH):
        ledger.append(rows[first : first + BATCH])
