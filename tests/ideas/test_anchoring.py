"""Highlights in the database: carried over when a wording is published, reviewed by a person, never shown in between."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from consent.enums import Purpose
from consent.services import withdraw
from ideas.enums import AnchorState
from ideas.models import CodedBlock, Coding, Highlight
from ideas.querysets import ground, theme_marks
from ideas.services import anchoring
from ideas.services.coding import code, uncode
from ideas.texts import Span
from tests.factories import give, make_member, make_story, make_user
from tests.ideas.world import (
    RANG,
    SAID,
    THANKED,
    WAITED,
    block_of,
    make_idea,
    make_theme,
    mark,
    marketer,
    reword,
    told,
)

pytestmark = pytest.mark.django_db


def test_publishing_carries_highlights_over_and_asks_where_too_much_changed() -> None:
    user, story, theme = marketer(), told(), make_theme()
    kept, lost, changed = (mark(user, story, words, theme).highlight_id for words in (WAITED, RANG, THANKED))
    story = reword(story, f"It was cold. {WAITED} In the evening a man rang.")
    states = dict(Highlight.objects.values_list("pk", "state"))
    assert states[kept] == AnchorState.SHIFTED
    assert states[lost] == AnchorState.ORPHANED
    assert states[changed] in (AnchorState.NEEDS_REVIEW, AnchorState.ORPHANED)
    row = Highlight.objects.get(pk=kept)
    assert row.exact == WAITED and row.prefix.endswith("It was cold. ") and row.revision == story.live_revision_id
    assert Highlight.objects.get(pk=lost).exact == ""  # an orphan keeps no words
    assert RANG not in CodedBlock.objects.get().text
    assert [each.highlight for each in theme_marks([theme.pk], ground(user))] == [kept]

    confirmed = anchoring.confirm(user=user, highlight=Highlight.objects.get(pk=changed), start=13, end=13 + len(WAITED))
    assert confirmed.state == AnchorState.SHIFTED
    assert len(theme_marks([theme.pk], ground(user))) == 2
    anchoring.drop(user=user, highlight=Highlight.objects.get(pk=lost))
    assert not Highlight.objects.filter(pk=lost).exists()
    with pytest.raises(PermissionDenied):
        anchoring.drop(user=make_user("reader"), highlight=row)


def test_what_was_not_mapped_is_no_evidence_until_the_worker_has_mapped_it() -> None:
    user, story, theme = marketer(), told(), make_theme()
    mark(user, story, RANG, theme)
    Highlight.objects.update(revision=0)  # as if the process had died between publishing and mapping
    assert theme_marks([theme.pk], ground(user)) == []
    assert anchoring.sweep() == 1
    assert anchoring.sweep() == 0
    assert len(theme_marks([theme.pk], ground(user))) == 1


def test_a_block_that_goes_leaves_orphans_and_no_text() -> None:
    from stories.models import StoryPage
    from tests.factories import approve, episode

    user, story = marketer(), told()
    mark(user, story, RANG, make_theme())
    story = StoryPage.objects.get(pk=story.pk)
    story.body = [episode(happened=SAID)]  # the same words in another block: never a look-alike
    approve(story)
    story.save_revision().publish()
    row = Highlight.objects.get()
    assert (row.state, row.exact, row.block.text) == (AnchorState.ORPHANED, "", "")


def test_only_with_the_narrators_grant_and_the_right_can_a_passage_be_coded() -> None:
    theme, user = make_theme(), marketer()
    member = make_member()
    give(member, purposes=(Purpose.READ,))
    readable = told(member)
    with pytest.raises(PermissionDenied):
        mark(user, readable, RANG, theme)
    with pytest.raises(PermissionDenied):
        mark(make_user("reader"), told(), RANG, theme)
    with pytest.raises(PermissionDenied):
        mark(user, make_story(publish=False, body=readable.body), RANG, theme)
    assert not Highlight.objects.exists()


def test_a_passage_that_is_not_there_is_refused() -> None:
    user, story, theme = marketer(), told(), make_theme()
    for span in (Span(0, 0), Span(5000, 6000)):
        with pytest.raises(ValidationError):
            code(user=user, story=story, block_id=block_of(story), span=span, themes=[theme])
    with pytest.raises(ValidationError):
        code(user=user, story=story, block_id="no such block", span=Span(0, 5), themes=[theme])
    with pytest.raises(ValidationError):
        code(user=user, story=story, block_id=block_of(story), span=Span(0, 5))


def test_one_passage_has_one_highlight_and_goes_with_its_last_coding() -> None:
    user, story = marketer(), told()
    theme = make_theme()
    first = mark(user, story, RANG, theme, valence=-2)
    second = mark(user, story, RANG, make_idea(), importance=3)
    again = mark(user, story, RANG, theme, valence=-3)
    assert first.highlight_id == second.highlight_id and again.pk == first.pk
    assert Coding.objects.get(pk=first.pk).valence == -3
    uncode(user=user, coding=Coding.objects.get(pk=first.pk))
    assert Highlight.objects.count() == 1
    uncode(user=user, coding=Coding.objects.get(pk=second.pk))
    assert not Highlight.objects.exists() and not CodedBlock.objects.exists()


def test_evidence_goes_with_the_grant_and_comes_back_with_it() -> None:
    user, story, theme = marketer(), told(), make_theme()
    mark(user, story, RANG, theme)
    assert len(theme_marks([theme.pk], ground(user))) == 1
    withdraw(member=story.member, purpose=Purpose.IDEAS)
    assert theme_marks([theme.pk], ground(user)) == []
    assert ground(user).stories == {}
