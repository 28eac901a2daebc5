"""Tests leave nothing behind: neither files of an install, nor rows, nor open ledgers."""

import tempfile
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connection, transaction
from wagtail.models import Page

from consent import triggers
from consent.enums import Purpose
from consent.models import Grant
from tests import needs
from tests.factories import give, make_member


def test_the_settings_point_at_a_directory_of_this_process() -> None:
    temporary = Path(tempfile.gettempdir()).resolve()
    for name in ("KB_DATA_DIR", "KB_MEDIA_ROOT"):
        place = Path(getattr(settings, name))
        assert temporary in place.parents
        assert settings.BASE_DIR not in place.parents


@pytest.mark.parametrize("turn", [1, 2])
@pytest.mark.django_db(transaction=True)
def test_a_test_that_commits_finds_what_migrations_made(turn: int) -> None:
    assert Page.objects.filter(depth=1).exists()
    Page.objects.all().delete()


@pytest.mark.django_db
def test_a_test_that_rolls_back_finds_what_migrations_made() -> None:
    assert Page.objects.filter(depth=1).exists()


@pytest.mark.parametrize("turn", [1, 2])
@pytest.mark.django_db(transaction=True)
def test_the_ledgers_are_closed_again_after_a_test_that_commits(turn: int) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal")
        else:
            cursor.execute("SELECT tbl_name FROM sqlite_master WHERE type = 'trigger'")
        closed = {name for (name,) in cursor.fetchall()}
    assert set(triggers.TABLES) <= closed


@pytest.mark.parametrize("turn", [1, 2])
@pytest.mark.django_db(transaction=True)
def test_a_flush_passes_over_a_ledger_that_has_entries(turn: int) -> None:
    give(make_member(), purposes=(Purpose.READ,))
    assert Grant.objects.count() == 1
    with pytest.raises(DatabaseError), transaction.atomic():
        Grant.objects.all().delete()


@pytest.mark.parametrize("turn", [1, 2])
def test_the_cache_is_empty_at_the_start(turn: int) -> None:
    assert cache.get("left-behind") is None
    cache.set("left-behind", turn)


def test_every_table_of_a_ledger_belongs_to_a_model() -> None:
    tables = {model._meta.db_table for model in apps.get_models()}
    assert set(triggers.TABLES) <= tables


@pytest.mark.parametrize(
    ("variable", "name", "expected"),
    [
        ("browser,postgres", "postgres", True),
        ("browser, postgres", "postgres", True),
        ("browser", "postgres", False),
        ("", "postgres", False),
    ],
)
def test_it_reads_what_is_required(
    monkeypatch: pytest.MonkeyPatch, variable: str, name: str, expected: bool
) -> None:
    monkeypatch.setenv("KB_REQUIRE", variable)
    assert needs.required(name) is expected


def test_what_is_missing_skips_a_newcomer_and_fails_where_it_is_required(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("KB_REQUIRE", "")
    with pytest.raises(pytest.skip.Exception, match="install it"):
        needs.missing("browser", "install it")
    monkeypatch.setenv("KB_REQUIRE", "browser")
    with pytest.raises(pytest.fail.Exception, match="install it"):
        needs.missing("browser", "install it")
