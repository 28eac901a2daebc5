"""A real browser over a really served demonstration.

The demonstration is built once for a run; every xdist worker serves a copy of its own, so that what one test
writes does not meet another worker's reading. Every page is watched: a console error, a violation of the
content security policy, an answer of 500 or a request to another host fails the test that caused it.
"""

import fcntl
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    Response,
    sync_playwright,
)

from tests.needs import missing
from tests.ports import free_port

ROOT = Path(__file__).resolve().parent.parent.parent
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
CHROMIUM = ("/usr/bin/chromium", "chromium", "chromium-browser", "google-chrome")
CHROMIUM_ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
BUILD_SECONDS = 600
START_SECONDS = 120
STOP_SECONDS = 30
ATTEMPTS = 3  # another process may take the free port between our finding and the server's using it
CSP_TO_CONSOLE = """
document.addEventListener('securitypolicyviolation', event => {
    const {effectiveDirective, blockedURI, sourceFile, lineNumber} = event;
    console.error(`CSP ${effectiveDirective}: ${blockedURI} at ${sourceFile}:${lineNumber}`);
});
"""


@dataclass(frozen=True)
class Violation:
    """One rule of axe-core that a page breaks, and the elements that break it."""

    rule: str
    impact: str
    help: str
    targets: tuple[str, ...]


@dataclass
class Complaints:
    """What the browser found wrong while a test ran; ``forgive`` names what the test expects."""

    host: str
    found: list[str] = field(default_factory=list)
    forgiven: list[str] = field(default_factory=list)

    def watch(self, context: BrowserContext) -> None:
        """Listen to every page of the context."""
        context.add_init_script(CSP_TO_CONSOLE)
        context.on("console", self._console)
        context.on("weberror", lambda error: self.found.append(f"uncaught: {error.error}"))
        context.on("request", self._request)
        context.on("response", self._response)

    def forgive(self, pattern: str) -> None:
        """Expect complaints that match the regular expression: ``404`` where a page must be missing."""
        self.forgiven.append(pattern)

    def left(self) -> list[str]:
        """Return what was not expected."""
        return [text for text in self.found if not any(re.search(pattern, text) for pattern in self.forgiven)]

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.found.append(f"console: {message.text} ({message.location.get('url', '')})")

    def _request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in ("http", "https", "ws", "wss") and parts.netloc != self.host:
            self.found.append(f"request to another host: {request.url}")

    def _response(self, response: Response) -> None:
        if response.status >= 500:
            self.found.append(f"{response.status} from {response.url}")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of this directory."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a directory of this worker with the demonstration's ``data`` and ``media``."""
    own = tmp_path_factory.mktemp("demo")
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    built = shared / "demo-built"
    with _one_at_a_time(shared / "demo.lock"):
        if not (built / "ready").exists():
            shutil.rmtree(built, ignore_errors=True)
            _build(built)
            (built / "ready").touch()
    return shutil.copytree(built, own, dirs_exist_ok=True)


@pytest.fixture(scope="session")
def site(demo: Path) -> Iterator[str]:
    """Serve the worker's demonstration; give its address without a closing slash."""
    for attempt in range(1, ATTEMPTS + 1):
        port = free_port()
        address = f"http://127.0.0.1:{port}"
        log = demo / f"serve-{attempt}.log"
        process = _serve(demo, port, log)
        try:
            if _answers(process, address):
                yield address
                return
        finally:
            _stop(process)
        if "in use" not in log.read_text(errors="replace"):
            break
    pytest.fail(f"manage.py serve did not come up:\n{_tail(log)}", pytrace=False)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start the system's Chromium for this worker."""
    executable = _chromium()
    if executable is None:
        missing("browser", "there is no Chromium (apt-get install chromium, or name it in KB_CHROMIUM)")
    # Playwright keeps an event loop running in this thread; Django would refuse the database to later tests.
    with pytest.MonkeyPatch.context() as environment, sync_playwright() as playwright:
        environment.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        started = playwright.chromium.launch(executable_path=executable, args=CHROMIUM_ARGUMENTS)
        yield started
        started.close()


@pytest.fixture
def complaints(site: str) -> Iterator[Complaints]:
    """Collect what the browser complains of, and fail the test on what is left at its end."""
    collected = Complaints(host=urlsplit(site).netloc)
    yield collected
    left = collected.left()
    if left:
        pytest.fail("The browser complained:\n" + "\n".join(left), pytrace=False)


