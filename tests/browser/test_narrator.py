"""The narrator's whole life on a small phone without JavaScript, and her pages: accessible, light, usable by keyboard."""

import re
import time
from collections.abc import Callable, Iterator
from email import message_from_string, policy
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import _environment
from tests.resident import Resident

PHONE: dict[str, Any] = {
    "viewport": {"width": 360, "height": 740},
    "java_script_enabled": False,
    "locale": "en-GB",
}
READERS = ("edmund", "phoebe", "taisia", "nikita", "stepan")
PREPARE = """
from club.models import Member, User
from club.services import record_identity
from stories.models import StoryIndexPage, StoryPage
member = Member.objects.create(persona_name={persona!r}, language="en")
record_identity(member=member, data={{"full_name": "Nobody Real", "email": "narrator@example.org"}}, by=None)
vera = User.objects.get(username="vera")
story = StoryPage(title={title!r}, slug={slug!r}, language="en", member=member, body=[("narrative", "<p>The zimmerframe gate stuck for a week.</p>")], live=False)
StoryIndexPage.objects.get().add_child(instance=story)
story.save_revision(user=vera)
print("pk", story.pk)
"""

APPROVE = """
from club.models import User
from stories.models import StoryPage
state = StoryPage.objects.get(pk={pk}).current_workflow_task_state
state.task.specific.on_action(state, User.objects.get(username="olive"), "approve")
"""
ASK = """
from club.models import Member
from stories.models import StoryPage
from consent.narrator import asking, registry
revision = StoryPage.objects.get(pk={pk}).get_latest_revision()
wording = registry.wording(revision)
_link, token = asking.ask_on_paper(member=Member.objects.get(pk=wording.member_id), wording=wording, by=None)
print("token", token, revision.pk)
"""


Run = Callable[[str], str]


@pytest.fixture(scope="session")
def run(demo: Path, site: str) -> Iterator[Run]:
    """Give a function that runs a piece of code on the demonstration's database and returns what it said."""
    resident = Resident(_environment(demo, KB_BASE_URL=site))

    def ran(code: str) -> str:
        ended, said = resident.run("shell", "-v0", "-c", code)
        assert ended == 0, said
        return said

    yield ran
    resident.close()


@pytest.fixture
def asked_about(run: Run) -> Callable[[str], str]:
    """Give a function that writes a draft of a new narrator; returns its number."""

    def prepared(name: str) -> str:
        slug = re.sub(r"\W+", "-", name.lower())
        found = re.search(
            r"pk (\d+)", run(PREPARE.format(persona=f"The one of {name}", title=name, slug=slug))
        )
        assert found
        return found[1]

    return prepared


@pytest.fixture
def outbox(demo: Path) -> Callable[[int], str]:
    """Give a function that waits for the n-th letter to the narrator on the demonstration's console; returns its link."""

    def link(number: int) -> str:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            log = "".join(
                path.read_text(encoding="utf-8", errors="replace")
                for path in sorted(demo.glob("serve-*.log"))
            )
            letters = [part for part in re.split(r"(?m)^-{70,}$", log) if "To: narrator@example.org" in part]
            if len(letters) >= number:
                return address_in(letters[number - 1])
            time.sleep(0.3)
        pytest.fail(f"letter {number} did not arrive", pytrace=False)

    return link


def address_in(letter: str) -> str:
    """Return the address in a letter as its reader sees it."""
    raw = letter[letter.index("Content-Type: multipart") :]
    body = message_from_string(raw, policy=policy.default).get_body(("plain",))
    found = re.search(r"http://\S+/n/[A-Za-z0-9_-]{43}/", body.get_content() if body else letter)
    assert found, letter
    return found[0]


def press(page: Page, selector: str) -> None:
    with page.expect_navigation():
        page.locator(selector).first.evaluate("button => button.click()")


