"""Help with coding: themes are proposed from what people coded, answered by a person, and forgotten with the words."""

from collections.abc import Callable

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client

from consent.enums import Purpose
from consent.services import withdraw
from ideas.enums import Origin
from ideas.likeness import Example, Likeness, stems_of
from ideas.models import Coding, Refusal
from ideas.proposing import proposals
from ideas.services import proposals as answers
from ideas.services.merging import merge_themes
from ideas.texts import Span
from tests.factories import make_user
from tests.ideas.world import block_of, make_theme, mark, marketer, reword, told

RANG = "Nobody rang me back about the leaking radiator."
AGAIN = "Again nobody rang me back about that leaking radiator in the hall."
DOOR = "The front door was painted green last summer."
SAID = f"{AGAIN} It was a Tuesday.\n\n{DOOR}"

As = Callable[[str], Client]


def likeness(*texts: tuple[int, str], refused: tuple[tuple[int, str], ...] = ()) -> Likeness:
    """What is learnt from texts with their themes."""
    taught, no = (
        [Example(place, theme, stems_of(text)) for place, (theme, text) in enumerate(rows)] for rows in (texts, refused)
    )
    return Likeness(taught, no)


def test_the_nearest_profile_comes_first_with_the_example_most_like_the_text() -> None:
    learnt = likeness((1, "late fee charged twice"), (1, "a fee nobody explained"), (2, "the lift stood still"))
    first, *rest = learnt.guess(stems_of("they charged the fee twice"))
    assert (first.theme, first.like, rest) == (1, 0, [])
    assert 0 < first.score <= 1 and first.alike > 0.5
    assert learnt.guess(stems_of("snow in the yard")) == [] and learnt.guess({}) == []


def test_an_example_left_out_counts_as_if_it_were_not_there() -> None:
    rows = [(1, "late fee charged twice"), (1, "fee for paying late"), (2, "the lift was late")]
    examples = [Example(place, theme, stems_of(text)) for place, (theme, text) in enumerate(rows)]
    whole, fewer = Likeness(examples), Likeness(examples[1:], (), [examples[0].stems])
    text = stems_of("late fee")
    one, other = whole.guess(text, without=(0,)), fewer.guess(text)
    assert [each.theme for each in one] == [each.theme for each in other] == [1, 2]
    assert [each.score for each in one] == pytest.approx([each.score for each in other])


def test_a_refusal_lowers_the_theme_for_what_is_like_it_only() -> None:
    rows = ((1, "late fee charged twice"), (1, "rude man on the phone"))
    free, taught = likeness(*rows), likeness(*rows, refused=((1, "a fee charged to the wrong flat"),))
    fee, rude = stems_of("the fee was charged"), stems_of("the man was rude")
    assert taught.guess(fee)[0].score < free.guess(fee)[0].score if taught.guess(fee) else True
    assert taught.guess(rude)[0].score == free.guess(rude)[0].score


@pytest.mark.django_db
def test_a_passage_like_a_coded_one_is_proposed_with_its_reason_and_accepted_by_a_person(as_: As) -> None:
    theme, user = make_theme("Ring back"), marketer()
    like = mark(user, told(said=RANG), RANG, theme, valence=-2)
    story = told(said=SAID)
    [found] = proposals(user, story)
    assert (found.words, found.theme, found.like.words, found.like.coding) == (AGAIN, theme, RANG, like.pk)
    assert Coding.objects.count() == 1, "nothing is coded without a person"
    coder = as_("marketer")
    page = coder.get(f"/stories/{story.slug}/", headers={"Accept-Language": "en"}).content.decode()
    assert "Like this passage of" in page and RANG in page
    assert RANG not in as_("reader").get(f"/stories/{story.slug}/").content.decode()
    sent = {"block": found.block, "start": found.start, "end": found.end, "theme": theme.pk, "like": like.pk, "act": "accept"}
    address = f"/stories/{story.slug}/proposals/"
    assert coder.post(address, sent).url.endswith("#proposals")
    made = Coding.objects.exclude(pk=like.pk).get()
    assert (made.origin, made.valence, made.highlight.exact) == (Origin.SUGGESTED, -2, AGAIN)
    assert made.coder is not None
    assert proposals(user, story) == []
    assert coder.post(address, {**sent, "act": "other"}).status_code == 404
    assert coder.post(address, {**sent, "theme": "²"}).status_code == 404
    assert as_("reader").post(address, sent).status_code == 403
    assert as_("marketer").post("/stories/none/proposals/", sent).status_code == 404


@pytest.mark.django_db
def test_refusals_teach_keep_no_words_and_lapse_when_the_words_change(as_: As) -> None:
    theme, user = make_theme("Ring back"), marketer()
    mark(user, told(said=RANG), RANG, theme)
    story, other = told(said=SAID), told(said="Nobody rang me back at all about a leaking radiator.")
    [found], [elsewhere] = proposals(user, story), proposals(user, other)
    sent = {"block": found.block, "start": found.start, "end": found.end, "theme": theme.pk, "act": "refuse"}
    as_("marketer").post(f"/stories/{story.slug}/proposals/", sent)
    kept = Refusal.objects.get()
    assert (kept.start, kept.end, kept.theme) == (found.start, found.end, theme)
    assert "radiator" not in "".join(str(value) for value in vars(kept).values())
    assert proposals(user, story) == []
    assert [each for each in proposals(user, other) if each.words == elsewhere.words] == []
    answers.refuse(user=user, story=story, block_id=found.block, span=Span(found.start, found.end), theme=theme)
    assert Refusal.objects.count() == 1
    with pytest.raises(ValidationError):
        answers.refuse(user=user, story=story, block_id=found.block, span=Span(0, 9999), theme=theme)
    with pytest.raises(PermissionDenied):
        answers.refuse(user=make_user("reader"), story=story, block_id=found.block, span=Span(0, 9), theme=theme)
    reworded = reword(story, f"On a Monday. {AGAIN}")
    assert [each.words for each in proposals(user, other)] == [elsewhere.words]
    assert reworded.live


@pytest.mark.django_db
def test_nothing_learnt_outlives_a_withdrawal() -> None:
    theme, user = make_theme("Ring back"), marketer()
    taught, story = told(said=RANG), told(said=SAID)
    mark(user, taught, RANG, theme)
    assert len(proposals(user, story)) == 1
    withdraw(member=taught.member, purpose=Purpose.IDEAS)
    assert proposals(user, story) == []


@pytest.mark.django_db
def test_what_was_coded_to_a_merged_theme_is_proposed_for_where_it_went() -> None:
    theme, into, user = make_theme("Ring back"), make_theme("Answer"), make_user("administrator")
    mark(user, told(said=RANG), RANG, theme)
    merge_themes(user=user, theme=theme, into=into)
    [found] = proposals(user, told(said=SAID))
    assert found.theme == into
    assert block_of(told()) != found.block
