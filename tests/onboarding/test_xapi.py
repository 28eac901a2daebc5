"""Statements and packages for other systems: valid, made once, delivered in the end, silent about stories and persons."""

import json
import re
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone
from jsonschema import Draft4Validator, FormatChecker
from lxml import etree

from consent.services import withdraw
from onboarding import packages
from onboarding.enums import Delivery
from onboarding.models import Event, Statement, Telling, TrackVersion
from onboarding.services import enrolling
from onboarding.xapi import delivering, telling
from tests import oracles
from tests.factories import episode, make_member, make_story, make_user
from tests.onboarding.making import (
    block,
    decision_step,
    listed,
    make_competency,
    make_employee,
    make_enrolment,
    make_module,
    make_track,
    quiz_step,
    read_step,
    task_step,
)
from tests.onboarding.test_learning import right_answers, signed_in, url

pytestmark = pytest.mark.django_db
CANARY = "zyxkanarek"
SAID = f"I would have rung {CANARY} at once and asked her in"


class Stage:
    """A story that sings in a track, and a newcomer who goes through all of it."""

    def __init__(self) -> None:
        words = f"The neighbour {CANARY} waited"
        member = make_member(persona_name=f"Figure {CANARY}")
        self.story = make_story(member, title=f"Canary {CANARY}", summary=words, body=[
            episode(title=words, happened=words, loyalty=-2), episode(happened=words, loyalty=3, turning_point=True),
            ("case", {"verdict": "bad", "why": words, "missing": words, "lesson": words}),
        ])  # fmt: skip
        trains = make_competency().pk
        about = {"story": self.story.pk, "competency": trains}
        self.predict = block("predict_loyalty", intro=words, beats=[], **about)
        self.read, self.decide = (
            read_step(self.story, title=words, intro=words),
            decision_step(self.story, title=words),
        )
        self.why = block("why_bad", question=words, criteria=listed(words), words=3, accept=False, **about)
        self.quiz, self.task = quiz_step(), task_step(title=words, text=words)
        self.first = make_module(self.predict, self.read, self.decide, self.why, title=f"Module {CANARY}")
        self.second = make_module(self.quiz, self.task, title=words)
        self.track = make_track(self.first, self.second, title="How we meet clients")
        self.user = make_user("newcomer")
        person = make_employee(self.user, name="Anna Petrova", hr_id="HR-77105", mentor=make_user("mentor"))
        self.row = make_enrolment(self.track, person)
        self.client = signed_in(self.user)

    def send(self, module: Any, step: dict[str, Any], **data: Any) -> None:
        address = url(self.row, module, step)
        self.client.get(address)
        answer = self.client.post(address, {"token": f"{step['id']}{len(data)}", **data})
        assert answer.status_code == 302, answer.content.decode()

    def go(self) -> None:
        """Go through everything, failing the questions once."""
        self.send(self.first, self.predict, p0="2", p1="-3")
        self.send(self.first, self.read)
        scene = self.decide["value"]["scenes"][0]
        self.send(self.first, self.decide, option=scene["value"]["options"][1]["id"], scene=scene["id"])
        self.send(self.first, self.why, text=SAID)
        single, _multiple, _order, number, short = self.quiz["value"]["questions"]
        options = single["value"]["options"]
        wrong = {f"q-{single['id']}": options[1]["id"], f"q-{number['id']}": "0", f"q-{short['id']}": "no"}
        self.send(self.second, self.quiz, **{**right_answers(self.quiz), **wrong}, again="1")
        self.send(self.second, self.quiz, **right_answers(self.quiz))
        self.send(self.second, self.task)


@pytest.fixture
def stage(settings: Any, tmp_path: Path) -> Stage:
    settings.KB_XAPI_URL, settings.KB_XAPI_FILE = "file", tmp_path / "xapi" / "statements.jsonl"
    return Stage()


def bodies() -> list[dict[str, Any]]:
    return [row.body for row in Statement.objects.order_by("pk")]


def verbs(kind: str = "") -> list[str]:
    return [
        each["verb"]["display"]["en"]
        for each in bodies()
        if each["object"]["definition"]["type"].endswith(kind)
    ]


