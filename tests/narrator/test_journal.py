"""Her journal: what became of her stories, and taking back what she gave in two clicks at most."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from consent.enums import Category, DemandKind, EventKind, LetterKind, Purpose
from consent.models import Consent, ConsentEvent, Demand, Letter, Suggestion
from consent.narrator import registry, taking_back
from consent.narrator.links import held
from consent.querysets import is_paused, wording_is_approved
from stories.models import Reading, StoryPage
from stories.querysets import visible
from tests.factories import give, make_image, make_member, make_story, make_user
from tests.narrator.conftest import CHOICE, Her, ask_her, latest, text_of, wording_path
from tests.pages import body

pytestmark = pytest.mark.django_db
Agree = Callable[..., Any]


@pytest.fixture
def live(member: Any) -> StoryPage:
    """A published story of hers with an answer of the company."""
    return make_story(member, title="The radiator", body=[
        ("quote", {"text": "It knocked all night."}), ("response", {"date": "2026-04-01", "text": "We changed the valve."}),
        ("case", {"verdict": "bad", "why": "SECRET OF THE HOUSE", "missing": "", "lesson": "x"}),
    ])  # fmt: skip


def readers(story: StoryPage, count: int) -> None:
    for _n in range(count):
        Reading.objects.create(story=story, reader=make_user("reader"), at=timezone.now())


def seen(story: StoryPage, reader: Any) -> bool:
    return visible(reader).filter(pk=story.pk).exists()


def test_it_says_what_we_changed_and_until_when(journal: Her, live: StoryPage) -> None:
    page = text_of(journal.get("journal/"))
    for words in ("The radiator", "Employees may read it", "1 April 2026", "We changed the valve.", "Employees may read it: your words"):
        assert words in page, words
    assert "SECRET" not in page


@pytest.mark.parametrize(
    ("count", "said"), [(0, None), (1, "Few have read it"), (4, "Few have read it"), (5, "5 employees have read it"), (7, "7 employees have read it")]
)
def test_it_counts_people_and_says_few_below_five(journal: Her, live: StoryPage, count: int, said: str | None) -> None:
    readers(live, count)
    page = text_of(journal.get("journal/"))
    assert ("read it" in page.replace("may read it", "").replace("Read it", "")) is (said is not None)
    assert said is None or said in page


def test_it_lists_every_story_with_its_state(journal: Her, live: StoryPage, story: StoryPage) -> None:
    page = text_of(journal.get("journal/"))
    assert "We wrote down what you told" in page
    ask_her(story)
    assert "A story waits for your answer" in text_of(journal.get("journal/"))


def test_other_apps_add_sections_and_notes(journal: Her, live: StoryPage, monkeypatch: pytest.MonkeyPatch) -> None:
    class Learners:
        order = 20

        def notes(self, member: Any, keys: Any) -> dict[str, list[str]]:
            return {key: ["Twelve newcomers learned from it."] for key in keys}

    class Section:
        order, template = 10, "narrator/allowed.html"

        def context(self, member: Any) -> dict[str, Any] | None:
            return None

    monkeypatch.setattr(registry, "_notes", [Learners()])
    monkeypatch.setattr(registry, "_sections", [Section()])
    assert "Twelve newcomers learned from it." in text_of(journal.get("journal/"))


def test_she_reads_her_story_as_it_is(journal: Her, live: StoryPage) -> None:
    page = text_of(journal.get(f"wording/{live.live_revision_id}/read/"))
    assert "It knocked all night." in page
    assert "SECRET" not in page


def test_a_note_nobody_worked_on_is_listed_but_not_opened(journal: Her, story: StoryPage) -> None:
    assert journal.get(f"{wording_path(story)}read/").status_code == 404


# Pause


def test_a_pause_hides_everything_at_once_and_ends_with_one_click(journal: Her, live: StoryPage, reader: Any) -> None:
    assert seen(live, reader)
    assert journal.post("pause/", shown="journal/").status_code == 303
    assert not seen(live, reader)
    page = text_of(journal.get("journal/"))
    assert "On pause" in page
    assert "Hidden while you pause" in page
    journal.post("pause/", shown="journal/")
    assert ConsentEvent.objects.filter(kind=EventKind.PAUSED).count() == 1, "pausing twice is one pause"
    journal.post("resume/", shown="journal/")
    assert seen(live, reader)
    assert not is_paused(journal.member.pk)


# Narrowing


def test_she_takes_one_purpose_back(journal: Her, live: StoryPage, reader: Any) -> None:
    response = journal.post("narrow/", {"lines": ["purpose:train"]})
    assert response.status_code == 303
    assert set(held(journal.member).values_list("purpose", flat=True)) == {"read", "ideas"}
    assert seen(live, reader)


def test_she_takes_the_pictures_back_and_the_words_stay(member: Any, journal: Her) -> None:
    give(member, categories=(Category.WORDS, Category.IMAGE))
    journal.post("narrow/", {"lines": ["category:image"]})
    assert set(held(member).values_list("category", flat=True)) == {"words"}


@pytest.mark.parametrize("lines", [[], ["purpose:promote"], ["category:image"], ["x"], ["purpose:read\x00"]])
def test_only_what_is_allowed_can_be_narrowed(journal: Her, live: StoryPage, lines: list[str]) -> None:
    assert journal.post("narrow/", {"lines": lines}).status_code == 422
    assert held(journal.member).count() == 3


def test_what_left_the_company_is_also_demanded_to_stop(member: Any, journal: Her) -> None:
    give(member, purposes=(Purpose.PROMOTE,))
    journal.post("narrow/", {"lines": ["purpose:promote"]})
    assert Demand.objects.get().kind == DemandKind.STOP
    assert not held(member).exists()


# Taking back


def test_she_takes_everything_back_in_two_clicks(journal: Her, live: StoryPage, reader: Any) -> None:
    page = journal.get("journal/").content.decode()
    assert f'href="{journal.url("withdraw/")}"' in page
    response = journal.post("withdraw/")
    assert response.status_code == 303
    assert not seen(live, reader)
    assert not held(journal.member).exists()
    after = text_of(journal.client.get(response["Location"]))
    assert "Everything is yours again" in after
    assert "Take everything back" not in after
    assert Demand.objects.get(kind=DemandKind.WITHDRAW).done_at is not None


def test_taking_back_twice_is_once(journal: Her, live: StoryPage) -> None:
    for _click in range(2):
        journal.post("withdraw/", shown="erase/")
    assert ConsentEvent.objects.filter(kind=EventKind.WITHDRAWN).count() == 3
    assert Demand.objects.filter(kind=DemandKind.WITHDRAW).count() == 1


def test_what_she_took_back_does_not_come_back_with_another_story(her: Her, story: StoryPage, live: StoryPage, reader: Any) -> None:
    her.post("withdraw/")
    again = ask_her(story)
    again.post(wording_path(story), CHOICE)
    assert held(again.member).exists()
    assert not seen(live, reader)


def test_it_works_while_paused(journal: Her, live: StoryPage) -> None:
    journal.post("pause/", shown="journal/")
    journal.post("withdraw/")
    assert not held(journal.member).exists()


def test_she_takes_one_story_back_and_the_others_stay(journal: Her, live: StoryPage, member: Any, reader: Any) -> None:
    other = make_story(member, title="The other")
    response = journal.post(f"wording/{live.live_revision_id}/take-back/")
    assert response.status_code == 303
    assert not seen(live, reader)
    assert seen(other, reader)
    assert "Hidden; nobody reads it" in text_of(journal.get("journal/"))


def test_a_refusal_is_noted_once_and_asks_nothing_more(her: Her, story: StoryPage) -> None:
    path = f"{wording_path(story)}no/"
    carried = her.post(path)
    assert carried.status_code == 303
    her.post(path, shown="correct/")
    assert ConsentEvent.objects.filter(kind=EventKind.REFUSED).count() == 1
    assert "Three evenings" in text_of(her.get())
    assert "waits for your answer" not in text_of(her.get())


def test_not_now_is_no_refusal(her: Her, story: StoryPage) -> None:
    assert "not now" in text_of(her.get("later/"))
    assert not ConsentEvent.objects.exclude(kind=EventKind.REQUESTED).exists()
    assert her.get().status_code == 200


# Demands


def test_a_correction_is_a_demand_with_a_day(journal: Her) -> None:
    for _tap in range(2):
        assert journal.post("correct/", {"words": "It was in <b>May</b>, not in June."}).status_code == 303
    demand = Demand.objects.get()
    assert (demand.kind, demand.channel, demand.words) == (DemandKind.CORRECT, "link", "It was in <b>May</b>, not in June.")
    assert demand.due_on > timezone.localdate()
    assert "We must have done it by" in text_of(journal.get("journal/"))


@pytest.mark.parametrize("words", ["", "   ", "\x00", "x" * 5001, "x" * 100_000])
def test_words_that_cannot_be_kept_are_refused_with_a_sentence(journal: Her, words: str) -> None:
    response = journal.post("correct/", {"words": words})
    assert response.status_code == 422
    assert "Error:" in text_of(response)
    assert not Demand.objects.exists()


def test_a_copy_of_everything_comes_at_once(journal: Her, live: StoryPage) -> None:
    response = journal.post("copy/", {"format": "json"})
    assert response["Content-Disposition"] == 'attachment; filename="copy.json"'
    assert "It knocked all night." in json.dumps(json.loads(response.content), ensure_ascii=False)
    readable = journal.post("copy/", {"format": "html"})
    assert "It knocked all night." in text_of(readable)
    demand = Demand.objects.get()
    assert (demand.kind, demand.done_at is not None) == (DemandKind.COPY, True)


def test_forgetting_hides_at_once_and_names_a_day(journal: Her, live: StoryPage, reader: Any) -> None:
    response = journal.post("erase/")
    assert not seen(live, reader)
    demand = Demand.objects.get(kind=DemandKind.ERASE)
    page = text_of(journal.client.get(response["Location"]))
    assert "We must have done it by" in page
    journal.post("erase/")
    assert Demand.objects.filter(kind=DemandKind.ERASE).get() == demand


# Papers


def test_the_receipt_is_hers_to_print(her: Her, story: StoryPage, agree: Agree) -> None:
    agree(her, story)
    consent = Consent.objects.get()
    page = text_of(her.get(f"receipt/{consent.pk}/"))
    for words in ("What you agreed to", "Warm House", "The Gardener", "You may use my words.", consent.text.sha256):
        assert words in page, words
    data = her.get(f"receipt/{consent.pk}/data/")
    assert data["Content-Type"].startswith("application/ld+json")
    assert json.loads(data.content)["dct:identifier"] in page


# Outside the company


@pytest.fixture
def papers(db: None) -> Any:
    from consent.enums import Law, TextScope
    from consent.models import ConsentText

    return [
        ConsentText.objects.create(
            law=Law.GDPR, scope=TextScope.DISTRIBUTION, category=category, language="en", title=f"Outside: {category}", body="It may leave."
        )
        for category in (Category.WORDS, Category.IMAGE)
    ]


def test_without_a_paper_there_is_no_way_outside(her: Her) -> None:
    assert her.get("outside/").status_code == 404
    assert "the separate paper" not in text_of(her.get())


def test_each_category_leaves_with_a_paper_of_its_own(her: Her, papers: Any) -> None:
    assert "the separate paper" in text_of(her.get())
    data = {"categories": ["words", "image"], "years": "1", "credit": "pseudonym", "conditions": "Not on television."}
    for _tap in range(2):
        assert her.post("outside/", data).status_code == 303
    assert {consent.text for consent in Consent.objects.all()} == set(papers)
    assert Consent.objects.count() == 2
    assert set(held(her.member).values_list("purpose", "category")) == {("promote", "words"), ("promote", "image")}
    assert {consent.conditions for consent in Consent.objects.all()} == {"Not on television."}


def test_the_paper_outside_changes_nothing_inside(her: Her, story: StoryPage, agree: Agree, papers: Any) -> None:
    agree(her, story)
    her.post("outside/", {"categories": ["words"], "years": "2", "credit": "pseudonym"})
    assert set(held(her.member).values_list("purpose", flat=True)) == {"read", "train", "promote"}
    assert Purpose.PROMOTE.value not in her.get(f"{wording_path(story)}?choose=1").content.decode().split("purposes")[1]


@pytest.mark.parametrize("wrong", [{"categories": []}, {"categories": ["voice"]}, {"years": "5"}, {"credit": ""}, {"conditions": "x" * 2001}])
def test_an_unfinished_paper_is_not_signed(her: Her, papers: Any, wrong: dict[str, Any]) -> None:
    data = {"categories": ["words"], "years": "1", "credit": "pseudonym", **wrong}
    assert her.post("outside/", data).status_code == 422
    assert not Consent.objects.exists()


# Asking again


def test_a_consent_that_ends_soon_may_be_asked_about_anew(member: Any) -> None:
    give(member, until=timezone.now() + timedelta(days=20))
    story = make_story(member)
    her = ask_her(story)
    assert "What we agree on" in text_of(her.get())
    her.post(wording_path(story), CHOICE, shown=f"{wording_path(story)}?choose=1")
    assert Consent.objects.filter(supersedes__isnull=False).exists()
    assert "What we agree on" not in text_of(her.get())


def test_everything_of_a_visit_costs_a_bounded_number_of_queries(member: Any, journal: Her, django_assert_max_num_queries: Any) -> None:
    for _n in range(3):
        make_story(member)
    with django_assert_max_num_queries(90):
        journal.get("journal/")


def test_nothing_of_somebody_else_is_in_the_journal(journal: Her) -> None:
    other = make_member(persona_name="Somebody else", language="en")
    make_story(other, title="Not hers")
    give(other)
    Suggestion.objects.create(member=other, words="Not her words", created_at=timezone.now())
    page = text_of(journal.get("journal/"))
    assert "Not hers" not in page
    assert "Not her words" not in page
    assert "What you agreed to on" not in page


def test_the_services_say_whether_anything_changed(journal: Her, live: StoryPage) -> None:
    assert taking_back.take_back_wording(journal.link, live.wording_sha256)
    assert not taking_back.take_back_wording(journal.link, live.wording_sha256)
    assert not wording_is_approved(journal.member.pk, live.wording_sha256, timezone.now())


def test_hostile_methods_and_bodies_break_nothing(her: Her, story: StoryPage) -> None:
    client = Client(raise_request_exception=False)
    for path in ("", "journal/", "narrow/", "withdraw/", wording_path(story), f"{wording_path(story)}change/", "outside/", "copy/"):
        for method in ("put", "delete", "patch", "options"):
            assert getattr(client, method)(her.url(path)).status_code == 405, (method, path)
        assert client.post(her.url(path), b"\xff\xfe\x00" * 100, content_type="application/octet-stream").status_code in (403, 404, 405)
        assert client.post(her.url(path), {"form": "\x00" * 50, "purposes": ["\ud800".encode("utf-8", "replace").decode()]}).status_code < 500


def test_the_photo_of_a_story_taken_back_stays_hers(member: Any) -> None:
    image = make_image(member)
    give(member, categories=(Category.WORDS, Category.IMAGE))
    story = make_story(member, publish=False, body=[("photo", {"image": image, "caption": "", "alt": "A door"})])
    her = ask_her(story)
    her.post("withdraw/")
    response = her.get(f"photo/{image.pk}/")
    assert response.status_code == 200
    assert body(response)
    assert latest(story).pk
    assert not Letter.objects.filter(kind=LetterKind.ASK).exists()
