"""Every page a reader meets, in both languages and both schemes: no accessibility finding, no sideways scroll."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

PAGES = {
    "home": "/",
    "list": "/stories/",
    "list-narrowed": "/stories/?touchpoint=dispatch&sort=newest",
    "search": "/search/?q=%D0%B2%D0%BE%D0%B4%D0%B0",
    "search-repaired": "/search/?q=ujhzxfz",
    "search-understood": "/search/?q=%D0%B2%D0%BE%D0%B4%D0%B0+-%D0%BB%D0%B8%D1%84%D1%82+after:2024+tag:zzz",
    "saved": "/search/saved/",
    "search-nothing": "/search/?q=qwzxv",
    "story-ru": "/stories/devyatnadtsat-i-chetyre/",
    "story-en": "/stories/ten-past-three/",
    "capture": "/capture/",
    "captured": "/capture/done/",
    "consent": "/about/consent/",
    "accessibility": "/about/accessibility/",
    "help": "/help/",
}
SCHEMES = (("ru", "light"), ("ru", "dark"), ("en", "light"), ("en", "dark"))


def in_language(page: Page, language: str) -> None:
    """Choose the language as a visitor does, with the switch."""
    if page.locator("html").get_attribute("lang") != language:
        page.locator(f"button[name=language][value={language}]").click()
        page.wait_for_selector(f"html[lang={language}]", state="attached")


def problems(found: list) -> str:
    """Say what axe found, a line each."""
    return "\n".join(f"{each.rule}: {each.help}: {', '.join(each.targets[:3])}" for each in found)


@pytest.mark.parametrize(("language", "scheme"), SCHEMES)
def test_no_page_has_an_accessibility_finding(
    language: str,
    scheme: str,
    new_page: Callable[..., Page],
    sign_in: Callable[[Page, str], None],
    axe: Callable,
) -> None:
    page = new_page(color_scheme=scheme, viewport={"width": 1280, "height": 900})
    sign_in(page, "taisia")
    in_language(page, language)
    for name, address in PAGES.items():
        page.goto(address)
        assert not (found := axe(page)), f"{name}\n{problems(found)}"


def test_the_sign_in_page_has_no_accessibility_finding(page: Page, axe: Callable) -> None:
    page.goto("/login/")
    assert not (found := axe(page)), problems(found)


def test_a_missing_page_has_no_accessibility_finding(
    page: Page, sign_in: Callable, axe: Callable, complaints
) -> None:
    complaints.forgive("404")
    sign_in(page, "taisia")
    page.goto("/stories/never-was/")
    assert not (found := axe(page)), problems(found)


@pytest.mark.parametrize("language", ["ru", "en"])
def test_nothing_scrolls_sideways_on_a_small_phone(
    language: str, new_page: Callable[..., Page], sign_in: Callable[[Page, str], None]
) -> None:
    page = new_page(viewport={"width": 320, "height": 640})
    sign_in(page, "taisia")
    in_language(page, language)
    wide = []
    for name, address in PAGES.items():
        page.goto(address)
        if page.evaluate("document.documentElement.scrollWidth") > 320:
            wide.append(name)
    assert not wide


def test_targets_are_large_enough_for_a_finger(new_page: Callable[..., Page], sign_in: Callable) -> None:
    page = new_page(viewport={"width": 360, "height": 740})
    sign_in(page, "taisia")
    page.goto("/capture/")
    small = page.evaluate(
        "[...document.querySelectorAll('button, input:not([type=hidden]), select, textarea')]"
        ".filter(e => e.checkVisibility() && e.getBoundingClientRect().height < 24).map(e => e.outerHTML.slice(0, 80))"
    )
    assert not small
