"""What keeps a module or track from being published, in sentences for its author."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from onboarding.compiling import Graph, compile_module, digest, items
from onboarding.enums import STORY_KINDS, QuestionKind, StepKind
from stories.querysets import teachable

if TYPE_CHECKING:
    from onboarding.models import ModulePage, TrackPage

Raw = Mapping[str, Any]


def module_problems(page: "ModulePage") -> list[str]:
    """Return what is wrong with the steps of a module."""
    raw = page.raw_steps()
    if not any(step["value"].get("required") for step in raw):
        return [_("A module needs at least one required step.")]
    return [
        *wrong_title(page.title, raw),
        *wrong_steps(raw),
        *wrong_stories(raw),
        *wrong_translation(page, compile_module(raw)),
    ]


def wrong_title(title: str, raw: Sequence[Raw]) -> Iterator[str]:
    """Yield that a module bears the title of a story: those words go with the story, the module's stay."""
    wanted = {step["value"].get("story") for step in raw} - {None}
    told = teachable(wanted).values_list("title", flat=True) if wanted else ()
    if title.strip().casefold() in {each.strip().casefold() for each in told}:
        yield _(
            "The module is called like the story it stands on. Name it in your own words: "
            "a story's title goes when its narrator takes the story back."
        )


def wrong_steps(raw: Sequence[Raw]) -> Iterator[str]:
    """Yield what is wrong with single steps, each named by its number."""
    for number, step in enumerate(raw, start=1):
        for problem in problems_of(step):
            yield at_step(number, step, problem)


def at_step(number: int, step: Raw, problem: str) -> str:
    """Say where something is wrong."""
    title = step["value"].get("title") or "…"
    return _("Step %(number)d, “%(title)s”: %(problem)s") % {
        "number": number,
        "title": title,
        "problem": problem,
    }


def problems_of(step: Raw) -> Iterator[str]:
    """Yield what is wrong with one step."""
    kind, value = step["type"], step["value"]
    if kind in STORY_KINDS and value.get("story") and value.get("required") and not value.get("competency"):
        yield _("say what it trains, so that another story can take its place.")
    if kind == StepKind.DECISION:
        yield from decision_problems(value)
    if kind == StepKind.QUIZ:
        yield from quiz_problems(value)


def wrong_stories(raw: Sequence[Raw]) -> Iterator[str]:
    """Yield which steps stand on a story that may not be taught with."""
    wanted = {step["value"].get("story") for step in raw} - {None}
    there = set(teachable(wanted).values_list("pk", flat=True)) if wanted else set()
    for number, step in enumerate(raw, start=1):
        story = step["value"].get("story")
        if story is not None and story not in there:
            yield at_step(number, step, _("its story may not be used for teaching. Choose another."))
        if story is None and step["type"] in (StepKind.READ, StepKind.PREDICT, StepKind.REVEAL):
            yield at_step(number, step, _("choose a story."))


def decision_problems(value: Raw) -> Iterator[str]:
    """Yield what is wrong with the scenes of a decision: names, options, ways that never end, what really happened."""
    scenes = [scene for _pk, scene in items(value.get("scenes"))]
    names = [scene.get("name") for scene in scenes]
    if not scenes:
        yield _("it needs a scene.")
        return
    if len(set(names)) != len(names):
        yield _("two scenes have the same short name.")
        return
    yield from option_problems(scenes, set(names))
    ways = {scene["name"]: targets(scene) for scene in scenes}
    if any(target and target not in ways for found in ways.values() for target in found):
        return
    yield from way_problems(ways, names[0])
    yield from path_problems({scene["name"]: scene for scene in scenes}, names[0])


def targets(scene: Raw) -> list[str]:
    """Return where the options of a scene lead; empty is the end."""
    return [option.get("next") or "" for _pk, option in items(scene.get("options"))]


def option_problems(scenes: Sequence[Raw], names: set[Any]) -> Iterator[str]:
    """Yield options without effect or rationale, and options that lead nowhere."""
    for scene in scenes:
        for _pk, option in items(scene.get("options")):
            told = {"option": option.get("text") or "…"}
            if option.get("effect") is None:
                yield _("“%(option)s” has no effect on loyalty; write 0 if there is none.") % told
            if not (option.get("rationale") or "").strip():
                yield _("“%(option)s” does not say what follows.") % told
            if option.get("next") and option["next"] not in names:
                yield _("“%(option)s” leads to a scene that is not there.") % told


