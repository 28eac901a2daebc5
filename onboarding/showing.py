"""What the page of a step shows. Words of a client come through the gate at this very moment, or not at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID, uuid4

import markdown
import nh3
from django.db.models import Subquery
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from club.models import User
from onboarding import charts, scoring, told
from onboarding.compiling import items
from onboarding.enums import (
    REFLECTIONS,
    STORY_KINDS,
    Confirm,
    QuestionKind,
    Redaction,
    StepKind,
    With,
)
from onboarding.learning import ModuleView, MyTrack, StepView, module_texts, raw_steps, track_of
from onboarding.models import Attempt, Draft, Enrolment, ModuleVersion
from onboarding.services import calendars, regrading
from onboarding.services.learning import Shown, path_so_far
from onboarding.structure import Step, steps_of
from stories.models import StoryPage

FEW = 5
LAST_ATTEMPTS = 500
LETTERS = "ABCDEFGH"


@dataclass(slots=True)
class StepPage:
    """One step before one person."""

    track: MyTrack
    module: ModuleView
    view: StepView
    shown: Shown
    value: Mapping[str, Any]
    story: StoryPage | None
    attempt: Attempt | None = None
    draft: dict[str, Any] = field(default_factory=dict)
    token: str = ""
    language: str = ""

    @property
    def kind(self) -> str:
        """The kind of the step whose content stands here."""
        return self.shown.step.kind

    @property
    def is_gone(self) -> bool:
        """Whether its story was taken back and nothing stands in its place."""
        return self.kind in STORY_KINDS and self.shown.step.story is not None and self.story is None

    @property
    def changes(self) -> list[int]:
        """The client's own marks."""
        return list(self.story.loyalty_path) if self.story else []


def page_for(enrolment: Enrolment, user: User, module_key: UUID, step_id: UUID) -> StepPage | None:
    """Return a step of a person's own track, or None for what is not in it."""
    track = track_of(enrolment, texts_of=module_key)
    module, view = track.module(module_key), track.step(module_key, step_id)
    if module is None or view is None:
        return None
    shown, value = content_of(module, view, track.language)
    story = told.story_for(user, shown.step.story)
    page = StepPage(track, module, view, shown, value, story, token=str(uuid4()))
    place = {"enrolment": enrolment, "module_key": module_key, "step": step_id}
    drafts = Draft.objects.filter(**place).values("data")
    if view.state and view.state.answered_at:
        attempts = Attempt.objects.filter(**place).annotate(draft=Subquery(drafts[:1]))
        page.attempt = attempts.select_related("review").order_by("-number").first()
    waiting = (
        getattr(page.attempt, "draft", None)
        if page.attempt
        else drafts.values_list("data", flat=True).first()
    )
    page.draft = dict(waiting or {})
    return page


def content_of(module: ModuleView, view: StepView, language: str) -> tuple[Shown, Mapping[str, Any]]:
    """Return what stands at a place: the step itself, or the one that took its place."""
    place = (module.module.key, view.step.id)
    state = view.state
    if state is not None and state.instead_module is not None and state.instead_step is not None:
        found = substitute(state.instead_module, state.instead_step, language)
        if found is not None:
            step, version, revision, value = found
            return Shown(place, step, version, revision, is_substitute=True), value
    return (
        Shown(place, view.step, module.module.version_id, module.revision_id),
        module.texts.get(str(view.step.id), {}),
    )


def substitute(
    key: UUID, step_id: UUID, language: str
) -> tuple[Step, int, int | None, Mapping[str, Any]] | None:
    """Return the step of another module that stands in: the newest version that has it."""
    for version in ModuleVersion.objects.filter(key=key).order_by("-pk")[:5]:
        step = next((each for each in steps_of(version.graph) if each.id == step_id), None)
        if step is not None:
            text = module_texts([version.pk], language).get(version.pk)
            values = {str(each["id"]): each["value"] for each in raw_steps(text.content)} if text else {}
            return step, version.pk, text.revision_id if text else None, values.get(str(step_id), {})
    return None


# Contexts


def context(
    page: StepPage, user: User, answer: scoring.Answer | None = None, *, again: bool = False
) -> dict[str, Any]:
    """Return the template's context: the form, or what came of it."""
    done = page.attempt is not None and not again and answer is None and not page.draft.get("path")
    if done:
        as_answered(page, user)
    entered = Entered(page.draft.get("form", {}))
    shape = SHAPES.get(page.kind, plain)
    found: dict[str, Any] = {
        "page": page,
        "kind": page.kind,
        "value": page.value,
        "errors": answer.errors if answer else {},
        "done": done,
        "part": f"onboarding/steps/{page.kind}.html",
        "title": page.value.get("title") or page.view.title,
        "person": person(page),
        **frame(page),
    }
    return found | (gone(page) if page.is_gone else shape(page, user, entered, done))


