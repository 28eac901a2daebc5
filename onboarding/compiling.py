"""Compiling: from the raw steps of a page to a graph of ids, kinds and keys, and what a change of it means.

A graph holds no words: answers to short questions are in it as digests. The class of a change is computed from the
difference, never chosen:

- *patch*: the same steps, options and keys; only wording differs;
- *minor*: optional steps came, went or moved, or a step trains something else; nothing required or right differs;
- *major*: a required step came or went, or a kind, story, option, effect or key differs.
"""

import hashlib
import json
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from onboarding.enums import Change, QuestionKind, StepKind

Raw = Mapping[str, Any]
Graph = dict[str, Any]


def digest(graph: Graph) -> str:
    """Return the SHA-256 of a graph's canonical JSON."""
    text = json.dumps(graph, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def folded(text: str) -> str:
    """Return a short answer as it is compared: lower case, letters and digits, single spaces, ё as е."""
    plain = unicodedata.normalize("NFKC", text).casefold().replace("ё", "е")
    return " ".join("".join(each if each.isalnum() else " " for each in plain).split())


def answer_key(text: str) -> str:
    """Return the digest under which a short answer is kept."""
    return hashlib.sha256(folded(text).encode()).hexdigest()


def items(value: Iterable[Raw] | None) -> list[tuple[str, Any]]:
    """Return (id, value) of the entries of a raw list block."""
    return [(each.get("id") or "", each.get("value")) for each in value or ()]


def compile_module(raw: Iterable[Raw]) -> Graph:
    """Return the graph of a module's raw steps."""
    return {"steps": [compile_step(step) for step in raw]}


def compile_step(step: Raw) -> dict[str, Any]:
    """Return one step: what all have, and the key of its kind."""
    kind, value = step["type"], step["value"]
    return {
        "id": step.get("id") or "",
        "kind": kind,
        "required": bool(value.get("required")),
        "competency": value.get("competency"),
        "story": value.get("story"),
        "key": KEYS.get(kind, no_key)(value),
    }


def no_key(value: Raw) -> dict[str, Any]:
    """Nothing of it is counted."""
    return {}


def decision_key(value: Raw) -> dict[str, Any]:
    """Scenes with their options: effect, where each leads, what really happened."""
    scenes = items(value.get("scenes"))
    by_name = {scene.get("name"): pk for pk, scene in scenes}
    return {
        "start": value.get("start", 50),
        "other": bool(value.get("other")),
        "scenes": [
            {
                "id": pk,
                "options": [option_key(each, option, by_name) for each, option in items(scene["options"])],
            }
            for pk, scene in scenes
        ],
    }


def option_key(pk: str, option: Raw, by_name: Mapping[Any, str]) -> dict[str, Any]:
    """One option; ``next`` is the id of a scene, or empty at the end."""
    return {
        "id": pk,
        "effect": option.get("effect"),
        "expert": option.get("expert") or 0,
        "next": by_name.get(option.get("next") or None, ""),
        "happened": bool(option.get("happened")),
    }


def reflection_key(value: Raw) -> dict[str, Any]:
    """The criteria of the rubric, and whether it counts before it is accepted."""
    return {
        "criteria": [pk for pk, _text in items(value.get("criteria"))],
        "accept": bool(value.get("accept")),
    }


def quiz_key(value: Raw) -> dict[str, Any]:
    """Questions with what is right."""
    questions = [question_key(each) for each in value.get("questions") or ()]
    return {"pass": value.get("pass_mark") or 0, "questions": questions}


def question_key(question: Raw) -> dict[str, Any]:
    """One question: its options or answers by id or digest."""
    kind, value = question["type"], question["value"]
    key: dict[str, Any] = {"id": question.get("id") or "", "kind": kind}
    if kind in (QuestionKind.SINGLE, QuestionKind.MULTIPLE):
        key["options"] = [[pk, bool(option.get("right"))] for pk, option in items(value.get("options"))]
    elif kind == QuestionKind.ORDER:
        key["order"] = [pk for pk, _text in items(value.get("items"))]
    elif kind == QuestionKind.NUMERIC:
        key["answer"], key["tolerance"] = str(value.get("answer")), str(value.get("tolerance") or 0)
    else:
        key["answers"] = sorted(answer_key(text) for _pk, text in items(value.get("answers")))
    return key


def confirm_key(value: Raw) -> dict[str, Any]:
    """Who confirms."""
    return {"confirm": value.get("confirm"), "whom": value.get("whom") or ""}


def survey_key(value: Raw) -> dict[str, Any]:
    """The questions, by id."""
    return {"questions": [[pk, bool(each.get("scale"))] for pk, each in items(value.get("questions"))]}


KEYS: dict[str, Callable[[Raw], dict[str, Any]]] = {
    StepKind.DECISION: decision_key,
    StepKind.WHY: reflection_key,
    StepKind.MISSING: reflection_key,
    StepKind.QUIZ: quiz_key,
    StepKind.MEET: confirm_key,
    StepKind.TASK: confirm_key,
    StepKind.SURVEY: survey_key,
    StepKind.REVEAL: lambda value: {"episode": value.get("episode")},
}
COUNTED = ("kind", "story", "key")


def change_of_module(old: Graph | None, new: Graph) -> Change:
    """Return what a new graph of a module does to people inside."""
    if old is None:
        return Change.FIRST
    before, after = ({step["id"]: step for step in graph["steps"]} for graph in (old, new))
    if required(old) != required(new):
        return Change.MAJOR
    if any(before[pk][name] != after[pk][name] for pk in before.keys() & after.keys() for name in COUNTED):
        return Change.MAJOR
    return Change.PATCH if old == new else Change.MINOR


def required(graph: Graph) -> frozenset[str]:
    """Return the ids of the required steps of a module."""
    return frozenset(step["id"] for step in graph["steps"] if step["required"])


def change_of_track(old: Graph | None, new: Graph) -> Change:
    """Return what a new graph of a track does to people inside: a required module or its major version matters."""
    if old is None:
        return Change.FIRST
    before, after = (
        {(item["module"], item["major"]) for item in graph["items"] if item["required"]}
        for graph in (old, new)
    )
    if before != after or majors_differ(old, new):
        return Change.MAJOR
    return Change.PATCH if old == new else Change.MINOR


def majors_differ(old: Graph, new: Graph) -> bool:
    """Whether a module that both have is pinned to another major version."""
    before, after = ({item["module"]: item["major"] for item in graph["items"]} for graph in (old, new))
    return any(before[key] != after[key] for key in before.keys() & after.keys())
