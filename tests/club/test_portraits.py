"""Medallions drawn ahead by the worker."""

import pytest
from django.core.cache import caches

from club import medallion
from club.portraits import Engraver
from club.templatetags.club_tags import kept
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
    kept.cache_clear()
    monkeypatch.setattr(medallion, "medallion", lambda *args, **kwargs: pytest.fail("drawn a second time"))
    assert "<svg" in kept(member.code, "l", "", "")
