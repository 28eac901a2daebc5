"""Reading an answer out of a form, and what it comes to. Pure functions of a compiled step.

A form names things by the ids of blocks, so an answer means the same in both languages and after any reordering.
"""

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from itertools import accumulate
from typing import Any, TypeAlias
from uuid import UUID

from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from onboarding.compiling import answer_key
from onboarding.enums import REFLECTIONS, Confirm, QuestionKind, StepKind
from onboarding.structure import Step

REACH = 5  # the scale of a predicted line: -5 to 5
OTHER = "other"
LONGEST = 4000
POINTS_OF_LOYALTY = 10  # one step of an effect on the scale from 0 to 100


# What was posted: a ``QueryDict``, or the like of it.
Form: TypeAlias = MultiValueDict[str, str]


@dataclass(slots=True)
class Answer:
    """An answer as it came: plain data for the ledger, words apart, and what is missing by field."""

    response: dict[str, Any] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    score: float | None = None
    loyalty: int | None = None
    complete: bool = True
    to_go: bool = False  # a decision goes on in another scene


def levels(changes: Iterable[int]) -> list[int]:
    """Return where a client's loyalty stands after each episode, on the scale of the prediction."""
    return [max(-REACH, min(REACH, total)) for total in accumulate(changes)]


def read(
    step: Step, form: Form, value: Mapping[str, Any], *, path: Sequence[int] = (), so_far: Sequence[Any] = ()
) -> Answer:
    """Return the answer to a step. ``path`` are the client's own marks, ``so_far`` the scenes already decided."""
    if step.kind == StepKind.PREDICT:
        return prediction(form, path)
    if step.kind == StepKind.DECISION:
        return decision(step, form, so_far)
    if step.kind in REFLECTIONS:
        return reflection(step, form, int(value.get("words") or 0))
    if step.kind == StepKind.QUIZ:
        return quiz(step, form)
    if step.kind == StepKind.SURVEY:
        return survey(step, form)
    if step.kind == StepKind.ACKNOWLEDGE:
        return acknowledgement(form)
    if step.kind in (StepKind.TASK, StepKind.MEET):
        return Answer(complete=step.key.get("confirm") != Confirm.MENTOR)
    return Answer()


def number(text: Any, low: int, high: int) -> int | None:
    """Return a whole number in a range, else None."""
    try:
        value = int(str(text))
    except ValueError:
        return None
    return value if low <= value <= high else None


def prediction(form: Form, path: Sequence[int]) -> Answer:
    """Points of the predicted line, and how far they are from the client's own; there is no mark for it."""
    points = [number(form.get(f"p{index}"), -REACH, REACH) for index in range(len(path))]
    answer = Answer(response={"points": points})
    if any(point is None for point in points):
        missing = sum(point is None for point in points)
        answer.errors["points"] = _("Place a point in every column. Still to place: %(count)d.") % {
            "count": missing
        }
        return answer
    gaps = [
        abs(mine - hers)
        for mine, hers in zip([p for p in points if p is not None], levels(path), strict=True)
    ]
    answer.response["error"] = round(sum(gaps) / len(gaps), 3) if gaps else 0
    return answer


def decision(step: Step, form: Form, so_far: Sequence[Any]) -> Answer:
    """One choice more: the way so far, where loyalty stands, and whether it goes on."""
    scenes = {scene["id"]: scene for scene in step.key["scenes"]}
    here = scene_after(step, so_far)
    chosen, answer = str(form.get("option")), Answer()
    if here is None:
        answer.response = {"path": list(so_far)}
        return answer
    options = {option["id"]: option for option in scenes[here]["options"]}
    if chosen == OTHER and step.key.get("other"):
        text = str(form.get("other") or "").strip()[:LONGEST]
        if not text:
            answer.errors["other"] = _("Write what you would do, or choose one of the options.")
            return answer
        answer.words[f"other-{here}"] = text
    elif chosen not in options:
        answer.errors["option"] = _("Choose what you would do.")
        return answer
    path = [*so_far, [here, chosen]]
    answer.response = {"path": path}
    answer.to_go = scene_after(step, path) is not None
    answer.loyalty = loyalty_after(step, path)
    answer.score = agreement(step, path)
    return answer


