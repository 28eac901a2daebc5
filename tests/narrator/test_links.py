"""Links: only a digest is stored, they end, they can be closed, wrong ones are limited, and they reach no log."""

import logging
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as site_settings
from django.core import mail
from django.db import connection
from django.test import Client
from django.utils import timezone

from consent.enums import Channel, LetterKind, LetterState
from consent.models import ApprovalLink, Knock, Letter
from consent.narrator import letters, limits, links
from consent.narrator.scrubbing import ScrubbingFormatter
from consent.services import withdraw
from stories.models import StoryPage
from tests.factories import give, make_image, make_member, make_story
from tests.narrator.conftest import Her, ask_her, form_token, text_of, wording_path
from tests.pages import body

pytestmark = pytest.mark.django_db
Agree = Callable[..., Any]


def age(her: Her, days: int) -> None:
    """Move her link into the past."""
    ApprovalLink.objects.filter(pk=her.link.pk).update(expires_at=timezone.now() - timedelta(days=days))


def test_only_a_digest_of_the_token_is_stored(her: Her) -> None:
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608 - names of tables
            assert her.token not in str(cursor.fetchall()), table
    assert her.link.token_sha256 == links.digest(her.token)


def test_a_token_has_256_bits_and_no_two_are_alike(member: Any) -> None:
    tokens = {links.make_link(member=member, channel=Channel.TALK)[1] for _ in range(50)}
    assert len(tokens) == 50
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{43}", token) for token in tokens)


@pytest.mark.parametrize("token", ["x", "a" * 43, "a" * 44, "ж" * 43, "a\x00b", "a" * 5000, "<script>"])
def test_an_unknown_token_opens_nothing(client: Client, token: str, db: None) -> None:
    response = client.get(f"/n/{token.replace(chr(0), '%00')}/", headers={"Accept-Language": "en"})
    assert response.status_code == 404
    assert "There is no such page" in text_of(response)
    assert "no-store" in response["Cache-Control"]


def test_the_token_of_somebody_forgotten_is_like_one_that_never_was(her: Her) -> None:
    her.member.erased_at = timezone.now()
    her.member.save()
    unknown = Client().get(f"/n/{'a' * 43}/")
    assert her.get().content == unknown.content
    assert her.get().status_code == unknown.status_code == 404


def test_after_twenty_wrong_tokens_an_hour_a_guest_is_sent_away_kindly(client: Client, her: Her) -> None:
    for number in range(limits.WRONG_LINKS):
        assert client.get(f"/n/{number:043d}/"[:45] + "/").status_code == 404
    response = client.get(f"/n/{'b' * 43}/", headers={"Accept-Language": "en"})
    assert response.status_code == 429
    assert "Wait an hour" in text_of(response)
    assert Client(REMOTE_ADDR="10.0.0.9").get(f"/n/{'b' * 43}/").status_code == 404
    assert her.get().status_code == 200, "whoever has a true link is let in, whoever shares her address"


def test_guessing_on_one_beginning_is_limited_from_all_sides_together(db: None) -> None:
    for number in range(limits.WRONG_LINKS):
        assert Client(REMOTE_ADDR=f"10.0.0.{number}").get(f"/n/guessing-{number:034d}/").status_code == 404
    assert Client(REMOTE_ADDR="10.0.1.1").get(f"/n/guessing-{99:034d}/").status_code == 429


def test_the_limit_keeps_no_address_and_forgets(client: Client, db: None) -> None:
    client.get(f"/n/{'a' * 43}/")
    assert "127.0.0.1" not in str(list(Knock.objects.values()))
    Knock.objects.update(at=timezone.now() - limits.KEPT - timedelta(seconds=1))
    client.get(f"/n/{'a' * 43}/")
    assert Knock.objects.count() == 2


def test_behind_a_proxy_it_is_the_proxys_word_that_counts(rf: Any, settings: Any) -> None:
    request = rf.get("/", headers={"X-Forwarded-For": "6.6.6.6, 10.1.1.1"})
    assert limits.address_of(request) == "127.0.0.1"
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    assert limits.address_of(request) == "10.1.1.1"


def test_an_ask_opens_for_thirty_days(her: Her) -> None:
    assert her.link.expires_at - her.link.created_at == timedelta(days=30)
    age(her, 1)
    response = her.get()
    assert response.status_code == 410
    assert "This link is closed" in text_of(response)
    assert "evenings" not in text_of(response)
    assert "Gardener" not in text_of(response)


def test_a_visit_does_not_prolong_an_ask_nobody_answered(her: Her) -> None:
    until = her.link.expires_at
    her.get()
    assert her.link.expires_at == until
    assert her.link.uses == 1


def test_a_link_lives_as_long_as_a_consent_is_in_force(her: Her, story: StoryPage, agree: Agree) -> None:
    agree(her, story)
    age(her, 300)
    assert her.get().status_code == 200


