"""A narrator takes her word back while the index is being rebuilt, while it learns of a story, while somebody asks.

What is told afterwards is what a house tells in which the story never was, on both engines: hits, totals, facets,
completion, corrections, similar stories, the words that are known.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import timedelta
from functools import partial
from itertools import product
from typing import Any

import pytest
from django.utils import timezone

from club.models import User
from consent.services import withdraw
from search import analysis
from search.engines import get_engine
from search.enums import Purpose
from search.services import Query, drain, indexing, rebuild, reconcile, search, searching, similar, suggest
from stories.documents import StorySource
from stories.models import StoryPage
from tests.factories import episode, give, make_member, make_story, make_tag

pytestmark = pytest.mark.django_db

ENGINES = ["embedded", pytest.param("elasticsearch", marks=pytest.mark.elasticsearch)]
HER_WORDS = "The zeppelin of the caretaker hummed beside the boiler"
QUERIES = (
    Query("zepelin boiler"), Query("pfgtkby"), Query("boiler -tag:balloon"), Query("member:aeronaut tag:balloon"),
    Query("boiler", filters={"tag": ("hot-water", "balloon")}), Query(),
)  # fmt: skip
TYPED = ("zep", "aeron", "seppelin")
STEMS = tuple(analysis.stem(word) for word in ("zeppelin", "hummed", "boiler", "caretaker"))

Told = dict[str, Any]


@pytest.fixture(params=ENGINES)
def house(
    request: pytest.FixtureRequest, settings: Any, reader: User, monkeypatch: pytest.MonkeyPatch
) -> "House":
    """Three stories of others in an index."""
    if request.param == "elasticsearch":
        settings.SEARCH_URL = request.getfixturevalue("elasticsearch_url")
    monkeypatch.setattr("search.engines.locks.LOCK_SECONDS", 0.0)
    return House(reader, monkeypatch)


class House:
    """A house with a few stories; ``never`` is what it tells before hers is told, without looking at the clock."""

    def __init__(self, reader: User, monkeypatch: pytest.MonkeyPatch) -> None:
        self.reader, self.patch = reader, monkeypatch
        for word in ("kettle", "caretaker", "ladder"):
            story = make_story(
                title=f"The {word}", body=[episode(happened=f"The boiler and the {word} stood still.")]
            )
            story.tags.add(make_tag())
            story.save_revision().publish()
        make_tag("balloon", name_en="Balloon", name_ru="Шар")
        self.first = StoryPage.objects.order_by("pk").first()
        rebuild()
        drain()
        self.never = self.tells()
        self.member = make_member(persona_name="Aeronaut")

    def tells(self) -> Told:
        """Everything that a reader is told."""
        found: Told = {}
        for number, query in enumerate(QUERIES):
            result = asdict(search(self.reader, query))
            found[f"search {number}"] = {key: value for key, value in result.items() if key != "took_ms"} | {
                "hits": [(hit["object_id"], hit["title_html"], hit["excerpt_html"]) for hit in result["hits"]]
            }
        found |= {f"completion {text}": suggest(self.reader, text) for text in TYPED}
        found["similar"] = [each.title for each in similar(self.reader, "story", self.first.pk)]
        engine = get_engine().reader()
        words = engine.vocabulary(searching.scope_of(self.reader, Purpose.READ, (), timezone.now()))
        found["words"] = [words.frequency(stem) for stem in STEMS]
        return found

    def holds(self) -> list[int]:
        """What is in the index, whoever may see it."""
        return sorted(get_engine().reader().fingerprints()["story"])

    def hers(self) -> StoryPage:
        """Her story, published and not yet in the index."""
        give(self.member)
        story = make_story(self.member, title="The zeppelin", body=[episode(happened=HER_WORDS)])
        story.tags.add(make_tag("balloon"))
        story.save_revision().publish()
        return story

    def learns(self) -> None:
        """Everything that waits is learned, also what had to wait for a writer."""
        drain(now=timezone.now() + timedelta(hours=1))

    def goes(self, *, drained: bool) -> None:
        """She takes everything back; perhaps the worker tells the index at once."""
        withdraw(member=self.member)
        if drained:
            drain()
        assert self.tells() == self.never

    @contextmanager
    def meanwhile(self) -> Iterator[None]:
        """For what happens in the midst of something, once."""
        kept = self.patch
        with kept.context() as self.patch:
            yield
        self.patch = kept

    def when(self, owner: Any, name: str, act: Callable[[], None], *, after: bool = False) -> None:
        """Act once, when a function is called the next time, before it or after what it gave was made."""
        original = getattr(owner, name)
        acted: list[bool] = []

        def called(*args: Any, **kwargs: Any) -> Any:
            if not acted and not after:
                acted.append(True)
                act()
            given = original(*args, **kwargs)
            if not acted:
                given = list(given) if name in ("ids", "documents", "fingerprints") else given
                acted.append(True)
                act()
            return given

        self.patch.setattr(owner, name, called)


MOMENTS: dict[str, Callable[[House, Callable[[], None]], None]] = {
    "before it is counted": lambda house, act: house.when(StorySource, "ids", act),
    "before it is read": lambda house, act: house.when(StorySource, "documents", act),
    "after it is read": lambda house, act: house.when(StorySource, "documents", act, after=True),
    "before the comparison": lambda house, act: house.when(indexing, "_catch_up", act),
    "after the comparison": lambda house, act: house.when(indexing, "_catch_up", act, after=True),
    "after the switch": lambda house, act: house.when(indexing, "rebuild", act, after=True),
}


def test_a_withdrawal_during_a_rebuild(house: House) -> None:
    story = house.hers()
    house.learns()
    assert house.tells() != house.never
    moments = list(product(MOMENTS, (False, True)))
    for moment, drained in moments[:: 3 if get_engine().name == "elasticsearch" else 1]:
        give(house.member)
        house.learns()
        assert story.pk in house.holds()
        with house.meanwhile():
            MOMENTS[moment](house, partial(house.goes, drained=drained))
            indexing.rebuild()
        assert house.tells() == house.never, (moment, drained)
        house.learns()
        assert story.pk not in house.holds(), (moment, drained)
    assert house.tells() == house.never
    assert reconcile().extra == 0


def test_a_withdrawal_while_the_index_learns_of_the_story(house: House) -> None:
    story = house.hers()
    for moment, drained in product(("before it is read", "after it is read"), (False, True)):
        give(house.member)
        with house.meanwhile():
            MOMENTS[moment](house, partial(house.goes, drained=drained))
            drain()
        assert house.tells() == house.never, (moment, drained)
        house.learns()
        assert story.pk not in house.holds(), (moment, drained)
    assert house.tells() == house.never


def test_a_withdrawal_while_somebody_asks(house: House) -> None:
    story = house.hers()
    # A server answers of what it holds now: what is drained in the midst was planned with words that it has no more.
    steps = (
        ("scope_of", True, False),
        ("scope_of", True, True),
        ("planned", True, False),
        ("load", False, True),
    )
    for (step, after, drained), number in product(steps, (0, 4, 5)):
        give(house.member)
        house.learns()

        def goes(told: bool = drained) -> None:
            withdraw(member=house.member)
            if told:
                drain()

        with house.meanwhile():
            house.when(searching, step, goes, after=after)
            result = asdict(searching.search(house.reader, QUERIES[number]))
        expected = house.never[f"search {number}"]
        for part in ("total", "facets", "corrected", "stage", "meant"):
            assert result[part] == expected[part], (step, drained, number, part)
        assert story.pk not in [hit["object_id"] for hit in result["hits"]]
