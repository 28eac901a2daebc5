"""The list of stories, the consent page, and the way from a draft to a published story."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries
from wagtail.models import TaskState

from club.models import User
from consent.enums import EventKind
from consent.models import Approval, ConsentEvent
from consent.services import revoke_approval
from stories.models import StoryNote, StoryPage, Touchpoint
from stories.querysets import visible
from stories.services.capturing import submit_note
from tests.admin.conftest import approval, record_approval
from tests.factories import episode, give, make_member, make_story, make_tag, make_touchpoint

As = Callable[[str], Client]
Person = Callable[[str], User]
LIST = "/admin/stories/"


def found(client: Client, query: str = "") -> set[int]:
    return {story.pk for story in client.get(f"{LIST}?{query}").context["object_list"]}


def edit_form(story: StoryPage, **changes: Any) -> dict[str, Any]:
    """The page form as a browser sends it: title, narrator and one narrative."""
    return {
        "title": story.title,
        "slug": story.slug,
        "summary": "",
        "member": story.member_id,
        "language": "en",
        "provenance": "lived",
        "sensitivity": "normal",
        "tags": "",
        "body-count": "1",
        "body-0-deleted": "",
        "body-0-order": "0",
        "body-0-type": "quote",
        "body-0-id": "",
        "body-0-value-text": "I waited.",
        "comments-TOTAL_FORMS": "0",
        "comments-INITIAL_FORMS": "0",
        **changes,
    }


def second_keeper(client: Client) -> Client:
    from tests.factories import make_user

    other = Client()
    other.force_login(make_user("story_keeper"), backend="club.backends.EmployeeBackend")
    return other


def test_the_list_says_where_the_wording_stands(as_: As) -> None:
    approved_one, never = make_story(), make_story(publish=False)
    changed, same_words = make_story(), make_story()
    changed.title = "Other words"
    changed.save_revision()
    same_words.tags.add(make_tag())
    same_words.save_revision()
    taken_back = make_story()
    revoke_approval(approval=Approval.objects.get(member=taken_back.member))
    rows = as_("story_keeper").get(LIST).context["object_list"]
    assert {story.pk: story.wording_state for story in rows} == {
        approved_one.pk: "approved",
        never.pk: "never",
        changed.pk: "changed",
        same_words.pk: "approved",
        taken_back.pk: "taken_back",
    }
    assert found(as_("story_keeper"), "wording_state=changed") == {changed.pk}


def test_the_list_is_filtered(as_: As) -> None:
    point, tag = make_touchpoint(), make_tag()
    one = make_story(language="ru")
    one.touchpoints.add(point)
    one.tags.add(tag)
    one.save()
    other = make_story(publish=False, consent=False)
    client = as_("story_keeper")
    for query in (f"touchpoints={point.pk}", f"tag={tag.pk}", "language=ru", "live=true", "reading=valid"):
        assert found(client, query) == {one.pk}, query
    for query in ("reading=none", "live=false", f"q={other.member.code}", f"q={other.title}"):
        assert found(client, query) == {other.pk}, query


@pytest.mark.parametrize("typed", ['"', "\x00", " ", "*", "a" * 4000])
def test_no_search_breaks_the_list(typed: str, as_: As) -> None:
    assert as_("story_keeper").get(LIST, {"q": typed}).status_code == 200


def test_the_export_holds_no_story(as_: As) -> None:
    story = make_story(body=[episode(happened="A secret evening.")])
    answer = as_("story_keeper").get(f"{LIST}?export=csv")
    body = b"".join(answer.streaming_content).decode()
    assert story.title in body and "secret" not in body and story.member.persona_name not in body
    assert as_("club_host").get(f"{LIST}?export=csv").status_code == 302


def test_the_list_needs_as_many_queries_for_twenty_as_for_one(
    as_: As, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = as_("story_keeper")

    def draft() -> None:
        story = make_story()
        story.title = f"{story.title} again"
        story.save_revision()

    draft()
    client.get(LIST)
    with CaptureQueriesContext(connection) as first:
        client.get(LIST)
    for _number in range(19):
        draft()
    with django_assert_num_queries(len(first)):
        client.get(LIST)


def test_the_shelf_shows_the_same(as_: As) -> None:
    story = make_story()
    page = as_("story_keeper").get(reverse("wagtailadmin_explore", args=[story.get_parent().pk]))
    assert page.status_code == 200
    assert story.member.persona_name in page.content.decode()


def test_the_editor_leads_to_the_consent_page(as_: As) -> None:
    story = make_story()
    page = as_("story_keeper").get(reverse("wagtailadmin_pages:edit", args=[story.pk])).content.decode()
    assert reverse("story_consent", args=[story.pk]) in page
    for closed in ("copy", "delete", "move", "set_privacy"):
        assert reverse(f"wagtailadmin_pages:{closed}", args=[story.pk]) not in page, closed


def test_the_consent_page_shows_every_word_she_approves(as_: As) -> None:
    told = {
        "title": "A-title",
        "when": "A-when",
        "happened": "A-happened",
        "expected": "A-expected",
        "feeling_words": "A-mood",
        "recovery": "A-repair",
        "turning_point": True,
        "turning_words": "A-turn",
    }
    body = [
        episode(**told),
        ("quote", {"text": "A-quote"}),
        ("narrative", "<p>A-tale</p>"),
        ("case", {"verdict": "bad", "why": "B-why", "missing": "", "lesson": "B-lesson"}),
        ("warning", "B-warning"),
    ]
    story = make_story(publish=False, summary="A-summary", body=body)
    page = as_("club_host").get(reverse("story_consent", args=[story.pk])).content.decode()
    for part in (
        *(value for value in told.values() if value is not True),
        "A-quote",
        "A-tale",
        "A-summary",
        story.digest(),
    ):
        assert part in page, part
    assert not re.search("B-(why|lesson|warning)", page)


def test_the_words_are_those_of_the_latest_draft(as_: As) -> None:
    story = make_story()
    story.title = "The newest title"
    story.save_revision()
    page = as_("dpo").get(reverse("story_consent", args=[story.pk])).content.decode()
    assert "The newest title" in page and "This wording is not approved" in page


@pytest.mark.parametrize("missing", ["method", "evidence_reference", "seen"])
def test_an_approval_needs_method_evidence_and_her_eyes(missing: str, as_: As) -> None:
    story = make_story(publish=False)
    answer = record_approval(as_("story_keeper"), story, **{missing: ""})
    assert answer.status_code == 422
    assert not Approval.objects.exists()


def test_words_that_changed_meanwhile_are_not_approved(as_: As) -> None:
    story = make_story(publish=False)
    form = approval(story)
    story.title = "Changed while she read"
    story.save_revision()
    url = reverse("story_consent", args=[story.pk])
    answer = as_("story_keeper").post(url, form)
    page = answer.content.decode()
    assert answer.status_code == 422 and "The wording changed while this page was open" in page
    assert not Approval.objects.exists()
    latest = story.get_latest_revision_as_object().digest()
    assert f'value="{latest}"' in page and form["digest"] not in page


@pytest.mark.parametrize("digest", ["", "x", "0" * 64])
def test_an_invented_wording_is_not_approved(digest: str, as_: As) -> None:
    story = make_story(publish=False)
    assert record_approval(as_("story_keeper"), story, digest=digest).status_code == 422
    assert not Approval.objects.exists()


def test_from_a_draft_to_readers_with_four_eyes(as_: As, person: Person) -> None:
    story = make_story(publish=False)
    give(story.member)
    anna = as_("story_keeper")
    boris = second_keeper(anna)
    edit = reverse("wagtailadmin_pages:edit", args=[story.pk])
    assert (
        anna.post(edit, edit_form(story, title="As she told it", **{"action-submit": "1"})).status_code == 302
    )
    step = TaskState.objects.get(status="in_progress")
    approve = reverse("wagtailadmin_pages:workflow_action", args=[story.pk, "approve", step.pk])
    anna.post(approve, {"comment": ""})
    step.refresh_from_db()
    assert step.status == "in_progress", "the last editor let her own words through"
    assert boris.post(approve, {"comment": ""}).status_code == 302
    step.refresh_from_db()
    assert step.status == "approved"
    assert found(anna, "stage=narrator") == {story.pk}
    assert not StoryPage.objects.get(pk=story.pk).live
    answer = record_approval(anna, StoryPage.objects.get(pk=story.pk))
    assert answer.status_code == 302
    story = StoryPage.objects.get(pk=story.pk)
    assert story.live and story.title == "As she told it" and not story.workflow_in_progress
    assert visible(person("reader")).filter(pk=story.pk).exists()


def test_an_approval_before_the_second_reader_publishes_after_him(as_: As) -> None:
    story = make_story(publish=False)
    anna = as_("story_keeper")
    anna.post(reverse("wagtailadmin_pages:edit", args=[story.pk]), edit_form(story, **{"action-submit": "1"}))
    record_approval(anna, StoryPage.objects.get(pk=story.pk))
    assert not StoryPage.objects.get(pk=story.pk).live
    step = TaskState.objects.get(status="in_progress")
    second_keeper(anna).post(
        reverse("wagtailadmin_pages:workflow_action", args=[story.pk, "approve", step.pk]), {"comment": ""}
    )
    assert StoryPage.objects.get(pk=story.pk).live


def test_a_host_records_an_approval_but_does_not_edit(as_: As) -> None:
    story = make_story(publish=False)
    host = as_("club_host")
    assert record_approval(host, story).status_code == 302
    assert Approval.objects.get().member == story.member
    assert host.get(reverse("wagtailadmin_pages:edit", args=[story.pk])).status_code == 404


def test_an_approval_is_taken_back(as_: As, person: Person) -> None:
    story = make_story()
    url = reverse("story_take_back", args=[story.pk])
    client = as_("club_host")
    assert "no reader sees the story any more" in client.get(url).content.decode()
    assert visible(person("reader")).filter(pk=story.pk).exists()
    assert client.post(url).status_code == 302
    assert not visible(person("reader")).filter(pk=story.pk).exists()
    assert ConsentEvent.objects.filter(kind=EventKind.REVOKED).count() == 1
    assert "nothing to take back" in client.get(url).content.decode()


@pytest.mark.parametrize("role", ["story_keeper", "superuser"])
def test_a_story_is_never_deleted_here(role: str, as_: As) -> None:
    story = make_story()
    client = as_(role)
    url = reverse("wagtailadmin_pages:delete", args=[story.pk])
    for answer in (client.get(url), client.post(url)):
        assert answer.status_code == 403
        assert "unpublish it" in answer.content.decode()
    bulk = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "delete"])
    client.post(f"{bulk}?id={story.pk}&next=/admin/", {})
    api = f"/admin/api/main/pages/{story.pk}/action/delete/"
    assert client.post(api, content_type="application/json").status_code == 403
    for parent in story.get_ancestors().filter(depth__gt=1):
        client.post(reverse("wagtailadmin_pages:delete", args=[parent.pk]))
        client.post(f"/admin/api/main/pages/{parent.pk}/action/delete/", content_type="application/json")
        client.post(f"{bulk}?id={parent.pk}&next=/admin/", {})
    assert StoryPage.objects.filter(pk=story.pk).exists()


@pytest.mark.parametrize("role", ["story_keeper", "superuser"])
def test_a_story_is_never_copied(role: str, as_: As) -> None:
    story = make_story()
    client = as_(role)
    data = {"new_title": "Twin", "new_slug": "twin", "new_parent_page": story.get_parent().pk, "alias": ""}
    assert client.post(reverse("wagtailadmin_pages:copy", args=[story.pk]), data).status_code == 403
    for action in ("copy", "create_alias", "copy_for_translation"):
        url = f"/admin/api/main/pages/{story.pk}/action/{action}/"
        body = {
            "destination_page_id": story.get_parent().pk,
            "slug": "twin",
            "recursive": False,
            "locale": "en",
        }
        assert client.post(url, body, content_type="application/json").status_code == 403
    assert StoryPage.objects.count() == 1


@pytest.mark.parametrize("name", ["set_privacy", "move", "set_page_position", "convert_alias"])
def test_what_stories_do_not_have_is_not_there(name: str, as_: As) -> None:
    story = make_story()
    assert as_("superuser").get(reverse(f"wagtailadmin_pages:{name}", args=[story.pk])).status_code == 404


def test_a_note_is_new_until_somebody_works_on_it(as_: As, person: Person) -> None:
    note = StoryNote(
        author=person("reader"), title="On the stairs", told="She told me.", who="a mother", language="en"
    )
    story = submit_note(note=note, by=person("reader"))
    client = as_("story_keeper")
    assert found(client, "stage=noted") == {story.pk}
    assert "Work on them" in client.get("/admin/").content.decode()
    story.save_revision(user=person("story_keeper"))
    assert found(client, "stage=noted") == set()


def test_touchpoints_of_the_editor_are_chosen_in_order(as_: As) -> None:
    make_touchpoint("second", order=2)
    make_touchpoint("first", order=1)
    assert [point.slug for point in Touchpoint.objects.all()] == ["first", "second"]
    assert make_member().pk