def test_after_a_withdrawal_it_stays_open_for_thirty_days_from_every_visit(her: Her, story: StoryPage, agree: Agree) -> None:
    agree(her, story)
    age(her, 300)
    her.post("withdraw/")
    assert her.get().status_code == 200
    assert her.link.expires_at > timezone.now() + timedelta(days=29)


def test_when_the_keeper_recorded_the_withdrawal_an_old_link_is_closed(her: Her, story: StoryPage, agree: Agree) -> None:
    agree(her, story)
    age(her, 300)
    withdraw(member=her.member)
    assert her.get().status_code == 410


def test_a_closed_link_opens_nothing_even_with_consent_in_force(her: Her, story: StoryPage, agree: Agree) -> None:
    agree(her, story)
    assert links.close(ApprovalLink.objects.filter(pk=her.link.pk)) == 1
    assert her.get().status_code == 410
    assert her.client.post(her.url("withdraw/"), {"form": "x"}).status_code == 410
    assert links.open_link(her.token) is None


def test_an_open_link_is_found_by_its_token(her: Her) -> None:
    assert links.open_link(her.token) == her.link
    assert links.open_link("a" * 43) is None


# A fresh link


def ask_for_fresh(her: Her) -> Any:
    return her.client.post(her.url("fresh/"), {"form": form_token(her.get().content.decode())})


def test_a_fresh_link_goes_to_the_address_on_record(her: Her) -> None:
    age(her, 1)
    response = ask_for_fresh(her)
    assert response.status_code == 200
    assert "Look into your mail" in text_of(response)
    assert letters.deliver() == 1
    [message] = mail.outbox
    assert message.to == ["anna@example.org"]
    fresh = re.search(r"/n/([^/]+)/", str(message.body))[1]
    assert fresh != her.token
    assert Client().get(f"/n/{fresh}/").status_code == 200


def test_the_answer_is_the_same_without_an_address_and_beyond_the_limit(member: Any) -> None:
    other = make_member(language="en")
    token = links.make_link(member=other, channel=Channel.PAPER, days=-1)[1]
    nobody = Her(other, token, Client())
    mine = Her(member, links.make_link(member=member, channel=Channel.PAPER, days=-1)[1], Client())
    answers = {re.sub(r"/n/[^/]+/", "", text_of(ask_for_fresh(each))) for each in (nobody, *[mine] * 5)}
    assert len(answers) == 1
    assert Letter.objects.filter(member=member, kind=LetterKind.FRESH_LINK).count() == limits.FRESH_LINKS
    letters.deliver()
    assert Letter.objects.get(member=other).state == LetterState.DROPPED


def test_an_open_link_needs_no_fresh_one(her: Her) -> None:
    assert her.post("fresh/", shown="").status_code == 303
    assert not Letter.objects.exists()


# What the address lets out


def test_nothing_of_the_page_is_kept_shared_or_indexed(her: Her, story: StoryPage) -> None:
    for path in ("", "journal/", "withdraw/", "later/", wording_path(story), "no/such/page/", "wording/999999/read/"):
        response = her.get(path)
        assert response["Referrer-Policy"] == "no-referrer", path
        assert response["Cache-Control"] == "private, no-store", path
        assert "noindex" in response["X-Robots-Tag"], path
        assert not response.cookies, path
        assert "style-src 'self'" in response["Content-Security-Policy"], path


def test_no_cookie_is_set_whatever_she_does(her: Her, story: StoryPage, agree: Agree) -> None:
    agree(her, story)
    for path in ("pause/", "resume/"):
        her.post(path, shown="journal/")
    her.post("withdraw/")
    assert not her.client.cookies


def test_the_token_is_not_in_what_the_page_says_beyond_its_own_addresses(her: Her) -> None:
    page = her.get().content.decode()
    outside = re.sub(r'(?:href|action|src)="/n/[^"]+"', "", page)
    assert her.token not in outside


@pytest.mark.parametrize("path", ["wording/999999/", "wording/999999/read/", "receipt/999999/", "photo/999999/", "take-back-nothing/"])
def test_no_answer_is_logged_with_its_address(her: Her, caplog: Any, path: str) -> None:
    with caplog.at_level(logging.DEBUG):
        her.get(path)
        age(her, 1)
        her.get(path)
    line = ScrubbingFormatter("%(message)s")
    assert all(her.token not in line.format(record) for record in caplog.records)


def test_the_formatter_of_the_log_blackens_tokens_in_tracebacks_too() -> None:
    assert site_settings.LOGGING["formatters"]["line"]["class"].endswith("ScrubbingFormatter")
    secret = "s" * 43
    try:
        raise ValueError(f"no /n/{secret}/ here")
    except ValueError:
        import sys

        record = logging.LogRecord("x", logging.ERROR, "", 0, "Not Found: %s", (f"/n/{secret}/journal/",), sys.exc_info())
    said = ScrubbingFormatter("%(message)s").format(record)
    assert secret not in said
    assert "Not Found: /n/…/journal/" in said