def as_answered(page: StepPage, user: User) -> None:
    """Show a step as it was when it was answered, if it is counted otherwise since: an attempt explains itself."""
    attempt, now = page.attempt, page.shown
    if attempt is None or attempt.version_id in (None, now.version_id):
        return
    version = ModuleVersion.objects.filter(pk=attempt.version_id).first()
    steps = steps_of(version.graph) if version else ()
    then = next((each for each in steps if each.kind == attempt.kind and each.id == now.step.id), None)
    if then is None or (then.key == now.step.key and then.story == now.step.story):
        return
    text = module_texts([attempt.version_id], page.track.language).get(attempt.version_id)
    values = {str(each["id"]): each["value"] for each in raw_steps(text.content)} if text else {}
    page.shown = replace(now, step=then, version_id=attempt.version_id)
    page.value = values.get(str(then.id), page.value)
    page.story = page.story if then.story == now.step.story else told.story_for(user, then.story)


def frame(page: StepPage) -> dict[str, Any]:
    """Where one is: ticks of the module, minutes left, what comes next."""
    steps, all_steps = page.module.steps, page.track.steps
    position = next(n for n, each in enumerate(all_steps) if each is page.view)
    open_steps = [(n, each) for n, each in enumerate(all_steps) if n != position and not each.passed]
    free = [(n, each) for n, each in open_steps if not each.locked or n == position + 1]
    later = [each for n, each in free if n > position]
    return {
        "ticks": [("now" if each is page.view else "done" if each.passed else "") for each in steps],
        "passed": sum(each.passed for each in steps),
        "step_count": len(steps),
        "minutes_left": page.module.minutes_left,
        "next_step": next(iter(later), next((each for _n, each in free), None)),
        "mentor": page.track.enrolment.employee.mentor,
    }


def person(page: StepPage) -> dict[str, Any] | None:
    """Return who the step is about, if she may be shown."""
    story = page.story
    if story is None or page.kind not in STORY_KINDS:
        return None
    member = story.member
    until = timezone.localtime(story.train_until).date() if story.train_until else None
    return {
        "code": member.code,
        "hair": member.hair,
        "dress": member.dress,
        "name": member.persona_name,
        "since": member.client_since.year if member.client_since else None,
        "language": story.language,
        "until": until,
        "intro": page.value.get("intro", ""),
        "title": story.title,
        "slug": story.slug,
    }


class Entered:
    """What was entered so far: from the draft that waits on the server."""

    def __init__(self, form: Mapping[str, Any]) -> None:
        self.form = form

    def one(self, name: str) -> str:
        """Return a single value."""
        found = self.form.get(name) or [""]
        return str(found[-1])

    def all(self, name: str) -> list[str]:
        """Return all values."""
        return [str(each) for each in self.form.get(name) or []]


def gone(page: StepPage) -> dict[str, Any]:
    """The story was taken back: what was done stays counted, nothing of the words is shown."""
    return {
        "part": "onboarding/steps/gone.html",
        "title": _("Its owner has taken this story back"),
        "gone": True,
    }


def plain(page: StepPage, user: User, entered: Entered, done: bool) -> dict[str, Any]:
    """Steps that are read and confirmed."""
    return {
        "text_html": rendered(page.value.get("text", "")),
        "confirmed_by_mentor": page.shown.step.key.get("confirm") == Confirm.MENTOR,
    }


def rendered(text: str) -> SafeString:
    """Return Markdown as clean HTML."""
    html = markdown.markdown(text, extensions=["extra", "sane_lists"])
    tags = {
        "p",
        "h2",
        "h3",
        "h4",
        "ul",
        "ol",
        "li",
        "strong",
        "em",
        "a",
        "blockquote",
        "code",
        "pre",
        "hr",
        "br",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
    }
    clean = nh3.clean(html, tags=tags, attributes={"a": {"href"}}, url_schemes={"http", "https", "mailto"})
    return mark_safe(clean)  # noqa: S308 - the allowlist has just been applied


