"""The demonstration's learning: competencies, eight modules, two tracks, and a cohort of thirty with what they did.

What people did is written as the product writes it: answers go through the scoring of a form, entries through the
ledger, all of a person's past in one transaction.
"""

import hashlib
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

import yaml
from django.db import transaction
from django.utils import timezone
from django.utils.datastructures import MultiValueDict

from club.models import User
from kb_site.demonstration import FOLDER, pick
from onboarding import ledger, scoring
from onboarding.enums import REFLECTIONS, Confirm, QuestionKind, Source, StepKind, Verb, Verdict
from onboarding.learning import module_texts, raw_steps
from onboarding.models import (
    Attempt,
    Competency,
    Employee,
    Enrolment,
    Event,
    LearningIndexPage,
    ModulePage,
    ModuleState,
    ReflectionReview,
    TrackItem,
    TrackPage,
    Words,
)
from onboarding.services import outcomes
from onboarding.services.authoring import block, listed
from onboarding.services.enrolling import enrol
from onboarding.services.entries import entry
from onboarding.structure import Module, Step, Structure, structure_of
from stories.models import StoryPage

LEFT = "DEMO-en-13"
DEPARTMENTS = {"ru": ("Слесари", "слесарь"), "en": ("Billing", "billing clerk")}


def load() -> dict[str, Any]:
    """Return the file of learning."""
    return dict(yaml.safe_load((FOLDER / "learning.yaml").read_text(encoding="utf-8")))


@transaction.atomic
def build() -> int:
    """Build what is not there yet; returns how many newcomers came."""
    found = load()
    for row in found["competencies"]:
        Competency.objects.get_or_create(slug=row["slug"], defaults=pick(row, "name_ru", "name_en"))
    modules = {row["key"]: build_module(row, found["names"][row["language"]]) for row in found["modules"]}
    if any(page is None for page in modules.values()):
        return 0  # a story is not there to teach with: its owner decides
    tracks = {row["key"]: build_track(row, modules) for row in found["tracks"]}
    return build_cohort(found, tracks)


def fixed(key: str) -> str:
    """Return an id that is the same at every build."""
    return str(uuid5(NAMESPACE_URL, f"demo/learning/{key}"))


def build_module(row: dict[str, Any], names: dict[str, str]) -> ModulePage | None:
    """Return a module, published now if it was not there."""
    slug = f"demo-{row['key']}"
    known = ModulePage.objects.filter(slug=slug).first()
    if known is not None:
        return known
    story = StoryPage.objects.filter(external_id=row["story"]).first()
    if story is None:
        return None
    trains = Competency.objects.get(slug=row["trains"]).pk
    page = ModulePage(
        title=row["title"],
        slug=slug,
        language=row["language"],
        objective=row["objective"],
        live=False,
        steps=json.dumps(steps_of(row, names, story, trains)),
        owner=User.objects.filter(username="rosalind").first(),
    )
    LearningIndexPage.objects.get().add_child(instance=page)
    page.save_revision(log_action=True).publish(log_action=True)
    return page


def steps_of(
    row: dict[str, Any], names: dict[str, str], story: StoryPage, trains: int
) -> list[dict[str, Any]]:
    """Return the raw steps of a module."""
    about = {"story": story.pk}
    steps = []
    if row.get("opening"):
        steps.append(block(StepKind.MATERIAL, names["open"], 2, None, text=row["opening"], link=""))
    steps += [
        block(StepKind.PREDICT, row["predict"], 4, trains, **about, intro="", beats=[]),
        block(StepKind.READ, names["read"], 5, trains, **about, intro=""),
        block(
            StepKind.DECISION,
            names["decide"],
            4,
            trains,
            **about,
            start=50,
            other=True,
            scenes=listed(scene_of(row["scene"])),
        ),
        block(StepKind.REVEAL, names["reveal"], 2, trains, **about, episode=None, now=""),
        block(
            StepKind(row["reflect"]["kind"]),
            names["think"],
            6,
            trains,
            **about,
            question=row["reflect"]["question"],
            criteria=listed(*row["reflect"]["criteria"]),
            words=8,
            accept=False,
        ),
        block(
            StepKind.QUIZ,
            names["quiz"],
            3,
            None,
            pass_mark=50,
            questions=[question_of(each) for each in row["quiz"]],
        ),
    ]
    if row.get("promise"):
        steps.append(
            block(
                StepKind.ACKNOWLEDGE, names["promise"], 1, None, text=row["promise"], statement=row["promise"]
            )
        )
    steps += closing_steps(row, names)
    for number, step in enumerate(steps):
        step["id"] = fixed(f"{row['key']}/{number}")
    return steps


