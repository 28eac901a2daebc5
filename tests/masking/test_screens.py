"""Keepers look stories through: the list, the side-by-side screen, what is deleted, who may, the editor's check."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.test import Client, RequestFactory
from django.urls import reverse
from wagtail.admin.userbar import AccessibilityItem, ContentCheckerItem
from wagtail.models import PageLogEntry, Revision, TaskState

from club.models import User
from stories.masking.admin_views import RULE, NamesCheck, names_check
from stories.models import StoryNote, StoryPage
from stories.services import masking
from tests.factories import approve, give, make_member, make_story
from tests.masking.conftest import told
from tests.masking.test_capture import fields

pytestmark = pytest.mark.django_db
As = Callable[[str], Client]
NAMES = re.compile("натал|наташ|natal|natash|345-67-89", re.I)


def address(story: StoryPage) -> str:
    return reverse("story_names", args=[story.pk])


def form(client: Client, story: StoryPage) -> dict[str, str]:
    return fields(client.get(address(story)).content.decode())


def decide(client: Client, story: StoryPage, **changes: str) -> Any:
    return client.post(address(story), {**form(client, story), "decided": "1", **changes})


def listed(client: Client) -> str:
    return client.get(reverse("names_list:index")).content.decode()


def test_the_words_stand_side_by_side(as_: As, draft: StoryPage) -> None:
    page = as_("story_keeper").get(address(draft)).content.decode()
    assert page.count('class="mk-hit"') >= 8
    assert page.count('class="mk-new"') == page.count('class="mk-hit"')


def test_every_field_is_masked_and_tags_stay(as_: As, draft: StoryPage) -> None:
    response = decide(as_("story_keeper"), draft, **{"with-0": "Мария Олеговна"})
    latest = StoryPage.objects.get(pk=draft.pk).get_latest_revision_as_object()
    assert response.status_code == 302
    assert latest.title == "Разговор с Марией Олеговной"
    assert latest.summary == "Мне помогла Маша."
    episode, narrative, quote = (block["value"] for block in latest.raw_body())
    assert (episode["title"], episode["happened"], episode["expected"]) == (
        "Звонок Маше",
        "Маша взяла трубку.",
        "ответа от Маши",
    )
    assert narrative == "<p>Пришла <b>Маша</b>. Пишите: <a>сюда</a>.</p>"
    assert quote["text"] == "Спасибо Маше, её телефон [номер телефона]."


def test_the_source_is_gone_from_revisions_row_address_and_log(
    as_: As, draft: StoryPage, keeper: User
) -> None:
    slug = draft.slug
    StoryNote.objects.create(author=keeper, told="Пришла Наташа")
    decide(as_("story_keeper"), draft)
    story = StoryPage.objects.get(pk=draft.pk)
    revisions = Revision.page_revisions.filter(object_id=str(story.pk))
    kept = [
        story.title,
        story.draft_title,
        story.slug,
        story.summary,
        story.plain_text,
        str(story.raw_body()),
    ]
    kept += [str(revision.content) + revision.object_str for revision in revisions]
    kept += [entry.label + str(entry.data) for entry in PageLogEntry.objects.filter(page_id=story.pk)]
    assert revisions.count() == 1
    assert story.slug != slug
    assert not [text for text in kept if NAMES.search(text)]


def test_a_note_with_the_very_words_goes_too(as_: As, keeper: User) -> None:
    story = make_story(
        publish=False, consent=False, language="ru", body=[("narrative", "<p>Пришла Наташа.</p>")]
    )
    StoryNote.objects.create(author=keeper, told="Пришла Наташа.")
    decide(as_("story_keeper"), story)
    assert not StoryNote.objects.exists()


def test_the_workflow_goes_on_with_the_new_words(as_: As, draft: StoryPage, keeper: User) -> None:
    draft.get_workflow().start(draft, keeper)
    decide(as_("story_keeper"), draft)
    state = TaskState.objects.get()
    assert state.revision == StoryPage.objects.get(pk=draft.pk).get_latest_revision()


def test_looked_through_it_leaves_the_list(as_: As, draft: StoryPage) -> None:
    client = as_("story_keeper")
    assert draft.title in listed(client)
    decide(client, draft)
    assert f"/{draft.pk}/names/" not in listed(client)


def test_leaving_everything_changes_no_word_and_leaves_the_list(as_: As, draft: StoryPage) -> None:
    client, revision = as_("story_keeper"), draft.latest_revision_id
    sent = {name: "wanted" for name in form(client, draft) if name.startswith("do-")}
    decide(client, draft, **sent)
    story = StoryPage.objects.get(pk=draft.pk)
    assert (story.latest_revision_id, story.title) == (revision, draft.title)
    assert (
        story.names_checked_sha256
        == story.wording_sha256
        == story.get_latest_revision_as_object().names_checked_sha256
    )
    assert f"/{draft.pk}/names/" not in listed(client)


def test_new_words_are_looked_through_anew_and_what_was_decided_is_known(as_: As, draft: StoryPage) -> None:
    client = as_("story_keeper")
    decide(client, draft, **{"with-0": "Мария Олеговна"})
    latest = StoryPage.objects.get(pk=draft.pk).get_latest_revision_as_object()
    latest.summary = "Мне помогла Маша, а Рустам нет."
    latest.save()
    latest.save_revision(clean=False)
    assert masking.named_in(latest) == ["Рустам"]
    sent = form(client, latest)
    chosen = {name: value for name, value in sent.items() if name.startswith("do-")}
    assert sorted(chosen.values()) == ["replace", "wanted"]


def test_the_machine_clears_what_names_nobody(as_: As) -> None:
    story = make_story(
        publish=False, consent=False, title="Тихий вечер", body=[("narrative", "<p>Было тихо.</p>")]
    )
    client = as_("story_keeper")
    assert f"/{story.pk}/names/" in listed(client)
    assert masking.sweep() == 1
    assert f"/{story.pk}/names/" not in listed(client)
    assert masking.sweep() == 0


def test_the_sweep_counts_places_and_comes_once(draft: StoryPage) -> None:
    assert masking.sweep() == 1
    story = StoryPage.objects.get(pk=draft.pk)
    assert story.names_found >= 8
    assert masking.sweep() == 0


def test_a_published_story_keeps_its_words_until_the_new_ones_are_approved(as_: As) -> None:
    member = make_member()
    give(member)
    story = make_story(member, **told())
    decide(as_("story_keeper"), story, **{"with-0": "Мария"})
    live = StoryPage.objects.get(pk=story.pk)
    assert (live.title, live.live) == (story.title, True)
    latest = live.get_latest_revision_as_object()
    approve(latest)
    live.get_latest_revision().publish()
    assert StoryPage.objects.get(pk=story.pk).title == "Разговор с Марией"
    contents = [str(revision.content) for revision in Revision.page_revisions.filter(object_id=str(story.pk))]
    assert not [found.group() for content in contents if (found := NAMES.search(content))]
    assert len(contents) == 1
    entries = PageLogEntry.objects.filter(page_id=story.pk)
    assert not [entry.action for entry in entries if NAMES.search(entry.label + str(entry.data))]


def test_a_published_story_with_a_newer_draft_is_listed_by_its_draft(as_: As) -> None:
    member = make_member()
    give(member)
    story = make_story(member, title="Тихо", body=[("quote", {"text": "Тихо."})])
    masking.sweep()
    client = as_("story_keeper")
    assert f"/{story.pk}/names/" not in listed(client)
    story.summary = "Пришёл Рустам."
    story.save_revision()
    masking.sweep()
    assert f"/{story.pk}/names/" in listed(client)


def test_words_that_moved_are_not_overwritten(as_: As, draft: StoryPage) -> None:
    client = as_("story_keeper")
    sent = form(client, draft)
    latest = draft.get_latest_revision_as_object()
    latest.summary = "Совсем другое дело."
    latest.save_revision(clean=False)
    response = client.post(address(draft), {**sent, "decided": "1"})
    assert response.status_code == 422
    assert StoryPage.objects.get(pk=draft.pk).get_latest_revision_as_object().summary == "Совсем другое дело."


def test_the_preview_saves_nothing(as_: As, draft: StoryPage) -> None:
    client, revision = as_("story_keeper"), draft.latest_revision_id
    response = client.post(address(draft), {**form(client, draft), "preview": "1", "with-0": "соседка"})
    assert "соседкой" in response.content.decode()
    assert StoryPage.objects.get(pk=draft.pk).latest_revision_id == revision


@pytest.mark.parametrize("role", ["club_host", "dpo", "marketer", "hr_lead"])
def test_whoever_does_not_edit_stories_finds_nothing_here(as_: As, draft: StoryPage, role: str) -> None:
    client = as_(role)
    assert client.get(address(draft)).status_code == 404
    assert client.post(address(draft), {"decided": "1"}).status_code == 404
    assert client.get(reverse("names_list:index")).status_code == 302


def test_a_story_for_others_is_neither_listed_nor_opened(as_: As, draft: StoryPage) -> None:
    draft.audience_groups.set(Group.objects.filter(name="Administrator"))
    draft.save()
    client = as_("story_keeper")
    assert f"/{draft.pk}/names/" not in listed(client)
    assert client.get(address(draft)).status_code == 404
    assert as_("administrator").get(address(draft)).status_code == 200


def test_the_service_refuses_a_reader_itself(draft: StoryPage, reader: User) -> None:
    with pytest.raises(PermissionDenied):
        masking.look_through(story_id=draft.pk, digest=draft.digest(), data={}, by=reader)


def test_the_dashboard_counts_what_waits(as_: As, draft: StoryPage) -> None:
    assert "Names to look through" in as_("story_keeper").get("/admin/").content.decode()
    assert 'id="names"' not in as_("dpo").get("/admin/").content.decode()


def test_the_list_asks_as_much_for_twenty_as_for_one(
    as_: As, draft: StoryPage, django_assert_max_num_queries: Any
) -> None:
    client = as_("story_keeper")
    listed(client)
    with django_assert_max_num_queries(60) as one:
        listed(client)
    for _number in range(19):
        make_story(publish=False, consent=False, **told())
    with django_assert_max_num_queries(len(one) + 2):
        listed(client)


def test_the_log_holds_numbers_and_marks_only(as_: As, draft: StoryPage) -> None:
    decide(as_("story_keeper"), draft)
    entry = PageLogEntry.objects.get(action=masking.MASKED)
    assert set(entry.data) == {"places", "spoken"}
    assert all(re.fullmatch("[0-9a-f]{16}", mark) for mark in entry.data["spoken"])


# The editor's check


def test_the_editors_checks_ask_for_names(draft: StoryPage, keeper: User) -> None:
    items: list[Any] = [AccessibilityItem(in_editor=True)]
    names_check(RequestFactory().get("/"), items, draft)
    [item] = items
    assert isinstance(item, NamesCheck)
    configuration = item.get_axe_configuration(None)
    assert RULE in configuration["options"]["runOnly"]
    assert RULE in [rule["id"] for rule in configuration["spec"]["rules"]]
    assert RULE in configuration["messages"]


def test_other_pages_keep_wagtails_checks() -> None:
    items: list[Any] = [ContentCheckerItem()]
    names_check(RequestFactory().get("/"), items, StoryPage.objects.none().first())
    assert type(items[0]) is ContentCheckerItem


def test_the_preview_marks_a_wording_that_names_somebody(as_: As, draft: StoryPage) -> None:
    client = as_("story_keeper")
    view = reverse("wagtailadmin_pages:revisions_view", args=[draft.pk, draft.latest_revision_id])
    assert "data-named" in client.get(view).content.decode()
    decide(client, draft)
    story = StoryPage.objects.get(pk=draft.pk)
    view = reverse("wagtailadmin_pages:revisions_view", args=[story.pk, story.latest_revision_id])
    assert "data-named" not in client.get(view).content.decode()


def test_readers_see_no_mark(as_: As) -> None:
    story = make_story(title="Вечер у Натальи", language="ru")
    assert "data-named" not in as_("reader").get(f"/stories/{story.slug}/").content.decode()


def test_the_editor_may_show_the_preview_in_its_own_page(as_: As, draft: StoryPage) -> None:
    view = reverse("wagtailadmin_pages:revisions_view", args=[draft.pk, draft.latest_revision_id])
    response = as_("story_keeper").get(view)
    policy = dict(part.strip().partition(" ")[::2] for part in response["Content-Security-Policy"].split(";"))
    assert (policy["frame-ancestors"], response["X-Frame-Options"]) == ("'self'", "SAMEORIGIN")
