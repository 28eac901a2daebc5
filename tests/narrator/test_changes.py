"""Changes she asks for: passage by passage or in her own words; a keeper takes them into a draft, answers, asks again."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from consent.enums import SuggestionState
from consent.models import Suggestion
from consent.narrator import registry, suggesting
from stories.models import StoryPage
from stories.narrating import rewritten
from tests.factories import make_user
from tests.narrator.conftest import WORDS, Her, ask_her, latest, text_of, wording_path

pytestmark = pytest.mark.django_db
As = Callable[[str], Any]


def paths(story: StoryPage) -> dict[str, str]:
    """Return the names of the form's fields by the text they hold."""
    wording = registry.wording(latest(story))
    assert wording is not None
    return {passage.text: f"passage-{n}" for n, passage in enumerate(wording.passages)}


def send(her: Her, story: StoryPage, **data: str) -> Any:
    return her.post(f"{wording_path(story)}change/", data)


@pytest.fixture
def suggestion(her: Her, story: StoryPage) -> Suggestion:
    names = paths(story)
    send(her, story, **{names["Three evenings"]: "Four evenings", names[WORDS]: f"{WORDS} And a fourth.", "words": "It was spring."})
    return Suggestion.objects.get()


def test_only_what_she_changed_is_kept(suggestion: Suggestion, story: StoryPage) -> None:
    assert [(p["path"] == "title", p["before"], p["after"]) for p in suggestion.passages] == [
        (True, "Three evenings", "Four evenings"), (False, WORDS, f"{WORDS} And a fourth.")]  # fmt: skip
    assert suggestion.words == "It was spring."
    assert suggestion.wording_sha256 == story.digest()


def test_the_page_says_that_her_change_waits(her: Her, suggestion: Suggestion) -> None:
    assert "it waits for an answer" in text_of(her.get())


def test_windows_line_ends_are_no_change(her: Her, story: StoryPage) -> None:
    names = paths(story)
    response = send(her, story, **{names["One.\nTwo bold."]: "One.\r\nTwo bold.\r\n"})
    assert response.status_code == 422
    assert "Nothing is changed yet" in text_of(response)


def test_asking_again_replaces_what_she_asked_before(her: Her, story: StoryPage, suggestion: Suggestion) -> None:
    send(her, story, words="Summer, after all.")
    assert Suggestion.objects.get().words == "Summer, after all."


@pytest.mark.parametrize("text", ["a\x00b", "x" * 20_001, "x" * 100_000])
def test_what_cannot_be_kept_is_refused_and_nothing_is_lost(her: Her, story: StoryPage, text: str) -> None:
    response = send(her, story, **{paths(story)[WORDS]: text, "words": "Keep this sentence."})
    assert response.status_code == 422
    assert "Error:" in text_of(response)
    assert "Keep this sentence." in text_of(response)
    assert not Suggestion.objects.exists()


def test_markup_is_text(her: Her, story: StoryPage, as_: As) -> None:
    send(her, story, **{paths(story)[WORDS]: "<script>alert(1)</script>"})
    page = as_("story_keeper").get(f"/admin/consent/suggestions/{Suggestion.objects.get().pk}/").content.decode()
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;" in page


def test_words_that_changed_meanwhile_are_said_and_what_she_wrote_stays(her: Her, story: StoryPage) -> None:
    path = f"{wording_path(story)}change/"
    carried = her.get(path).content.decode()
    from tests.narrator.conftest import form_token

    draft = story.get_latest_revision_as_object()
    draft.title = "Five evenings"
    draft.save_revision()
    ask_her(story)
    response = her.client.post(her.url(path), {"form": form_token(carried), "words": "My long sentence."})
    assert response.status_code == 409
    assert "My long sentence." in text_of(response)


def test_a_change_is_marked_up_word_by_word() -> None:
    pieces = suggesting.marked_up("I waited three evenings.", "I waited four long evenings.")
    assert [(piece.kind, piece.text) for piece in pieces] == [
        ("same", "I waited "), ("gone", "three "), ("new", "four long "), ("same", "evenings.")]  # fmt: skip


def test_two_long_texts_are_compared_in_time() -> None:
    old, new = "and so on " * 6000, "so on and " * 6000
    pieces = suggesting.marked_up(old, new)
    assert "".join(p.text for p in pieces if p.kind != "new") == old
    assert "".join(p.text for p in pieces if p.kind != "gone") == new


# The keeper


def answer(client: Any, suggestion: Suggestion, **data: Any) -> Any:
    return client.post(f"/admin/consent/suggestions/{suggestion.pk}/", {"answer": "Thank you, taken.", **data}, follow=False)