def scene_after(step: Step, path: Sequence[Any]) -> str | None:
    """Return the scene that a way leads to; None at the end. Something else leads where the real way led."""
    scenes = {scene["id"]: scene for scene in step.key["scenes"]}
    if not path:
        return str(step.key["scenes"][0]["id"])
    scene, chosen = path[-1]
    options = scenes[scene]["options"] if scene in scenes else []
    real = next((option for option in options if option["happened"]), None)
    taken = next((option for option in options if option["id"] == chosen), real)
    return (taken or {}).get("next") or None


def loyalty_after(step: Step, path: Sequence[Any]) -> int:
    """Return loyalty from 0 to 100 after a way; every choice is held inside the scale."""
    loyalty = int(step.key.get("start", 50))
    for effect in effects(step, path):
        loyalty = max(0, min(100, loyalty + POINTS_OF_LOYALTY * effect))
    return loyalty


def effects(step: Step, path: Sequence[Any]) -> list[int]:
    """Return the effect of each choice; something else has none that we know."""
    known = {
        (scene["id"], option["id"]): option["effect"] or 0
        for scene in step.key["scenes"]
        for option in scene["options"]
    }
    return [known.get((scene, chosen), 0) for scene, chosen in path]


def agreement(step: Step, path: Sequence[Any]) -> float | None:
    """Return how far the choices agree with the experts', 0 to 1; None where no expert was asked."""
    shares = []
    for scene in step.key["scenes"]:
        experts = {option["id"]: option["expert"] for option in scene["options"]}
        most = max(experts.values(), default=0)
        shares += [experts.get(chosen, 0) / most for at, chosen in path if at == scene["id"] and most]
    return round(sum(shares) / len(shares), 3) if shares else None


def reflection(step: Step, form: Form, least: int) -> Answer:
    """Words for the mentor."""
    text = str(form.get("text") or "").strip()[:LONGEST]
    answer = Answer(words={"text": text}, complete=not step.key.get("accept"))
    if len(text.split()) < least:
        answer.errors["text"] = _("A little more, please: at least %(count)d words.") % {"count": least}
    return answer


def acknowledgement(form: Form) -> Answer:
    """A confirmation, given by a tick that nobody set beforehand."""
    answer = Answer(response={"confirmed": bool(form.get("confirmed"))})
    if not answer.response["confirmed"]:
        answer.errors["confirmed"] = _("Tick the box if you agree.")
    return answer


def survey(step: Step, form: Form) -> Answer:
    """Marks from 1 to 5, and words."""
    answer, marks = Answer(), {}
    for pk, scale in step.key["questions"]:
        if scale:
            mark = number(form.get(f"q-{pk}"), 1, 5)
            marks[pk] = mark
            if mark is None:
                answer.errors[f"q-{pk}"] = _("Choose a number from 1 to 5.")
        elif text := str(form.get(f"q-{pk}") or "").strip()[:LONGEST]:
            answer.words[pk] = text
    answer.response = {"marks": marks}
    return answer


# Questions


def quiz(step: Step, form: Form) -> Answer:
    """Answers by question, and the share that is right."""
    answer, given, scores = Answer(), {}, []
    for question in step.key["questions"]:
        pk = question["id"]
        said = given_to(question, form)
        if said in (None, [], ""):
            answer.errors[f"q-{pk}"] = missing(question["kind"])
            continue
        if question["kind"] == QuestionKind.SHORT:
            answer.words[pk] = str(said)
            said = answer_key(str(said))
        given[pk] = said
        scores.append(mark(question, said))
    answer.response = {"answers": given}
    if not answer.errors and scores:
        answer.score = round(sum(scores) / len(scores), 4)
        answer.complete = answer.score * 100 >= step.key.get("pass", 0)
    return answer


