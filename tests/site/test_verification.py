"""``verify_consent`` names every kind of corruption that somebody could plant, and nothing on a sound house."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from consent import triggers
from consent.enums import Category, Purpose
from consent.models import Approval, Consent, ConsentEvent, ConsentText, Grant
from consent.services import expire, pause, revoke_approval, withdraw
from kb_site.verification import CHECKS, problems
from search.models import Outbox
from search.services import drain, rebuild
from stories.models import ImageUse, StoryImage, StoryPage
from tests.factories import HIDDEN, give, make_hidden, make_image, make_member, make_story
from tests.stories.conftest import photo

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_places(settings: Any, tmp_path: Path) -> None:
    """An index and a media folder of this test."""
    settings.SEARCH_URL = "embedded"
    settings.SEARCH_INDEX_DIR = tmp_path / "index"
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def story() -> StoryPage:
    """A published story with a photo, evidence on file, in the index."""
    member = make_member()
    consent = give(member, categories=(Category.WORDS, Category.IMAGE))
    consent.evidence.save("sheet.pdf", ContentFile(b"%PDF-1.7 signed"), save=False)
    digest = hashlib.sha256(b"%PDF-1.7 signed").hexdigest()
    Consent.objects.filter(pk=consent.pk).update(evidence=consent.evidence.name, evidence_sha256=digest)
    story = make_story(member, body=[photo(make_image(member))])
    rebuild()
    drain()
    return story


@contextmanager
def opened() -> Iterator[None]:
    """Take the triggers away, as somebody with the database in hand could, and put them back."""
    triggers.drop(connection)
    yield
    triggers.create(connection)


def test_a_sound_house_has_no_problems(story: StoryPage) -> None:
    for state in HIDDEN:
        if state != "unapproved":  # that state is made by changing the stored digest
            make_hidden(state)
    other = make_story()
    pause(member=other.member)
    revoke_approval(approval=Approval.objects.filter(member=other.member).get())
    withdraw(member=story.member, category=Category.IMAGE)
    expire()
    drain()
    assert list(problems()) == []


def change_an_entry(story: StoryPage) -> str:
    with opened():
        entry = ConsentEvent.objects.filter(member=story.member).first()
        ConsentEvent.objects.filter(pk=entry.pk).update(purpose="promote")
    return f"ledger entry {entry.pk}: its contents were changed"


def remove_an_entry(story: StoryPage) -> str:
    first, second, *_rest = ConsentEvent.objects.order_by("pk").values_list("pk", flat=True)
    with opened():
        ConsentEvent.objects.filter(pk=first)._raw_delete("default")
    return f"ledger entry {second}: does not follow"


def forge_a_grant(story: StoryPage) -> str:
    consent = story.member.consents.get()
    forged = Grant.objects.create(
        consent=consent, member=story.member, purpose=Purpose.PROMOTE, valid_from=timezone.now()
    )
    return f"grant {forged.pk}: the ledger has no entry"


def forge_an_approval(story: StoryPage) -> str:
    forged = Approval.objects.create(
        member=story.member, wording_sha256="f" * 64, approved_at=timezone.now(), method="paper"
    )
    return f"approval {forged.pk}: the ledger has no entry"


def stretch_a_grant(story: StoryPage) -> str:
    grant = story.member.grants.first()
    with opened():
        Grant.objects.filter(pk=grant.pk).update(purpose=Purpose.PROMOTE)
    return f"grant {grant.pk}: the ledger has no entry"


def rewrite_a_text(story: StoryPage) -> str:
    text = story.member.consents.get().text
    with connection.cursor() as cursor:
        for trigger in triggers_on(ConsentText._meta.db_table):
            cursor.execute(trigger)
    ConsentText.objects.filter(pk=text.pk).update(body="You may do whatever you like.")
    return f"consent text {text.pk}: its words are not those of its digest"


def triggers_on(table: str) -> list[str]:
    """Statements that drop the triggers of a table."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE NOT t.tgisinternal AND c.relname = %s",
                [table],
            )
            return [f"DROP TRIGGER {name} ON {table}" for (name,) in cursor.fetchall()]
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s", [table])
        return [f"DROP TRIGGER {name}" for (name,) in cursor.fetchall()]