def test_the_keeper_sees_it_and_takes_it_into_a_new_draft(as_: As, suggestion: Suggestion, story: StoryPage) -> None:
    client = as_("story_keeper")
    page = client.get(f"/admin/consent/suggestions/{suggestion.pk}/").content.decode()
    assert '<del class="deletion">Three </del>' in page
    assert '<ins class="addition">Four </ins>' in page
    assert "It was spring." in page
    response = answer(client, suggestion, take=[p["path"] for p in suggestion.passages])
    draft = latest(story).as_object()
    assert response["Location"] == f"/admin/consent/ask/{latest(story).pk}/"
    assert draft.title == "Four evenings"
    assert draft.raw_body()[0]["value"]["happened"] == f"{WORDS} And a fourth."
    assert draft.raw_body()[0]["value"]["expected"] == "an answer"
    assert not StoryPage.objects.get(pk=story.pk).live
    suggestion.refresh_from_db()
    assert (suggestion.state, suggestion.answer) == (SuggestionState.APPLIED, "Thank you, taken.")


def test_she_reads_the_answer_when_she_is_asked_again(as_: As, her: Her, suggestion: Suggestion, story: StoryPage) -> None:
    answer(as_("story_keeper"), suggestion, take=["title"])
    assert "We are working on this text" in text_of(her.get())
    again = ask_her(story)
    page = text_of(again.get())
    assert "Thank you, taken." in page
    assert "Four evenings" in page
    assert "I agree, all is right" in page


def test_an_answer_without_a_change_is_an_answer(as_: As, her: Her, suggestion: Suggestion, story: StoryPage) -> None:
    before = latest(story).pk
    answer(as_("story_keeper"), suggestion)
    suggestion.refresh_from_db()
    assert suggestion.state == SuggestionState.DECLINED
    assert latest(story).pk == before
    assert "Thank you, taken." in text_of(her.get())


def test_it_is_answered_once(as_: As, suggestion: Suggestion, story: StoryPage) -> None:
    client = as_("story_keeper")
    answer(client, suggestion, take=["title"])
    revision = latest(story).pk
    answer(client, suggestion, take=["title"], answer="Another answer.")
    suggestion.refresh_from_db()
    assert suggestion.answer == "Thank you, taken."
    assert latest(story).pk == revision


def test_an_answer_needs_words(as_: As, suggestion: Suggestion) -> None:
    assert answer(as_("story_keeper"), suggestion, answer="", take=["title"]).status_code == 422
    suggestion.refresh_from_db()
    assert suggestion.state == SuggestionState.OPEN


def test_what_reads_otherwise_by_now_is_left_alone(as_: As, suggestion: Suggestion, story: StoryPage) -> None:
    draft = story.get_latest_revision_as_object()
    draft.title = "The keeper was faster"
    draft.save_revision()
    answer(as_("story_keeper"), suggestion, take=[p["path"] for p in suggestion.passages])
    fresh = latest(story).as_object()
    assert fresh.title == "The keeper was faster"
    assert fresh.raw_body()[0]["value"]["happened"].endswith("And a fourth.")


def test_who_may_not_edit_takes_nothing(suggestion: Suggestion, story: StoryPage) -> None:
    host = make_user("club_host")
    with pytest.raises(PermissionDenied):
        suggesting.answer(suggestion=suggestion, take=["title"], words="x", by=host)
    suggestion.refresh_from_db()
    assert suggestion.state == SuggestionState.OPEN
    with pytest.raises(PermissionDenied):
        suggesting.answer(suggestion=suggestion, take=[], words="x", by=make_user("reader"))


def test_taking_a_change_does_not_skip_the_second_reader(as_: As, suggestion: Suggestion, story: StoryPage, superuser: Any) -> None:
    story.get_workflow().start(story, superuser)
    second = make_user("story_keeper")
    state = StoryPage.objects.get(pk=story.pk).current_workflow_task_state
    state.task.specific.on_action(state, second, "approve")
    answer(as_("story_keeper"), suggestion, take=["title"])
    waiting = StoryPage.objects.get(pk=story.pk).current_workflow_task_state
    assert waiting.revision == latest(story), "the narrator's step waits for the new words"
    her = ask_her(story)
    her.post(wording_path(story), {"chosen": "1", "purposes": "read", "years": "1", "credit": "pseudonym", "question": "gone"})
    story = StoryPage.objects.get(pk=story.pk)
    assert not story.live
    state = story.current_workflow_task_state
    state.task.specific.on_action(state, second, "approve")
    assert StoryPage.objects.get(pk=story.pk).live


@pytest.mark.parametrize(
    ("markup", "text", "result"),
    [
        ("<p>One.</p><p>Two <b>bold</b>.</p>", "One more.\nTwo bold.", "<p>One more.</p><p>Two <b>bold</b>.</p>"),
        ("<p>One.</p><p>One.</p>", "One.\nOne.", "<p>One.</p><p>One.</p>"),
        ("<ul><li>a</li><li>b</li></ul>", "a\nc", "<p>a</p><p>c</p>"),
        ("<p>One.</p>", "a < b & c", "<p>a &lt; b &amp; c</p>"),
        ("<p>One.</p>", "", ""),
    ],
)
def test_a_rewritten_narrative_keeps_the_markup_of_what_did_not_change(markup: str, text: str, result: str) -> None:
    assert rewritten(markup, text) == result
