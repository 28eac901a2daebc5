"""Filters and tags of every page: what a reader sees of numbers, dates, signs and typography."""

import datetime

import pytest
from django.template import Context, Template
from django.test import RequestFactory
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import override

from kb_site.templatetags import kb
from kb_site.typography import NBSP
from stories.arc import ArcPoint

DAY = datetime.date(2028, 11, 12)


def rendered(source: str, **context: object) -> str:
    return Template("{% load kb club_tags story_tags %}" + source).render(Context(context))


def test_plain_text_stays_plain_and_is_escaped_in_a_page() -> None:
    assert rendered("{{ text|typo:'ru' }}", text='"<b>дом</b>"') == "«&lt;b&gt;дом&lt;/b&gt;»"


def test_safe_html_stays_safe() -> None:
    assert rendered("{{ text|typo:'ru' }}", text=mark_safe('<b>"дом"</b>')) == "<b>«дом»</b>"


def test_nothing_is_set_as_nothing() -> None:
    assert kb.typo(None) == ""


def test_typography_follows_the_active_language() -> None:
    with override("en"):
        assert kb.typo('"home"') == "“home”"
    with override("ru"):
        assert kb.typo('"дом"') == "«дом»"


def test_paragraphs_escape_and_part_the_text() -> None:
    html = kb.paragraphs("<один>\r\nдва\r\n\r\n\r\nтри", "ru")
    assert html == "<p>&lt;один&gt;<br>два</p><p>три</p>"
    assert isinstance(html, SafeString)


def test_an_empty_text_has_no_paragraphs() -> None:
    assert kb.paragraphs(None) == ""


@pytest.mark.parametrize(("value", "shown"), [(3, "+3"), (-3, "−3"), (0, "0"), (None, "")])
def test_a_number_is_signed(value: int | None, shown: str) -> None:
    assert kb.signed(value) == shown


def test_a_sign_is_shape_number_and_words() -> None:
    sign = kb.sign(-3, "<сейчас>")
    assert sign.startswith('<span class="sign fall"><svg')
    assert sign.endswith("−3 &lt;сейчас&gt;</span>")


def test_no_change_has_no_shape_and_no_value_has_no_sign() -> None:
    assert kb.sign(0) == '<span class="sign flat">0</span>'
    assert kb.sign(None) == ""


@pytest.mark.parametrize(("language", "shown"), [("ru", "12 ноября 2028 года"), ("en", "12 November 2028")])
def test_a_long_date_does_not_break(language: str, shown: str) -> None:
    with override(language):
        assert kb.long_date(DAY) == shown.replace(" ", NBSP)


@pytest.mark.parametrize(("language", "shown"), [("ru", "ноябрь 2028"), ("en", "November 2028")])
def test_a_month_is_written_as_its_language_does(language: str, shown: str) -> None:
    with override(language):
        assert kb.month(DAY) == shown.replace(" ", NBSP)


def test_no_date_is_written_as_nothing() -> None:
    assert kb.long_date(None) == kb.plain_date(None) == kb.month(None) == ""


def test_few_people_have_neither_number_nor_bar() -> None:
    row = {"label": "Лифт", "url": "", "falls": 3, "rises": 9, "few_falls": True, "few_rises": False}
    html = rendered("{% mood_table rows %}", rows=[row])
    assert "b-fall" not in html
    assert "−3" not in html
    assert "+9" in html


def test_the_longest_bar_belongs_to_the_most_people() -> None:
    rows = [{"label": "А", "falls": 10, "rises": None}, {"label": "Б", "falls": None, "rises": 5}]
    html = rendered("{% mood_table rows %}", rows=rows)
    assert 'width="92"' in html
    assert 'width="46"' in html


def test_a_form_repeats_what_the_address_asked_for() -> None:
    request = RequestFactory().get("/", {"sort": "newest", "page": "2"})
    html = rendered(
        "{% again 'sort' 'literal' as kept %}{% for k, v in kept %}{{ k }}={{ v }}{% endfor %}",
        request=request,
    )
    assert html == "sort=newest"


def test_an_unknown_icon_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        kb.icon("bulb")


def test_the_words_of_a_chart_are_set_too() -> None:
    (point,) = kb.typo_fields([ArcPoint('"Дом"', "", 1)], "ru")
    assert (point.label, point.change) == ("«Дом»", 1)


def test_a_line_comes_with_its_table() -> None:
    points = [ArcPoint("Звонок", "3 февраля", 1), ArcPoint("Визит", "", -3, True, "<поворот>")]
    html = rendered("{% loyalty_arc points %}", points=points)
    assert html.count('role="img"') == 3
    assert html.count('<th scope="row">') == 2
    assert "<поворот>" not in html


def test_a_member_without_a_code_is_an_empty_ring() -> None:
    assert "m-gone" in rendered("{% medallion code 'l' %}", code=None)


def test_no_episodes_no_sparkline() -> None:
    assert rendered("{% sparkline changes %}", changes=[]) == ""