def ask_by_mail(keeper: Page, pk: str) -> None:
    """The keeper goes from the story to the screen and sends the letter."""
    keeper.goto(f"/admin/stories/{pk}/consent/")
    keeper.locator("a[href*='/consent/ask/']").first.click()
    keeper.locator("button[name=how][value=mail]").click()
    keeper.wait_for_load_state()


def choose(her: Page, answer: str) -> None:
    """She ticks what she allows, and answers the question."""
    for selector in (
        "[name=purposes][value=read]",
        "[name=purposes][value=train]",
        "[name=years][value='1']",
        "[name=credit][value=pseudonym]",
    ):
        her.locator(selector).check()
    her.locator(f"[name=question][value={answer}]").check()
    her.locator("form.ask button.btn").click()


def status(page: Page, slug: str) -> int:
    response = page.goto(f"/stories/{slug}/")
    assert response is not None
    return response.status


def test_the_whole_life_of_a_narrator(
    new_page: Callable[..., Page],
    sign_in: Callable[[Page, str], None],
    asked_about: Callable,
    outbox: Callable,
    complaints: Any,
    run: Run,
) -> None:
    complaints.forgive("404|422")
    pk, slug = asked_about("The quagga gate"), "the-quagga-gate"
    keeper, second = (new_page(locale="en-GB", viewport={"width": 1280, "height": 900}) for _ in range(2))
    sign_in(keeper, "vera")
    sign_in(second, "olive")
    keeper.goto(f"/admin/pages/{pk}/edit/")
    press(keeper, "[name=action-submit]")
    second.goto(f"/admin/pages/{pk}/edit/")
    press(second, "[data-workflow-action-name=approve]")
    ask_by_mail(keeper, pk)

    her = new_page(**PHONE)
    her.goto(outbox(1))
    expect(her.locator("article.sheet")).to_contain_text("The zimmerframe gate stuck for a week.")
    assert her.locator("input:checked").count() == 0

    choose(her, "letter")  # she misunderstood: explained, nothing lost
    expect(her.locator("#errors")).to_contain_text("nobody asks why")
    expect(her.locator("[name=purposes][value=train]")).to_be_checked()
    expect(her.locator("[name=credit][value=pseudonym]")).to_be_checked()

    her.get_by_role("link", name="Please change something").click()  # she asks for a change
    her.locator("summary", has_text="The zimmerframe gate").click()
    her.locator("textarea", has_text="zimmerframe").fill("The zimmerframe gate stuck for two weeks.")
    her.get_by_role("button", name="Send this").click()
    expect(her.get_by_role("status").first).to_contain_text("Your change is with")

    keeper.goto("/admin/consent/suggestions/?state=open")  # the keeper takes it, answers, asks again
    keeper.locator("a", has_text="The one of The quagga gate").first.click()
    expect(keeper.locator("ins.addition")).to_contain_text("two weeks")
    keeper.locator("[name=take]").first.check()
    keeper.locator("[name=answer]").fill("Two weeks, thank you.")
    keeper.locator("button", has_text=re.compile("answer|ответ", re.I)).last.click()
    keeper.wait_for_url("**/consent/ask/**")
    keeper.locator("button[name=how][value=mail]").click()
    keeper.wait_for_load_state()

    her.goto(outbox(2))
    expect(her.locator("main")).to_contain_text("Two weeks, thank you.")
    expect(her.locator("article.sheet")).to_contain_text("stuck for two weeks")
    choose(her, "gone")
    her.wait_for_url("**/journal/**")
    assert status(second, slug) == 404  # new words: the second reader looks once more
    run(APPROVE.format(pk=pk))

    readers = [new_page(locale="en-GB") for _name in READERS]
    for page, name in zip(readers, READERS, strict=True):
        sign_in(page, name)
        assert status(page, slug) == 200
    reader = readers[0]
    her.reload()
    expect(her.locator("#stories + .rows")).to_contain_text("5 employees have read it.")

    her.get_by_role("button", name="Pause everything").click()  # one click
    assert status(reader, slug) == 404
    her.get_by_role("button", name="End the pause").click()
    assert status(reader, slug) == 200

    her.get_by_role("link", name="Allow less").click()
    her.locator("[value='purpose:train']").check()
    her.get_by_role("button", name="End what is ticked").click()
    expect(her.locator("#allowed + .rows")).not_to_contain_text("Newcomers")
    assert status(reader, slug) == 200

    her.get_by_role("link", name="Take everything back").click()  # two clicks
    her.get_by_role("button", name="Take everything back").click()
    expect(her.locator("h1")).to_contain_text("Everything is yours again")
    assert status(reader, slug) == 404

    her.get_by_role("link", name="Forget me").click()
    her.get_by_role("button", name="Forget me").click()
    expect(her.locator("#rights + .rows")).to_contain_text("We must have done it by")
    assert not her.context.cookies()


