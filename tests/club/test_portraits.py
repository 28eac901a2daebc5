"""Medallions drawn ahead by the worker."""

from typing import Any

import pytest
from django.core.cache import caches
from django.template import engines
from django.test import RequestFactory

from club import medallion, portraits
from club.portraits import Engraver, found, kept
from tests.factories import make_member

pytestmark = pytest.mark.django_db


def is_drawn(code: str, size: str) -> bool:
    return caches["medallions"].get(f"{medallion.VERSION}.{code}.{size}..") is not None


def test_it_draws_both_sizes_of_every_member_and_then_rests() -> None:
    members = [make_member() for _ in range(3)]
    engraver = Engraver()
    assert engraver.draw(seconds=60) == 3
    assert all(is_drawn(member.code, size) for member in members for size in ("s", "l"))
    assert engraver.draw(seconds=60) == 0


def test_it_goes_on_where_its_time_was_up() -> None:
    first, second = make_member(), make_member()
    engraver = Engraver()
    assert engraver.draw(seconds=0) == 1
    assert is_drawn(first.code, "l")
    assert not is_drawn(second.code, "l")
    assert engraver.draw(seconds=0) == 1
    assert is_drawn(second.code, "l")


def test_a_page_finds_what_the_worker_drew(monkeypatch: pytest.MonkeyPatch) -> None:
    member = make_member()
    Engraver().draw(seconds=60)
    found.cache_clear()
    monkeypatch.setattr(medallion, "medallion", lambda *args, **kwargs: pytest.fail("drawn a second time"))
    assert "<svg" in kept(member.code, "l", "", "")


def page(codes: list[str]) -> str:
    """A page with a medallion for each code."""
    source = "{% load club_tags %}{% for code in codes %}{% medallion code %}|{% endfor %}"
    return engines["django"].from_string(source).render({"codes": codes}, RequestFactory().get("/"))


def test_a_page_draws_a_few_shows_blank_coins_for_the_others_and_has_them_the_next_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(portraits, "AT_ONCE", 2)
    monkeypatch.setattr(portraits, "PAUSE", 0)
    codes = [make_member().code for _ in range(5)]
    blank = medallion.blank_medallion("s")
    first = page([*codes, codes[0]]).split("|")
    assert [each == blank for each in first[:-1]] == [False, False, True, True, True, False]
    portraits.BACKGROUND.finish()
    assert page(codes).split("|")[:-1] == [medallion.medallion(code, "s") for code in codes]


def test_what_waits_is_bounded_and_a_failure_stops_nobody(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(portraits, "WAITING", 2)
    drawn: list[str] = []

    def draw(code: str, *rest: Any) -> str:
        drawn.append(code)
        if code == "one":
            raise OSError
        return ""

    monkeypatch.setattr(portraits, "kept", draw)
    background = portraits.Background()
    monkeypatch.setattr(portraits.threading.Thread, "start", lambda self: None)
    for code in ("one", "two", "three"):
        background.want((code, "s", "", ""))
    background._draw()
    assert drawn == ["one", "two"]
    assert "could not be drawn" in caplog.text