def closing_steps(row: dict[str, Any], names: dict[str, str]) -> list[dict[str, Any]]:
    """Return the steps that end a track: meet the mentor, note a story of one's own, say how it was."""
    if not row.get("closing"):
        return []
    return [
        block(
            StepKind.MEET,
            names["meet"],
            20,
            None,
            whom="mentor",
            about=names["about"],
            confirm=Confirm.SELF,
        ),
        block(
            StepKind.TASK,
            names["own"],
            15,
            None,
            text=names["note"],
            confirm=Confirm.SELF,
            own_story=True,
        ),
        block(
            StepKind.SURVEY,
            names["survey"],
            2,
            None,
            questions=listed({"text": names["ask"], "scale": True}, {"text": names["more"], "scale": False}),
        ),
    ]


def scene_of(row: dict[str, Any]) -> dict[str, Any]:
    """Return the one scene of a decision."""
    options = [{"next": "", "happened": False, **option} for option in row["options"]]
    return {"name": "scene", **pick(row, "when", "heading", "prompt"), "options": listed(*options)}


def question_of(row: dict[str, Any]) -> dict[str, Any]:
    """Return one question of a quiz by what the row has."""
    value: dict[str, Any] = {"prompt": row["prompt"], "feedback": row["feedback"]}
    if "number" in row:
        kind, value["answer"], value["tolerance"] = (
            QuestionKind.NUMERIC,
            str(row["number"][0]),
            str(row["number"][1]),
        )
    elif "words" in row:
        kind, value["answers"] = QuestionKind.SHORT, listed(*row["words"])
    elif "order" in row:
        kind, value["items"] = QuestionKind.ORDER, listed(*row["order"])
    else:
        kind = QuestionKind.MULTIPLE if row.get("several") else QuestionKind.SINGLE
        value["options"] = listed(
            *({"text": text, "right": right, "feedback": said} for text, right, said in row["options"])
        )
    return {"type": str(kind), "id": fixed(row["prompt"]), "value": value}


def build_track(row: dict[str, Any], modules: dict[str, Any]) -> TrackPage:
    """Return a track, published now if it was not there."""
    slug = f"demo-{row['key']}"
    known = TrackPage.objects.filter(slug=slug).first()
    if known is not None:
        return known
    page = TrackPage(slug=slug, live=False, **pick(row, "title", "language", "welcome"))
    page.items = [
        TrackItem(module=modules[key], sort_order=order, phase=phase, due_in=due_in)
        for order, (key, phase, due_in) in enumerate(row["modules"])
    ]
    LearningIndexPage.objects.get().add_child(instance=page)
    page.save_revision(log_action=True).publish(log_action=True)
    return page


# The cohort


@dataclass(slots=True)
class Past:
    """What is written for all newcomers at once."""

    events: list[Event] = field(default_factory=list)
    attempts: list[Attempt] = field(default_factory=list)
    words: list[Words] = field(default_factory=list)
    reviews: list[ReflectionReview] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Reader:
    """One invented newcomer: how far, how fast and how well."""

    enrolment: Enrolment
    share: float
    pace: float  # days from step to step
    skill: float
    chance: random.Random


def build_cohort(found: dict[str, Any], tracks: dict[str, TrackPage]) -> int:
    """Bring thirty people onto the tracks and write their past."""
    if Employee.objects.filter(hr_id__startswith="DEMO-").exists():
        return 0
    past, people = Past(), list(newcomers(found, tracks))
    enrolments = [reader.enrolment for reader in people]
    plans = {row.version_id: structure_of(row.version) for row in enrolments}
    texts = module_texts([module.version_id for plan in plans.values() for module in plan.modules], "")
    values = {str(step["id"]): step["value"] for text in texts.values() for step in raw_steps(text.content)}
    stories = {step["story"] for step in values.values() if step.get("story")}
    paths = dict(StoryPage.objects.filter(pk__in=stories).values_list("pk", "loyalty_path"))
    for reader in people:
        live_through(reader, plans[reader.enrolment.version_id], values, paths, found["words"], past)
        past.events += came_of_it(reader)
    Attempt.objects.bulk_create(past.attempts, batch_size=400)
    Words.objects.bulk_create(past.words, batch_size=400)
    ReflectionReview.objects.bulk_create(past.reviews, batch_size=400)
    ledger.append(sorted(past.events, key=lambda event: (event.enrolment_id, event.occurred_at)))
    ModuleState.objects.filter(remind_at__lt=timezone.now()).update(remind_at=None)
    return len(people)


