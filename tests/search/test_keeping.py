"""Saved searches, letters and feeds about them, the log of searches and its reports."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import Permission
from django.core import mail
from django.http import QueryDict
from django.test import Client
from django.utils import timezone

from search import registry
from search.models import FeedKey, LoggedQuery, SavedSearch
from search.services import alerting, noting, saving
from tests.search.conftest import Notes

pytestmark = pytest.mark.django_db
WORD = "zyxkanarek"


@pytest.fixture
def filled(notes: Notes, index: Callable[..., None]) -> Notes:
    notes.add(1, "Вода", "горячая вода", facets={"tag": ("tap",)})
    notes.add(2, "Лифт", "стоит лифт", facets={"tag": ("lift",)})
    index()
    return notes


@pytest.fixture
def owner(searcher: Any) -> Any:
    searcher.email = "searcher@warm-house.example"
    searcher.save()
    return searcher


def keep(user: Any, query: str = "q=вода", **fields: Any) -> SavedSearch:
    return saving.save_search(user=user, params=QueryDict(query), **fields)


def hour_later(saved: SavedSearch) -> None:
    SavedSearch.objects.filter(pk=saved.pk).update(checked_at=timezone.now() - timedelta(hours=2))


# Saved searches


def test_a_search_is_kept_once_with_what_it_finds(filled: Notes, owner: Any) -> None:
    saved = keep(owner, "q=вода&tag=tap&page=3&utm=1", name=" Вода ", by_mail=True)
    assert (saved.query, saved.name, saved.known) == (
        "q=%D0%B2%D0%BE%D0%B4%D0%B0&tag=tap",
        "Вода",
        [["note", 1]],
    )
    again = keep(owner, "q=вода&tag=tap")
    assert (again.pk, again.by_mail, SavedSearch.objects.count()) == (saved.pk, False, 1)
    assert keep(owner, "tag=lift").name == "Everything"


def test_there_is_a_most(filled: Notes, owner: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saving, "MOST", 1)
    keep(owner)
    with pytest.raises(saving.TooMany):
        keep(owner, "q=лифт")


def test_only_what_is_new_is_told_and_told_once(filled: Notes, index: Any, owner: Any) -> None:
    saved = keep(owner, by_mail=True)
    hour_later(saved)
    assert alerting.alert() == 0
    filled.add(3, f"Вода {WORD}", f"новая вода {WORD}")
    filled.add(4, "Лифт", "новый лифт")
    index(3, 4)
    assert alerting.alert() == 0  # looked at less than an hour ago
    hour_later(saved)
    assert alerting.alert() == 1
    [letter] = mail.outbox
    assert (letter.to, WORD in letter.subject + letter.body) == ([owner.email], False)
    assert f"/search/saved/{saved.pk}/" in letter.body
    assert "вода" not in (letter.subject + letter.body).lower()
    hour_later(saved)
    assert (alerting.alert(), len(mail.outbox)) == (0, 1)


def test_the_gate_is_asked_again_when_the_letter_leaves(filled: Notes, index: Any, owner: Any) -> None:
    saved = keep(owner, by_mail=True)
    filled.add(3, "Вода", "новая вода")
    index(3)
    hour_later(saved)
    assert alerting.look() == 1
    filled.denied.add(3)
    assert (alerting.deliver(), mail.outbox) == (0, [])
    saved.refresh_from_db()
    assert (saved.letter_due_at, ["note", 3] in saved.known) == (None, False)


@pytest.mark.parametrize("change", [{"email": ""}, {"is_active": False}])
def test_who_cannot_be_written_to_gets_no_letter(
    filled: Notes, index: Any, owner: Any, change: dict[str, Any]
) -> None:
    saved = keep(owner, by_mail=True)
    filled.add(3, "Вода", "новая вода")
    index(3)
    hour_later(saved)
    type(owner).objects.filter(pk=owner.pk).update(**change)
    assert (alerting.alert(), mail.outbox) == (0, [])


def test_a_mail_server_that_fails_is_asked_again_later_and_later(
    filled: Notes, index: Any, owner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(saved: SavedSearch) -> Any:
        raise OSError("no route")

    saved = keep(owner, by_mail=True)
    filled.add(3, "Вода", "новая вода")
    index(3)
    hour_later(saved)
    with monkeypatch.context() as patched:
        patched.setattr(alerting, "letter", refuse)
        assert alerting.alert() == 0
    saved.refresh_from_db()
    assert (saved.attempts, saved.letter_due_at > timezone.now()) == (1, True)
    SavedSearch.objects.filter(pk=saved.pk).update(letter_due_at=timezone.now())
    assert (alerting.deliver(), len(mail.outbox)) == (1, 1)


def test_a_feed_tells_its_owner_only_neutrally_and_through_the_gate(
    filled: Notes, index: Any, owner: Any, client: Client
) -> None:
    saved = keep(owner)
    token = saving.new_feed_key(owner)
    assert token not in str(FeedKey.objects.values().get())
    filled.add(3, f"Вода {WORD}", f"новая вода {WORD}")
    index(3)
    address = f"/search/feed/{token}/{saved.pk}/"
    answer = client.get(address)
    said = answer.content.decode()
    assert (answer.status_code, said.count("<item>"), "/search/open/note/3/" in said) == (200, 1, True)
    assert WORD not in said and "вода" not in said.lower()
    assert "no-store" in answer["Cache-Control"]
    filled.denied.add(3)
    assert "<item>" not in client.get(address).content.decode()
    saving.new_feed_key(owner)
    assert client.get(address).status_code == 404


def test_a_feed_is_closed_for_who_left(filled: Notes, owner: Any, client: Client) -> None:
    saved, token = keep(owner), saving.new_feed_key(owner)
    type(owner).objects.filter(pk=owner.pk).update(is_active=False)
    assert client.get(f"/search/feed/{token}/{saved.pk}/").status_code == 404


def test_pages_of_saved_searches(filled: Notes, index: Any, owner: Any, boss: Any, client: Client) -> None:
    client.force_login(owner)
    client.post("/search/saved/add/", {"query": "q=вода", "name": "Про воду", "by_mail": "1"})
    saved = SavedSearch.objects.get()
    assert "Про воду" in client.get("/search/saved/").content.decode()
    opened = client.get(f"/search/saved/{saved.pk}/")
    assert (opened.status_code, opened["Location"]) == (
        302,
        "/search/?q=%D0%B2%D0%BE%D0%B4%D0%B0&sort=newest",
    )
    client.post(f"/search/saved/{saved.pk}/change/", {"do": "silence"})
    assert not SavedSearch.objects.get().by_mail
    assert "/search/feed/" in client.post("/search/saved/key/").content.decode()
    assert client.get("/search/open/note/1/")["Location"] == "/notes/1/"
    filled.denied.add(1)
    assert [client.get(f"/search/open/{each}/").status_code for each in ("note/1", "note/99", "dog/1")] == [
        404
    ] * 3
    client.force_login(boss)
    assert client.get(f"/search/saved/{saved.pk}/").status_code == 404
    assert client.post(f"/search/saved/{saved.pk}/change/", {"do": "drop"}).status_code == 404
    client.force_login(owner)
    client.post(f"/search/saved/{saved.pk}/change/", {"do": "drop"})
    assert not SavedSearch.objects.exists()


# The log


@pytest.fixture
def looking(filled: Notes, owner: Any, client: Client, monkeypatch: pytest.MonkeyPatch) -> Client:
    monkeypatch.setattr(registry, "_masks", [lambda text: text.replace("Иванова", "[…]")])
    client.force_login(owner)
    return client


def test_a_search_is_noted_without_whoever_made_it(looking: Client, owner: Any) -> None:
    looking.get("/search/", {"q": " Вода  Иванова"})
    looking.get("/api/search/", {"q": "лифт"})
    looking.get("/search/", {"q": "вода", "page": "2"})
    looking.get("/search/")
    rows = list(LoggedQuery.objects.order_by("text").values())
    assert [(row["text"], row["total"], row["stage"], row["engine"]) for row in rows] == [
        ("вода [...]", 1, "half", "embedded"),
        ("лифт", 1, "half", "embedded"),
    ]
    assert {(row["hour"].minute, row["hour"].second, row["hour"].microsecond) for row in rows} == {(0, 0, 0)}
    columns = {field.name for field in LoggedQuery._meta.get_fields()}
    assert columns == {
        "key",
        "hour",
        "text",
        "total",
        "stage",
        "engine",
        "language",
        "took_ms",
        "clicked_rank",
    }


def test_the_best_rank_that_was_opened_is_noted(looking: Client) -> None:
    key = looking.get("/search/", {"q": "вода"}).context["note"].key
    LoggedQuery.objects.update(total=9)
    for rank, kept in (("5", 5), ("2", 2), ("7", 2), ("0", 2), ("x", 2), ("99", 2)):
        assert looking.post("/search/clicked/", {"key": str(key), "rank": rank}).status_code == 204
        assert LoggedQuery.objects.get().clicked_rank == kept
    assert looking.post("/search/clicked/", {"key": "x", "rank": "1"}).status_code == 400
    assert looking.post("/search/clicked/", {"key": str(uuid4()), "rank": "1"}).status_code == 204


def test_the_log_is_forgotten_in_time_and_can_be_left_off(looking: Client, settings: Any) -> None:
    looking.get("/search/", {"q": "вода"})
    assert noting.forget_searches() == 0
    LoggedQuery.objects.update(hour=timezone.now() - timedelta(days=settings.KB_SEARCH_LOG_DAYS + 1))
    assert (noting.forget_searches(), LoggedQuery.objects.count()) == (1, 0)
    settings.KB_SEARCH_LOG_DAYS = 0
    looking.get("/search/", {"q": "вода"})
    assert not LoggedQuery.objects.exists()


def test_reports_say_few_where_people_could_be_guessed(
    filled: Notes, owner: Any, client: Client, settings: Any
) -> None:
    settings.LANGUAGE_CODE = "en"

    def note(text: str, times: int, total: int, rank: int | None = None) -> None:
        hour = timezone.now().replace(minute=0)
        LoggedQuery.objects.bulk_create(
            LoggedQuery(
                hour=hour,
                text=text,
                total=total,
                stage="half",
                engine="embedded",
                language="ru",
                took_ms=1,
                clicked_rank=rank,
            )
            for _each in range(times)
        )

    note("rare", 2, 0)
    note("often", 7, 3, rank=1)
    note("unloved", 6, 4)
    note("missing", 5, 0)
    owner.user_permissions.add(*Permission.objects.filter(codename__in=["access_admin", "view_loggedquery"]))
    client.force_login(owner)

    def rows(name: str) -> list[tuple[str, str, str]]:
        return [
            (row.text, row.times, row.opened)
            for row in client.get(f"/admin/reports/search/{name}/").context["object_list"]
        ]

    assert rows("nothing-found") == [("missing", "5", "0 %"), ("rare", "few", "–")]
    assert rows("most-searched") == [
        ("often", "7", "100 %"),
        ("unloved", "6", "0 %"),
        ("missing", "5", "0 %"),
        ("rare", "few", "–"),
    ]
    assert rows("seldom-opened") == [("unloved", "6", "0 %")]
    page = client.get("/admin/reports/search/nothing-found/").content.decode()
    assert "/capture/?title=missing" in page and "/admin/snippets/search/synonym/add/?word=missing" in page
    exported = client.get("/admin/reports/search/most-searched/?export=csv")
    assert "rare,few,0,–" in b"".join(exported.streaming_content).decode()


def test_the_explanation_says_what_each_ingredient_gave(filled: Notes, boss: Any, client: Client) -> None:
    client.force_login(boss)
    context = client.get(
        "/admin/reports/search/why/", {"q": "горячая вода", "kind": "note", "id": "1"}
    ).context
    found = context["explained"]
    assert (
        found.title,
        found.matched,
        {share.ingredient for share in found.shares} >= {"text", "title"},
    ) == ("Вода", 2, True)
    assert sum(part.score for part in found.parts) == pytest.approx(found.total, rel=0.01)
    hit = context["result"].hits[0]
    assert found.total == pytest.approx(hit.score, rel=0.01)
    filled.denied.add(1)
    answer = client.get("/admin/reports/search/why/", {"q": "вода", "kind": "note", "id": "1"})
    assert (answer.context["explained"], answer.context["missing"]) == (None, True)
