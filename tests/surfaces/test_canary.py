"""Nothing of a story that one may not meet is on any surface; where one may, it is where it should be."""

import logging
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from wagtail.signals import page_published

from consent.enums import Category, Purpose
from consent.models import Approval
from consent.services import revoke_approval, withdraw
from ideas.models import Coding
from search.engines import get_engine
from search.engines.tantivy_reader import TantivyReader
from search.models import Outbox
from search.services import drain, rebuild, reconcile
from stories.documents import StorySource
from stories.models import StoryPage
from tests.factories import approve, give, make_story
from tests.surfaces.canary import (
    BOTH,
    CODE,
    GHOST,
    NO_CODE,
    PAGES,
    STATES,
    WORD,
    Canary,
    answers,
    everything,
    whole,
)

pytestmark = pytest.mark.django_db
As = Callable[[str], Client]
NOON = datetime(2026, 3, 2, 9, tzinfo=UTC)
Snapshot = dict[str, bytes]
NOTE_FORM = "/capture/"
BOARD = "/ideas/"  # says by design that evidence of an idea was withdrawn, and nothing of what it was
KEPT = "/ideas/premortems/1/"  # says by design that something of it was taken back, and nothing of what it was


def same(before: Snapshot, after: Snapshot) -> list[str]:
    """The addresses whose answers differ."""
    assert set(before) == set(after)
    return [path for path in before if before[path] != after[path]]


def heard(answers: Snapshot) -> list[str]:
    """The addresses that let the word out. The note form offers every figure of the club by name, storyteller or not."""
    return [path for path, said in answers.items() if WORD.encode() in said and path != NOTE_FORM]


def indexed() -> set[int]:
    """The stories that the index holds."""
    return set(get_engine().reader().fingerprints().get("story", {}))


def check_silence(client: Client, canary: Canary, before: Snapshot) -> None:
    """Every page is as if the story were not there; every search for it as for a word that is nowhere."""
    after = everything(client, canary.others)
    assert heard(after) == []
    changed = same(before, after)
    assert set(changed) <= {NOTE_FORM, BOARD, KEPT}
    if NOTE_FORM in changed:  # the note form no longer offers a figure who took everything back
        assert WORD.encode() in before[NOTE_FORM]
        assert WORD.encode() not in after[NOTE_FORM]
    assert same(answers(client, GHOST), answers(client, WORD)) == []
    assert same(answers(client, NO_CODE), answers(client, CODE)) == []


@pytest.fixture
def canary() -> Canary:
    return Canary()


@pytest.mark.parametrize("state", STATES)
def test_a_hidden_story_is_as_if_it_were_not_there(as_: As, canary: Canary, state: str) -> None:
    client = as_("reader")
    before = everything(client, canary.others)
    canary.sing(state)
    drain()
    check_silence(client, canary, before)


@pytest.mark.parametrize("state", ["never", "withdrawn", "unapproved", "audience"])
def test_no_index_has_to_be_up_to_date_for_that(as_: As, canary: Canary, state: str) -> None:
    client = as_("reader")
    before = everything(client, canary.others)
    canary.sing(state)
    check_silence(client, canary, before)


def test_no_reader_is_told_scores_which_count_hidden_stories_too(as_: As, canary: Canary) -> None:
    canary.sing("audience")
    drain()
    assert b"score" not in as_("reader").get("/api/search/?q=neighbour").content


@pytest.mark.parametrize("role", ["newcomer", "marketer", "hr_lead", "club_host", "dpo", "outsider", "anonymous"])
def test_a_withdrawn_story_is_silent_for_everyone_else_too(as_: As, canary: Canary, role: str) -> None:
    client = as_(role)
    before = everything(client, canary.others)
    canary.sing("withdrawn")
    drain()
    check_silence(client, canary, before)


@pytest.mark.parametrize("state", STATES)
def test_its_own_address_and_its_files_are_plain_404s(as_: As, canary: Canary, state: str) -> None:
    client, story = as_("hr_lead"), canary.sing(state)
    missing = whole(client.get("/stories/never-was-there/"))
    assert whole(client.get(f"/stories/{story.slug}/")) == missing
    nothing = whole(client.get("/media/images/0123456789abcdef0123456789abcdef.webp"))
    for path in canary.files():
        assert whole(client.get(path)) == nothing


