"""Addresses in Latin letters."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stories.slugs import LONGEST, latin, story_slug

SLUG = re.compile(r"[-a-z0-9_]*")


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Часы в подъезде", "chasy-v-podezde"),
        ("Щукин и ёлка", "shchukin-i-elka"),
        ("Объявление: съезд", "obyavlenie-sezd"),
        ("Три вечера у окна", "tri-vechera-u-okna"),
        ("Мой чай", "moy-chay"),
        ("Hot water, again!", "hot-water-again"),
        ("Café № 5", "cafe-no-5"),
        ("  --  ", ""),
        ("", ""),
        ("…", ""),
    ],
)
def test_a_title_becomes_readable_latin(title: str, slug: str) -> None:
    assert latin(title) == slug


def test_a_long_title_is_cut_and_does_not_end_in_a_dash() -> None:
    slug = latin("слово " * 50)
    assert len(slug) <= LONGEST
    assert not slug.endswith("-")


@given(st.text(max_size=300))
def test_any_title_gives_an_address_that_django_accepts(title: str) -> None:
    slug = story_slug(title)
    assert SLUG.fullmatch(slug)
    assert 6 <= len(slug) <= LONGEST + 7
    assert not slug.startswith("-")


def test_equal_titles_never_meet() -> None:
    slugs = {story_slug("Одно и то же") for _ in range(200)}
    assert len(slugs) == 200
    assert all(slug.startswith("odno-i-to-zhe-") for slug in slugs)


@pytest.mark.parametrize("title", ["", "???", "。"])
def test_a_title_without_letters_still_gets_an_address(title: str) -> None:
    assert re.fullmatch(r"[0-9a-f]{6}", story_slug(title))