def newcomers(found: dict[str, Any], tracks: dict[str, TrackPage]) -> Iterator[Reader]:
    """Yield the people with their enrolments; the two who can be signed in as are in the middle of it."""
    mentor, manager = (User.objects.filter(username=name).first() for name in ("stepan", "rosalind"))
    for track, language, account, own in (
        ("plumber", "ru", "nikita", "Никита Ручьёв"),
        ("clerk", "en", "phoebe", "Phoebe Lang"),
    ):
        department, role = DEPARTMENTS[language]
        names = [own, *found[f"newcomers_{language}"]]
        for number, name in enumerate(names):
            chance = random.Random(f"demo/{name}")  # noqa: S311 - invented people, the same at every build
            began = 12 if number == 0 else 4 + round(number**1.85)
            person = Employee.objects.create(
                hr_id=f"DEMO-{language}-{number:02}",
                name=name,
                department=department,
                role=role,
                language=language,
                location="",
                start_date=timezone.localdate() - timedelta(days=began),
                manager=manager,
                user=User.objects.filter(username=account).first() if number == 0 else None,
                mentor=None if number in (4, 11) else mentor,
            )
            at = timezone.now() - timedelta(days=began + 4)
            row = enrol(
                employee=person,
                track_key=tracks[track].translation_key,
                source=Source.RULE if number else Source.MANUAL,
                at=at,
            )
            yield Reader(
                row,
                share_of(number, chance),
                0.4 + 1.5 * chance.random(),
                0.45 + 0.5 * chance.random(),
                chance,
            )


def share_of(number: int, chance: random.Random) -> float:
    """Return how far somebody has come: most have finished, some are on the way, some stand still."""
    if number == 0:
        return 0.3
    if number == 13:
        return 0.0
    return 1.0 if number % 2 or number > 9 else 0.15 + 0.7 * chance.random()


def live_through(
    reader: Reader,
    plan: Structure,
    values: dict[str, Any],
    paths: dict[int, list[int]],
    words: dict[str, list[str]],
    past: Past,
) -> None:
    """Write what one person opened and answered, from the day before the first day on."""
    steps = [(module, step) for module in plan.modules for step in module.steps]
    at = datetime.combine(reader.enrolment.anchor, datetime.min.time(), timezone.get_current_timezone())
    at += timedelta(hours=9 + 3 * reader.chance.random())
    for module, step in steps[: round(reader.share * len(steps))]:
        if at > timezone.now() - timedelta(minutes=30):
            return
        one_step(reader, module, step, values[str(step.id)], paths.get(step.story or 0, []), words, at, past)
        at += timedelta(days=reader.pace * (0.2 + 1.6 * reader.chance.random()))
    if 0 < reader.share < 1 and len(steps) > round(reader.share * len(steps)):
        module, step = steps[round(reader.share * len(steps))]
        past.events.append(opened(reader, module, step, min(at, timezone.now() - timedelta(minutes=20))))


