"""Themes and ideas of the demonstration, made through the same services that people use."""

from typing import Any

from django.utils import timezone

from club.models import User
from consent.enums import Purpose
from ideas.enums import IdeaState, ThemeState
from ideas.models import Idea, Theme
from ideas.services import approving, loops, thinking
from ideas.services.coding import Judgement, code
from ideas.texts import Span, sentences, texts
from search.services import enqueue
from stories.models import StoryPage
from stories.querysets import visible


def build(record: dict[str, Any]) -> None:
    """Make what is not there yet; with themes in place nothing is made again."""
    marketer = User.objects.get(username="inga")
    if Theme.objects.exists():
        return
    themes = build_themes(record["themes"], marketer)
    ideas = {row["key"]: build_idea(row, themes, marketer) for row in record["ideas"]}
    stories = {story.external_id: story for story in visible(marketer, Purpose.IDEAS)}
    for row in record["codings"]:
        if row["story"] in stories:
            build_coding(row, stories[row["story"]], themes, ideas, marketer)
    for idea in ideas.values():
        settle(idea, marketer)
    enqueue("story", [story.pk for story in stories.values()], hides=False)


def build_themes(rows: list[dict[str, Any]], keeper: User) -> dict[str, Theme]:
    """Make the tree of themes; parents stand before their children in the file."""
    made: dict[str, Theme] = {}
    for row in rows:
        answer = row.get("answer_ru", "")
        made[row["slug"]] = Theme.objects.create(
            slug=row["slug"], name_ru=row["name_ru"], name_en=row["name_en"], kind=row["kind"], colour=row["colour"],
            description=row.get("description", ""), synonyms=row.get("synonyms", ""), owner=keeper,
            state=ThemeState.ANSWERED if answer else row.get("state", ThemeState.OPEN), answer=answer,
            answered_at=timezone.now() if answer else None, parent=made.get(row.get("parent", "")),
        )  # fmt: skip
    return made


def build_idea(row: dict[str, Any], themes: dict[str, Theme], marketer: User) -> Idea:
    """Note one idea; its state is set once its passages are there."""
    idea = thinking.note_idea(user=marketer, title=row["title"], kind=row["kind"], statement=row["statement"])
    idea.themes.set([themes[slug] for slug in row["themes"]])
    Idea.objects.filter(pk=idea.pk).update(due=row.get("due"), state=row["state"])
    idea.refresh_from_db()
    return idea


def settle(idea: Idea, marketer: User) -> None:
    """Give an idea what its state brings: a decision's reason, notes for the narrators."""
    reasons = {
        IdeaState.SHIPPED: "Сделано во всех домах с лифтами; стоит листа бумаги и пяти минут.",
        IdeaState.DECLINED: "Почерк читают не все. Печатаем крупно, причину и день оставляем.",
        IdeaState.PLANNED: "Два участка согласились начать с первого снега.",
    }
    if idea.state in reasons:
        idea.decisions.create(state=idea.state, reason=reasons[IdeaState(idea.state)], by=marketer)
    if idea.state == IdeaState.REVIEW:
        approving.begin(user=marketer, idea=idea)
    if idea.state == IdeaState.SHIPPED:
        loops.open_loop(user=marketer, idea=idea)


def build_coding(
    row: dict[str, Any], story: StoryPage, themes: dict[str, Theme], ideas: dict[int, Idea], marketer: User
) -> None:
    """Code the sentence that says it; raises ``LookupError`` for a piece that is in no story."""
    for block, text in texts(story.raw_body()).items():
        at = text.find(row["says"])
        if at >= 0:
            span = around(text, Span(at, at + len(row["says"])))
            targets = [ideas[row["idea"]]] if "idea" in row else []
            judgement = Judgement(row["valence"], row["importance"], row.get("memo", ""))
            code(
                user=marketer, story=story, block_id=block, span=span, themes=[themes[row["theme"]]], ideas=targets,
                judgement=judgement,
            )  # fmt: skip
            return
    raise LookupError(f"no such words in {row['story']}: {row['says']}")


def around(text: str, span: Span) -> Span:
    """Return the sentences that a span touches."""
    touched = [each for each in sentences(text) if each.start < span.end and each.end > span.start]
    return Span(touched[0].start, touched[-1].end)
