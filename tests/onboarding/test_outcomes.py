"""What came of a track: surveys asked once, the first client met alone, who stayed; few under five."""

from datetime import UTC, date, datetime, timedelta
from io import BytesIO

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from openpyxl import load_workbook

from onboarding import ledger
from onboarding import outcomes as figures
from onboarding.enums import NoticeKind, Verb
from onboarding.models import Event, Notice
from onboarding.reports import Filters
from onboarding.services import notices, outcomes
from onboarding.services.enrolling import leave
from tests.factories import make_user
from tests.onboarding.making import (
    START,
    make_employee,
    make_enrolment,
    make_module,
    make_track,
    republish,
    said_how,
    task_step,
)

ENGLISH = {"HTTP_ACCEPT_LANGUAGE": "en"}


def on(day: int, hour: int = 12) -> datetime:
    return datetime.combine(START + timedelta(days=day), datetime.min.time(), UTC) + timedelta(hours=hour)


@pytest.mark.django_db
def test_a_survey_is_asked_once_on_its_morning_however_long_the_worker_was_out() -> None:
    row = make_enrolment(make_track(make_module()), make_employee(time_zone="America/New_York"))
    make_enrolment(make_track(make_module()), row.employee)
    assert outcomes.ask(on(30, 12)) == 0, "it is seven in the morning where she lives"
    assert outcomes.ask(on(30, 15)) == 1
    assert outcomes.ask(on(31)) == outcomes.ask(on(50)) == 0
    for day in (55, 65, 66):
        outcomes.ask(on(day))
    asked = Notice.objects.filter(kind=NoticeKind.PULSE).order_by("pk")
    assert [each.key.rpartition(":")[2] for each in asked] == ["30", "60"], "a track more asks nobody twice"
    assert asked[1].planned_for == outcomes.morning(row.employee, 60)
    said_how(row, 60)
    assert [notices.still_needed(each) for each in asked] == [True, False], "the second is answered"
    leave(row.employee)
    assert outcomes.ask(on(90, 20)) == 0
    assert not list(ledger.differences())


@pytest.mark.django_db
def test_a_newcomer_answers_and_only_the_group_is_shown(client) -> None:
    today = datetime.now(UTC).date()
    track = make_track(make_module())
    rows = [
        make_enrolment(
            track, make_employee(start_date=today - timedelta(days=31 + 61 * (n > 4)), mentor=None)
        )
        for n in range(6)
    ]
    user = rows[0].employee.user
    client.force_login(user, backend="club.backends.EmployeeBackend")
    page = client.get("/onboarding/survey/", **ENGLISH)
    assert "After 30 days" in page.content.decode()
    missing = client.post("/onboarding/survey/", {"able": "5"}, **ENGLISH)
    assert missing.status_code == 422 and 'href="#f-brought_in"' in missing.content.decode()
    for _click in range(2):
        client.post("/onboarding/survey/", {"able": "5", "brought_in": "4"})
    assert Event.objects.filter(verb=Verb.PULSE).get().data == {"day": 30, "able": 5, "brought_in": 4}
    assert client.get("/onboarding/survey/").status_code == 404
    found = figures.outcomes(Filters())
    assert not found["surveys"][0].enough and found["surveys"][0].able is None
    assert ["survey_30_able", "few", "6", "", "", ""] in list(figures.table(Filters()))
    for row in rows[1:]:
        said_how(row, 30, able=3, brought_in=2)
    found = figures.outcomes(Filters(track=track.translation_key))
    assert (found["surveys"][0].n, found["surveys"][0].able, found["shares"][0].percent) == (6, 3.3, 17)
    assert (found["shares"][1].n, found["shares"][1].enough) == (1, False)
    client.force_login(make_user("hr_lead"), backend="club.backends.EmployeeBackend")
    text = client.get(reverse("hr:csv")).getvalue().decode()
    assert text.splitlines()[0].endswith("version,surveys_answered,first_client_alone,stayed_90_days")
    assert sorted(line.rpartition("1.0.0,")[2] for line in text.splitlines()[1:]) == ["30,,"] * 5 + [
        "30,,yes"
    ]
    book = load_workbook(BytesIO(client.get(reverse("hr:xlsx")).content))
    assert book["outcomes"]["A2"].value == "survey_30_able"
    assert "survey_30_able,6,6,3.3" in client.get(reverse("hr:outcomes_csv")).getvalue().decode()
    assert "3.3" in client.get(reverse("hr:figures"), **ENGLISH).content.decode()


@pytest.mark.django_db
def test_the_first_client_met_alone_is_the_word_of_mentor_or_manager(client) -> None:
    mentor, other = make_user("mentor"), make_user("mentor")
    row = make_enrolment(make_track(make_module()), make_employee(mentor=mentor))
    with pytest.raises(PermissionDenied):
        outcomes.unaided(row, START, by=other)
    with pytest.raises(ValidationError):
        outcomes.unaided(row, START - timedelta(days=1), by=mentor)
    client.force_login(other, backend="club.backends.EmployeeBackend")
    address = reverse("onboarding:contact", args=[row.uuid])
    assert client.post(address, {"on": "2026-03-09"}).status_code == 404
    client.force_login(mentor, backend="club.backends.EmployeeBackend")
    for text in ("2026-03-09", "2026-03-09", "nonsense", "2020-01-01"):
        assert client.post(address, {"on": text}).status_code == 302
    assert outcomes.contacts([row.employee_id]) == {row.employee_id: date(2026, 3, 9)}
    assert Event.objects.filter(verb=Verb.UNAIDED).count() == 1
    assert 'value="undo"' in client.get(reverse("onboarding:people")).content.decode()
    client.post(address, {"do": "undo"})
    assert outcomes.contacts([row.employee_id]) == {}
    assert not list(ledger.differences())


@pytest.mark.django_db
def test_the_report_looks_at_one_version_of_a_track(client) -> None:
    module = make_module()
    track = make_track(module)
    first = make_enrolment(track)
    republish(module, [*module.raw_steps(), task_step()])
    second = make_enrolment(track)
    assert (first.version.major, second.version.major) == (1, 2)
    for version, row in ((1, first), (2, second)):
        assert list(Filters(track.translation_key, version=version).rows()) == [row]
    client.force_login(make_user("hr_lead"), backend="club.backends.EmployeeBackend")
    page = client.get(
        reverse("hr:dashboard"), {"track": str(track.translation_key), "version": "2"}, **ENGLISH
    )
    assert page.context["total"] == 1 and "<option selected>2</option>" in page.content.decode()
