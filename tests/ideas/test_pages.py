"""Pages of themes and ideas: what they say, to whom, at what cost, and what withdrawal takes from them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from club.models import User
from consent.enums import Purpose
from consent.services import withdraw
from ideas.enums import AnchorState
from ideas.models import CodedBlock, Coding, Decision, Highlight, Idea, LoopClosure, Theme
from ideas.services import loops, thinking
from tests.factories import make_member
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
    stratum,
    told,
)

pytestmark = pytest.mark.django_db
As = Callable[[str], Client]


def crowd(count: int, theme: Theme, idea: Idea | None = None, **member: Any) -> list[Any]:
    """So many people who say the same."""
    user = marketer()
    stories = [told(make_member(**member)) for _ in range(count)]
    for story in stories:
        mark(user, story, RANG, *((theme, idea) if idea else (theme,)), valence=-2)
    return stories


def test_a_theme_says_how_many_people_and_whom_they_may_stand_for(as_: As) -> None:
    old, new = stratum("settled", 6000), stratum("newcomers", 3000)
    theme, other = make_theme(description="A day is promised, not an hour."), make_theme("They rang back")
    stories = crowd(6, theme, stratum=old)
    for story in stories[:5]:
        mark(marketer(), story, THANKED, other)
    mark(marketer(), told(make_member(stratum=new)), THANKED, other)
    page = as_("reader").get("/themes/name-the-hour/", headers={"Accept-Language": "en"})
    text = page.content.decode()
    silent = page.context["silent"]
    assert (silent.estimate.said, silent.estimate.only, silent.unheard) == (6, old.pk, 3000)
    assert "One stratum only: settled, n_eff 6" in text and "Ask next:" in text
    assert "Nobody rang me back." in text and "All 6 passages" in text
    assert [row["people"] for row in page.context["beside"]] == [5]
    cell = page.context["heat"][0]["cells"][1]
    assert (cell["people"], cell["few"], cell["tone"]) == (6, False, "hn2")
    drilled = as_("reader").get("/themes/name-the-hour/passages/?touchpoint=dispatch&valence=-2").context
    assert (drilled["people"], drilled["passage_count"]) == (6, 6)
    assert as_("reader").get("/themes/name-the-hour/passages/?touchpoint=none&valence=9&page=x").context["passage_count"] == 0


def test_few_people_give_no_number_away(as_: As) -> None:
    theme = make_theme()
    crowd(3, theme)
    page = as_("reader").get("/themes/", headers={"Accept-Language": "en"})
    assert [row["people"] for row in page.context["rows"]] == [3]
    assert ">few<" in page.content.decode() and ">3<" not in page.content.decode()


def test_withdrawal_of_a_cited_member_takes_her_out_at_once_and_the_idea_says_so(as_: As) -> None:
    theme, idea = make_theme(), make_idea(state="planned")
    stories = crowd(6, theme, idea)
    Decision.objects.create(idea=idea, state="planned", reason="We begin in autumn.")
    told_ = stories[0]
    Decision.objects.get().overrules.set(Highlight.objects.filter(story=told_))
    boss = as_("administrator")
    before = boss.get(f"/ideas/{idea.pk}/").context
    assert (before["people"], before["is_lost"], len(before["decisions"][0]["overruled"])) == (6, False, 1)
    assert boss.get("/ideas/").context["columns"][2]["cards"][0].people == 6
    withdraw(member=told_.member, purpose=Purpose.IDEAS)
    page = boss.get(f"/ideas/{idea.pk}/", headers={"Accept-Language": "en"})
    after = page.context
    assert (after["people"], after["passage_count"], after["is_lost"]) == (5, 5, True)
    assert after["decisions"][0]["decision"].reason == "We begin in autumn." and after["decisions"][0]["gone"]
    assert "evidence withdrawn" in page.content.decode()
    card = boss.get("/ideas/").context["columns"][2]["cards"][0]
    assert (card.people, card.lost) == (5, True)
    assert boss.get("/themes/").context["rows"][0]["people"] == 5
    assert told_.member.persona_name not in boss.get("/themes/name-the-hour/passages/").content.decode()


def test_the_story_page_shows_answers_to_readers_and_marks_to_those_who_code(as_: As) -> None:
    theme = make_theme(answer="A one-hour window since July.")
    story = told()
    coding = mark(marketer(), story, RANG, theme, memo="Ask the dispatcher")
    reader, coder = as_("reader"), as_("marketer")
    address = f"/stories/{story.slug}/"
    text = reader.get(address).content.decode()
    assert "A one-hour window since July." in text and "Ask the dispatcher" not in text and "data-at" not in text
    marked = coder.get(address).content.decode()
    assert f'id="note-{coding.highlight_id}"' in marked and "Ask the dispatcher" in marked
    assert '<mark class="coded coded-1"' in marked
    withdraw(member=story.member, purpose=Purpose.IDEAS)
    assert "A one-hour window since July." not in reader.get(address).content.decode()
    assert "data-at" not in coder.get(address).content.decode()


def test_a_story_costs_a_plain_reader_eight_queries_with_themes_and_answers(as_: As) -> None:
    theme, story = make_theme(answer="Since July."), told()
    mark(marketer(), story, RANG, theme)
    reader = as_("reader")
    reader.get(f"/stories/{story.slug}/")
    with CaptureQueriesContext(connection) as asked:
        reader.get(f"/stories/{story.slug}/")
    assert len(asked) <= 8


def test_a_passage_is_coded_without_javascript_sentence_by_sentence(as_: As) -> None:
    story, idea = told(), make_idea()
    coder, block = as_("marketer"), block_of(story)
    address = f"/stories/{story.slug}/coding/?block={block}"
    form = coder.get(address)
    assert len(form.context["form"].fields["sentences"].choices) == 3
    at = SAID.index(RANG)
    sent = {"block": block, "sentences": [f"0-{len(WAITED)}", f"{at}-{at + len(RANG)}"], "ideas": [idea.pk], "new_theme": "Silence",
            "new_theme_kind": "weakness", "new_idea_kind": "service", "valence": "-2", "importance": "3", "memo": ""}  # fmt: skip
    assert coder.post(address, {**sent, "ideas": [], "new_theme": ""}).status_code == 422
    answer = coder.post(address, sent)
    row = Highlight.objects.get()
    assert answer.url.endswith(f"#highlight-{row.pk}") and row.exact == f"{WAITED} {RANG}"
    assert {(str(each.theme or each.idea), each.valence, each.importance) for each in Coding.objects.all()} == {
        ("Silence", -2, 3), ("A note by the lift", -2, 3),
    }  # fmt: skip
    chosen = coder.get(f"{address}&start={at}&end={at + len(RANG)}")
    assert chosen.context["words"] == RANG and "sentences" not in chosen.context["form"].fields
    assert coder.get(f"{address}&start=x&end=9").status_code == 200
    assert coder.get("/stories/no-such-story/coding/?block=1").status_code == 404


def test_the_queue_shows_what_changed_and_takes_a_decision(as_: As) -> None:
    story = told()
    mark(marketer(), story, THANKED, make_theme())
    row = Highlight.objects.get()
    Highlight.objects.update(state=AnchorState.NEEDS_REVIEW)
    coder = as_("marketer")
    page = coder.get("/themes/review/")
    assert [each["chosen"] for each in page.context["rows"][0]["sentences"]] == [False, False, True]
    assert coder.get("/themes/").context["waiting"] == 1
    coder.post(f"/themes/review/{row.pk}/", {"act": "confirm"})
    assert Highlight.objects.get().state == AnchorState.NEEDS_REVIEW
    coder.post(f"/themes/review/{row.pk}/", {"act": "confirm", "sentences": [f"0-{len(WAITED)}"]})
    assert (Highlight.objects.get().state, Highlight.objects.get().exact) == (AnchorState.SHIFTED, WAITED)
    reword(story, "Something else altogether, in other words.")
    coder.post(f"/themes/review/{row.pk}/", {"act": "drop"})
    assert not Highlight.objects.exists()


def test_an_idea_goes_its_way_with_card_decision_and_notes_to_the_narrators(as_: As) -> None:
    story, idea = told(), make_idea()
    mark(marketer(), story, RANG, idea)
    boss = as_("administrator")
    boss.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    move = f"/ideas/{idea.pk}/move/"
    boss.post(move, {"state": "shipped"})
    assert Idea.objects.get().state == "noted"
    boss.post(move, {"state": "review"})
    assert Idea.objects.get().state == "review"
    assert boss.post(move, {"state": "planned"}).url == f"/ideas/{idea.pk}/decide/?state=planned"
    decide, sent = f"/ideas/{idea.pk}/decide/", {"state": "planned", "reason": "It costs a sheet of paper."}
    refused = boss.post(decide, sent)
    assert refused.status_code == 422 and "imagine you are the client" in refused.content.decode()
    card = boss.get(f"/ideas/{idea.pk}/card/")
    assert card.context["cards"][0].title == story.title
    boss.post(f"/ideas/{idea.pk}/card/", {"notices": "The note", "loses": "Nothing", "doubts": "None"})
    assert boss.post(decide, {**sent, "reason": " "}).status_code == 422
    boss.post(decide, {**sent, "overrules": [Highlight.objects.get().pk]})
    assert Idea.objects.get().state == "planned" and Decision.objects.get().overrules.count() == 1
    boss.post(move, {"state": "in_progress"})
    boss.post(decide, {"state": "shipped", "reason": "In every house."})
    note = LoopClosure.objects.get()
    assert "A note by the lift" in note.draft and note.told_at is None
    boss.post(f"/ideas/told/{note.pk}/", {"verdict": "partly"})
    note.refresh_from_db()
    assert note.told_at and note.verdict == "partly"
    withdraw(member=story.member)
    assert boss.post(f"/ideas/told/{note.pk}/", {"verdict": "yes"}).status_code == 404


def test_scores_promises_and_voices_are_kept(as_: As, person: Callable[[str], User]) -> None:
    idea, boss = make_idea(), as_("administrator")
    marks = {"impact": "4", "confidence": "3", "effort": "2", "organisational": "", "methodical": "", "technical": "5", "economic": ""}
    boss.post(f"/ideas/{idea.pk}/score/", marks)
    boss.post(f"/ideas/{idea.pk}/score/", {**marks, "impact": "9"})
    as_("marketer").post(f"/ideas/{idea.pk}/score/", {**marks, "impact": "2"})
    rows = {row.criterion: row for row in boss.get(f"/ideas/{idea.pk}/").context["rice_rows"]}
    assert (rows["impact"].mean, rows["impact"].low, rows["impact"].high, rows["impact"].own) == (3, 2, 4, 4)
    due = timezone.localdate() + timedelta(days=3)
    boss.post(f"/ideas/{idea.pk}/follow-ups/", {"text": "Buy paper", "owner": person("administrator").pk, "due": due.isoformat()})
    boss.post(f"/ideas/{idea.pk}/follow-ups/", {"text": "", "due": "never"})
    task = idea.follow_ups.get()
    boss.post(f"/ideas/follow-ups/{task.pk}/done/")
    assert idea.follow_ups.get().done_at
    as_("reader").post(f"/ideas/{idea.pk}/support/")
    as_("reader").post(f"/ideas/{idea.pk}/support/")
    assert idea.supports.count() == 1
    as_("reader").post(f"/ideas/{idea.pk}/support/", {"act": "take_back"})
    assert as_("reader").post(f"/ideas/{idea.pk}/support/", {"member": make_member().pk}).status_code == 403
    assert idea.supports.count() == 0


def test_an_idea_that_is_alike_is_shown_while_one_types(as_: As) -> None:
    make_idea("A note by the lift with the reason")
    make_idea("Free tea at the office")
    found = as_("reader").get("/ideas/alike/?q=notes by lifts").json()["ideas"]
    assert [each["title"] for each in found] == ["A note by the lift with the reason"]
    assert as_("reader").get("/ideas/alike/?q=%00").json() == {"ideas": []}


def test_an_answer_is_written_once_and_taken_back(as_: As) -> None:
    theme = make_theme()
    mark(marketer(), told(), RANG, theme)
    boss = as_("administrator")
    boss.post("/themes/name-the-hour/answer/", {"answer": "Since July we name the hour."})
    theme.refresh_from_db()
    assert (theme.state, LoopClosure.objects.count()) == ("answered", 1)
    boss.post("/themes/name-the-hour/answer/", {"answer": ""})
    theme.refresh_from_db()
    assert (theme.state, theme.answered_at) == ("open", None)


def grow(count: int, stories: int) -> None:
    """A theme with many passages and as many ideas, written straight into the tables."""
    theme = make_theme("Many")
    told_ = [told() for _ in range(stories)]
    rows = []
    for story in told_:
        block = CodedBlock.objects.create(story=story, block_id=block_of(story), text=SAID)
        rows += [
            Highlight(block=block, story=story, revision=story.live_revision_id, start=n, end=n + 5, exact=SAID[n : n + 5])
            for n in range(count // stories)
        ]
    made = Highlight.objects.bulk_create(rows)
    Coding.objects.bulk_create([Coding(highlight=row, theme=theme, valence=row.start % 7 - 3) for row in made])
    ideas = Idea.objects.bulk_create([Idea(title=f"Idea {n}", kind="service", state="noted") for n in range(count // 4)])
    Coding.objects.bulk_create([Coding(highlight=row, idea=ideas[n % len(ideas)]) for n, row in enumerate(made)])


def asked(client: Client, path: str) -> int:
    client.get(path)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(path).status_code == 200
    return len(queries)


def test_a_theme_and_the_board_cost_the_same_queries_for_few_and_for_many(as_: As) -> None:
    reader = as_("marketer")
    grow(20, 4)
    few = [asked(reader, path) for path in ("/themes/many/", "/ideas/", "/themes/")]
    Coding.objects.all().delete()
    Highlight.objects.all().delete()
    CodedBlock.objects.all().delete()
    Theme.objects.all().delete()
    grow(400, 8)
    many = [asked(reader, path) for path in ("/themes/many/", "/ideas/", "/themes/")]
    assert few == many
    assert max(many) <= 16


def test_loops_and_answers_name_nobody(as_: As) -> None:
    story, idea = told(), make_idea()
    mark(marketer(), story, RANG, idea)
    loops.open_loop(user=marketer(), idea=idea)
    assert loops.open_loop(user=marketer(), idea=idea) == 1
    assert story.member.persona_name not in LoopClosure.objects.get().draft
    thinking.take_back_support(user=marketer(), idea=idea)