def schema() -> Draft4Validator:
    """The parts of TinCanSchema joined, as its README says."""
    folder = oracles.folder("xapi") / "1.0.1"
    parts = {path.stem: oracles.sample(path) for path in folder.glob("*.json")}
    formats, checker = oracles.sample(folder / "formats" / "formats.json"), FormatChecker(())
    for name, pattern in formats.items():
        checker.checks(name)(
            lambda value, found=re.compile(pattern): not isinstance(value, str) or bool(found.search(value))
        )
    return Draft4Validator(anchored(parts), format_checker=checker)


def anchored(parts: dict[str, Any]) -> dict[str, Any]:
    """Write the names of the parts (``#agent``, ``#activityid!core``) as pointers, which every validator reads alike."""
    places = {
        name: where for stem, part in parts.items() for name, where in named(part, f"#/definitions/{stem}")
    }

    def rewritten(value: Any) -> Any:
        if isinstance(value, dict):
            found = {
                name: rewritten(each)
                for name, each in value.items()
                if not (name == "id" and isinstance(each, str))
            }
            return found | ({"$ref": places[value["$ref"]]} if isinstance(value.get("$ref"), str) else {})
        return [rewritten(each) for each in value] if isinstance(value, list) else value

    return {"definitions": rewritten(parts), "$ref": places["#statement"]}


def named(value: Any, where: str) -> Iterator[tuple[str, str]]:
    """Yield every name in a part with its pointer."""
    if isinstance(value, list):
        for number, each in enumerate(value):
            yield from named(each, f"{where}/{number}")
    elif isinstance(value, dict):
        if isinstance(value.get("id"), str):
            yield value["id"], where
        for name, each in value.items():
            yield from named(each, f"{where}/{name}")


def test_everything_that_happens_is_told_once_in_words_that_say_nothing(stage: Stage) -> None:
    stage.go()
    fresh = telling.tell()
    assert fresh == Statement.objects.count() > 20 and telling.tell() == 0
    assert verbs("/course")[:2] == ["registered", "launched"] and verbs("/course")[-3:] == [
        "completed",
        "passed",
        "satisfied",
    ]
    assert verbs("/module") == ["initialized", "completed", "initialized", "failed", "completed", "passed"]
    assert verbs("cmi.interaction") == ["responded", "answered", "answered", "answered", "answered"]
    assert verbs("/badge") == ["earned"]
    steps = [each for each in verbs("/lesson") if each == "completed"]
    assert len(steps) == 6
    shares = [
        each["result"]["extensions"]["https://w3id.org/xapi/cmi5/result/extensions/progress"]
        for each in bodies()
        if each["verb"]["display"]["en"] == "progressed"
    ]
    assert shares == sorted(shares) and shares[-1] == 100
    text = json.dumps(bodies(), ensure_ascii=False)
    chosen = stage.decide["value"]["scenes"][0]["value"]["options"][1]["id"]
    hidden = (
        CANARY,
        "rung",
        "Anna",
        "Petrova",
        "HR-77105",
        stage.user.username,
        stage.story.member.code,
        "How we meet",
        chosen,
        "response",
    )
    assert not [word for word in hidden if word in text]
    names = {each["actor"]["account"]["name"] for each in bodies()}
    assert len(names) == 1 and len(names.pop()) == 64
    now = timezone.now().isoformat()
    assert all(each["timestamp"] <= now for each in bodies()) and all(
        each["context"]["registration"] == str(stage.row.uuid) for each in bodies()
    )
    before = {row.uuid: row.body for row in Statement.objects.all()}
    telling.tell_all()
    Statement.objects.all().delete()
    telling.tell()
    assert {row.uuid: row.body for row in Statement.objects.all()} == before, "made anew they are the same"


def test_statements_are_as_the_schema_of_xapi_says(stage: Stage) -> None:
    stage.go()
    telling.tell()
    validator = schema()
    found = [error.message[:200] for body in bodies() for error in validator.iter_errors(body)]
    assert found == []
    for damage in (
        {"actor": {"name": "x"}},
        {"timestamp": "yesterday"},
        {"verb": {"id": "no iri"}},
        {"id": "7"},
    ):
        assert list(validator.iter_errors({**bodies()[0], **damage})), f"the schema would not notice {damage}"