@pytest.mark.parametrize("state", ["withdrawn", "draft", "audience"])
def test_nothing_of_it_is_written_to_the_log(as_: As, canary: Canary, state: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    client, story = as_("reader"), canary.sing(state)
    drain()
    reconcile()
    for path in (*PAGES, f"/stories/{story.slug}/", *canary.files()):
        whole(client.get(path))
    assert WORD not in caplog.text


def test_a_visible_story_is_where_it_should_be(as_: As, canary: Canary) -> None:
    client, story = as_("reader"), canary.sing("visible")
    drain()
    pages = everything(client, canary.others)
    found = set(heard(pages))
    assert {"/", "/stories/", "/search/", "/search/?q=neighbour", "/api/search/?q=neighbour", "/stories/?tag=hot-water",
            "/api/search/?tag=hot-water&outcome=rising", "/stories/?outcome=rising", f"/stories/{canary.others[0].slug}/"} <= found  # fmt: skip
    assert "/stories/?tag=hot-water&tag=lift&outcome=falling" not in found
    own = client.get(f"/stories/{story.slug}/")
    assert own.status_code == 200
    assert own.content.decode().count(WORD) >= 15
    assert client.get("/api/search/", {"q": WORD}).json()["total"] == 1
    assert client.get("/api/search/", {"q": canary.member.code}).json()["total"] == 1
    assert client.get("/api/suggest/", {"q": "canary zyx"}).json()["suggestions"]
    assert b"RIFF" in whole(client.get(canary.files()[0]))


def test_an_audience_sees_what_others_do_not(as_: As, canary: Canary) -> None:
    story = canary.sing("audience")
    drain()
    assert as_("administrator").get(f"/stories/{story.slug}/").status_code == 200
    assert as_("administrator").get("/api/search/", {"q": WORD}).json()["total"] == 1


# Between the index and the reader


@pytest.fixture
def singing(as_: As, canary: Canary) -> tuple[Client, Snapshot, Canary]:
    """A visible story in the index, heard by a reader; and what her pages were before."""
    client = as_("reader")
    before = everything(client, canary.others)
    canary.sing("visible")
    drain()
    assert heard(everything(client, canary.others))
    return client, before, canary


ENDINGS: dict[str, Callable[[StoryPage], object]] = {
    "withdrawn": lambda story: withdraw(member=story.member),
    "withdrawn for reading": lambda story: withdraw(member=story.member, purpose=Purpose.READ),
    "withdrawn words": lambda story: withdraw(member=story.member, category=Category.WORDS),
    "approval taken back": lambda story: revoke_approval(approval=Approval.objects.get(wording_sha256=story.wording_sha256)),
    "unpublished": lambda story: story.unpublish(),
    "deleted": lambda story: delete(story),
}


def delete(story: StoryPage) -> None:
    """Delete a story as erasing does: what leans on it goes first."""
    leaning = (story.highlights, story.coded_blocks, story.refusals, story.premortem_findings)
    for rows in (Coding.objects.filter(highlight__story=story), *leaning):
        rows.all().delete()
    story.delete()


@pytest.mark.parametrize("ending", ENDINGS)
def test_what_ends_is_gone_at_once_without_any_worker(singing: tuple[Client, Snapshot, Canary], ending: str) -> None:
    client, before, canary = singing
    story = StoryPage.objects.get(pk=canary.story.pk)
    pk = story.pk
    ENDINGS[ending](story)
    assert pk in indexed()
    check_silence(client, canary, before)
    drain()
    assert pk not in indexed() or ending == "withdrawn for reading"
    assert heard(everything(client, canary.others)) == []


def test_a_story_for_others_from_now_on_is_gone_at_once(singing: tuple[Client, Snapshot, Canary]) -> None:
    from django.contrib.auth.models import Group

    client, before, canary = singing
    story = StoryPage.objects.get(pk=canary.story.pk)
    story.audience_groups.set(Group.objects.filter(name="HR lead"))
    story.save_revision().publish()
    check_silence(client, canary, before)
    drain()
    check_silence(client, canary, before)


def test_after_the_worker_nothing_of_it_is_in_the_index(singing: tuple[Client, Snapshot, Canary]) -> None:
    _client, _before, canary = singing
    assert canary.story.pk in indexed()
    withdraw(member=canary.member)
    drain()
    assert indexed() == {other.pk for other in canary.others}
    assert not Outbox.objects.exists()


def test_a_rebuilt_index_never_holds_it_again(singing: tuple[Client, Snapshot, Canary], index_directory: Path) -> None:
    client, before, canary = singing
    withdraw(member=canary.member)
    rebuild()
    drain()
    assert canary.story.pk not in indexed()
    check_silence(client, canary, before)
    stored = b"".join(file.read_bytes() for file in index_directory.rglob("*") if file.is_file())
    assert WORD.encode() not in stored


def test_a_lost_index_gives_no_way_around_the_gate(singing: tuple[Client, Snapshot, Canary], index_directory: Path) -> None:
    client, _before, canary = singing
    withdraw(member=canary.member)
    shutil.rmtree(index_directory)
    assert heard(everything(client, canary.others)) == []
    assert same(answers(client, GHOST), answers(client, WORD)) == []


@pytest.mark.parametrize("how", ["grant", "story"])
def test_time_alone_hides_it_without_any_job(as_: As, how: str) -> None:
    with time_machine.travel(NOON, tick=True) as clock:
        canary, client = Canary(), as_("reader")
        before = everything(client, canary.others)
        end = timezone.now() + timedelta(minutes=30)
        give(canary.member, categories=BOTH, until=end if how == "grant" else None)
        story = make_story(canary.member, **canary.fields())
        StoryPage.objects.filter(pk=story.pk).update(expire_at=end if how == "story" else None)
        drain()
        rebuild()
        assert heard(everything(client, canary.others))
        assert client.get(f"/stories/{story.slug}/").status_code == 200
        clock.shift(timedelta(minutes=31))
        check_silence(client, canary, before)
        assert client.get(f"/stories/{story.slug}/").status_code == 404


def test_a_consent_given_again_brings_it_back(singing: tuple[Client, Snapshot, Canary]) -> None:
    client, _before, canary = singing
    withdraw(member=canary.member)
    drain()
    give(canary.member, categories=BOTH)
    drain()
    assert heard(everything(client, canary.others))
    assert client.get("/api/search/", {"q": WORD}).json()["total"] == 1


def test_new_words_are_silent_until_they_are_approved(as_: As, canary: Canary) -> None:
    client, story = as_("reader"), canary.others[0]
    before = everything(client, canary.others)
    story.title = f"Changed {WORD}"
    story.body = canary.fields()["body"]
    story.save_revision()
    drain()
    assert same(before, everything(client, canary.others)) == []
    approve(story)
    story.save_revision().publish()
    drain()
    assert heard(everything(client, canary.others))


def test_only_the_picture_falls_silent_with_its_own_grant(singing: tuple[Client, Snapshot, Canary]) -> None:
    client, _before, canary = singing
    [size, *_rest] = canary.files()
    withdraw(member=canary.member, category=Category.IMAGE)
    assert client.get(size).status_code == 404
    page = client.get(f"/stories/{canary.story.slug}/").content.decode()
    assert "/media/" not in page
    assert f"Canary {WORD}" in page.replace("\xa0", " ")


def test_the_outside_world_is_told_nothing_by_a_card_that_was_loaded_before(as_: As, canary: Canary) -> None:
    response: Any = as_("reader").get(f"/stories/{canary.sing('visible').slug}/")
    assert response["Cache-Control"] == "private, no-store"
    assert "ETag" not in response
    assert "Last-Modified" not in response


# In the middle of something


def test_a_withdrawal_in_the_middle_of_a_rebuild_is_obeyed(
    singing: tuple[Client, Snapshot, Canary], monkeypatch: pytest.MonkeyPatch
) -> None:
    client, before, canary = singing
    written = StorySource.documents

    def interrupted(self: StorySource, ids: Any) -> Any:
        found = list(written(self, ids))
        withdraw(member=canary.member)
        return found

    monkeypatch.setattr(StorySource, "documents", interrupted)
    rebuild()
    monkeypatch.undo()
    check_silence(client, canary, before)
    drain()
    assert canary.story.pk not in indexed()
    check_silence(client, canary, before)


def test_a_withdrawal_in_the_middle_of_a_publish_is_obeyed(as_: As, canary: Canary) -> None:
    client = as_("reader")
    before = everything(client, canary.others)

    def said_no(sender: Any, **kwargs: Any) -> None:
        withdraw(member=canary.member)

    page_published.connect(said_no)
    try:
        canary.sing("visible")
    finally:
        page_published.disconnect(said_no)
    check_silence(client, canary, before)
    drain()
    check_silence(client, canary, before)


def test_a_withdrawal_between_the_index_and_the_page_is_obeyed(
    singing: tuple[Client, Snapshot, Canary], monkeypatch: pytest.MonkeyPatch
) -> None:
    client, _before, canary = singing
    for name in ("search", "complete", "similar"):
        asked = getattr(TantivyReader, name)

        def interrupted(self: TantivyReader, plan: Any, asked: Any = asked) -> Any:
            found = asked(self, plan)
            withdraw(member=canary.member)
            return found

        monkeypatch.setattr(TantivyReader, name, interrupted)
    for path in ("/search/?q=neighbour", "/api/search/?q=neighbour", "/api/suggest/?q=canary", f"/stories/{canary.others[0].slug}/"):
        give(canary.member, categories=BOTH)
        drain()
        assert WORD.encode() not in whole(client.get(path, headers={"Accept-Language": "en"})), path
