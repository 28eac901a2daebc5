"""The whole road through the browser: heard, noted, read by a second person, approved by the narrator, found, taken back."""

import re
import time
from collections.abc import Callable

from playwright.sync_api import Page, expect

WORDS = "The caretaker kept a theodolite of snow shovels by the narwhal gate."
FIGURE = "The Plumber Who Hums"
WORKER_SECONDS = 90  # it tells the index within a second or two, unless the machine has much else to do


def press(page: Page, selector: str) -> None:
    """Press a button of Wagtail's editor that may lie in a folded menu, and wait for the page it leads to."""
    with page.expect_navigation():
        page.locator(selector).first.evaluate("button => button.click()")


def noted(page: Page) -> None:
    """An employee notes what she heard."""
    page.goto("/capture/")
    page.locator("[name=told]").fill(WORDS)
    narrator = page.locator("[name=member] option", has_text=FIGURE).get_attribute("value")
    page.locator("[name=member]").select_option(narrator)
    page.locator("[name=title]").fill("The narwhal gate")
    page.locator("select[name=language]").select_option("en")
    page.locator("main form button.btn").click()
    page.wait_for_url("**/capture/done/")


def story_id(page: Page) -> str:
    """Return the id of the noted story, from the keepers' list."""
    page.goto("/admin/stories/?q=narwhal")
    link = page.locator("a[href*='/edit/']", has_text="The narwhal gate").first.get_attribute("href")
    return re.search(r"/(\d+)/edit/", str(link))[1]


def approved(page: Page, pk: str) -> None:
    """A keeper records that the narrator said yes to these words."""
    page.goto(f"/admin/stories/{pk}/consent/")
    expect(page.get_by_text("theodolite").first).to_be_visible()
    page.locator("[name=method]").select_option("paper")
    page.locator("[name=evidence_reference]").fill("Binder 3, sheet 9")
    page.locator("[name=seen]").check()
    with page.expect_navigation():
        page.locator("form:has([name=seen]) button[type=submit]").click()


def hits(page: Page) -> int:
    """Return how many stories a reader finds by the unusual word."""
    page.goto("/search/?q=theodolite&literal=1")
    return page.locator(".hit").count()


def withdrawn(page: Page) -> None:
    """A keeper records that the narrator takes everything back."""
    page.goto("/admin/consent/register/?q=" + FIGURE.replace(" ", "+"))
    page.locator("a[href*='/consent/register/inspect/']").first.click()
    page.locator("a[href*='/withdraw/']").first.click()
    page.locator("[name=what]").select_option(index=1) if page.locator(
        "select[name=what]"
    ).count() else page.locator("[name=what]").first.check()
    with page.expect_navigation():
        page.locator("button.serious").click()


def test_a_story_is_noted_approved_published_found_and_taken_back(
    new_page: Callable[..., Page], sign_in: Callable[[Page, str], None], complaints
) -> None:
    complaints.forgive("404")
    reader, keeper, second = (
        new_page(locale="en-GB", viewport={"width": 1280, "height": 900}) for _ in range(3)
    )
    for page, name in ((reader, "edmund"), (keeper, "vera"), (second, "olive")):
        sign_in(page, name)
    noted(reader)
    pk = story_id(keeper)
    keeper.goto(f"/admin/pages/{pk}/edit/")
    press(keeper, "[name=action-submit]")
    assert hits(reader) == 0
    second.goto(f"/admin/pages/{pk}/edit/")
    press(second, "[data-workflow-action-name=approve]")
    assert hits(reader) == 0
    approved(keeper, pk)
    deadline = time.monotonic() + WORKER_SECONDS
    while not hits(reader) and time.monotonic() < deadline:
        reader.wait_for_timeout(200)
    reader.locator(".hit h3 a").first.click()
    expect(reader.locator("article.story")).to_contain_text("theodolite")
    address = reader.url
    withdrawn(keeper)
    assert reader.goto(address).status == 404
    assert hits(reader) == 0