def reading(page: StepPage, user: User, entered: Entered, done: bool) -> dict[str, Any]:
    """The whole story."""
    assert page.story is not None  # noqa: S101 - a gone story has its own context
    return {"blocks": told.blocks_of(page.story, user), "story": page.story}


def prediction(page: StepPage, user: User, entered: Entered, done: bool) -> dict[str, Any]:
    """Columns with points to place; afterwards her line beside the learner's."""
    assert page.story is not None  # noqa: S101
    raw = page.story.raw_body()
    beats = [text for _pk, text in items(page.value.get("beats"))]
    episodes = told.episodes_of(raw)
    own = len(beats) == len(episodes)
    lines = beats if own else [each.get("title", "") for each in episodes]
    labels = told.labels_of(raw)
    if done and page.attempt is not None:
        return compared(page, lines, labels)
    columns: list[dict[str, Any]] = [
        {
            "number": number,
            "name": f"p{number - 1}",
            "label": label,
            "points": [
                {
                    "value": value,
                    "signed": charts.signed(value),
                    "words": point_words(value),
                    "checked": entered.one(f"p{number - 1}") == str(value),
                }
                for value in range(5, -6, -1)
            ],
        }
        for number, label in enumerate(labels, start=1)
    ]
    placed = sum(any(point["checked"] for point in column["points"]) for column in columns)
    return {
        "columns": columns,
        "beats": lines,
        "placed": placed,
        "scale": scale(),
        "beats_language": page.track.language if own else page.story.language,
    }


def point_words(value: int) -> str:
    """Return what a point means."""
    if value in (5, 4):
        return _("trusts us")
    if value in (3, 2, 1):
        return _("warmer")
    return _("neutral") if value == 0 else _("cooler") if value > -4 else _("would leave")


def scale() -> list[dict[str, str]]:
    """Return the axis: numbers, with words at both ends and in the middle."""
    words = {5: _("trusts us fully"), 0: _("neutral"), -5: _("would leave")}
    return [{"signed": charts.signed(value), "words": words.get(value, "")} for value in range(5, -6, -1)]


def compared(page: StepPage, lines: Sequence[str], labels: Sequence[str]) -> dict[str, Any]:
    """Her line beside the learner's, with the finding in words."""
    hers = scoring.levels(page.changes)
    said = list(page.attempt.response.get("points", [])) if page.attempt else []
    yours = [*said, *([0] * len(hers))][: len(hers)]
    gaps = [abs(a - b) for a, b in zip(hers, yours, strict=True)]
    widest = max(range(len(gaps)), key=gaps.__getitem__, default=0)
    near = sum(gap <= 1 for gap in gaps)
    finding = {
        "hers": charts.signed(hers[-1]) if hers else "0",
        "yours": charts.signed(yours[-1]) if yours else "0",
    }
    title = _("The real line ends at %(hers)s, yours at %(yours)s.") % finding
    words = (_("real"), _("yours"), _("widest gap"))
    drawing = "".join(
        charts.comparison(hers, yours, title=title, words=words, narrow=narrow) for narrow in (False, True)
    )
    rows = [
        {
            "number": n + 1,
            "label": labels[n] if n < len(labels) else "",
            "line": lines[n] if n < len(lines) else "",
            "hers": charts.signed(hers[n]),
            "yours": charts.signed(yours[n]),
            "gap": gaps[n],
        }
        for n in range(len(hers))
    ]
    return {
        "chart": mark_safe(drawing),  # noqa: S308 - charts escape every word
        "rows": rows,
        "near": near,
        "count": len(hers),
        "widest": rows[widest] if gaps and gaps[widest] > 1 else None,
        "agree": all(gap <= 1 for gap in gaps),
    }


def decision(page: StepPage, user: User, entered: Entered, done: bool) -> dict[str, Any]:
    """The scene that is to be decided, and what followed from the choices before it."""
    step = page.shown.step
    path = list(page.attempt.response.get("path", [])) if done and page.attempt else path_so_far(page.draft)
    scenes = dict(items(page.value.get("scenes")))
    here = None if done else scoring.scene_after(step, path)
    past = [decided(page, scenes, scene, chosen, path[: n + 1]) for n, (scene, chosen) in enumerate(path)]
    found: dict[str, Any] = {"past": past, "scene": scenes.get(here) if here else None, "scene_id": here}
    if here:
        found["options"] = [
            {"id": pk, "letter": LETTERS[n], "text": option["text"], "checked": entered.one("option") == pk}
            for n, (pk, option) in enumerate(items(scenes[here]["options"]))
        ]
        found["other_text"], found["allows_other"] = entered.one("other"), bool(step.key.get("other"))
        found["other_checked"] = entered.one("option") == scoring.OTHER
    if done and page.story is not None:
        found["said"] = told.said(page.story.raw_body(), None)[-1:]
        found["responses"] = [b["value"] for b in page.story.raw_body() if b["type"] == "response"][:1]
    return found


