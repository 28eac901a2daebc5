"""Every page of learning and of running it, from the table of addresses: no accessibility finding, no sideways scroll."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from onboarding import hr_urls, urls
from onboarding.enums import StepKind
from tests.browser.conftest import ROOT, Complaints, _environment
from tests.browser.test_pages import problems

# What is a file, a form's target or a redirect, not a page.
NO_PAGE = {
    "onboarding:confirm", "onboarding:contact", "onboarding:answer", "onboarding:calendar_file",
    "onboarding:calendar_feed", "onboarding:launch", "onboarding:launch_module", "onboarding:certificate_pdf",
    "onboarding:meeting_time", "onboarding:to_author", "onboarding:mentor_calendar_file",
    "onboarding:mentor_calendar_feed",
    "hr:csv", "hr:xlsx", "hr:outcomes_csv", "hr:statements_retry", "hr:cmi5", "hr:module_from_story",
}  # fmt: skip
OF_MENTOR = {
    "onboarding:people",
    "onboarding:reviews",
    "onboarding:review",
    "onboarding:answers",
    "onboarding:mentor_calendar",
}
PREPARE = "from tests.browser.learning_house import main; main()"
PHONE: ViewportSize = {"width": 360, "height": 740}
DESK: ViewportSize = {"width": 1280, "height": 900}


@pytest.fixture
def house(demo: Path, site: str) -> dict[str, Any]:
    """Prepare the demonstration; give the newcomer's session and the addresses that need an id."""
    run = subprocess.run(
        [sys.executable, "manage.py", "shell", "-v", "0", "-c", PREPARE],
        cwd=ROOT, env=_environment(demo), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr[-2000:]
    return dict(json.loads(run.stdout.splitlines()[-1]))


def routes() -> Iterator[tuple[str, str]]:
    """Yield the name and path of every page of the table."""
    for prefix, table in (("onboarding", urls), ("hr", hr_urls)):
        for pattern in table.urlpatterns:
            name = f"{prefix}:{pattern.name}"
            if name not in NO_PAGE:
                yield name, f"/{prefix}/{pattern.pattern}"


def addresses(house: dict[str, Any]) -> dict[str, list[str]]:
    """Return the addresses of the newcomer, the mentor and HR; a page of the table that has none is an error."""
    found: dict[str, list[str]] = {"newcomer": [], "mentor": [], "hr": []}
    for name, path in routes():
        who = "hr" if name.startswith("hr:") else "mentor" if name in OF_MENTOR else "newcomer"
        if name == "onboarding:step":
            assert set(house["steps"]) == set(StepKind), "the walk meets every kind of step"
            found[who] += [
                f"{address}{more}" for address in house["steps"].values() for more in ("", "?again=1")
            ]
        else:
            found[who].append(house["pages"].get(name, path))
    found["hr"] += [f"/hr/?track={house['track']}", f"/hr/figures/?track={house['track']}"]
    assert not any("<" in address for each in found.values() for address in each), found
    return found


def test_learning_has_no_accessibility_finding_and_fits_a_phone(
    house: dict[str, Any],
    new_page: Callable[..., Page],
    sign_in: Callable[[Page, str], None],
    site: str,
    axe: Callable,
) -> None:
    wrong: list[str] = []
    for who, account in (("newcomer", ""), ("mentor", "stepan"), ("hr", "rosalind")):
        page = new_page(viewport=DESK)
        if account:
            sign_in(page, account)
        else:
            page.context.add_cookies([{"name": "kb_session", "value": house["session"], "url": site}])
        for number, address in enumerate(addresses(house)[who]):
            page.emulate_media(color_scheme="dark" if number % 2 else "light")
            response = page.goto(address)
            if response is None or response.status != 200:
                wrong.append(f"{address}: {response and response.status}")
                continue
            if found := axe(page):
                wrong.append(f"{address}\n{problems(found)}")
            page.set_viewport_size(PHONE)
            if page.evaluate("document.documentElement.scrollWidth") > PHONE["width"]:
                wrong.append(f"{address}: wider than a phone")
            page.set_viewport_size(DESK)
    assert not wrong, "\n".join(wrong)


class Hand:
    """Somebody at a mouse and a keyboard: every click counts, text is typed."""

    def __init__(self, page: Page) -> None:
        self.page, self.clicks = page, 0

    def click(self, selector: str) -> None:
        self.page.locator(selector).last.click()
        self.clicks += 1

    def write(self, name: str, text: str) -> None:
        self.click(f"[name='{name}']")
        self.page.keyboard.press("Control+A")
        self.page.keyboard.insert_text(text)


def test_a_new_author_publishes_a_module_around_a_story_in_a_few_clicks(
    new_page: Callable[..., Page], sign_in: Callable[[Page, str], None], complaints: Complaints
) -> None:
    complaints.forgive("status of 400")  # the editor keeps a draft by itself, also while a field is empty
    page = new_page(locale="en-GB", viewport=DESK)
    sign_in(page, "rosalind")
    page.goto("/stories/ten-past-three/")
    hand = Hand(page)
    with page.expect_navigation(url="**/edit/"):
        hand.click("form[action*='/module/'] button")
    scene = "steps-2-value-scenes-0-value-"
    hand.write("title", "The hour it goes wrong")
    hand.write("objective", "Go and look at that hour.")
    hand.write(f"{scene}heading", "Two engineers found nothing.")
    hand.write(f"{scene}prompt", "The request can be closed. What do you do?")
    for number, (way, follows) in enumerate(
        (("Close it.", "She rings again."), ("Go at that hour.", "It is found."))
    ):
        hand.write(f"{scene}options-{number}-value-text", way)
        hand.write(f"{scene}options-{number}-value-rationale", follows)
    hand.click("button[aria-label='More actions'], button:has-text('More actions')")
    with page.expect_navigation():
        hand.click("[name=action-publish]")
    expect(page.locator(".messages")).to_contain_text("has been published")
    assert hand.clicks <= 15
