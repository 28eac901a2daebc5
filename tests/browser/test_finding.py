"""Searching by keyboard: the field completes, a slash leads to it, arrows go through the results."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.test_pages import problems


def test_the_field_completes_by_keyboard_and_stays_a_plain_field(
    page: Page, sign_in: Callable[[Page, str], None], axe: Callable
) -> None:
    sign_in(page, "taisia")
    page.goto("/search/")
    field, options = page.locator("#q"), page.locator("#q-suggestions [role=option]")
    page.keyboard.press("/")
    expect(field).to_be_focused()
    page.keyboard.type("lam")
    expect(options.first).to_be_visible(timeout=20_000)
    expect(field).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    assert field.get_attribute("aria-activedescendant") == options.first.get_attribute("id")
    assert not (found := axe(page)), problems(found)
    page.keyboard.press("Escape")
    expect(options.first).to_be_hidden()
    expect(field).to_have_value("lam")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("article.story h1")).to_be_visible()


def test_arrows_go_through_the_results_and_the_opened_one_is_noted(
    page: Page, sign_in: Callable[[Page, str], None]
) -> None:
    sign_in(page, "taisia")
    page.goto("/search/?q=%D0%B2%D0%BE%D0%B4%D0%B0")
    links = page.locator("[data-hits] h3 a")
    page.locator("#q").focus()
    page.keyboard.press("ArrowDown")
    expect(links.nth(0)).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(links.nth(1)).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.press("ArrowDown")
    # A beacon's answer comes after the page has gone, so a browser need not tell of it.
    with page.expect_request("**/search/clicked/") as noted:
        page.keyboard.press("Enter")
    assert noted.value.method == "POST" and "rank" in (noted.value.post_data or "")
    expect(page.locator("article.story h1")).to_be_visible()


def test_a_search_is_saved_and_let_go_without_javascript(
    new_page: Callable[..., Page], sign_in: Callable[[Page, str], None]
) -> None:
    page = new_page(java_script_enabled=False)
    sign_in(page, "taisia")
    page.goto("/search/?q=umbrella")
    page.locator("details.keep-box summary").click()
    page.locator("#keep-name").fill("Umbrellas")
    page.locator(".keep button").click()
    expect(page.locator(".kept h2")).to_have_text("Umbrellas")
    page.locator(".kept h2 a").click()
    expect(page.locator("#q")).to_have_value("umbrella")
    page.go_back()
    page.locator("button[value=drop]").click()
    expect(page.locator(".kept")).to_have_count(0)
