"""One door, the same answer to everyone it keeps out, and nothing that outlives leaving."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from club.models import User
from kb_site import people
from tests.factories import make_user
from tests.pages import body

pytestmark = pytest.mark.django_db
As = Callable[[str], Client]
PASSWORD = "a long enough password"


@pytest.fixture
def employee() -> User:
    return make_user("reader", username="anna", password=PASSWORD)


def sign_in(client: Client, name: str = "anna", password: str = PASSWORD, **data: str) -> Any:
    return client.post("/login/", {"username": name, "password": password, **data})


def test_the_right_password_opens_the_door(client: Client, employee: User) -> None:
    response = sign_in(client)
    assert (response.status_code, response["Location"]) == (302, "/")
    assert client.get("/").status_code == 200


def test_it_leads_to_where_one_wanted_to_go_inside_only(client: Client, employee: User) -> None:
    assert sign_in(client, next="/stories/")["Location"] == "/stories/"
    for foreign in ("https://evil.example/", "//evil.example/", "javascript:alert(1)"):
        client.logout()
        assert sign_in(client, next=foreign)["Location"] == "/"


def test_an_unknown_name_and_a_wrong_password_get_the_same_answer(client: Client, employee: User) -> None:
    wrong = sign_in(client, password="wrong password")
    unknown = sign_in(Client(), name="nobody", password="wrong password")
    assert (wrong.status_code, body(wrong).replace(b"anna", b"")) == (
        unknown.status_code,
        body(unknown).replace(b"nobody", b""),
    )


def test_a_disabled_employee_gets_that_answer_too(client: Client, employee: User) -> None:
    wrong = body(sign_in(Client(), password="wrong password"))
    User.objects.update(is_active=False)
    assert body(sign_in(client)) == wrong


def lock(client: Client, name: str = "anna") -> list[int]:
    return [sign_in(client, name=name, password=f"wrong {n}").status_code for n in range(5)]


def test_five_failures_lock_the_account_even_for_the_right_password(client: Client, employee: User) -> None:
    assert lock(client)[:4] == [200] * 4
    response = sign_in(client)
    assert response.status_code == 429
    assert client.get("/").status_code == 302


def test_an_unknown_name_locks_alike(client: Client, employee: User) -> None:
    known, unknown = lock(client), lock(Client(), name="nobody")
    assert known == unknown
    locked, ghost = sign_in(client), sign_in(Client(), name="nobody")
    assert (locked.status_code, body(locked).replace(b"anna", b"")) == (
        ghost.status_code,
        body(ghost).replace(b"nobody", b""),
    )


def test_a_lock_is_one_persons(client: Client, employee: User) -> None:
    make_user("reader", username="boris", password=PASSWORD)
    lock(client)
    assert sign_in(Client(), name="boris").status_code == 302


def test_four_failures_are_forgiven_by_success(client: Client, employee: User) -> None:
    for _round in range(2):
        for n in range(4):
            sign_in(client, password=f"wrong {n}")
        assert sign_in(client).status_code == 302
        client.logout()


@pytest.mark.parametrize("door", ["/admin/login/", "/_util/login/"])
def test_other_doors_lead_to_the_one(client: Client, door: str) -> None:
    response = client.get(f"{door}?next=/admin/pages/")
    assert (response.status_code, response["Location"]) == (302, "/login/?next=/admin/pages/")


@pytest.mark.parametrize("door", ["/admin/login/", "/_util/login/"])
def test_other_doors_take_no_password(client: Client, employee: User, door: str) -> None:
    client.post(door, {"username": "anna", "password": PASSWORD})
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("path", ["/", "/stories/", "/search/", "/capture/", "/help/", "/about/consent/", "/api/search/", "/media/x.webp",
                                  "/admin/", "/no/such/page/"])  # fmt: skip
def test_nothing_is_shown_without_signing_in(client: Client, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 302
    assert response["Location"].startswith("/login/?next=")


def test_somebody_inside_is_not_asked_again(as_: As) -> None:
    assert as_("reader").get("/login/").status_code == 302


def test_leaving_ends_the_session_and_clears_the_browser(as_: As) -> None:
    client = as_("reader")
    response = client.post("/logout/")
    assert response["Clear-Site-Data"] == '"cache", "storage"'
    assert client.get("/stories/").status_code == 302


def test_nobody_is_sent_out_by_a_link(as_: As) -> None:
    client = as_("reader")
    assert client.get("/logout/").status_code == 405
    assert client.get("/").status_code == 200


def test_a_disabled_employees_session_is_dead_at_the_next_request(as_: As, reader: User) -> None:
    client = as_("reader")
    assert client.get("/stories/").status_code == 200
    User.objects.filter(pk=reader.pk).update(is_active=False)
    assert client.get("/stories/").status_code == 302
    assert client.get("/api/search/?q=x").status_code == 302


def test_a_changed_password_ends_other_sessions(as_: As, reader: User) -> None:
    client = as_("reader")
    reader.set_password("another long password")
    reader.save()
    assert client.get("/stories/").status_code == 302


def test_a_form_from_another_site_is_refused(employee: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert sign_in(strict).status_code == 403
    assert strict.post("/capture/", {"title": "x"}).status_code == 403


# The demonstration's people


def enter(settings: Any, username: str, *, demo: bool = True, target: str = "") -> Any:
    """Press the button of a demonstration person."""
    settings.KB_DEMO = demo
    return Client().post("/login/demo/", {"username": username, "next": target})


@pytest.fixture
def guest() -> User:
    return make_user("reader", username=people.demo_people()[0]["username"])


def test_there_is_no_such_address_unless_the_demonstration_is_on(client: Client, guest: User) -> None:
    assert client.post("/login/demo/", {"username": guest.username}).status_code == 404
    assert client.get("/login/demo/").status_code == 404


def test_a_person_of_the_demonstration_enters_with_one_click(settings: Any, guest: User) -> None:
    assert enter(settings, guest.username)["Location"] == "/"
    assert enter(settings, guest.username, target="/stories/")["Location"] == "/stories/"


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_the_click_leads_to_no_other_site(settings: Any, guest: User, target: str) -> None:
    assert enter(settings, guest.username, target=target)["Location"] == "/"


def test_the_click_is_nothing_once_the_demonstration_is_over(settings: Any, guest: User) -> None:
    assert enter(settings, guest.username, demo=False).status_code == 404


@pytest.mark.parametrize("username", ["", "anna", "root", "a\x00b"])
def test_nobody_but_people_of_the_demonstration_enters_so(
    settings: Any, employee: User, guest: User, username: str
) -> None:
    assert enter(settings, username).status_code == 404


def test_a_disabled_person_of_the_demonstration_does_not_enter(settings: Any, guest: User) -> None:
    User.objects.filter(pk=guest.pk).update(is_active=False)
    assert enter(settings, guest.username).status_code == 404


def test_a_click_is_a_post(settings: Any) -> None:
    settings.KB_DEMO = True
    assert Client().get("/login/demo/").status_code == 405


def test_people_of_the_demonstration_are_offered_only_while_it_is_on(
    client: Client, settings: Any, guest: User
) -> None:
    assert client.get("/login/").context["demo_people"] == []
    settings.KB_DEMO = True
    assert [each["username"] for each in people.for_sign_in()] == [guest.username]
