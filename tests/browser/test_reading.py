"""What an employee with two minutes does: sign in, find, narrow, read, go on to a similar story, note one."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import Complaints


def test_she_finds_narrows_opens_and_goes_on_to_a_similar_story(
    page: Page, sign_in: Callable[[Page, str], None]
) -> None:
    sign_in(page, "taisia")
    page.locator("input[name=q]").first.fill("вода")
    page.keyboard.press("Enter")
    expect(page.locator("mark").first).to_be_visible()
    box = page.locator("input[type=checkbox][name=outcome][value=rising]")
    box.check()
    page.wait_for_url("**outcome=rising**")
    page.locator(".hit h3 a").first.click()
    expect(page.locator("article.story h1")).to_be_visible()
    page.locator(".rel a.plain").first.click()
    expect(page.locator("article.story h1")).to_be_visible()


def test_a_wrong_layout_is_understood_and_can_be_taken_back(
    page: Page, sign_in: Callable[[Page, str], None]
) -> None:
    sign_in(page, "taisia")
    page.goto("/search/?q=ujhzxfz")
    expect(page.locator("main b", has_text="горячая").first).to_be_visible()
    page.locator("a[href*='literal=1']").click()
    assert "literal=1" in page.url


def test_the_photo_of_a_story_loads_for_a_reader(page: Page, sign_in: Callable[[Page, str], None]) -> None:
    sign_in(page, "taisia")
    page.goto("/stories/devyatnadtsat-i-chetyre/")
    photo = page.locator("figure img").first
    photo.scroll_into_view_if_needed()
    expect(photo).to_have_js_property("complete", True)
    assert photo.evaluate("image => image.naturalWidth") > 0
    assert photo.get_attribute("alt")


def test_everything_can_be_read_and_found_without_javascript(
    new_page: Callable[..., Page], sign_in: Callable
) -> None:
    page = new_page(java_script_enabled=False)
    sign_in(page, "taisia")
    page.goto("/search/?q=лифт")
    page.locator("details.facets").evaluate("facets => { facets.open = true }")
    page.locator("input[type=checkbox][name=language]").first.check()
    page.locator("[data-apply] button").click()
    assert "language=" in page.url
    page.locator(".hit h3 a").first.click()
    expect(page.locator("article.story h1")).to_be_visible()


def test_she_notes_a_story_on_a_phone_and_an_interruption_loses_nothing(
    new_page: Callable[..., Page], sign_in: Callable
) -> None:
    page = new_page(viewport={"width": 360, "height": 740})
    sign_in(page, "edmund")
    page.goto("/capture/")
    with page.expect_response("**/capture/autosave/") as saved:
        page.locator("[name=told]").fill("He carried the parcel up nine floors and would not take the tip.")
    assert saved.value.ok
    page.goto("/capture/")
    expect(page.locator("[name=told]")).to_have_value(
        "He carried the parcel up nine floors and would not take the tip."
    )
    page.locator("[name=title]").fill("Nine floors")
    page.locator("[name=who]").fill("a father from building 3")
    page.locator("main form button.btn").first.click()
    page.wait_for_url("**/capture/done/")


def test_an_unfinished_note_says_what_is_missing_and_keeps_the_words(
    page: Page, sign_in: Callable, complaints: Complaints
) -> None:
    complaints.forgive("422")
    sign_in(page, "phoebe")
    page.goto("/capture/")
    page.locator("[name=told]").fill("The lift stood for a week.")
    with page.expect_response(
        lambda response: response.request.method == "POST" and response.url.endswith("/capture/")
    ):
        page.evaluate("document.querySelector('main form').noValidate = true")
        page.locator("main form button.btn").first.click()
    expect(page.locator("[role=alert]").first).to_be_visible()
    expect(page.locator("[name=told]")).to_have_value("The lift stood for a week.")


def test_leaving_closes_the_door(page: Page, sign_in: Callable[[Page, str], None]) -> None:
    sign_in(page, "taisia")
    page.locator("details.role summary").click()
    page.locator("form[action*=logout] button").click()
    page.goto("/stories/")
    assert "/login/" in page.url