def test_the_web_server_writes_no_access_log() -> None:
    from kb_site.supervisor import web_command

    assert "--no-access-log" in web_command("127.0.0.1", "1", "1")


# Photos


def test_she_sees_the_photos_of_her_own_wordings_only(member: Any) -> None:
    image, foreign = make_image(member), make_image()
    story = make_story(member, publish=False, body=[("photo", {"image": image, "caption": "", "alt": "A door"})])
    make_story(publish=False, body=[("photo", {"image": foreign, "caption": "", "alt": "A window"})])
    her = ask_her(story)
    response = her.get(f"photo/{image.pk}/")
    assert response.status_code == 200
    assert response["Content-Type"] == "image/webp"
    assert body(response)[8:12] == b"WEBP"
    assert response["Cache-Control"] == "private, no-store"
    assert her.get(f"photo/{foreign.pk}/").status_code == 404
    assert her.get("photo/999999/").status_code == 404


def test_a_photo_is_shut_with_its_link(member: Any) -> None:
    image = make_image(member)
    her = ask_her(make_story(member, publish=False, body=[("photo", {"image": image, "caption": "", "alt": "A door"})]))
    age(her, 1)
    assert her.get(f"photo/{image.pk}/").status_code == 410


def test_another_narrators_story_and_papers_are_not_there(her: Her) -> None:
    other = make_story()
    consent = give(make_member())
    for path in (wording_path(other), f"{wording_path(other)}read/", f"{wording_path(other)}change/", f"{wording_path(other)}take-back/",
                 f"receipt/{consent.pk}/", f"receipt/{consent.pk}/data/"):  # fmt: skip
        assert her.get(path).status_code == 404, path


# Forms


@pytest.mark.parametrize("path", ["withdraw/", "pause/", "erase/", "narrow/", "correct/", "copy/"])
@pytest.mark.parametrize("carried", ["", "x", "W10:1:2"])
def test_a_form_that_did_not_come_from_her_page_does_nothing(her: Her, story: StoryPage, agree: Agree, path: str, carried: str) -> None:
    agree(her, story)
    before = list(her.member.events.values_list("pk", flat=True))
    response = her.client.post(her.url(path), {"form": carried, "words": "x", "lines": "purpose:read"})
    assert response.status_code == 403
    assert "Once more, please" in text_of(response)
    assert list(her.member.events.values_list("pk", flat=True)) == before


def test_a_form_of_another_link_does_nothing(her: Her, story: StoryPage, agree: Agree, journal: Her) -> None:
    agree(her, story)
    foreign = form_token(ask_her(make_story(publish=False)).get("withdraw/").content.decode()) or form_token(
        journal.get("correct/").content.decode()
    )
    assert foreign
    assert her.client.post(her.url("withdraw/"), {"form": foreign}).status_code == 403


def test_a_form_is_good_for_a_week(her: Her, story: StoryPage, agree: Agree, time_machine: Any) -> None:
    agree(her, story)
    carried = form_token(her.get("withdraw/").content.decode())
    time_machine.move_to(timezone.now() + timedelta(days=8))
    assert her.client.post(her.url("withdraw/"), {"form": carried}).status_code == 403


def test_it_works_for_a_browser_that_hides_where_it_comes_from(her: Her, story: StoryPage, agree: Agree) -> None:
    strict = Client(enforce_csrf_checks=True, headers={"Origin": "null"})
    her.client = strict
    assert agree(her, story).status_code == 303


@pytest.mark.parametrize("path", ["pause/", "resume/"])
def test_nothing_happens_by_looking(her: Her, path: str) -> None:
    assert her.get(path).status_code == 405


# Language


def test_it_speaks_her_language_and_switches_without_a_cookie(db: None, member: Any) -> None:
    member.language = "ru"
    member.save()
    token = links.make_link(member=member, channel=Channel.TALK)[1]
    her = Her(member, token, Client())
    page = her.get("journal/", headers={"Accept-Language": "en"}).content.decode()
    assert '<html lang="ru">' in page
    english = her.get("journal/?lang=en").content.decode()
    assert '<html lang="en">' in english
    inner = set(re.findall(r'href="(/n/[^"#]+)"', english))
    assert inner
    assert all("lang=en" in url for url in inner if url != her.url())
    assert not her.client.cookies


@pytest.mark.parametrize("lang", ["de", "", "%00", "ru%00", "en-x"])
def test_a_language_we_do_not_speak_changes_nothing(her: Her, lang: str) -> None:
    assert '<html lang="en">' in her.get(f"?lang={lang}").content.decode()
