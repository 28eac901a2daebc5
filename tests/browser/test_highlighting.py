"""Choosing a passage of a story with the mouse, by touch and with the keyboard; moving ideas; axe on every page."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.urls import reverse
from playwright.sync_api import Page, expect

from ideas.urls import urlpatterns

STORY = "/stories/sedmoy-etazh-peshkom/"
PAGES = (STORY, "/themes/", "/themes/an-hour-not-a-day/", "/themes/an-hour-not-a-day/passages/", "/themes/review/", "/ideas/",
         "/ideas/?aside", "/ideas/1/", "/ideas/4/decide/", "/ideas/4/card/", "/ideas/new/", "/codebook/")  # fmt: skip


# Pages that come of a form sent or of a block, and addresses that are no page.
SENT = {"code", "kept_premortem", "preview", "alike", "undo_merge", "reviewed", "proposal", "uncode", "take_out", "bring_in", "move", "support",
        "score", "follow_up", "follow_up_done", "told"}  # fmt: skip


def every_page() -> list[str]:
    """The addresses of all pages of themes and ideas, by the URL table, and their screens in the admin."""
    paths = [*PAGES, "/admin/themes/", "/admin/reports/loop/", "/admin/snippets/ideas/idea/"]
    for pattern in urlpatterns:
        if pattern.name in SENT:
            continue
        named = {"pk": 6, "slug": "an-hour-not-a-day"}
        asked = {key: named[key] for key in pattern.pattern.converters}
        paths.append(f"/{pattern.pattern!s}" if not asked else reverse(f"ideas:{pattern.name}", kwargs=asked))
    return sorted(set(paths))


def chosen(page: Page) -> tuple[int, int]:
    """Return start and end of the passage that the bar offers to code."""
    expect(page.locator("[data-code-bar]")).to_be_visible()
    asked = parse_qs(urlsplit(str(page.locator("[data-go]").get_attribute("href"))).query)
    return int(asked["start"][0]), int(asked["end"][0])


def test_a_passage_is_chosen_with_mouse_touch_and_keyboard(
    new_page: Callable[..., Page], sign_in: Callable[[Page, str], None]
) -> None:
    page = new_page(has_touch=True)
    sign_in(page, "inga")
    page.goto(STORY)
    run = page.locator("[data-text] [data-at]").first
    run.scroll_into_view_if_needed()
    box = run.bounding_box()
    assert box
    page.mouse.move(box["x"] + 1, box["y"] + 12)
    page.mouse.down()
    page.mouse.move(box["x"] + 120, box["y"] + 12, steps=4)
    page.mouse.up()
    start, end = chosen(page)
    assert start == 0 and 5 < end < 30
    page.locator("[data-no]").tap()
    expect(page.locator("[data-code-bar]")).to_be_hidden()

    # A finger moves handles of the browser's own; what the page hears of it is a changed selection.
    page.evaluate("text => getSelection().selectAllChildren(text)", run.element_handle())
    assert chosen(page)[1] == int(str(run.get_attribute("data-n")))
    page.locator("[data-go]").tap()
    expect(page.locator(".chosen-words")).to_be_visible()

    page.goto(STORY)
    page.locator("[data-text]").nth(1).focus()
    for key in ("ArrowRight", "Shift+ArrowRight"):
        page.keyboard.press(key)
    start, end = chosen(page)
    assert start == 0 and end > 40
    page.keyboard.press("Enter")
    page.wait_for_url("**/coding/**")
    page.locator("[name=new_theme]").fill("Counting steps")
    page.locator("main form .btn").click()
    page.wait_for_url(f"**{STORY}#highlight-*")
    expect(page.locator(".codes a", has_text="Counting steps").first).to_be_visible()


def test_an_idea_is_dragged_to_another_column(page: Page, sign_in: Callable[[Page, str], None]) -> None:
    sign_in(page, "inga")
    page.goto("/ideas/")
    card = page.locator("[data-column=noted] [data-idea]").first
    name = str(card.get_attribute("data-idea"))
    card.drag_to(page.locator("[data-column=review] h2"))
    expect(page.locator(f"[data-column=review] [data-idea='{name}']")).to_be_visible()
    page.locator(f"[data-idea='{name}'] summary").click()
    page.locator(f"[data-idea='{name}'] button[value=noted]").click()
    expect(page.locator(f"[data-column=noted] [data-idea='{name}']")).to_be_visible()


def test_axe_finds_nothing_on_themes_and_ideas(
    new_page: Callable[..., Page], sign_in: Callable[[Page, str], None], axe: Callable[..., list[Any]]
) -> None:
    found = {}
    page = new_page()
    sign_in(page, "inga")
    page.goto(STORY)
    coding = str(page.locator("a[href*='/coding/?block=']").first.get_attribute("href"))
    for width, scheme, paths in ((1280, "light", [*every_page(), coding]), (360, "dark", PAGES)):
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        for path in paths:
            answer = page.goto(path)
            assert answer and answer.ok, path
            wrong = [(each.rule, each.targets[:2]) for each in axe(page)]
            wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
            if wrong or wide:
                found[f"{path} {width}"] = (wrong, wide)
    assert not found
