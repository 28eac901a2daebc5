"""What rows become: stories, narrators, consents, approvals; and what becomes of them the second time."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from wagtail.models import Page, Revision

from club.codes import compose, is_valid
from club.models import Member, User
from consent import ledger
from consent.enums import Method, Purpose
from consent.models import Approval, Consent, ConsentEvent, Grant
from consent.services import revoke_approval, withdraw
from search.models import Outbox
from search.services import Query, search
from stories.importing import placing
from stories.models import StoryPage, Tag
from stories.querysets import visible
from tests.factories import make_member, make_story, make_user
from tests.importing.conftest import YES, Outcome, row, without

Run = Callable[..., Outcome]


def only() -> StoryPage:
    return StoryPage.objects.get()


def test_a_consented_row_is_published_and_found(run: Run, superuser: User) -> None:
    done = run([row(tags=["hot-water"], product="Heating, and water", issue="Waiting")], **YES)
    story = only()
    assert (done.report.new, done.report.published, done.report.without_consent) == (1, 1, 0)
    assert visible(superuser).get() == story
    assert [hit.object_id for hit in search(superuser, Query("lift")).hits] == [story.pk]
    assert story.body[0].value.source == "<p>The lift stood still.</p><p>Nobody came.</p>"
    assert sorted(tag.slug for tag in story.tags.all()) == ["hot-water", "waiting"]
    assert [line.name_en for line in story.product_lines.all()] == ["Heating, and water"]
    assert str(story.period_start) == "2026-03-12"
    assert not Outbox.objects.exists()


def test_it_records_consent_with_its_evidence(run: Run) -> None:
    run([row()], **YES)
    consent = Consent.objects.get()
    assert consent.method == Method.IMPORTED
    assert consent.evidence_reference == "rows.jsonl row 1, consent = yes"
    assert len(consent.evidence_sha256) == 64
    assert {grant.purpose for grant in Grant.objects.all()} == {"read", "train", "ideas"}
    assert Approval.objects.get().wording_sha256 == only().wording_sha256
    assert not list(ledger.breaks())


@pytest.mark.parametrize("said", ["Consent provided", "YES", True, 1, "1", "Да", " согласие получено "])
def test_these_mean_yes(run: Run, said: Any) -> None:
    assert run([row(consent=said)], **YES).report.published == 1


@pytest.mark.parametrize(
    "said", ["Consent not provided", "no", "", None, 0, False, ["yes"], {"yes": 1}, "yes?", 1.0]
)
def test_nothing_else_means_yes(run: Run, said: Any) -> None:
    done = run([row(consent=said)], **YES)
    assert (done.report.new, done.report.without_consent, done.report.published) == (1, 1, 0)
    assert not only().live
    assert not Consent.objects.exists()
    assert not Approval.objects.exists()


def test_without_a_consent_field_everything_is_a_draft(run: Run) -> None:
    done = run([row()], publish=True)
    assert done.report.without_consent == 1
    assert not only().live
    assert not ConsentEvent.objects.exists()


def test_without_publish_consent_is_recorded_and_the_story_is_a_draft(run: Run) -> None:
    run([row()], consent_field="consent")
    assert not only().live
    assert only().has_unpublished_changes
    assert only().latest_revision is not None
    assert Approval.objects.count() == 1


def test_a_missing_consent_field_is_said(run: Run) -> None:
    done = run([row()], consent_field="extra.consnt", publish=True)
    assert "No row has the field extra.consnt" in done.report.notes[0]


def test_the_second_import_does_nothing(run: Run) -> None:
    rows = [row(1), row(2, consent="no")]
    run(rows, **YES)
    before = list(StoryPage.objects.order_by("pk").values())
    counts = [model.objects.count() for model in (Member, ConsentEvent, Revision)]
    done = run(rows, **YES)
    assert (done.report.same, done.report.new, done.report.changed, done.report.published) == (2, 0, 0, 0)
    assert list(StoryPage.objects.order_by("pk").values()) == before
    assert [model.objects.count() for model in (Member, ConsentEvent, Revision)] == counts


def test_a_changed_row_makes_a_revision_and_a_new_approval(run: Run) -> None:
    run([row()], **YES)
    first = only().raw_body()[0]["id"]
    done = run([row(text="The lift stood still. Somebody came.")], **YES)
    story = only()
    assert (done.report.changed, done.report.published) == (1, 1)
    assert story.revisions.count() == 2
    assert Approval.objects.count() == 2
    assert "Somebody came" in story.plain_text
    assert story.raw_body()[0]["id"] == first
    assert story.wording_is_approved()


def test_a_changed_row_without_consent_waits_as_a_draft(run: Run, superuser: User) -> None:
    run([row()], **YES)
    done = run([row(text="Something quite different.", consent="no")], **YES)
    assert (done.report.changed, done.report.published) == (1, 0)
    assert "Nobody came" in visible(superuser).get().plain_text
    assert "different" in only().get_latest_revision_as_object().body[0].value.source
    assert "does not affirm consent any more" in done.reason


def test_a_draft_that_nobody_touched_is_published_by_a_later_import(run: Run, superuser: User) -> None:
    run([row()], consent_field="consent")
    done = run([row()], **YES)
    assert (done.report.same, done.report.published) == (1, 1)
    assert visible(superuser).get().live_revision_id == only().latest_revision_id
    assert not only().has_unpublished_changes


def test_a_draft_of_a_published_story_is_published_by_a_later_import(run: Run) -> None:
    run([row()], **YES)
    run([row(text="New words.")], consent_field="consent")
    assert only().has_unpublished_changes
    assert run([row(text="New words.")], **YES).report.published == 1
    assert only().plain_text == "New words."


def test_what_a_keeper_edited_is_not_overwritten_by_the_same_row(run: Run) -> None:
    run([row()], consent_field="consent")
    story = only()
    story.title = "Masked"
    story.save()
    story.save_revision()
    done = run([row()], **YES)
    assert (done.report.same, done.report.published) == (1, 0)
    assert only().title == "Masked"


def test_what_the_row_does_not_speak_of_stays(run: Run) -> None:
    run([row()], **YES)
    story = only()
    story.tags.add(Tag.objects.create(slug="by-hand", name_ru="Рукой"))
    story.save()
    run([row(text="New words.")], **YES)
    assert [tag.slug for tag in only().tags.all()] == ["by-hand"]


def test_a_story_that_was_taken_off_the_shelf_stays_off(run: Run) -> None:
    run([row()], **YES)
    only().unpublish()
    assert run([row()], **YES).report.published == 0
    assert not only().live


@pytest.mark.parametrize("words", ["The lift stood still.\n\nNobody came.", "Quite other words."])
def test_a_withdrawn_consent_is_never_given_again(run: Run, superuser: User, words: str) -> None:
    run([row()], **YES)
    withdraw(member=only().member)
    events = ConsentEvent.objects.count()
    done = run([row(text=words)], **YES)
    assert done.report.withdrawn == 1
    assert done.reason == "row 1: withdrawn by the narrator, left as it is"
    assert not visible(superuser).exists()
    assert ConsentEvent.objects.count() == events
    assert only().revisions.count() == 1


def test_a_withdrawn_story_that_was_deleted_does_not_come_back(run: Run) -> None:
    run([row()], **YES)
    withdraw(member=only().member)
    only().delete()
    assert run([row(text="Other words, same row.")], **YES).report.withdrawn == 1
    assert not StoryPage.objects.exists()


def test_the_same_words_under_another_id_do_not_come_back(run: Run) -> None:
    run([row()], **YES)
    withdraw(member=only().member)
    assert run([row(id="other")], **YES).report.withdrawn == 1


def test_an_approval_taken_back_is_not_given_again(run: Run) -> None:
    run([row()], **YES)
    revoke_approval(approval=Approval.objects.get())
    assert run([row()], **YES).report.withdrawn == 1
    assert Approval.objects.count() == 1


def test_a_row_names_its_narrator_by_code(run: Run) -> None:
    member = make_member(persona_name="The gardener")
    run(
        [
            row(1, member={"code": member.code, "persona": "Somebody else"}),
            row(2, **{"member.code": compose(22254)}),
        ]
    )
    assert [story.member.code for story in StoryPage.objects.order_by("external_id")] == [
        member.code,
        compose(22254),
    ]
    assert Member.objects.get(pk=member.pk).persona_name == "The gardener"


def test_a_story_does_not_change_hands(run: Run) -> None:
    run([row()])
    done = run([row(member={"code": make_member().code})])
    assert done.report.rejected == 1
    assert "belongs to" in done.reason


def test_new_narrators_have_random_codes_and_neutral_names(run: Run) -> None:
    run([row(1), row(2, lang="ru")])
    english, russian = Member.objects.order_by("language")
    assert is_valid(english.code)
    assert english.persona_name == f"Storyteller {english.code}"
    assert russian.persona_name == f"Рассказчик {russian.code}"


def test_rows_with_one_key_belong_to_one_narrator_in_every_run(run: Run) -> None:
    map_ = {"member_key": "customer"}
    run([row(2, customer="c7")], map=map_)
    run([row(1, customer="c7"), row(2, customer="c7"), row(3, customer="c8")], map=map_)
    assert Member.objects.count() == 2
    assert StoryPage.objects.get(external_id="r-1").member == StoryPage.objects.get(external_id="r-2").member


def test_two_rows_of_one_id_are_one_story(run: Run) -> None:
    done = run([row(), row(title="Again")])
    assert done.report.rejected == 1
    assert done.reason == "row 2: external_id “r-1” stands in row 1 already"


def test_a_row_without_an_id_is_known_by_its_content(run: Run) -> None:
    nameless = without(row(), "id")
    run([nameless])
    assert run([nameless]).report.same == 1


def test_a_dry_run_writes_nothing_and_reports_the_same(run: Run) -> None:
    rows = [row(1, tags=["new"]), row(2, consent="no"), {"title": "no text"}, row(1)]
    dry = run(rows, dry_run=True, **YES)
    assert not StoryPage.objects.exists()
    assert not Member.objects.exists()
    assert not Tag.objects.exists()
    assert not Outbox.objects.exists()
    wet = run(rows, **YES)
    assert dry.lines == wet.lines
    counts = ("read", "new", "changed", "same", "without_consent", "published", "withdrawn", "rejected")
    assert [getattr(dry.report, name) for name in counts] == [getattr(wet.report, name) for name in counts]


def test_one_row_that_cannot_be_stored_does_not_lose_the_others(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = placing.free_slug

    def broken(title: str, taken: set[str]) -> str:
        if title == "Row 2":
            raise ArithmeticError("secret words of the story")
        return real(title, taken)

    monkeypatch.setattr(placing, "free_slug", broken)
    done = run([row(number, tags=["t"]) for number in range(1, 5)], **YES)
    assert (done.report.new, done.report.rejected) == (3, 1)
    assert done.reason.startswith("row 2: cannot be stored: ArithmeticError")
    assert Consent.objects.count() == Member.objects.count() == 3


def test_the_row_may_narrow_what_it_grants(run: Run) -> None:
    until = timezone.now() + timezone.timedelta(days=30)
    rows = [row(1, consent={"given": "yes", "purposes": ["read", "promote"], "until": until.isoformat()})]
    rows.append(row(2, consent={"given": "yes", "until": "2020-01-01"}))
    run(rows, consent_field="consent.given", publish=True)
    grant = Grant.objects.get()
    assert (grant.purpose, grant.valid_until) == (Purpose.READ, until)


def test_a_mapping_says_purposes_and_term(run: Run) -> None:
    run(
        [row(consent="Agreed")], map={"purposes": ["read"], "term_days": 30, "consent_yes": ["agreed"]}, **YES
    )
    grant = Grant.objects.get()
    assert (grant.valid_until - grant.valid_from).days == 30


def test_an_unknown_audience_rejects_the_row(run: Run) -> None:
    assert "there is no group" in run([row(audience=["Nobody"])]).reason


def test_an_audience_keeps_others_out(run: Run, reader: User) -> None:
    run([row(audience=["HR lead"])], **YES)
    assert not visible(reader).exists()
    assert visible(make_user("hr_lead")).exists()


def test_a_story_made_here_is_matched_by_its_external_id(run: Run) -> None:
    story = make_story(
        external_id="r-1",
        title="Row 1",
        body=[("narrative", "<p>The lift stood still.</p><p>Nobody came.</p>")],
    )
    done = run([without(row(), "date")], **YES)
    assert (done.report.same, done.report.changed) == (1, 0)
    assert story.revisions.count() == 1


def test_the_tree_stays_whole(run: Run) -> None:
    make_story()
    run([row(number) for number in range(1, 4)], **YES)
    make_story()
    run([row(number) for number in range(4, 6)], **YES)
    assert Page.find_problems() == ([], [], [], [], [])
    assert Page.objects.get(slug="stories").numchild == 7
