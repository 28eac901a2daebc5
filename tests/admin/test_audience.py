"""A story for some groups only: for editors outside them it is not there, on any road."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from wagtail.models import Page

from club.models import User
from stories.models import StoryIndexPage, StoryPage
from tests.admin.test_stories import edit_form
from tests.factories import make_story, make_tag, make_touchpoint

As = Callable[[str], Client]
CANARY = "Qvxzq"
NAMES = (
    "edit",
    "preview_on_edit",
    "view_draft",
    "delete",
    "unpublish",
    "convert_alias",
    "move",
    "set_page_position",
    "copy",
    "set_privacy",
    "lock",
    "unlock",
    "workflow_history",
    "history",
    "history_results",
    "usage",
    "confirm_workflow_cancellation",
)


@pytest.fixture
def secret(db: None) -> StoryPage:
    """A story for HR leads only, with a draft, in the workflow."""
    story = make_story(title=f"{CANARY} title", slug="for-few")
    story.audience_groups.add(Group.objects.get(name="HR lead"))
    story.tags.add(make_tag())
    story.touchpoints.add(make_touchpoint())
    story.title = f"{CANARY} draft"
    story.save()
    story.save_revision()
    story.get_workflow().start(story, None)
    return StoryPage.objects.get(pk=story.pk)


def roads(story: StoryPage) -> list[str]:
    """Every address of the admin's page screens that names this story."""
    first, last = story.revisions.order_by("pk").first(), story.revisions.order_by("pk").last()
    state = story.current_workflow_state
    step = state.current_task_state

    def page(name: str, *args: object) -> str:
        return reverse(f"wagtailadmin_pages:{name}", args=args)

    pk = story.pk
    return [
        *(page(name, pk) for name in NAMES),
        page("move_confirm", pk, story.get_parent().pk),
        page("revisions_view", pk, first.pk),
        page("revisions_revert", pk, first.pk),
        page("revisions_unschedule", pk, first.pk),
        page("revisions_compare", pk, first.pk, last.pk),
        page("revisions_compare", pk, "earliest", "latest"),
        page("workflow_history_detail", pk, state.pk),
        page("workflow_action", pk, "approve", step.pk),
        page("collect_workflow_action_data", pk, "approve", step.pk),
        page("workflow_preview", pk, step.task_id),
        reverse("wagtailadmin_explore", args=[pk]),
        reverse("wagtailadmin_explore_results", args=[pk]),
        reverse("wagtailadmin_choose_page_child", args=[pk]),
        reverse("story_consent", args=[pk]),
        reverse("story_take_back", args=[pk]),
        f"/admin/api/main/pages/{pk}/",
    ]


@pytest.mark.parametrize("role", ["story_keeper", "administrator"])
def test_no_road_leads_editors_outside_the_audience_to_a_story(role: str, as_: As, secret: StoryPage) -> None:
    client = as_(role)
    for url in roads(secret):
        for answer in (client.get(url), client.post(url, {})):
            assert answer.status_code in (404, 405), url
            assert CANARY not in answer.content.decode(errors="replace"), url


def test_hosts_and_the_officer_are_kept_out_as_well(as_: As, secret: StoryPage) -> None:
    for role in ("club_host", "dpo"):
        assert as_(role).get(reverse("story_consent", args=[secret.pk])).status_code == 404
        assert as_(role).post(reverse("story_take_back", args=[secret.pk])).status_code == 404


def test_no_list_names_it(as_: As, secret: StoryPage) -> None:
    client, shelf = as_("story_keeper"), StoryIndexPage.objects.get().pk
    tag, point = secret.tags.get(), secret.touchpoints.get()
    lists = [
        "/admin/",
        "/admin/stories/",
        "/admin/stories/?export=csv",
        f"/admin/pages/{shelf}/",
        f"/admin/pages/{shelf}/results/",
        "/admin/pages/search/?q=title",
        "/admin/pages/search/results/?q=title",
        f"/admin/choose-page/{shelf}/",
        "/admin/choose-page/search/?q=title",
        f"/admin/api/main/pages/?child_of={shelf}",
        "/admin/reports/workflow/",
        "/admin/reports/workflow_tasks/",
        "/admin/reports/site-history/",
        "/admin/reports/aging-pages/",
        reverse("club_members:inspect", args=[secret.member_id]),
        reverse("consent_register:inspect", args=[secret.member.consents.get().pk]),
        reverse(tag.snippet_viewset.get_url_name("usage"), args=[tag.pk]),
        reverse(point.snippet_viewset.get_url_name("usage"), args=[point.pk]),
        *(
            f"{reverse('wagtail_bulk_action', args=['wagtailcore', 'page', action])}?id={secret.pk}"
            for action in ("delete", "move", "publish", "unpublish")
        ),
    ]
    for url in lists:
        answer = client.get(url)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        assert answer.status_code == 200, url
        assert CANARY not in body.decode(), url


def test_bulk_actions_do_not_touch_it(as_: As, secret: StoryPage) -> None:
    client = as_("story_keeper")
    bulk = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "unpublish"])
    client.post(f"{bulk}?id={secret.pk}&next=/admin/", {})
    assert StoryPage.objects.get(pk=secret.pk).live


def test_members_of_the_audience_and_superusers_reach_it(
    as_: As, secret: StoryPage, person: Callable[[str], User]
) -> None:
    person("story_keeper").groups.add(Group.objects.get(name="HR lead"))
    for role in ("story_keeper", "superuser"):
        client = as_(role)
        assert client.get(reverse("wagtailadmin_pages:edit", args=[secret.pk])).status_code == 200
        assert client.get(reverse("story_consent", args=[secret.pk])).status_code == 200
        assert CANARY in client.get("/admin/stories/").content.decode()
        assert CANARY in client.get(f"/admin/pages/{secret.get_parent().pk}/").content.decode()


def test_nobody_locks_herself_out_by_accident(as_: As) -> None:
    story = make_story(publish=False)
    group = Group.objects.get(name="HR lead").pk
    url = reverse("wagtailadmin_pages:edit", args=[story.pk])
    answer = as_("story_keeper").post(url, edit_form(story, audience_groups=[group]))
    assert "would lose this story from sight" in answer.content.decode()
    assert not StoryPage.objects.get(pk=story.pk).audience_groups.exists()
    own = Group.objects.get(name="Story keeper").pk
    assert as_("story_keeper").post(url, edit_form(story, audience_groups=[group, own])).status_code == 302
    assert StoryPage.objects.get(pk=story.pk).audience_groups.count() == 2


def test_a_quote_does_not_break_the_chooser(as_: As, secret: StoryPage) -> None:
    assert as_("story_keeper").get("/admin/choose-page/search/", {"q": '"draft"'}).status_code == 200
    assert as_("story_keeper").get("/admin/choose-page/search/", {"q": '"'}).status_code == 200


@pytest.mark.parametrize("typed", ['"', '"draft', "title"])
def test_a_quote_does_not_break_the_page_tree(typed: str, as_: As, secret: StoryPage) -> None:
    assert as_("superuser").get("/admin/pages/", {"q": typed}).status_code == 200
    assert CANARY not in as_("administrator").get("/admin/pages/", {"q": typed}, follow=True).content.decode()


def test_the_other_pages_stay_as_they_are(as_: As, secret: StoryPage) -> None:
    shelf = Page.objects.get(pk=secret.get_parent().pk)
    assert as_("story_keeper").get(reverse("wagtailadmin_explore", args=[shelf.pk])).status_code == 200