def came_of_it(reader: Reader) -> Iterator[Event]:
    """Yield the surveys that somebody answered and the day on which she first met a client alone; one has left."""
    row, chance = reader.enrolment, reader.chance
    person, now = row.employee, timezone.now()
    last = now
    if person.hr_id == LEFT:
        last = outcomes.morning(person, 41)
        Employee.objects.filter(pk=person.pk).update(has_left=True)
        yield entry(row, Verb.LEFT, "left", at=last)
    for day in outcomes.DAYS:
        at = outcomes.morning(person, day) + timedelta(hours=1 + 20 * chance.random())
        marks = {
            outcomes.ABLE: min(5, 2 + day // 30 + chance.choice((0, 0, 1))),
            outcomes.BROUGHT_IN: chance.choice((3, 4, 4, 5, 5)),
        }
        if chance.random() < 0.85 and at < last:
            yield entry(row, Verb.PULSE, f"pulse:{day}", at=at, data={"day": day, **marks})
    at = outcomes.morning(person, round(6 + 30 * chance.random() * (1.5 - reader.skill)))
    if reader.share and at < last:
        on = timezone.localdate(at).isoformat()
        yield entry(row, Verb.UNAIDED, f"unaided:{fixed(person.hr_id)}", at=at, data={"on": on})


def opened(reader: Reader, module: Module, step: Step, at: datetime) -> Event:
    """Return the entry that a step was seen."""
    place = (module.key, step.id)
    return entry(
        reader.enrolment,
        Verb.OPENED,
        f"opened:{module.key}:{step.id}",
        at=at,
        place=place,
        version_id=module.version_id,
    )


def one_step(
    reader: Reader,
    module: Module,
    step: Step,
    value: dict[str, Any],
    path: list[int],
    words: dict[str, list[str]],
    at: datetime,
    past: Past,
) -> None:
    """Write that a step was seen and answered."""
    row, place = reader.enrolment, (module.key, step.id)
    form = filled(reader, step, path, words[row.employee.language])
    answer = scoring.read(step, form, value, path=path)
    attempt = Attempt(
        uuid=UUID(fixed(f"{row.employee.hr_id}/{step.id}")),
        enrolment=row,
        module_key=module.key,
        step=step.id,
        version_id=module.version_id,
        kind=step.kind,
        number=1,
        is_first=True,
        shown=scoring.shown(step, row.uuid),
        response=answer.response,
        score=answer.score,
        loyalty=answer.loyalty,
        submitted_at=at + timedelta(minutes=6),
    )
    past.attempts.append(attempt)
    for name, text in answer.words.items():
        past.words.append(
            Words(attempt=attempt, field=name, text=text, sha256=hashlib.sha256(text.encode()).hexdigest())
        )
    data = {"attempt": str(attempt.uuid), "complete": True, "substitute": False}
    past.events += [
        opened(reader, module, step, at),
        entry(
            row,
            Verb.ANSWERED,
            f"form:{attempt.uuid}",
            at=attempt.submitted_at,
            place=place,
            version_id=module.version_id,
            data=data,
        ),
    ]
    if step.kind in REFLECTIONS and row.employee.mentor_id and reader.chance.random() < 0.9:
        read_by_mentor(row, attempt, step, place, past)


def filled(reader: Reader, step: Step, path: list[int], words: list[str]) -> MultiValueDict[str, str]:
    """Return a form as this person would fill it in."""
    chance, form = reader.chance, MultiValueDict[str, str]()
    if step.kind == StepKind.PREDICT:
        for index, level in enumerate(scoring.levels(path)):
            guess = level + chance.choice((-2, -1, 0, 0, 1, 2))
            form[f"p{index}"] = str(max(-5, min(5, guess)))
    elif step.kind == StepKind.DECISION:
        options = step.key["scenes"][0]["options"]
        weights = [option["expert"] * reader.skill + 20 for option in options]
        form["option"] = chance.choices([option["id"] for option in options], weights)[0]
    elif step.kind in REFLECTIONS:
        form["text"] = chance.choice(words)
    elif step.kind == StepKind.ACKNOWLEDGE:
        form["confirmed"] = "1"
    elif step.kind == StepKind.SURVEY:
        for pk, scale in step.key["questions"]:
            form[f"q-{pk}"] = str(chance.choice((3, 4, 4, 5, 5))) if scale else ""
    elif step.kind == StepKind.QUIZ:
        for question in step.key["questions"]:
            fill_question(question, chance.random() < reader.skill, chance, form)
    return form


def fill_question(
    question: dict[str, Any], right: bool, chance: random.Random, form: MultiValueDict[str, str]
) -> None:
    """Answer one question, rightly or not."""
    name = f"q-{question['id']}"
    if question["kind"] == QuestionKind.ORDER:
        order = list(question["order"])
        if not right:
            chance.shuffle(order)
        for place, pk in enumerate(order, start=1):
            form[f"{name}-{pk}"] = str(place)
    elif question["kind"] == QuestionKind.NUMERIC:
        form[name] = question["answer"] if right else str(chance.randint(1, 60))
    elif question["kind"] == QuestionKind.SHORT:
        form[name] = "спеть" if right else "-?"
    else:
        good = [pk for pk, is_right in question["options"] if is_right]
        wrong = [pk for pk, is_right in question["options"] if not is_right]
        form.setlist(name, good if right else [chance.choice(wrong)])


def read_by_mentor(
    row: Enrolment, attempt: Attempt, step: Step, place: tuple[UUID, UUID], past: Past
) -> None:
    """Write that the mentor read a reflection a day or two later."""
    at = attempt.submitted_at + timedelta(days=1, hours=2)
    if at > timezone.now():
        return
    comment = {
        "ru": "Хорошо услышано. На следующем вызове обратите внимание на то же.",
        "en": "Well heard. Look out for the same on your next call.",
    }
    marks = {pk: 2 for pk in step.key["criteria"]}
    past.reviews.append(
        ReflectionReview(
            attempt=attempt,
            reviewer_id=row.employee.mentor_id,
            marks=marks,
            comment=comment[row.employee.language],
            verdict=Verdict.ACCEPTED,
            at=at,
        )
    )
    data = {"attempt": str(attempt.uuid), "verdict": str(Verdict.ACCEPTED), "complete": True}
    past.events.append(
        entry(
            row,
            Verb.REVIEWED,
            f"review:{attempt.uuid}",
            at=at,
            place=place,
            version_id=attempt.version_id,
            data=data,
        )
    )
