"""A small world for tests of ideas: stories with known words, their tellers in strata, a marketer who codes."""

from typing import Any

from club.models import Stratum, User
from ideas.models import Coding, Idea, Theme
from ideas.services.coding import Judgement, code
from ideas.texts import Span, texts
from stories.models import StoryPage
from tests.factories import approve, episode, make_member, make_story, make_touchpoint, make_user

WAITED = "I waited for the plumber all day."
RANG = "Nobody rang me back."
THANKED = "In the evening a girl came and thanked me for my patience."
SAID = f"{WAITED} {RANG}\n\n{THANKED}"


def marketer() -> User:
    """Somebody who codes and decides."""
    return make_user("marketer")


def stratum(code_: str, base: int) -> Stratum:
    """A part of the customers."""
    return Stratum.objects.create(code=code_, name_ru=code_, name_en=code_, base_size=base)


def told(member: Any = None, said: str = SAID, **fields: Any) -> StoryPage:
    """A published story of one episode at the dispatcher's."""
    body = [episode(title="The call", happened=said, touchpoint=make_touchpoint())]
    return make_story(member or make_member(), body=body, **fields)


def block_of(story: StoryPage) -> str:
    """The id of its first block."""
    return next(iter(texts(story.raw_body())))


def mark(user: User, story: StoryPage, words: str, *targets: Theme | Idea, **judgement: Any) -> Coding:
    """Code words of a story to themes and ideas."""
    block, text = next(iter(texts(story.raw_body()).items()))
    at = text.index(words)
    return code(
        user=user, story=story, block_id=block, span=Span(at, at + len(words)),
        themes=[each for each in targets if isinstance(each, Theme)], ideas=[each for each in targets if isinstance(each, Idea)],
        judgement=Judgement(**judgement),
    )[0]  # fmt: skip


def reword(story: StoryPage, said: str) -> StoryPage:
    """Publish other words of the same episode."""
    story = StoryPage.objects.get(pk=story.pk)
    raw = story.raw_body()
    raw[0]["value"]["happened"] = said
    story.body = StoryPage._meta.get_field("body").to_python(raw)
    approve(story)
    story.save_revision().publish()
    return StoryPage.objects.get(pk=story.pk)


def make_theme(name: str = "Name the hour", **fields: Any) -> Theme:
    """A theme."""
    return Theme.objects.create(name_en=name, **fields)


def make_idea(title: str = "A note by the lift", **fields: Any) -> Idea:
    """An idea."""
    return Idea.objects.create(**{"title": title, "kind": "service", **fields})