@pytest.fixture
def link(run: Run, asked_about: Callable[[str], str]) -> tuple[str, str]:
    """The address of a page with a story that waits for an answer, and the number of its wording."""
    pk = asked_about(f"Pages {time.monotonic_ns()}")
    found = re.search(r"token (\S+) (\d+)", run(ASK.format(pk=pk)))
    assert found
    return f"/n/{found[1]}/", found[2]


PAGES = (
    "",
    "journal/",
    "later/",
    "withdraw/",
    "narrow/",
    "correct/",
    "copy/",
    "erase/",
    "outside/",
    "wording/{}/change/",
    "wording/{}/no/",
    "nothing/here/",
)


@pytest.mark.parametrize("language", ["en", "ru"])
def test_her_pages_have_no_accessibility_finding_and_fit_a_small_phone(
    language: str, link: tuple[str, str], new_page: Callable[..., Page], axe: Callable, complaints: Any
) -> None:
    complaints.forgive("404")
    for scheme in ("light", "dark"):
        page = new_page(color_scheme=scheme, viewport={"width": 320, "height": 640})
        for path in PAGES:
            page.goto(link[0] + path.format(link[1]) + f"?lang={language}")
            found = axe(page)
            assert not found, f"{path} {scheme}: {[(each.rule, each.targets[:2]) for each in found]}"
            assert page.evaluate("document.documentElement.scrollWidth") <= 320, path


def weigh(context: BrowserContext, page: Page, url: str) -> int:
    """Return the bytes of everything a page loads."""
    sizes: list[int] = []
    context.on("requestfinished", lambda request: sizes.append(request.sizes()["responseBodySize"]))
    page.goto(url)
    page.wait_for_load_state("networkidle")
    return sum(sizes)


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_page_weighs_at_most_sixty_kilobytes(
    language: str, link: tuple[str, str], new_page: Callable[..., Page]
) -> None:
    page = new_page()
    assert weigh(page.context, page, f"{link[0]}?lang={language}") <= 60 * 1024


def test_large_targets_for_fingers(link: tuple[str, str], new_page: Callable[..., Page]) -> None:
    page = new_page(viewport={"width": 360, "height": 740})
    page.goto(link[0])
    small = page.evaluate(
        "[...document.querySelectorAll('button, .btn, .choice, summary, .textlink')]"
        ".filter(e => e.checkVisibility() && e.getBoundingClientRect().height < 44).map(e => e.outerHTML.slice(0, 80))"
    )
    assert not small


def test_she_agrees_with_the_keyboard_alone(link: tuple[str, str], new_page: Callable[..., Page]) -> None:
    page = new_page(java_script_enabled=False, locale="en-GB")
    page.goto(f"{link[0]}?lang=en")
    ticked = 0
    for _step in range(60):
        page.keyboard.press("Tab")
        kind = page.locator(":focus")
        if kind.count() and (kind.get_attribute("type") or "") in ("checkbox", "radio"):
            page.keyboard.press("Space")
            ticked += 1
            if kind.get_attribute("name") == "question":
                page.keyboard.press("ArrowDown")
        if kind.count() and kind.inner_text() == "I agree, all is right":
            page.keyboard.press("Enter")
            break
    page.wait_for_url("**/journal/**")
    assert ticked >= 6
