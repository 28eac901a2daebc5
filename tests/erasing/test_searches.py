"""What was typed into the search and speaks of somebody who is forgotten goes with her."""

import pytest
from django.utils import timezone
from wagtail.contrib.search_promotions.models import Query, SearchPromotion

from consent.erasing.registry import Case
from kb_site.erasing import SearchesEraser
from search.models import LoggedQuery, SavedSearch
from tests.factories import make_member, make_story, make_user

pytestmark = pytest.mark.django_db


def note(text: str) -> None:
    LoggedQuery.objects.create(
        hour=timezone.now(), text=text, total=1, stage="half", engine="embedded", language="ru", took_ms=1
    )


def test_notes_saved_searches_and_promotions_that_name_her_are_found_and_go() -> None:
    member, user = make_member(persona_name="Зеленщица с Садовой"), make_user("reader")
    story = make_story(member)
    case = Case(member, {"pages": [story.pk]}, ["Зеленщица с Садовой"])
    for text in ("зеленщица с садовой лифт", member.code.lower(), "лифт"):
        note(text)
    SavedSearch.objects.create(user=user, name="Её", query="q=%D0%97%D0%B5%D0%BB%D0%B5%D0%BD%D1%89%D0%B8%D1%86%D0%B0+с+Садовой")
    other = SavedSearch.objects.create(user=user, name="Лифт", query="q=lift", known=[["story", story.pk], ["story", 1]])
    SearchPromotion.objects.create(query=Query.get("батарея"), page=story)
    SearchPromotion.objects.create(query=Query.get("Зеленщица с Садовой"), external_link_url="https://x.example")
    eraser = SearchesEraser()
    assert eraser.found(case) == 6
    eraser.erase(case)
    assert eraser.verify(case).count == 0
    assert list(LoggedQuery.objects.values_list("text", flat=True)) == ["лифт"]
    other.refresh_from_db()
    assert (other.known, SavedSearch.objects.count()) == ([["story", 1]], 1)
    assert (SearchPromotion.objects.count(), Query.objects.get().query_string) == (0, "батарея")