def way_problems(ways: Mapping[str, list[str]], first: str) -> Iterator[str]:
    """Yield scenes that cannot be reached, and scenes from which the end cannot be reached."""
    reached, waiting = {first}, [first]
    while waiting:
        for target in ways[waiting.pop()]:
            if target and target not in reached:
                reached.add(target)
                waiting.append(target)
    ending: set[str] = set()
    while True:
        more = {name for name, found in ways.items() if name not in ending and (ending | {""}) & set(found)}
        if not more:
            break
        ending |= more
    for name in ways:
        if name not in reached:
            yield _("nothing leads to the scene “%(scene)s”.") % {"scene": name}
        elif name not in ending:
            yield _("the scene “%(scene)s” never comes to an end.") % {"scene": name}


def path_problems(scenes: Mapping[str, Raw], first: str) -> Iterator[str]:
    """Yield what keeps exactly one path from being what really happened."""
    on_path: set[str] = set()
    here = first
    while here and here not in on_path:
        on_path.add(here)
        real = [option for _pk, option in items(scenes[here].get("options")) if option.get("happened")]
        if len(real) != 1:
            yield _("mark exactly one option of “%(scene)s” as what really happened.") % {"scene": here}
            return
        here = real[0].get("next") or ""
        if here and here not in scenes:
            return
    if here:
        yield _("what really happened goes round in a circle.")
    for name in scenes.keys() - on_path:
        if any(option.get("happened") for _pk, option in items(scenes[name].get("options"))):
            yield _("“%(scene)s” is not on the way of what really happened.") % {"scene": name}


def quiz_problems(value: Raw) -> Iterator[str]:
    """Yield questions that nobody could answer rightly."""
    questions = value.get("questions") or []
    if not questions:
        yield _("it needs a question.")
    for number, question in enumerate(questions, start=1):
        for problem in question_problems(question):
            yield _("question %(number)d: %(problem)s") % {"number": number, "problem": problem}


def question_problems(question: Raw) -> Iterator[str]:
    """Yield what keeps one question from being answered rightly."""
    if question["type"] in (QuestionKind.SINGLE, QuestionKind.MULTIPLE):
        options = [option for _pk, option in items(question["value"].get("options"))]
        right = sum(bool(option.get("right")) for option in options)
        if question["type"] == QuestionKind.SINGLE and right != 1:
            yield _("mark exactly one answer as right.")
        if question["type"] == QuestionKind.MULTIPLE and not right:
            yield _("mark at least one answer as right.")


def wrong_translation(page: "ModulePage", graph: Graph) -> Iterator[str]:
    """Yield when a translation has other steps than its source: progress is shared between languages."""
    from onboarding.models import ModuleVersion

    if page.pk is None or not is_translation(page):
        return
    known = ModuleVersion.objects.filter(key=page.translation_key).values_list("sha256", flat=True)
    if digest(graph) not in set(known):
        yield _("A translation has the same steps, options and stories as its source. Only the words differ.")


def is_translation(page: "ModulePage") -> bool:
    """Whether a module was made as a translation of an earlier one."""
    from onboarding.models import ModulePage

    older = ModulePage.objects.filter(translation_key=page.translation_key, pk__lt=page.pk)
    return older.order_by().exists()


def track_problems(page: "TrackPage") -> list[str]:
    """Return what is wrong with the modules of a track."""
    from onboarding.models import ModuleVersion

    placed = page.placed
    if not any(item.required for item in placed):
        return [_("A track needs at least one required module.")]
    keys = [item.module.translation_key for item in placed]
    published = set(ModuleVersion.objects.filter(key__in=keys).values_list("key", flat=True))
    found = [
        _("The module “%(title)s” is not published yet.") % {"title": item.module.title}
        for item in placed
        if item.module.translation_key not in published
    ]
    twice = [key for key, count in Counter(keys).items() if count > 1]
    return [*found, *([_("A module stands in a track once.")] if twice else [])]
