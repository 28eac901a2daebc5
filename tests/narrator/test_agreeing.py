"""Her yes: what she allows, until when, and exactly these words, in one transaction."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.utils import timezone

from consent.enums import Category, Credit, EventKind, Method, Purpose
from consent.models import Approval, Consent, ConsentEvent, Grant
from consent.narrator.answering import years_from
from consent.narrator.links import held
from consent.querysets import wording_is_approved
from stories.models import StoryPage
from tests.factories import give, make_image, make_story
from tests.narrator.conftest import CHOICE, Her, ask_her, form_token, latest, text_of, wording_path

Agree = Callable[..., Any]
pytestmark = pytest.mark.django_db


def lines(her: Her) -> set[tuple[str, str]]:
    return set(held(her.member).values_list("purpose", "category"))


def test_she_sees_her_words_and_who_asks_until_when(her: Her) -> None:
    page = text_of(her.get())
    for words in ("Three evenings", "I waited.", "Nobody answered for three evenings.", "Two bold .", "Tell me the hour.", "The Gardener",
                  "Warm House asks", "We do not take silence for consent"):  # fmt: skip
        assert words in page, words


def test_nothing_is_ticked_beforehand(her: Her) -> None:
    assert b" checked" not in her.get().content


def test_her_yes_records_consent_and_approval_together(her: Her, story: StoryPage, agree: Agree) -> None:
    response = agree(her, story, categories=["life_event"])
    assert response.status_code == 303
    consent = Consent.objects.get()
    assert consent.method == Method.LINK_CODE
    assert consent.controller == "Warm House"
    assert consent.evidence_reference.startswith(f"link {her.link.pk}, ")
    assert consent.evidence_reference.endswith("question answered")
    assert timezone.localtime(consent.valid_until).date() == years_from(timezone.localdate(), 1)
    assert lines(her) == {(p, c) for p in ("read", "train") for c in ("words", "life_event")}
    assert wording_is_approved(her.member.pk, story.digest(), timezone.now())
    assert "Your yes is recorded" in text_of(her.client.get(response["Location"]))


def test_a_wrong_answer_explains_and_keeps_every_choice(her: Her, story: StoryPage, agree: Agree) -> None:
    response = agree(her, story, question="letter", credit="initials", years="2")
    page = response.content.decode()
    assert response.status_code == 422
    assert "nobody asks why" in text_of(response)
    for kept in ('value="read" checked', 'value="train" checked', 'value="2" checked', 'value="initials" checked', 'value="letter" checked'):
        assert kept in page, kept
    assert 'value="ideas" checked' not in page
    assert not Consent.objects.exists()
    assert not Approval.objects.exists()


@pytest.mark.parametrize("missing", ["purposes", "years", "credit", "question"])
def test_what_is_not_chosen_is_asked_for(her: Her, story: StoryPage, missing: str) -> None:
    response = her.post(wording_path(story), {name: value for name, value in CHOICE.items() if name != missing})
    assert response.status_code == 422
    assert f'href="#{missing}"' in response.content.decode()
    assert not ConsentEvent.objects.exclude(kind=EventKind.REQUESTED).exists()


@pytest.mark.parametrize(
    "hostile",
    [{"purposes": ["promote"]}, {"purposes": ["everything"]}, {"years": "99"}, {"years": "x"}, {"categories": ["soul"]}, {"credit": "<b>"},
     {"categories": ["image"]}, {"question": "\x00"}, {"purposes": ["read\x00"]}],
)  # fmt: skip
def test_what_was_never_offered_is_refused(her: Her, story: StoryPage, agree: Agree, hostile: dict[str, Any]) -> None:
    assert agree(her, story, **hostile).status_code == 422
    assert not Consent.objects.exists()


def test_a_double_tap_is_one_yes(her: Her, story: StoryPage) -> None:
    data = {**CHOICE, "form": form_token(her.get().content.decode())}
    for _tap in range(3):
        assert her.client.post(her.url(wording_path(story)), data).status_code == 303
    assert Consent.objects.count() == Approval.objects.count() == 1
    assert ConsentEvent.objects.exclude(kind=EventKind.REQUESTED).count() == 3  # two grants and the approval


def test_going_back_and_choosing_less_replaces_what_was_chosen(her: Her, story: StoryPage, agree: Agree) -> None:
    data = {**CHOICE, "form": form_token(her.get().content.decode())}
    her.client.post(her.url(wording_path(story)), data)
    her.client.post(her.url(wording_path(story)), {**data, "purposes": ["read"]})
    assert lines(her) == {("read", "words")}
    assert Consent.objects.count() == 1


def test_a_longer_term_is_a_new_consent_that_replaces_the_old(her: Her, story: StoryPage) -> None:
    data = {**CHOICE, "form": form_token(her.get().content.decode())}
    her.client.post(her.url(wording_path(story)), data)
    her.client.post(her.url(wording_path(story)), {**data, "years": "2"})
    newest, oldest = Consent.objects.order_by("-pk")
    assert newest.supersedes == oldest
    assert {g.consent_id for g in held(her.member)} == {newest.pk}
    kinds = list(ConsentEvent.objects.filter(consent=newest).values_list("kind", flat=True))
    assert kinds == [EventKind.RENEWED] * 2


def test_another_name_under_the_story_is_a_new_consent(her: Her, story: StoryPage) -> None:
    data = {**CHOICE, "form": form_token(her.get().content.decode())}
    her.client.post(her.url(wording_path(story)), data)
    her.client.post(her.url(wording_path(story)), {**data, "credit": "first_name"})
    assert {g.credit for g in held(her.member)} == {Credit.FIRST_NAME}


def test_a_consent_that_covers_the_story_leaves_only_the_words_to_approve(member: Any, story: StoryPage) -> None:
    consent = give(member)
    her = ask_her(story)
    page = text_of(her.get())
    assert "You have agreed before" in page
    assert "Until which day?" not in page
    assert her.post(wording_path(story)).status_code == 303
    assert list(Consent.objects.all()) == [consent]
    assert wording_is_approved(member.pk, story.digest(), timezone.now())


def test_she_may_choose_anew_all_the_same(member: Any, story: StoryPage) -> None:
    give(member)
    assert "Until which day?" in text_of(ask_her(story).get(f"{wording_path(story)}?choose=1"))


def test_the_words_alone_are_no_yes_where_nothing_is_allowed(her: Her, story: StoryPage) -> None:
    assert her.post(wording_path(story)).status_code == 422
    assert not Approval.objects.exists()


def test_photos_are_asked_about_only_where_there_are_some(her: Her, member: Any) -> None:
    assert 'value="image"' not in her.get().content.decode()
    image = make_image(member)
    pictured = make_story(member, publish=False, body=[("photo", {"image": image, "caption": "The door", "alt": "A door"})])
    page = ask_her(pictured).get().content.decode()
    assert 'value="image"' in page
    assert "The door" in page


def test_a_photo_asked_about_brings_the_choice_although_words_are_covered(member: Any) -> None:
    give(member)
    story = make_story(member, publish=False, body=[("photo", {"image": make_image(member), "caption": "", "alt": "A door"})])
    her = ask_her(story)
    assert 'value="image"' in her.get().content.decode()
    her.post(wording_path(story), {**CHOICE, "categories": ["image"]})
    assert (Purpose.READ, Category.IMAGE) in lines(her)


def test_what_the_page_did_not_ask_about_stays(member: Any, story: StoryPage) -> None:
    give(member, categories=(Category.WORDS, Category.IMAGE))
    her = ask_her(story)
    her.post(wording_path(story), {**CHOICE, "purposes": ["read"]}, shown=f"{wording_path(story)}?choose=1")
    assert ("train", "image") in lines(her)
    assert ("train", "words") not in lines(her)


# The words shown are the words approved


def rewrite(story: StoryPage, title: str = "Four evenings") -> None:
    draft = story.get_latest_revision_as_object()
    draft.title = title
    draft.save_revision()


def test_words_that_changed_meanwhile_are_not_approved(her: Her, story: StoryPage) -> None:
    data = {**CHOICE, "form": form_token(her.get().content.decode())}
    path = wording_path(story)
    rewrite(story)
    response = her.client.post(her.url(path), data)
    assert response.status_code == 409
    assert "The text has changed meanwhile" in text_of(response)
    assert not Consent.objects.exists()
    assert not Approval.objects.exists()


def test_an_old_page_leads_to_the_words_she_is_asked_about_now_with_her_ticks(her: Her, story: StoryPage) -> None:
    data = {**CHOICE, "form": form_token(her.get().content.decode())}
    path = wording_path(story)
    rewrite(story)
    ask_her(story)
    response = her.client.post(her.url(path), data)
    page = response.content.decode()
    assert response.status_code == 409
    assert "Four evenings" in page
    assert 'value="train" checked' in page
    agreed = her.client.post(her.url(wording_path(story)), {**data, "form": form_token(page)})
    assert agreed.status_code == 303
    assert wording_is_approved(her.member.pk, latest(story).as_object().digest(), timezone.now())


def test_a_replaced_picture_is_another_wording(member: Any) -> None:
    image = make_image(member)
    story = make_story(member, publish=False, body=[("photo", {"image": image, "caption": "", "alt": "A door"})])
    her = ask_her(story)
    data = {**CHOICE, "form": form_token(her.get().content.decode())}
    type(image).objects.filter(pk=image.pk).update(file_hash="f" * 40)
    assert her.client.post(her.url(wording_path(story)), data).status_code == 409


def test_the_companys_own_words_may_change_without_asking_again(her: Her, story: StoryPage) -> None:
    data = {**CHOICE, "form": form_token(her.get().content.decode())}
    path = wording_path(story)
    draft = story.get_latest_revision_as_object()
    draft.body = [*draft.body.raw_data, {"type": "warning", "value": "Hard to read"}]
    draft.save_revision()
    assert her.client.post(her.url(path), data).status_code == 303


def test_while_the_text_is_worked_on_there_is_nothing_to_decide(her: Her, story: StoryPage) -> None:
    rewrite(story)
    page = text_of(her.get())
    assert "We are working on this text" in page
    assert "I agree" not in page


def test_her_yes_publishes_a_story_that_waited_for_it(story: StoryPage, superuser: Any, agree: Agree) -> None:
    from tests.factories import make_user

    story.save_revision(user=superuser)
    story.get_workflow().start(story, superuser)
    second = make_user("story_keeper")
    state = story.current_workflow_task_state
    state.task.specific.on_action(state, second, "approve")
    assert agree(ask_her(story), story).status_code == 303
    assert StoryPage.objects.get(pk=story.pk).live


def test_without_a_document_there_is_nothing_to_sign(her: Her, story: StoryPage, text: Any) -> None:
    data = {**CHOICE, "form": form_token(her.get().content.decode())}
    text.delete()
    response = her.client.post(her.url(wording_path(story)), data)
    assert response.status_code == 422
    assert "not ready" in text_of(response)
    assert not Grant.objects.exists()


@pytest.mark.parametrize(("day", "last"), [(date(2026, 11, 22), date(2027, 11, 22)), (date(2028, 2, 29), date(2029, 2, 28))])
def test_a_year_ends_on_the_same_day(day: date, last: date) -> None:
    assert years_from(day, 1) == last


def test_a_year_in_the_calendar_of_the_page(her: Her) -> None:
    assert str(timezone.localdate().year + 2) in text_of(her.get())
