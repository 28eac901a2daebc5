"""What browsers are told with every page."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tests.factories import make_story, make_user
from tests.pages import headers

pytestmark = pytest.mark.django_db
As = Callable[[str], Client]
READER_PAGES = ["/", "/stories/", "/search/", "/search/?q=water", "/capture/", "/help/", "/about/consent/", "/about/accessibility/",
                "/api/search/?q=x", "/api/suggest/?q=x", "/stories/nothing-here/", "/no/such/page/", "/media/nothing.webp"]  # fmt: skip


def policy(response: Any) -> dict[str, list[str]]:
    """The content security policy as directives."""
    parts = [part.split() for part in response["Content-Security-Policy"].split(";") if part.strip()]
    return {name: values for name, *values in parts}


@pytest.mark.parametrize("path", READER_PAGES)
def test_a_readers_page_runs_nothing_inline_and_nothing_foreign(as_: As, path: str) -> None:
    found = policy(as_("reader").get(path))
    assert (
        found["default-src"]
        == found["object-src"]
        == found["base-uri"]
        == found["frame-ancestors"]
        == ["'none'"]
    )
    assert (
        found["script-src"]
        == found["style-src"]
        == found["form-action"]
        == found["connect-src"]
        == ["'self'"]
    )
    assert not {"'unsafe-inline'", "'unsafe-eval'", "*", "http:", "https:"} & {
        each for values in found.values() for each in values
    }


@pytest.mark.parametrize("path", READER_PAGES)
def test_a_readers_page_stays_in_no_cache(as_: As, path: str) -> None:
    found = headers(as_("reader").get(path))
    assert "no-store" in found["cache-control"]
    assert "private" in found["cache-control"]
    assert "public" not in found["cache-control"]
    assert "etag" not in found


@pytest.mark.parametrize("path", [*READER_PAGES, "/admin/", "/login/"])
def test_every_page_has_the_other_protections(as_: As, path: str) -> None:
    found = headers(as_("administrator").get(path))
    assert found["x-content-type-options"] == "nosniff"
    assert found["x-frame-options"] in ("DENY", "SAMEORIGIN")
    assert (
        found["referrer-policy"]
        == found["cross-origin-opener-policy"]
        == found["cross-origin-resource-policy"]
        == "same-origin"
    )
    assert "geolocation=()" in found["permissions-policy"]
    assert "server" not in found
    assert "x-powered-by" not in found


def test_a_story_page_is_as_strict(as_: As) -> None:
    response = as_("reader").get(f"/stories/{make_story().slug}/")
    assert response.status_code == 200
    assert policy(response)["script-src"] == ["'self'"]
    assert response["Cache-Control"] == "private, no-store"


def test_only_the_editors_side_may_run_its_own_inline_scripts(as_: As) -> None:
    client = as_("administrator")
    found = policy(client.get("/admin/"))
    assert "'unsafe-inline'" in found["script-src"]
    assert "'unsafe-eval'" not in found["script-src"]
    assert found["frame-ancestors"] == ["'self'"]
    assert found["default-src"] == found["object-src"] == ["'none'"]
    for path in ("/", "/administration/", "/login/", "/stories/admin/"):
        assert "'unsafe-inline'" not in client.get(path)["Content-Security-Policy"]


def test_a_readers_page_holds_no_inline_script_or_style(as_: As) -> None:
    import re

    for path in (
        "/",
        "/stories/",
        "/search/",
        "/capture/",
        "/help/",
        "/login/",
        f"/stories/{make_story().slug}/",
    ):
        text = (Client() if path == "/login/" else as_("reader")).get(path).content.decode()
        assert not re.findall(r"<script(?![^>]*\bsrc=)[^>]*>", text), path
        assert not re.findall(r"<style|\sstyle=\"|\son[a-z]+=\"", text), path
        assert not re.findall(r'(?:src|href)="(?:https?:)?//', text), path


@pytest.mark.parametrize(
    "path", ["/", "/stories/", "/search/?q=x", "/api/search/?q=x", "/healthz", "/readyz", "/no/such/page/"]
)
def test_a_visit_without_an_account_leaves_no_cookie_but_that_of_forms(client: Client, path: str) -> None:
    client.get(path)
    assert set(client.cookies) <= {"kb_csrf"}


def test_cookies_are_out_of_reach_of_scripts_and_other_sites(client: Client, settings: Any) -> None:
    make_user("reader", username="anna", password="a long enough password")
    client.post("/login/", {"username": "anna", "password": "a long enough password"})
    session = client.cookies[settings.SESSION_COOKIE_NAME]
    assert session["httponly"]
    assert session["samesite"] == "Lax"
    assert not session["domain"]


def test_reading_sets_no_cookie_again(as_: As) -> None:
    client, story = as_("reader"), make_story()
    for path in (
        "/stories/",
        f"/stories/{story.slug}/",
        "/search/?q=call",
        "/api/search/?q=call",
        "/no/such/",
    ):
        set_now = client.get(path).cookies
        assert set(set_now) <= {"kb_csrf"}, path
        assert story.slug not in str(set_now)