def swap_the_evidence(story: StoryPage) -> str:
    consent = story.member.consents.get()
    Path(consent.evidence.path).write_bytes(b"%PDF-1.7 another sheet")
    return f"consent {consent.pk}: its evidence is not the file that was recorded"


def lose_the_evidence(story: StoryPage) -> str:
    consent = story.member.consents.get()
    Path(consent.evidence.path).unlink()
    return f"consent {consent.pk}: its evidence file is missing"


def open_a_table(story: StoryPage) -> str:
    triggers.drop(connection)
    return "table consent_grant: the database does not refuse changes"


def rewrite_a_story(story: StoryPage) -> str:
    StoryPage.objects.filter(pk=story.pk).update(summary="Words she never said")
    return f"story {story.pk}: the stored digest is not that of its wording"


def slip_into_the_index(story: StoryPage) -> str:
    withdraw(member=story.member)
    Outbox.objects.all().delete()
    return f"story {story.pk}: still in the search index"


def forget_the_queue(story: StoryPage) -> str:
    withdraw(member=story.member)
    Outbox.objects.update(created_at=timezone.now() - timedelta(hours=2))
    row = Outbox.objects.get()
    return f"queue entry {row.pk} (story {story.pk}): waits since"


def give_the_queue_up(story: StoryPage) -> str:
    withdraw(member=story.member)
    Outbox.objects.update(parked_at=timezone.now())
    return f"queue entry {Outbox.objects.get().pk} (story {story.pk}): was given up"


def leave_a_file(story: StoryPage) -> str:
    image = StoryImage.objects.get()
    copy = Path(image.file.path).with_name("left-behind.webp")
    copy.write_bytes(b"RIFF")
    return f"file {copy.parent.name}/{copy.name}: belongs to no picture and no consent"


def lose_a_picture(story: StoryPage) -> str:
    image = StoryImage.objects.get()
    Path(image.file.path).unlink()
    return f"picture {image.pk}: its file is missing"


def claim_a_picture(story: StoryPage) -> str:
    image = make_image(story.member)
    ImageUse.objects.create(story=story, image=image)
    return f"story {story.pk}: picture {image.pk} is on record but not in the story"


def forget_by_half(story: StoryPage) -> str:
    type(story.member).objects.filter(pk=story.member_id).update(erased_at=timezone.now())
    return f"story {story.pk}: its narrator was forgotten"


PLANTED = (
    change_an_entry, remove_an_entry, forge_a_grant, forge_an_approval, stretch_a_grant, rewrite_a_text, swap_the_evidence,
    lose_the_evidence, open_a_table, rewrite_a_story, slip_into_the_index, forget_the_queue, give_the_queue_up, leave_a_file,
    lose_a_picture, claim_a_picture, forget_by_half,
)  # fmt: skip


@pytest.mark.parametrize("plant", PLANTED, ids=lambda plant: plant.__name__)
def test_what_was_planted_is_named_and_the_command_fails(
    story: StoryPage, plant: Callable[[StoryPage], str]
) -> None:
    expected = plant(story)
    said = StringIO()
    with pytest.raises(CommandError) as failed:
        call_command("verify_consent", stderr=said, stdout=said)
    assert failed.value.returncode == 1
    assert [line for line in said.getvalue().splitlines() if line.startswith(expected)], said.getvalue()


def test_the_command_says_what_it_went_through(story: StoryPage) -> None:
    said = StringIO()
    call_command("verify_consent", stdout=said)
    assert f"1 stories, {len(CHECKS)} checks: all as the ledger says." in said.getvalue()


def test_a_lost_index_is_named() -> None:
    make_story()
    assert [problem for problem in problems() if problem.startswith("search index: ")]
