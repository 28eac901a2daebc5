"""The watch that every browser test stands under sees what it should."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Complaints, Violation

POLICY = "default-src 'none'; script-src 'self'; img-src * data:"
HEAD = "<!doctype html><html lang=en><title>t</title><link rel=icon href='data:,'>"


def show(page: Page, body: str, status: int = 200, head: str = HEAD) -> None:
    """Let the browser believe that the site answers so, under a strict policy."""
    headers = {"Content-Type": "text/html", "Content-Security-Policy": POLICY}
    page.route("**/made-up", lambda route: route.fulfill(status=status, headers=headers, body=head + body))
    page.goto("/made-up")


@pytest.mark.parametrize(
    ("body", "status", "complaint"),
    [
        ("<script>document.title = 'x'</script>", 200, "CSP script-src-elem: inline"),
        ("<p style='color: red'>x</p>", 200, "CSP style-src-attr: inline"),
        (
            "<img src='http://127.0.0.1:9/x.png' alt=''>",
            200,
            "request to another host: http://127.0.0.1:9/x.png",
        ),
        ("<p>broken</p>", 500, "500 from"),
    ],
)
def test_it_complains(page: Page, complaints: Complaints, body: str, status: int, complaint: str) -> None:
    show(page, body, status)
    page.wait_for_load_state("networkidle")
    assert any(complaint in text for text in complaints.left())
    complaints.forgive(".")


def test_it_says_nothing_of_a_good_page(page: Page, complaints: Complaints) -> None:
    show(page, "<main><h1>Good</h1></main>")
    assert not complaints.left()


def test_it_forgives_what_a_test_expects(page: Page, complaints: Complaints) -> None:
    complaints.forgive("status of 404")
    show(page, "<main><h1>Not found</h1></main>", status=404)
    assert not complaints.left()


def test_it_finds_what_is_not_accessible(page: Page, axe: Callable[..., list[Violation]]) -> None:
    show(page, "<main><h1>Picture</h1><img src='data:,'></main>")
    assert [violation.rule for violation in axe(page)] == ["image-alt"]


def test_it_finds_nothing_on_an_accessible_page_under_a_strict_policy(
    page: Page, axe: Callable[..., list[Violation]]
) -> None:
    show(page, "<main><h1>Good</h1></main>")
    assert axe(page) == []
