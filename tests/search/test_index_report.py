"""The administrators' report: what waits, what was given up, how the engine is, and trying again."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from search import services
from search.models import Outbox
from tests.search.conftest import Notes

pytestmark = pytest.mark.django_db


def test_it_shows_what_was_given_up_and_tries_it_again(
    notes: Notes, index: Any, client: Client, boss: Any, searcher: Any
) -> None:
    notes.add(1, "Вода")
    index()
    Outbox.objects.create(
        kind="note", object_id=1, parked_at=timezone.now(), attempts=8, error="ValueError in x:1"
    )
    services.enqueue("gone", [5])
    client.force_login(boss)
    page = client.get(reverse("search_index_report")).content.decode()
    for text in ("embedded", "given up", "ValueError in x:1", "Notes", "gone", "waits"):
        assert text in page
    assert "Вода" not in page
    client.force_login(searcher)
    assert client.post(reverse("search_index_retry")).status_code == 302
    assert Outbox.objects.filter(parked_at__isnull=False).exists()
    client.force_login(boss)
    told = client.post(reverse("search_index_retry"), follow=True).content.decode()
    assert "1 change is tried again" in told
    services.drain()
    assert not Outbox.objects.exists()
    assert "The index has learned every change" in client.get(reverse("search_index_report")).content.decode()


def test_it_says_when_the_engine_is_away(notes: Notes, client: Client, boss: Any) -> None:
    client.force_login(boss)
    assert "does not answer just now" in client.get(reverse("search_index_report")).content.decode()
    assert services.engine_state().reason == "there is no index yet"


def test_its_rows_can_be_exported(notes: Notes, client: Client, boss: Any) -> None:
    Outbox.objects.create(kind="note", object_id=7, error="x")
    client.force_login(boss)
    exported = client.get(reverse("search_index_report"), {"export": "csv"})
    assert b"7" in b"".join(exported.streaming_content)
