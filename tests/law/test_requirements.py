"""What a text must say: element by element, and the article that asks for it."""

from collections.abc import Callable
from typing import Any

import pytest

from consent.enums import Category, Law, Purpose, TextScope
from consent.models import ConsentText
from consent.texts import covers, current_text, default_law, install_templates, problems
from consent.texts.checking import Problem, check, compose, fill, unresolved
from consent.texts.operator import on_operator, operator
from consent.texts.requirements import TABLE, elements_of, mentions_of
from consent.texts.templates import templates
from tests.factories import give, make_member

Installed = Callable[..., ConsentText]
KINDS = sorted((law, scope) for law, scope in TABLE)


def label(value: Any) -> str:
    return "-".join(str(part) for part in value.slot.values()) if hasattr(value, "slot") else ""


def missing_from(elements: dict[str, str], template: Any) -> list[Problem]:
    return list(check(elements, law=template.law, scope=template.scope, category=template.category))


def test_there_is_a_template_for_every_law_scope_category_and_language() -> None:
    categories = ["", *Category.values]
    wanted = {
        (law, scope, category, language)
        for law, scope in KINDS
        for category in categories
        for language in ("ru", "en")
        if bool(category) == (scope == TextScope.DISTRIBUTION)
    }
    assert {tuple(template.slot.values()) for template in templates()} == wanted
    assert len(templates()) == len(wanted)


def test_templates_say_only_what_the_table_knows() -> None:
    for template in templates():
        assert set(template.elements) == {
            element.key for element in elements_of(template.law, template.scope)
        }


@pytest.mark.usefixtures("company")
@pytest.mark.parametrize("template", templates(), ids=label)
def test_a_filled_template_lacks_nothing(template: Any) -> None:
    said = template.filled()
    assert [problem.message for problem in missing_from(said["elements"], template)] == []
    assert not unresolved(said["title"] + said["body"])


@pytest.mark.usefixtures("company")
@pytest.mark.parametrize("template", templates(), ids=label)
def test_a_missing_element_is_named_with_its_article(template: Any) -> None:
    filled = template.filled()["elements"]
    for element in elements_of(template.law, template.scope):
        [problem] = missing_from({**filled, element.key: "  "}, template)
        assert problem.key == element.key
        assert str(element.label) in problem.message and element.article in problem.message


@pytest.mark.usefixtures("company")
@pytest.mark.parametrize("template", templates(), ids=label)
def test_an_element_that_leaves_something_out_is_named(template: Any) -> None:
    filled = template.filled()["elements"]
    for element in elements_of(template.law, template.scope):
        found = missing_from({**filled, element.key: "Lorem ipsum dolor sit amet."}, template)
        assert len(found) == len(mentions_of(element, template.category))
        for problem, mention in zip(found, mentions_of(element, template.category), strict=True):
            assert problem.key == element.key and str(mention.label) in problem.message


def test_a_gap_is_an_error() -> None:
    template = templates()[0]
    found = missing_from(dict(template.elements), template)
    assert any("{operator_address}" in problem.message for problem in found)


def test_filling_leaves_what_is_not_known() -> None:
    assert fill("{a_b} and {c}, {c}, {D}", {"a_b": "x", "c": ""}) == "x and {c}, {c}, {D}"
    assert unresolved("{c}, {c}, {D} { e }") == ["c"]


def test_the_body_is_composed_in_the_order_of_the_law() -> None:
    elements = {element.key: element.key.upper() for element in elements_of(Law.RU_152, TextScope.INTERNAL)}
    body = compose(elements, law=Law.RU_152, scope=TextScope.INTERNAL, language="ru")
    assert body.startswith("1. Кто соглашается\nSUBJECT\n\n2. Кто просит согласия\nOPERATOR\n\n3. ")
    assert body.endswith("10. Подпись\nSIGNATURE")


def test_another_law_asks_for_something_and_no_more() -> None:
    assert [problem.message for problem in check({}, law=Law.OTHER, scope="internal")] == ["Write the text."]
    assert not list(check({"text": "You may read it."}, law=Law.OTHER, scope="internal"))


def test_settings_come_before_what_others_know(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("consent.texts.operator._sources", [])
    on_operator(lambda language: {"operator_name": f"House {language}", "authority": "A"})
    on_operator(lambda language: {"operator_name": "Later", "dpo_contact": "B"})
    assert operator("ru") == {"operator_name": "House ru", "authority": "A", "dpo_contact": "B"}
    settings.KB_COMPANY_NAME = "Warm House"
    assert operator("ru")["operator_name"] == "Warm House"


def test_the_law_of_the_house_is_a_setting(settings: Any) -> None:
    assert default_law() == Law.RU_152
    settings.KB_LAW = "gdpr"
    assert default_law() == Law.GDPR


def test_installing_twice_changes_nothing(installed: Installed) -> None:
    assert ConsentText.objects.count() == len(templates())
    assert ConsentText.objects.filter(is_template=True, version=1).count() == len(templates())
    assert install_templates() == 0


@pytest.mark.django_db
def test_gaps_are_filled_when_the_settings_are_there(settings: Any) -> None:
    install_templates()
    text = ConsentText.objects.get(law="152-fz", scope="internal", language="en")
    assert problems(text)
    assert current_text(law=Law.RU_152, language="en") is None
    settings.KB_COMPANY_NAME, settings.KB_OPERATOR_ADDRESS = "Warm House", "1 Embankment Street"
    settings.KB_DPO_CONTACT = "Lev Zimin"
    assert install_templates() > 0
    text.refresh_from_db()
    assert not problems(text) and "1 Embankment Street" in text.body and text.sha256 == text.digest()
    assert current_text(law=Law.RU_152, language="en") == text


@pytest.mark.django_db
def test_installing_leaves_alone_what_is_on_the_shelf_and_what_was_agreed_to(settings: Any) -> None:
    own = ConsentText.objects.create(
        law="152-fz", language="ru", version=1, title="Ours", body="Our own words"
    )
    install_templates()
    assert current_text(law=Law.RU_152, language="ru") == own
    used = ConsentText.objects.get(law="gdpr", scope="internal", language="en")
    give(make_member())  # to that very text, as the factory takes what is on the shelf
    before = used.body
    settings.KB_OPERATOR_ADDRESS = "1 Embankment Street"
    install_templates()
    used.refresh_from_db()
    assert used.is_used and used.body == before


def test_the_current_text_is_the_newest_that_is_finished(installed: Installed) -> None:
    first = installed()
    unfinished = ConsentText.objects.create(
        law=first.law, language="ru", version=2, title="2", body="…", elements={"subject": "{operator_name}"}
    )
    assert problems(unfinished)
    assert current_text(law=Law.RU_152, language="ru") == first
    third = ConsentText.objects.create(
        law=first.law, language="ru", version=3, title="3", body="…", elements=first.elements
    )
    assert current_text(law=Law.RU_152, language="ru") == third
    voice = current_text(law=Law.RU_152, language="ru", scope=TextScope.DISTRIBUTION, category=Category.VOICE)
    assert voice is not None and voice.category == Category.VOICE


def test_a_text_covers_what_it_is_about(installed: Installed) -> None:
    inside, outside = installed(), installed(scope="distribution", category="voice")
    assert covers(inside, Purpose.READ, Category.IMAGE)
    assert not covers(inside, Purpose.PROMOTE, Category.WORDS)
    assert covers(outside, Purpose.PROMOTE, Category.VOICE)
    assert not covers(outside, Purpose.PROMOTE, Category.WORDS)
    assert not covers(outside, Purpose.READ, Category.VOICE)