def test_a_step_that_is_waived_or_replaced_is_told_as_such(stage: Stage) -> None:
    member = stage.story.member
    stage.send(stage.first, stage.predict, p0="2", p1="-3")
    withdraw(member=member)
    enrolling.waive(
        stage.row, [(stage.second.translation_key, UUID(each["id"])) for each in (stage.quiz, stage.task)]
    )
    telling.tell()
    said = [each["result"] for each in bodies() if each["verb"]["display"]["en"] == "waived"]
    assert len(said) >= 5 and all(each["success"] and each["completion"] for each in said)
    assert {each["extensions"]["https://w3id.org/xapi/cmi5/result/extensions/reason"] for each in said} == {
        "Administrative"
    }
    assert "waived" in verbs("/module") and CANARY not in json.dumps(bodies())


def test_switched_off_nothing_is_kept_and_later_all_is_told(settings: Any, tmp_path: Path) -> None:
    stage = Stage()
    stage.send(stage.first, stage.predict, p0="2", p1="-3")
    assert telling.tell() == 0 and delivering.deliver() == 0 and not Telling.objects.exists()
    with pytest.raises(CommandError, match="KB_XAPI_URL"):
        call_command("tell_statements")
    settings.KB_XAPI_URL, settings.KB_XAPI_FILE = "file", tmp_path / "deep" / "s.jsonl"
    call_command("tell_statements", stdout=StringIO())
    lines = [json.loads(line) for line in settings.KB_XAPI_FILE.read_text().splitlines()]
    assert [each["id"] for each in lines] == [str(row.uuid) for row in Statement.objects.order_by("pk")]
    assert settings.KB_XAPI_FILE.stat().st_mode & 0o777 == 0o600
    assert delivering.deliver() == 0 and Event.objects.count() < len(lines)


# The record store