@pytest.fixture
def new_page(browser: Browser, site: str, complaints: Complaints) -> Iterator[Callable[..., Page]]:
    """Give a function that opens an empty page in a context of its own, without cookies.

    Options are Playwright's, as in ``new_page(locale="en", color_scheme="dark")``; addresses may be relative.
    """
    contexts = []

    def opened(**options: Any) -> Page:
        context = browser.new_context(base_url=site, **{"locale": "ru-RU", **options})
        contexts.append(context)
        complaints.watch(context)
        return context.new_page()

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    """An empty page of a visitor who is not signed in."""
    return new_page()


@pytest.fixture
def sign_in(site: str) -> Callable[[Page, str], None]:
    """Give ``sign_in(page, username)``: one click on that person's button of the demonstration."""

    def signed_in(page: Page, username: str) -> None:
        page.goto(f"{site}/login/")
        name = f"[name=username][value='{username}']"
        page.locator(f"button{name}, form:has(input{name}) button").click()
        page.wait_for_url(lambda url: urlsplit(url).path != "/login/")

    return signed_in


@pytest.fixture(scope="session")
def axe() -> Callable[..., list[Violation]]:
    """Give ``axe(page, within="main")``: the accessibility rules that the page, or one part of it, breaks."""
    if not AXE.exists():
        missing("browser", "axe-core is not installed (npm install --no-package-lock)")
    script = AXE.read_text(encoding="utf-8")

    def checked(page: Page, within: str | None = None) -> list[Violation]:
        if page.evaluate("matchMedia('(scripting: none)').matches"):
            pytest.fail("axe-core needs JavaScript: check the address in a page that has it", pytrace=False)
        # Through the debugger, not a script tag, which the content security policy forbids.
        page.evaluate(script)
        found = page.evaluate(
            "([within, tags]) => axe.run(within || document, {runOnly: tags, resultTypes: ['violations']})",
            [within, AXE_TAGS],
        )
        return [_violation(each) for each in found["violations"]]

    return checked


def _violation(found: dict[str, Any]) -> Violation:
    targets = tuple(" ".join(map(str, node["target"])) for node in found["nodes"])
    return Violation(found["id"], found["impact"] or "", found["help"], targets)


def _chromium() -> str | None:
    named = os.environ.get("KB_CHROMIUM")
    return next((path for path in map(shutil.which, [named] if named else CHROMIUM) if path), None)


@contextmanager
def _one_at_a_time(lock: Path) -> Iterator[None]:
    """Hold a lock between processes."""
    with lock.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _environment(directory: Path, **more: str) -> dict[str, str]:
    """Return this process's environment with an install of its own in ``directory``, on SQLite."""
    ours = {
        "KB_DATA_DIR": str(directory / "data"),
        "KB_MEDIA_ROOT": str(directory / "media"),
        "KB_DEMO": "1",
        "PYTHONUNBUFFERED": "1",
    }
    kept = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    return {**kept, **ours, **more}


def _build(directory: Path) -> None:
    """Migrate and run ``manage.py demo``; fail with the end of its output."""
    directory.mkdir()
    log = directory / "demo.log"
    for command in (["migrate", "--no-input"], ["demo"]):
        with log.open("wb") as output:
            done = subprocess.run(
                [sys.executable, "manage.py", *command],
                cwd=ROOT,
                env=_environment(directory),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                timeout=BUILD_SECONDS,
                check=False,
            )
        if done.returncode:
            pytest.fail(f"manage.py {command[0]} ended with {done.returncode}:\n{_tail(log)}", pytrace=False)


def _serve(directory: Path, port: int, log: Path) -> subprocess.Popen[bytes]:
    """Start ``manage.py serve`` in a process group of its own."""
    environment = _environment(
        directory, HOST="127.0.0.1", PORT=str(port), KB_BASE_URL=f"http://127.0.0.1:{port}"
    )
    with log.open("wb") as output:
        return subprocess.Popen(
            [sys.executable, "manage.py", "serve"],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def _answers(process: subprocess.Popen[bytes], address: str) -> bool:
    """Wait until the server says it is well; False if it has ended or is too late."""
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with urlopen(f"{address}/healthz", timeout=5):  # noqa: S310 our own address
                return True
        except (URLError, OSError):
            time.sleep(0.1)
    return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Ask the server to end, then take what is left of its group, which is ours alone."""
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(STOP_SECONDS)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _tail(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace")[-3000:]
