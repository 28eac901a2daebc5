"""Publishing, by every road, needs the narrator's approval of the exact words; nobody stands above that."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.utils import timezone
from wagtail.models import Page
from wagtail.permissions import policy_registry

from club.models import User
from stories.models import StoryPage
from stories.models.pages import WordingNotApproved
from stories.querysets import visible
from tests.factories import approve, episode, give, make_image, make_member, make_story
from tests.stories.conftest import photo

pytestmark = pytest.mark.django_db
Person = Callable[[str], User]


@pytest.fixture
def draft() -> StoryPage:
    """A story whose narrator has consented but not approved the words."""
    member = make_member()
    give(member)
    return make_story(member, publish=False)


def is_live(story: StoryPage) -> bool:
    return StoryPage.objects.get(pk=story.pk).live


def test_a_revision_is_not_published(draft: StoryPage) -> None:
    with pytest.raises(WordingNotApproved):
        draft.get_latest_revision().publish()
    assert not is_live(draft)


@pytest.mark.parametrize("role", ["administrator", "superuser", "story_keeper"])
def test_a_revision_is_not_published_for_anybody(person: Person, draft: StoryPage, role: str) -> None:
    with pytest.raises(WordingNotApproved):
        draft.get_latest_revision().publish(user=person(role), skip_permission_checks=True)
    assert not is_live(draft)


def test_a_page_is_not_published(draft: StoryPage) -> None:
    with pytest.raises(WordingNotApproved):
        draft.publish(draft.get_latest_revision())
    assert not is_live(draft)


def test_the_bare_page_of_the_tree_is_not_published_either(draft: StoryPage) -> None:
    bare = Page.objects.get(pk=draft.pk)
    with pytest.raises(WordingNotApproved):
        bare.get_latest_revision().publish()
    assert not is_live(draft)


def test_a_scheduled_draft_is_not_published(draft: StoryPage, capsys: Any) -> None:
    draft.go_live_at = timezone.now() - timedelta(minutes=1)
    revision = draft.save_revision()
    revision.approved_go_live_at = draft.go_live_at
    revision.save()
    with pytest.raises(WordingNotApproved):
        call_command("publish_scheduled")
    assert not is_live(draft)


def test_a_schedule_that_was_approved_and_then_edited_is_not_published(draft: StoryPage) -> None:
    approve(draft)
    draft.title = "Other words"
    revision = draft.save_revision()
    revision.approved_go_live_at = timezone.now() - timedelta(minutes=1)
    revision.save()
    with pytest.raises(WordingNotApproved):
        call_command("publish_scheduled")
    assert not is_live(draft)


def test_an_old_revision_with_other_words_is_not_published(draft: StoryPage) -> None:
    old = draft.get_latest_revision()
    draft.title = "Better words"
    approve(draft)
    draft.save_revision().publish()
    with pytest.raises(WordingNotApproved):
        old.publish()
    assert StoryPage.objects.get(pk=draft.pk).title == "Better words"


def test_the_refusal_is_a_sentence_that_says_what_to_do(draft: StoryPage) -> None:
    with pytest.raises(ValidationError, match="has not approved this wording"):
        draft.get_latest_revision().publish()


@pytest.mark.parametrize("role", ["story_keeper", "administrator", "superuser"])
def test_no_button_publishes_before_the_approval(person: Person, draft: StoryPage, role: str) -> None:
    user = person(role)
    assert not draft.permissions_for_user(user).can_publish()
    approve(draft)
    assert draft.permissions_for_user(User.objects.get(pk=user.pk)).can_publish()


@pytest.mark.parametrize("role", ["reader", "marketer", "hr_lead", "club_host", "dpo", "outsider"])
def test_the_approval_alone_makes_nobody_a_publisher(person: Person, draft: StoryPage, role: str) -> None:
    approve(draft)
    assert not draft.permissions_for_user(person(role)).can_publish()


def test_an_approved_revision_is_published_and_read(reader: User, draft: StoryPage) -> None:
    approve(draft)
    draft.get_latest_revision().publish()
    assert visible(reader).get() == draft


def test_an_approved_wording_without_any_consent_is_live_and_hidden(reader: User) -> None:
    story = make_story(consent=False)
    assert is_live(story)
    assert not visible(reader).exists()


def test_new_words_wait_as_a_draft_and_readers_keep_the_old_ones(reader: User, draft: StoryPage) -> None:
    approve(draft)
    draft.get_latest_revision().publish()
    draft.refresh_from_db()
    old = draft.title
    draft.title = "Not yet approved"
    draft.save_revision()
    assert visible(reader).get().title == old


def test_the_companys_own_words_are_published_without_asking_again(reader: User, draft: StoryPage) -> None:
    approve(draft)
    draft.get_latest_revision().publish()
    draft.refresh_from_db()
    draft.body = [*[(b.block_type, b.value) for b in draft.body], ("warning", "It is sad.")]
    draft.save_revision().publish()
    assert visible(reader).get().raw_body()[-1]["value"] == "It is sad."


def test_publishing_moves_the_story_into_the_outbox(
    draft: StoryPage, enqueued: Callable[[], set[int]]
) -> None:
    approve(draft)
    enqueued()
    draft.get_latest_revision().publish()
    assert enqueued() == {draft.pk}
    StoryPage.objects.get(pk=draft.pk).unpublish()
    assert enqueued() == {draft.pk}


def test_an_audience_that_changes_moves_the_story_into_the_outbox(enqueued: Callable[[], set[int]]) -> None:
    from django.contrib.auth.models import Group

    story = make_story()
    enqueued()
    story.audience_groups.set(Group.objects.filter(name="Mentor"))
    story.save_revision().publish()
    assert enqueued() == {story.pk}


@pytest.mark.parametrize("deed", ["give", "withdraw", "revoke"])
def test_a_changed_clearance_moves_all_her_stories_into_the_outbox(
    deed: str, enqueued: Callable[[], set[int]]
) -> None:
    from consent.models import Approval
    from consent.services import revoke_approval, withdraw

    member = make_member()
    stories = {make_story(member).pk, make_story(member).pk}
    make_story()
    enqueued()
    approval = Approval.objects.filter(member=member)[0]
    deeds: dict[str, Callable[[], Any]] = {
        "give": lambda: give(member),
        "withdraw": lambda: withdraw(member=member),
        "revoke": lambda: revoke_approval(approval=approval),
    }
    deeds[deed]()
    assert enqueued() == stories


# What a save computes


def columns(story: StoryPage) -> dict[str, Any]:
    names = (
        "title",
        "wording_sha256",
        "plain_text",
        "loyalty_path",
        "loyalty_outcome",
        "episode_count",
        "word_count",
    )
    return StoryPage.objects.filter(pk=story.pk).values(*names).get()


def uses(story: StoryPage) -> set[int]:
    return set(story.image_uses.values_list("image_id", flat=True))


def test_the_columns_are_computed_from_the_published_words() -> None:
    story = make_story(
        body=[episode(loyalty=-2, happened="One two three."), episode(loyalty=5), ("warning", "not hers")]
    )
    found = columns(story)
    assert (found["loyalty_path"], found["loyalty_outcome"], found["episode_count"]) == ([-2, 5], 3, 2)
    assert "One two three." in found["plain_text"]
    assert "not hers" not in found["plain_text"]
    assert found["word_count"] == len(found["plain_text"].split())


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [([], ""), ([0], "flat"), ([-1, 1], "flat"), ([2], "rising"), ([1, -3], "falling")],
)
def test_the_outcome_is_the_sum_of_the_changes(changes: list[int], outcome: str) -> None:
    assert make_story(body=[episode(loyalty=change) for change in changes]).outcome == outcome


def test_saving_a_draft_touches_no_column_of_the_live_row() -> None:
    image = make_image()
    story = make_story(body=[episode(), photo(image)])
    before = columns(story)
    story.title, story.body = "Draft title", [episode(loyalty=5, happened="Draft words")]
    story.save_revision()
    assert columns(story) == before
    assert uses(story) == {image.pk}


@pytest.mark.parametrize("fields", [["has_unpublished_changes"], ["draft_title", "latest_revision"], []])
def test_saving_other_columns_of_an_object_that_holds_a_draft_touches_no_words(fields: list[str]) -> None:
    story = make_story(body=[episode(), photo(make_image())])
    before, shown = columns(story), uses(story)
    story.title, story.body = "Draft title", []
    story.save(update_fields=fields)
    assert columns(story) == before
    assert uses(story) == shown


@pytest.mark.parametrize("fields", [["title"], ["body"], ["summary", "slug"]])
def test_saving_words_alone_saves_what_is_computed_from_them(fields: list[str]) -> None:
    story, image = make_story(), make_image()
    story.title, story.summary, story.body = "New", "New", [episode(loyalty=5), photo(image)]
    story.save(update_fields=fields)
    again = StoryPage.objects.get(pk=story.pk)
    assert again.wording_sha256 == story.digest()
    assert (again.loyalty_path, uses(story)) == ([5], {image.pk})


def test_the_pictures_on_record_are_those_of_the_published_words() -> None:
    one, two = make_image(), make_image()
    story = make_story(body=[photo(one), photo(one)])
    assert uses(story) == {one.pk}
    story.body = [photo(two)]
    approve(story)
    story.save_revision().publish()
    assert uses(story) == {two.pk}


def test_a_story_that_ends_before_it_begins_is_refused() -> None:
    story = make_story(publish=False)
    story.period_start, story.period_end = timezone.localdate(), timezone.localdate() - timedelta(days=1)
    with pytest.raises(ValidationError, match="end before it begins"):
        story.full_clean()


def test_pages_of_the_tree_keep_their_own_rules() -> None:
    assert policy_registry.get_by_type(Page) is not None
    story = make_story(publish=False)
    assert not isinstance(Page.objects.get(pk=story.pk), StoryPage)
    assert not Page.find_problems()[0]