class Store(HTTPServer):
    """A learning record store of a few lines: keeps what it takes, refuses what it is told to."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Taker)
        self.taken: dict[str, Any] = {}
        self.bad: set[str] = set()
        self.status = 200
        self.seen: list[dict[str, str]] = []


class Taker(BaseHTTPRequestHandler):
    """Answers POST /xapi/statements."""

    def do_POST(self) -> None:
        store: Any = self.server
        sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        rows = sent if isinstance(sent, list) else [sent]
        store.seen.append({"path": self.path, **self.headers})
        status = store.status
        if status == 200 and any(row["id"] in store.bad for row in rows):
            status = 400
        if status == 200 and any(row["id"] in store.taken for row in rows):
            status = 409
        if status == 200:
            store.taken |= {row["id"]: row for row in rows}
        self.send_response(status)
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def store(settings: Any) -> Iterator[Store]:
    with Store() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        settings.KB_XAPI_URL = f"http://127.0.0.1:{server.server_port}/xapi/"
        settings.KB_XAPI_USER, settings.KB_XAPI_PASSWORD = "club", "secret"
        yield server
        server.shutdown()
        thread.join()


def test_the_store_gets_each_statement_and_one_bad_one_holds_up_no_other(store: Store) -> None:
    stage = Stage()
    stage.send(stage.first, stage.predict, p0="2", p1="-3")
    telling.tell()
    ids = [str(row.uuid) for row in Statement.objects.order_by("pk")]
    store.bad = {ids[1]}
    store.taken = {ids[2]: {}}
    assert delivering.deliver() == len(ids) - 1
    assert set(store.taken) == set(ids) - {ids[1]}
    first = store.seen[0]
    assert (
        first["path"] == "/xapi/statements"
        and first["X-Experience-API-Version"] == "1.0.3"
        and first["Authorization"] == "Basic Y2x1YjpzZWNyZXQ="
    )
    bad = Statement.objects.get(state=Delivery.PARKED)
    assert (str(bad.uuid), bad.last_error) == (ids[1], "HTTP 400")
    boss = signed_in(make_user("hr_lead"))
    page = boss.get("/hr/proof/").content.decode()
    assert str(bad.uuid) in page and "HTTP 400" in page
    store.bad = set()
    assert boss.post("/hr/proof/retry/").status_code == 302
    assert delivering.deliver() == 1 and not delivering.parked().exists()
    assert signed_in(make_user("mentor")).post("/hr/proof/retry/").status_code == 404


def test_a_store_that_is_away_is_asked_later_and_later_then_left(store: Store, settings: Any) -> None:
    stage = Stage()
    telling.tell()
    store.status, start, moments = 503, timezone.now(), []
    with time_machine.travel(start, tick=False) as clock:
        for attempt in range(1, delivering.ATTEMPTS + 1):
            assert delivering.deliver() == 0
            assert delivering.deliver() == 0, "it is not asked again at once"
            row = Statement.objects.get()
            assert row.attempts == attempt and row.last_error == "HTTP 503"
            moments.append((row.send_at - timezone.now()).total_seconds())
            clock.move_to(row.send_at)
        assert moments[:4] == [60, 120, 240, 480] and row.state == Delivery.PARKED
        store.status = 200
        assert delivering.deliver() == 0 and delivering.retry_parked() == 1 and delivering.deliver() == 1
    Statement.objects.update(state=Delivery.WAITING, send_at=start)
    settings.KB_XAPI_URL = f"http://127.0.0.1:{store.server_port}/xapi"
    store.status = 302
    assert delivering.deliver() == 0 and Statement.objects.get().last_error == "HTTP 302", (
        "no redirect is followed"
    )
    leased = Statement.objects.get()
    Statement.objects.update(state=Delivery.WAITING, send_at=start)
    [mine] = delivering.leased()
    assert mine.pk == leased.pk and delivering.leased() == [], "a row is one process's"
    assert stage.row.percent == 0


# Packages


def test_the_package_is_valid_thin_and_opens_ones_own_module(stage: Stage) -> None:
    folder = oracles.folder("cmi5")
    version = TrackVersion.objects.get()
    data = packages.package(version)
    assert data == packages.package(version), "the same version gives the same bytes"
    with zipfile.ZipFile(BytesIO(data)) as archive:
        assert archive.namelist() == ["cmi5.xml"]
        content = archive.read("cmi5.xml")
    rules = etree.XMLSchema(etree.parse(folder / "CourseStructure.xsd"))
    document = etree.fromstring(content)
    assert rules.validate(document), rules.error_log
    assert rules.validate(etree.parse(folder / "simple-cmi5.xml"))
    assert not rules.validate(
        etree.fromstring(content.replace(b"<url>", b"<where>").replace(b"</url>", b"</where>"))
    )
    text = content.decode()
    assert CANARY not in text and "How we meet clients" in text and stage.story.member.code not in text
    links = [node.text for node in document.iter("{*}url")]
    assert len(links) == 2
    there = links[0].partition("8000")[2]
    assert stage.client.get(f"{there}?endpoint=https://x.example&fetch=y")["Location"] == url(
        stage.row, stage.first, stage.predict
    )
    assert signed_in(make_user("reader")).get(there)["Location"] == reverse("onboarding:track")
    activities = {node.get("id") for node in document.iter("{*}au")}
    telling.tell()
    stage.send(stage.first, stage.predict, p0="2", p1="-3")
    telling.tell()
    told = {
        each["object"]["id"] for each in bodies() if each["object"]["definition"]["type"].endswith("/module")
    }
    assert told and told <= activities, "statements speak of the activities that the package names"


def test_hr_downloads_it_and_a_command_writes_it(stage: Stage, tmp_path: Path) -> None:
    boss = signed_in(make_user("hr_lead"))
    address = reverse("hr:cmi5", args=[stage.track.translation_key])
    assert address in boss.get("/hr/proof/").content.decode()
    answer = boss.get(address)
    assert answer["Content-Type"] == "application/zip" and "1.0.0.zip" in answer["Content-Disposition"]
    assert stage.client.get(address).status_code == 404
    assert boss.get(reverse("hr:cmi5", args=[stage.row.uuid])).status_code == 404
    call_command("export_cmi5", stage.track.slug, tmp_path / "x.zip", stdout=StringIO())
    assert (tmp_path / "x.zip").read_bytes() == answer.content
    for wrong in (("nowhere", tmp_path / "y.zip"), (stage.track.slug, tmp_path)):
        with pytest.raises(CommandError):
            call_command("export_cmi5", *wrong)
