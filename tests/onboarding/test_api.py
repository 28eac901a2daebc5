"""HR's own system: a key of its own, the same road as a file, nothing done twice, a reason for every row."""

import json
from typing import Any

import pytest
from django.test import Client

from onboarding.enums import Source
from onboarding.models import Employee, Enrolment, Event, HrToken
from onboarding.services import keys
from tests.factories import make_user
from tests.onboarding.making import make_module, make_track
from tests.onboarding.test_learning import signed_in

pytestmark = pytest.mark.django_db
MANY = "/api/learning/enrolments/"


class System:
    """HR's system with its key."""

    def __init__(self) -> None:
        self.boss = make_user("hr_lead")
        self.client = Client(headers={"Accept-Language": "en"}, enforce_csrf_checks=True)
        page = signed_in(self.boss).post("/hr/keys/", {"name": "Personnel"}).content.decode()
        self.key = page.split('id="key" readonly value="')[1].split('"')[0]

    def send(self, method: str, path: str, body: Any, key: str | None = None) -> Any:
        """Send JSON with the key."""
        headers = {"Authorization": f"Bearer {self.key if key is None else key}"}
        text = body if isinstance(body, str) else json.dumps(body)
        return self.client.generic(method, path, text, content_type="application/json", headers=headers)


def test_people_come_by_the_interface_as_from_a_file_and_never_twice() -> None:
    system, track = System(), make_track(make_module())
    row = {"hr_id": "P-1", "name": "Анна", "start_date": "2026-03-02", "track": track.slug, "country": "ru"}
    other = {**row, "hr_id": "P-2", "track": None}
    wrong = {**row, "hr_id": "P-3", "start_date": "soon", "mentor": "nobody"}
    dry = system.send("POST", MANY, {"rows": [row, other, wrong], "dry_run": True})
    assert dry.status_code == 200 and not Employee.objects.exists() and not dry.cookies
    done = system.send("POST", MANY, {"rows": [row, other, wrong]}).json()
    assert done == {**dry.json(), "dry_run": False}, "a dry run says what happens"
    assert [each["result"] for each in done["rows"]] == ["new", "new", "error"]
    assert "no date: soon" in done["rows"][2]["errors"][0]
    assert Enrolment.objects.get().source == Source.API
    assert Event.objects.get().actor_id == system.boss.pk
    again = system.send("POST", MANY, {"rows": [row, other]}).json()
    assert [each["result"] for each in again["rows"]] == ["same", "same"] and again["enrolled"] == 0
    assert Event.objects.count() == 1

    later = system.send("PUT", f"{MANY}P-1/", {"name": "Анна", "start_date": "2026-03-16"})
    assert later.status_code == 200
    assert later.json()["rows"][0]["changes"] == {"start_date": ["2026-03-02", "2026-03-16"]}
    new = {"name": "Boris", "start_date": "2026-03-02"}
    assert [system.send("PUT", f"{MANY}P-9/", new).status_code for _time in range(2)] == [201, 200]
    assert system.send("PUT", f"{MANY}P-10/?dry_run=1", new).status_code == 200
    assert not Employee.objects.filter(hr_id="P-10").exists()
    assert system.send("PUT", f"{MANY}P-9/", {**new, "hr_id": "P-8"}).status_code == 400


def test_what_makes_no_sense_gets_a_reason_and_changes_nothing() -> None:
    system = System()
    good = {"hr_id": "1", "name": "N", "start_date": "2026-03-02"}
    bad: list[Any] = [
        [], None, "x", {**good, "salary": 5}, {**good, "name": ["a"]}, {**good, "name": {}}, {**good, "hr_id": "x" * 41},
        {**good, "department": "d" * 81}, {**good, "country": "XX"}, {**good, "time_zone": "../etc/passwd"}, {**good, "name": "\0"},
        {**good, "language": "xx"}, {**good, "track": "nowhere"}, {"hr_id": "1"},
    ]  # fmt: skip
    for row in bad:
        answer = system.send("POST", MANY, {"rows": [row]})
        assert answer.status_code == 422 and answer.json()["rows"][0]["errors"], row
    bodies: list[Any] = [
        "", "{", "[]", "null", '"x"', "[" * 5000, {"rows": []}, {"rows": "x"}, {"rows": [good] * 5001},
    ]  # fmt: skip
    for body in bodies:
        assert system.send("POST", MANY, body).status_code in (400, 413), str(body)[:20]
    assert not Employee.objects.exists()
    mixed = system.send("POST", MANY, {"rows": [bad[0], good, good]}).json()
    assert [each["result"] for each in mixed["rows"]] == ["error", "new", "error"]


def test_a_key_ends_with_its_maker_and_opens_nothing_else() -> None:
    system = System()
    assert system.key not in str(list(HrToken.objects.values()))
    assert system.send("POST", MANY, {}, key="wrong").status_code == 401
    assert signed_in(system.boss).post(MANY, {}).status_code == 401, "a session is no key"
    assert system.send("GET", MANY, "").status_code == 405
    for path in ("/hr/", "/hr/people.csv", "/api/search/?q=x", "/onboarding/"):
        assert system.send("GET", path, "").status_code in (302, 401, 403), path
    system.boss.groups.clear()
    assert system.send("POST", MANY, {}).status_code == 401
    other = System()
    row = HrToken.objects.get(made_by=other.boss)
    assert row.used_at is None and other.send("POST", MANY, {}).status_code == 400
    keys.close(row, by=other.boss)
    assert other.send("POST", MANY, {}).status_code == 401
    assert signed_in(make_user("mentor")).get("/hr/keys/").status_code == 404
    assert signed_in(other.boss).post("/hr/keys/", {"name": " "}).status_code == 422
    assert signed_in(other.boss).post("/hr/keys/", {"do": "close", "pk": "x"}).status_code == 404
