"""What the pages of themes and ideas cost, with little and with much behind them, in this install.

Members, stories, passages, codings and ideas are made up beside what is here and rolled back with everything else.
Texts are invented in both languages; a story has one block and one passage coded to a theme and to one of the ideas.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from club.models import Member, Stratum, User
from consent.enums import INTERNAL_PURPOSES, Method, Purpose
from consent.models import Approval
from consent.services import (
    NewConsent,
    imported_text,
    permissions_for,
    record_approvals,
    record_consents,
)
from ideas.edit_benchmark import EN, RU, invented
from ideas.mapping import select
from ideas.measuring import publish_ms
from ideas.models import CodedBlock, Coding, Highlight, Idea, Theme
from ideas.proposing import proposals
from ideas.texts import sentences, texts
from kb_site import roles
from kb_site.figures import Figure, cpu_ms, figure
from kb_site.measuring import as_on_the_server, nothing_stays, page
from stories.importing.placing import NewStory, place
from stories.models import StoryPage, Touchpoint
from stories.querysets import visible

FEW, MANY = 20, 2000
FEW_IDEAS, MANY_IDEAS = 20, 500
CITED = 100
PEOPLE, STRATA, THEMES, LETTERS = 500, 4, 12, 700
RUNS = 9
MOST_QUERIES, MOST_MS, MOST_PUBLISH_MS = 16, 60, 100


@dataclass
class World:
    """What was made up so far."""

    user: User
    themes: list[Theme]
    members: list[Member]
    places: list[Touchpoint]
    ideas: list[Idea] = field(default_factory=list)
    stories: list[StoryPage] = field(default_factory=list)
    chance: random.Random = field(default_factory=lambda: random.Random(19))  # noqa: S311 - no secret


def measure_ideas() -> dict[str, Any]:
    """Return the figures with the limits they have to keep."""
    with nothing_stays(), as_on_the_server():
        figures = list(measured())
    return {
        "database": connection.vendor,
        "limits": {
            "queries": MOST_QUERIES,
            "cpu_ms": MOST_MS,
            "publish_with_50_highlights_ms": MOST_PUBLISH_MS,
        },
        "publish_with_50_highlights_ms": publish_ms(),
        "figures": [asdict(each) for each in figures],
    }


def measured() -> Iterator[Figure]:
    """Measure the install as it is, then with few and with many passages and ideas."""
    user = marketer()
    client = Client()
    client.force_login(user, backend="club.backends.EmployeeBackend")
    here = visible(user, Purpose.IDEAS).order_by("pk").first()
    if here is not None:
        yield helping("help with coding, as it is", user, here)
    world = begin(user)
    grow(world, FEW, FEW_IDEAS)
    yield from pages(client, world, FEW, FEW_IDEAS)
    grow(world, MANY, MANY_IDEAS)
    yield from pages(client, world, MANY, MANY_IDEAS)
    cite(world)
    yield page(client, f"idea, {CITED} codings", reverse("ideas:idea", args=[world.ideas[0].pk]), RUNS)
    fresh = told(world, 1)[0]
    yield helping(f"help with coding, {MANY:,} stories coded", user, fresh)
    address = reverse("stories:detail", args=[fresh.slug])
    whole = page(client, f"the whole story page with it, {MANY:,}", address, RUNS)
    whole.notes["limit"] = "none: the story with its consent line comes on top"
    yield whole


def pages(client: Client, world: World, passages: int, ideas: int) -> Iterator[Figure]:
    """Measure the pages whose queries must not grow."""
    theme = world.themes[0].slug
    addresses = {
        f"board, {ideas} ideas": reverse("ideas:board"),
        f"theme, {passages:,} passages": reverse("ideas:theme", args=[theme]),
        f"passages of a theme, {passages:,}": reverse("ideas:passages", args=[theme]),
        f"themes, {passages:,} passages": reverse("ideas:themes"),
    }
    for name, address in addresses.items():
        yield page(client, name, address, RUNS)


def helping(name: str, user: User, story: StoryPage) -> Figure:
    """Measure the proposals for one story."""
    found = proposals(user, story)
    with CaptureQueriesContext(connection) as captured:
        proposals(user, story)
    samples = [cpu_ms(lambda: proposals(user, story)) for _run in range(RUNS)]
    return figure(name, samples, queries=len(captured), notes={"proposals": len(found)})


def marketer() -> User:
    """Make somebody who codes: the pages show most to them."""
    user = User.objects.create_user("measured-marketer", password=None)
    user.groups.add(Group.objects.get(name=roles.KEYS["marketer"]))
    return user


def begin(user: User) -> World:
    """Make people with consents in four strata, themes under one theme, touchpoints."""
    strata = [
        Stratum.objects.create(code=f"measured-{n}", name_ru=f"Часть {n}", base_size=1000 * (n + 1))
        for n in range(STRATA)
    ]
    top = Theme.objects.create(name_ru="Измеряемая", name_en="Measured", slug="measured", owner=user)
    below = [
        Theme.objects.create(name_ru=f"Тема {n}", name_en=f"Theme {n}", owner=user) for n in range(1, THEMES)
    ]
    members = Member.objects.bulk_create(
        Member(persona_name=f"Figure {n}", language="ru", stratum=strata[n % STRATA]) for n in range(PEOPLE)
    )
    at = timezone.now() - timedelta(days=1)
    record_consents(
        [
            NewConsent(
                member=member, text=imported_text(member.language), controller="measured", method=Method.IMPORTED,
                permissions=permissions_for(INTERNAL_PURPOSES), valid_from=at, evidence_reference="measured",
            )
            for member in members
        ]
    )  # fmt: skip
    return World(user, [top, *below], members, list(Touchpoint.objects.order_by("pk")[:8]))


def grow(world: World, passages: int, ideas: int) -> None:
    """Add stories, each with a passage of the first theme and of an idea, until there are so many."""
    states = ("noted", "review", "planned", "in_progress", "shipped")
    world.ideas += Idea.objects.bulk_create(
        Idea(
            title=f"Idea {n} that somebody noted", kind="service", state=states[n % 5], owner=world.user,
            moved_at=timezone.now(),
        )
        for n in range(len(world.ideas), ideas)
    )  # fmt: skip
    link, themes = Idea.themes.through, world.themes
    links = [link(idea_id=idea.pk, theme_id=themes[n % THEMES].pk) for n, idea in enumerate(world.ideas)]
    link.objects.bulk_create(links, ignore_conflicts=True)
    fresh = told(world, passages - len(world.stories))
    marked = highlights(fresh)
    world.stories += fresh
    codings = []
    for n, row in enumerate(marked):
        felt = {"valence": n % 7 - 3, "importance": n % 4, "coder": world.user}
        codings += [
            Coding(highlight=row, theme=world.themes[0], **felt),
            Coding(highlight=row, theme=world.themes[1 + n % (THEMES - 1)], **felt),
            Coding(highlight=row, idea=world.ideas[n % len(world.ideas)], **felt),
        ]
    Coding.objects.bulk_create(codings, batch_size=500)


def told(world: World, count: int) -> list[StoryPage]:
    """Put stories on the shelf, consented and approved."""
    at, chance = timezone.now(), world.chance
    news = [
        StoryPage(
            member=world.members[n % PEOPLE], title=f"Measured {n}", language="ru" if n % 2 else "en",
            period_end=(at - timedelta(days=chance.randrange(400))).date(), body=[episode(world, n)],
        )
        for n in range(len(world.stories), len(world.stories) + count)
    ]  # fmt: skip
    place([NewStory(each, publish=True) for each in news], at=at)
    record_approvals(
        [
            Approval(
                member_id=each.member_id, wording_sha256=each.digest(), approved_at=at, method=Method.IMPORTED,
                evidence_reference="measured",
            )
            for each in news
        ]
    )  # fmt: skip
    return news


def episode(world: World, number: int) -> dict[str, Any]:
    """Return one block."""
    place_ = world.places[number % len(world.places)].pk if world.places else None
    said = invented(RU if number % 2 else EN, world.chance, LETTERS)
    value = {
        "title": "", "touchpoint": place_, "when": "", "happened": said, "expected": "", "feeling": number % 7 - 3,
        "feeling_words": "", "loyalty": 0, "recovery": "", "turning_point": False, "turning_words": "",
    }  # fmt: skip
    return {"type": "episode", "value": value, "id": f"measured-{number}"}


def highlights(stories: Sequence[StoryPage]) -> list[Highlight]:
    """Mark the first sentence of every story."""
    blocks, spans = [], []
    for story in stories:
        block, text = next(iter(texts(story.raw_body()).items()))
        where = story.raw_body()[0]["value"]["touchpoint"]
        blocks.append(CodedBlock(story=story, block_id=block, text=text, touchpoint_id=where))
        spans.append(select(text, sentences(text)[0]))
    made = CodedBlock.objects.bulk_create(blocks, batch_size=500)
    return Highlight.objects.bulk_create(
        [
            Highlight(
                block=block, story=block.story, revision=block.story.live_revision_id, start=span.start, end=span.end,
                exact=span.exact, prefix=span.prefix, suffix=span.suffix,
            )
            for block, span in zip(made, spans, strict=True)
        ],
        batch_size=500,
    )  # fmt: skip


def cite(world: World) -> None:
    """Give the first idea a hundred codings."""
    idea = world.ideas[0]
    have = set(Coding.objects.filter(idea=idea).values_list("highlight_id", flat=True))
    ids = [story.pk for story in world.stories]
    free = Highlight.objects.filter(story_id__in=ids[:CITED]).exclude(pk__in=have).order_by("pk")
    Coding.objects.bulk_create(
        Coding(highlight=row, idea=idea, valence=-1, coder=world.user) for row in free[: CITED - len(have)]
    )


def as_text(report: dict[str, Any]) -> str:
    """Return the report as a table that names what is over its limit."""
    lines = [f"{'what':<42}{'least ms':>10}{'median':>10}{'queries':>9}"]
    for row in report["figures"]:
        over = "limit" not in row["notes"] and (row["least_ms"] > MOST_MS or row["queries"] > MOST_QUERIES)
        lines.append(
            f"{row['name']:<42}{row['least_ms']:>10}{row['median_ms']:>10}{row['queries']:>9}{'  over' * over}"
        )
    publish = report["publish_with_50_highlights_ms"]
    lines.append(
        f"{'publishing with 50 highlights, worst':<42}{publish:>10}{'  over' * (publish > MOST_PUBLISH_MS)}"
    )
    return "\n".join(lines)