def missing(kind: str) -> str:
    """Say what is asked for."""
    if kind == QuestionKind.ORDER:
        return _("Give every line a place of its own.")
    if kind == QuestionKind.NUMERIC:
        return _("Write a number, for example 12.5.")
    return _("Write an answer.") if kind == QuestionKind.SHORT else _("Choose an answer.")


def given_to(question: Mapping[str, Any], form: Form) -> Any:
    """Return what was answered, or nothing where it was not."""
    name, kind = f"q-{question['id']}", question["kind"]
    if kind == QuestionKind.ORDER:
        return order_given(question["order"], name, form)
    if kind == QuestionKind.MULTIPLE:
        known = [pk for pk, _right in question["options"]]
        return sorted(pk for pk in form.getlist(name) if pk in known)
    said = str(form.get(name) or "").strip()[:200]
    if kind == QuestionKind.SINGLE:
        return said if said in [pk for pk, _right in question["options"]] else None
    if kind == QuestionKind.NUMERIC:
        found = decimal(said)
        return None if found is None else str(found)
    return said


def order_given(items: Sequence[str], name: str, form: Form) -> list[str] | None:
    """Return the items by the places they were given; None unless the places are 1 to n, each once."""
    places = {pk: number(form.get(f"{name}-{pk}"), 1, len(items)) for pk in items}
    if sorted(place or 0 for place in places.values()) != list(range(1, len(items) + 1)):
        return None
    return sorted(items, key=lambda pk: places[pk] or 0)


def decimal(text: str) -> Decimal | None:
    """Return a number as people write it, with a comma or a point."""
    try:
        found = Decimal(
            text.replace("\N{NO-BREAK SPACE}", "").replace(" ", "").replace(",", ".").replace("−", "-")
        )
    except InvalidOperation:
        return None
    return found if found.is_finite() and abs(found) < 10**12 else None


def mark(question: Mapping[str, Any], said: Any) -> float:
    """Return the score of one answer, 0 to 1. Several answers: right ones less wrong ones, never below 0."""
    kind = question["kind"]
    if kind == QuestionKind.NUMERIC:
        return float(abs(Decimal(said) - Decimal(question["answer"])) <= Decimal(question["tolerance"]))
    if kind == QuestionKind.SHORT:
        return float(said in question["answers"])
    if kind == QuestionKind.ORDER:
        return sum(mine == key for mine, key in zip(said, question["order"], strict=True)) / len(said)
    right = {pk for pk, is_right in question["options"] if is_right}
    if kind == QuestionKind.SINGLE:
        return float(said in right)
    chosen = set(said)
    return max(0.0, (len(chosen & right) - len(chosen - right)) / len(right))


def shuffled(ids: Sequence[str], enrolment: UUID, step: UUID | str) -> list[str]:
    """Return ids in an order of this person's own: the same at every reading, in either language, on any device."""
    found = list(ids)
    random.Random(f"{enrolment}/{step}").shuffle(found)  # noqa: S311 - an order, not a secret
    return found


def shown(step: Step, enrolment: UUID) -> list[Any]:
    """Return what was offered in which order: questions with their options, scenes with theirs."""
    if step.kind == StepKind.QUIZ:
        return [[question["id"], offered(question, enrolment)] for question in step.key["questions"]]
    if step.kind == StepKind.DECISION:
        return [[scene["id"], [option["id"] for option in scene["options"]]] for scene in step.key["scenes"]]
    return []


def offered(question: Mapping[str, Any], enrolment: UUID) -> list[str]:
    """Return the options of a question in the order of one person."""
    if question["kind"] == QuestionKind.ORDER:
        return shuffled(question["order"], enrolment, question["id"])
    return shuffled([pk for pk, _right in question.get("options", ())], enrolment, question["id"])