def decided(
    page: StepPage, scenes: Mapping[str, Any], scene: str, chosen: str, path: Sequence[Any]
) -> dict[str, Any]:
    """One choice made: all options with how newcomers and experts chose, and what followed."""
    step, value = page.shown.step, scenes.get(scene, {})
    split = split_of(page, scene)
    total = sum(split.values())
    key: Mapping[str, Any] = next(
        (each for each in step.key["scenes"] if each["id"] == scene), {"options": []}
    )
    facts = {option["id"]: option for option in key["options"]}
    options = []
    for n, (pk, option) in enumerate(items(value.get("options"))):
        count = split.get(pk, 0)
        options.append(
            {
                "letter": LETTERS[n],
                "text": option["text"],
                "mine": pk == chosen,
                "happened": facts.get(pk, {}).get("happened"),
                "expert": facts.get(pk, {}).get("expert", 0),
                "count": count,
                "few": count < FEW,
                "total": total,
                "bar": mark_safe(charts.bar(count / total if total and count >= FEW else 0)),  # noqa: S308 - numbers only
            }
        )
    mine = next((option for pk, option in items(value.get("options")) if pk == chosen), None)
    return {
        "value": value,
        "options": options,
        "total": total,
        "enough": total >= FEW,
        "other": mine is None,
        "effect": facts.get(chosen, {}).get("effect"),
        "rationale": mine["rationale"] if mine else "",
        "loyalty": scoring.loyalty_after(step, path),
        "experts": any(each["expert"] for each in options),
    }


def split_of(page: StepPage, scene: str) -> Counter[str]:
    """Return how newcomers chose in a scene: first attempts of different people, the latest of them."""
    module, step = page.shown.place
    rows = Attempt.objects.filter(
        module_key=module, step=step, is_first=True, is_substitute=page.shown.is_substitute
    )
    paths = rows.order_by("-pk").values_list("response", flat=True)[:LAST_ATTEMPTS]
    return Counter(
        str(chosen) for response in paths for at, chosen in response.get("path", ()) if at == scene
    )


def reveal(page: StepPage, user: User, entered: Entered, done: bool) -> dict[str, Any]:
    """Her own words."""
    assert page.story is not None  # noqa: S101
    return {"said": told.said(page.story.raw_body(), page.value.get("episode"))}


def reflection(page: StepPage, user: User, entered: Entered, done: bool) -> dict[str, Any]:
    """A question; afterwards one's own words, what the company wrote, and what the mentor said."""
    found: dict[str, Any] = {
        "criteria": [{"id": pk, "text": text} for pk, text in items(page.value.get("criteria"))],
        "text": entered.one("text"),
    }
    if not done or page.attempt is None:
        return found
    words = page.attempt.words.exclude(quotations__state__in=(Redaction.OPEN, Redaction.REMOVED))
    found["own"] = words.values_list("text", flat=True).first()
    review = getattr(page.attempt, "review", None)
    marks = review.marks if review else {}
    found["review"] = review
    found["marks"] = [{**each, "mark": marks.get(each["id"])} for each in found["criteria"]]
    cases = told.cases_of(page.story.raw_body()) if page.story else []
    name = "why" if page.kind == StepKind.WHY else "missing"
    found["company"] = [case[name] for case in cases if case.get(name)]
    found["lessons"] = [
        case["lesson"] for case in cases if case.get("lesson") and page.kind == StepKind.MISSING
    ]
    return found


def quiz(page: StepPage, user: User, entered: Entered, done: bool) -> dict[str, Any]:
    """Questions to be answered; afterwards each with what we say to the answer."""
    keys = {question["id"]: question for question in page.shown.step.key["questions"]}
    given = page.attempt.response.get("answers", {}) if done and page.attempt else {}
    words = dict(page.attempt.words.values_list("field", "text")) if done and page.attempt else {}
    uuid = page.track.enrolment.uuid
    questions = []
    for number, question in enumerate(page.value.get("questions") or (), start=1):
        key = keys.get(question["id"])
        if key is not None:
            questions.append(
                asked(question, key, number, entered, uuid)
                | (judged(question, key, given.get(question["id"]), words) if done else {})
            )
    score = page.attempt.score if done and page.attempt else None
    if score is not None and score < 1 and page.attempt:
        score = regrading.scores_of([page.attempt]).get(page.attempt.uuid, score)
    return {
        "questions": questions,
        "score": None if score is None else round(score * 100),
        "enough": page.view.done,
        "pass_mark": page.value.get("pass_mark") or 0,
    }


