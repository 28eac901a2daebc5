"""Choosing a passage in the ways people do, proposals answered by one key and without JavaScript, the pre-mortem."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.test_highlighting import chosen

CODED = "/stories/govoryat-beret-dvesti/"
OTHER = "/stories/the-cleaners-tour/"
PLAN = "Мы отменяем бесплатный вызов мастера вечером. С 1 декабря диспетчерская закрывается в 18:00."


def test_a_passage_is_chosen_backwards_by_double_click_and_let_go_with_escape(
    page: Page, sign_in: Callable[[Page, str], None]
) -> None:
    sign_in(page, "inga")
    page.goto(OTHER)
    run = page.locator("[data-text] [data-at]").first
    run.scroll_into_view_if_needed()
    box = run.bounding_box()
    assert box
    page.mouse.move(box["x"] + 160, box["y"] + 12)
    page.mouse.down()
    page.mouse.move(box["x"] + 40, box["y"] + 12, steps=4)
    page.mouse.up()
    start, end = chosen(page)
    assert 0 < start < end < 40
    page.locator("[data-no]").click()
    page.mouse.dblclick(box["x"] + 60, box["y"] + 12)
    first, last = chosen(page)
    assert 0 < last - first < 20
    page.locator("[data-no]").click()
    expect(page.locator("[data-code-bar]")).to_be_hidden()
    text = page.locator("[data-text]").first
    text.focus()
    for key in ("ArrowDown", "Shift+ArrowDown", "Shift+ArrowUp"):
        page.keyboard.press(key)
    one = chosen(page)
    page.keyboard.press("Shift+ArrowDown")
    page.wait_for_function(
        "end => !document.querySelector('[data-go]').href.endsWith(`end=${end}`)", arg=one[1]
    )
    assert chosen(page)[0] == one[0] and chosen(page)[1] > one[1]
    page.keyboard.press("Escape")
    expect(page.locator("[data-code-bar]")).to_be_hidden()


def test_a_finger_chooses_a_passage_that_lies_over_a_coded_one(
    new_page: Callable[..., Page], sign_in: Callable[[Page, str], None]
) -> None:
    page = new_page(has_touch=True, is_mobile=True, viewport={"width": 390, "height": 800})
    sign_in(page, "inga")
    page.goto("/stories/sedmoy-etazh-peshkom/")
    coded = page.locator("[data-text]", has=page.locator("mark.coded")).first
    marks = coded.locator("mark.coded").count()
    coded.scroll_into_view_if_needed()
    page.evaluate("text => getSelection().selectAllChildren(text)", coded.element_handle())
    start, end = chosen(page)
    assert start == 0 and end > 40
    page.locator("[data-go]").tap()
    page.locator("[name=new_theme]").fill("Целый рассказ")
    page.locator("main form .btn").tap()
    page.wait_for_url("**#highlight-*")
    expect(page.locator("mark.coded-12").first).to_be_visible()
    assert page.locator("mark.coded").count() > marks
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")


def test_proposals_are_answered_by_one_key(page: Page, sign_in: Callable[[Page, str], None]) -> None:
    sign_in(page, "inga")
    page.goto(CODED)
    items = page.locator("[data-proposal]")
    expect(items).to_have_count(2)
    items.first.focus()
    page.keyboard.press("ArrowDown")
    expect(items.nth(1)).to_be_focused()
    coded = page.locator(".coded-list li").count()
    page.keyboard.press("n")
    page.wait_for_url("**#proposals")
    expect(items).to_have_count(1)
    assert page.locator(".coded-list li").count() == coded
    expect(items.first).to_be_focused()
    page.keyboard.press("y")
    expect(page.locator(".coded-list li")).to_have_count(coded + 1)


def test_without_javascript_a_proposal_and_a_passage_are_forms(
    new_page: Callable[..., Page], sign_in: Callable[[Page, str], None]
) -> None:
    page = new_page(java_script_enabled=False)
    sign_in(page, "inga")
    page.goto(OTHER)
    coded, asked = page.locator(".coded-list li").count(), page.locator("[data-proposal]").count()
    assert asked and page.locator("[data-keys]").is_hidden()
    page.locator("[data-proposal] button[value=accept]").first.click()
    expect(page.locator(".coded-list li")).to_have_count(coded + 1)
    page.locator(".code-here").first.click()
    page.locator("[name=sentences]").first.check()
    page.locator("[name=new_theme]").fill("Без скриптов")
    page.locator("main form .btn").click()
    expect(page.locator(".codes a", has_text="Без скриптов").first).to_be_visible()


def test_a_plan_is_asked_kept_and_read_again_and_axe_finds_nothing(
    page: Page, sign_in: Callable[[Page, str], None], axe: Callable[..., list[Any]]
) -> None:
    sign_in(page, "inga")
    page.goto("/ideas/premortem/?idea=5")
    page.locator("[name=change]").fill(PLAN)
    page.locator("button[value=ask]").click()
    expect(page.locator("#outcome .pre-patterns li").first).to_be_visible()
    wrong = [each.rule for each in axe(page)]
    page.locator("button[value=keep]").click()
    page.wait_for_url("**/ideas/premortems/*/")
    expect(page.locator(".pre-plan")).to_contain_text("бесплатный")
    for path in (page.url, CODED, "/"):
        page.goto(path)
        for width in (1280, 360):
            page.set_viewport_size({"width": width, "height": 800})
            wrong += [f"{path} {each.rule} {each.targets[:1]}" for each in axe(page)]
            wrong += (
                [f"{path} wide"] if page.evaluate("document.documentElement.scrollWidth > innerWidth") else []
            )
    assert not wrong