def asked(
    question: Mapping[str, Any], key: Mapping[str, Any], number: int, entered: Entered, uuid: UUID
) -> dict[str, Any]:
    """One question as it is asked, its options in this person's own order."""
    name, value = f"q-{question['id']}", question["value"]
    texts = {pk: each for pk, each in items(value.get("items") or value.get("options"))}
    options = [
        {
            "id": pk,
            "text": texts[pk] if isinstance(texts[pk], str) else texts[pk]["text"],
            "name": f"{name}-{pk}",
            "checked": pk in entered.all(name),
            "place": entered.one(f"{name}-{pk}"),
        }
        for pk in scoring.offered(key, uuid)
        if pk in texts
    ]
    return {
        "id": question["id"],
        "name": name,
        "kind": question["type"],
        "number": number,
        "prompt": value["prompt"],
        "options": options,
        "places": range(1, len(options) + 1),
        "entered": entered.one(name),
    }


def judged(
    question: Mapping[str, Any], key: Mapping[str, Any], said: Any, words: Mapping[str, str]
) -> dict[str, Any]:
    """What is said to an answer."""
    value, kind = question["value"], question["type"]
    chosen = set(said) if isinstance(said, list) else {said}
    score = scoring.mark(key, said) if said is not None else 0.0
    replies = [
        {"text": option["text"], "feedback": option.get("feedback") or "", "right": bool(option.get("right"))}
        for pk, option in items(value.get("options"))
        if pk in chosen
    ]
    texts = dict(items(value.get("items"))) if kind == QuestionKind.ORDER else {}
    answer = (
        [texts[pk] for pk in said] if kind == QuestionKind.ORDER and said else words.get(question["id"], said)
    )
    right = list(texts.values()) if texts else value.get("answer")
    return {
        "right": score == 1,
        "partly": 0 < score < 1,
        "replies": replies,
        "feedback": value.get("feedback") or "",
        "answer": answer,
        "solution": right if score < 1 else None,
    }


def survey(page: StepPage, user: User, entered: Entered, done: bool) -> dict[str, Any]:
    """Questions without a right answer."""
    questions = [
        {
            "id": pk,
            "name": f"q-{pk}",
            "text": each["text"],
            "scale": bool(each.get("scale")),
            "entered": entered.one(f"q-{pk}"),
            "marks": [
                {"value": str(mark), "checked": entered.one(f"q-{pk}") == str(mark)} for mark in range(1, 6)
            ],
        }
        for pk, each in items(page.value.get("questions"))
    ]
    return {"questions": questions}


def meeting(page: StepPage, user: User, entered: Entered, done: bool) -> dict[str, Any]:
    """Whom to meet, and what about."""
    employee = page.track.enrolment.employee
    whom = page.value.get("whom") or With.MENTOR
    somebody = {With.MENTOR: employee.mentor, With.MANAGER: employee.manager}.get(whom)
    return {
        **plain(page, user, entered, done),
        "whom": With(whom).label,
        "somebody": somebody.get_full_name() if somebody else "",
        "agreed": calendars.agreed_time(page.track.enrolment, page.shown.place)
        if page.track.enrolment.pk
        else None,
    }


SHAPES: dict[str, Any] = {
    StepKind.READ: reading,
    StepKind.PREDICT: prediction,
    StepKind.DECISION: decision,
    StepKind.REVEAL: reveal,
    StepKind.WHY: reflection,
    StepKind.MISSING: reflection,
    StepKind.QUIZ: quiz,
    StepKind.SURVEY: survey,
    StepKind.MEET: meeting,
}


def minutes_words(minutes: int) -> str:
    """Say how long something takes."""
    return ngettext("about %(count)d minute", "about %(count)d minutes", minutes) % {"count": minutes}


def wants_mentor(page: StepPage) -> bool:
    """Whether the answer waits for the mentor."""
    return page.kind in REFLECTIONS or page.shown.step.key.get("confirm") == Confirm.MENTOR
