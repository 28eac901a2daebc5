"""HR's side: reports that name no choice, files and rules shown before they are done, versions moved with a preview."""

from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from openpyxl import Workbook

from consent.services import withdraw
from onboarding import ledger, reports, survival
from onboarding.enums import Source, Status
from onboarding.models import (
    AssignmentRule,
    Employee,
    Enrolment,
    Event,
    ModulePage,
    ModuleVersion,
    StepState,
    TrackVersion,
)
from onboarding.reports import Filters
from onboarding.services import importing, moving, rules
from onboarding.services.enrolling import enrol
from tests.factories import make_story, make_user
from tests.onboarding.making import (
    make_employee,
    make_enrolment,
    make_module,
    make_track,
    quiz_step,
    read_step,
    republish,
    step_id,
    task_step,
)
from tests.onboarding.test_learning import right_answers, signed_in, url

pytestmark = pytest.mark.django_db


def test_kaplan_and_meier_count_those_still_inside() -> None:
    """The worked example of 6-MP in Freireich et al. (1963), as every textbook prints it."""
    ended = [6, 6, 6, 7, 10, 13, 16, 22, 23]
    inside = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
    points = survival.finished_by([(day, True) for day in ended] + [(day, False) for day in inside])
    printed = [0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448]
    assert [round(1 - each.share, 3) for each in points] == printed
    assert survival.day_of(points, 0.5) == 23
    assert all(each.low <= each.share <= each.high for each in points)
    low, high = survival.wilson(8, 10)
    assert (round(low, 3), round(high, 3)) == (0.490, 0.943)


def test_the_report_counts_people_and_says_few_under_five() -> None:
    module = make_module(step := task_step(), quiz := quiz_step())
    track = make_track(module)
    boss = signed_in(make_user("hr_lead"))
    for number in range(7):
        user = make_user("newcomer")
        row = make_enrolment(
            track,
            make_employee(user, name=f"=Name {number}", start_date=timezone.localdate() - timedelta(days=30)),
        )
        client = signed_in(user)
        client.post(url(row, module, step), {"token": f"a{number}"})
        if number < 3:
            client.post(url(row, module, quiz), {"token": f"b{number}", **right_answers(quiz)})
    found = reports.dashboard(Filters(track.translation_key))
    assert (found["total"], found["finished"]) == (7, 3)
    assert [stage.few for stage in found["funnel"]] == [False, False, False, True, True]
    page = boss.get("/hr/", {"track": str(track.translation_key)}).content.decode()
    assert "few" in page and "7 newcomers" in page
    cells = b"".join(boss.get("/hr/people.csv").streaming_content).decode()
    assert cells.count("\n") == 8 and "'=Name 0" in cells, "no spreadsheet takes a name for a formula"
    assert boss.get("/hr/people.xlsx").status_code == 200
    with CaptureQueriesContext(connection) as queries:
        boss.get("/hr/", {"track": str(track.translation_key)})
    assert len(queries) <= 20, len(queries)
    lonely = make_track(make_module())
    make_enrolment(lonely)
    assert "Fewer than five" in boss.get("/hr/", {"track": str(lonely.translation_key)}).content.decode()
    for nonsense in ("?track=x", "?month=2026-99", "?month=abcdefg", "?department=%00"):
        assert boss.get(f"/hr/{nonsense}").status_code == 200
    assert signed_in(make_user("mentor")).get("/hr/").status_code == 404


def file_of(*rows: list[str]) -> bytes:
    return "\n".join(
        ";".join(row) for row in [["hr_id", "name", "start_date", "department", "track", "mentor"], *rows]
    ).encode()


def test_a_file_is_shown_before_it_is_done_and_changes_nothing_the_second_time() -> None:
    track = make_track(make_module())
    make_user("mentor", username="tutor")
    boss = signed_in(make_user("hr_lead"))
    content = file_of(
        ["1", "Анна", "02.03.2026", "A", track.slug, "tutor"],
        ["2", "Boris", "2026-03-04", "", "", ""],
        ["2", "Twice", "2026-03-04", "", "", ""],
        ["3", "", "soon", "", "nowhere", "nobody"],
    )
    shown = boss.post("/hr/import/", {"file": SimpleUploadedFile("people.csv", content)})
    page = shown.content.decode()
    assert Employee.objects.count() == 0
    assert "twice" in page and "no date: soon" in page and "Nobody has the account nobody" in page
    rows = shown.context["rows"]
    for _time in range(2):
        assert boss.post("/hr/import/", {"rows": rows}).status_code == 302
    assert list(Employee.objects.order_by("hr_id").values_list("hr_id", "name", "mentor__username")) == [
        ("1", "Анна", "tutor"),
        ("2", "Boris", None),
    ]
    assert Enrolment.objects.get().source == Source.FILE and Event.objects.count() == 1
    later = importing.read("people.csv", file_of(["1", "Анна", "2026-03-16", "", "", ""]))
    assert importing.plan(later)[0].changes == {"start_date": ("2026-03-02", "2026-03-16")}
    importing.write(later)
    assert (
        Enrolment.objects.get().anchor == date(2026, 3, 16)
        and Employee.objects.get(hr_id="1").department == "A"
    )
    book, stream = Workbook(), BytesIO()
    book.active.append(["HR_ID", "Name", "start_date"])
    book.active.append(["9", "Sheet", date(2026, 3, 2)])
    book.save(stream)
    assert importing.read("p.XLSX", stream.getvalue()) == [
        {"hr_id": "9", "name": "Sheet", "start_date": "2026-03-02"}
    ]
    for name, bad in (
        ("p.csv", b"\xff\xfe\x00"),
        ("p.xlsx", b"PK nonsense"),
        ("p.csv", b""),
        ("p.csv", b"a;b\n1;2"),
    ):
        assert boss.post("/hr/import/", {"file": SimpleUploadedFile(name, bad)}).status_code == 422
    assert boss.post("/hr/import/", {"rows": "forged"}).status_code == 422


def test_a_rule_shows_who_enters_and_who_rests_and_never_decides_over_a_person() -> None:
    track = make_track(make_module())
    a, b, by_hand = (make_employee(department=name, hr_id=f"R{number}") for number, name in enumerate("ABA"))
    enrol(employee=by_hand, track_key=track.translation_key, source=Source.MANUAL)
    boss = signed_in(make_user("hr_lead"))
    form = {"name": "All of A", "track_key": str(track.translation_key), "department": "a", "is_active": "on"}
    page = boss.post("/hr/rules/new/", {**form, "do": "preview"}).content.decode()
    assert a.name in page and b.name not in page and not AssignmentRule.objects.exists()
    boss.post("/hr/rules/new/", {**form, "do": "save"})
    rule = AssignmentRule.objects.get()
    assert Enrolment.objects.get(employee=a).source == Source.RULE
    second = AssignmentRule.objects.create(name="Again", track_key=track.translation_key, department="A")
    rules.apply(second)
    assert Enrolment.objects.filter(employee=a).count() == 1, "two rules never enrol twice"
    second.delete()
    rule.department = "B"
    rule.save()
    assert [row.employee for row in rules.preview(rule).rest] == [a]
    rules.apply(rule)
    states = dict(Enrolment.objects.values_list("employee", "status"))
    assert (
        states[a.pk] == Status.SUSPENDED
        and states[by_hand.pk] == Status.INVITED
        and states[b.pk] == Status.INVITED
    )
    rule.department = ""
    rules.apply(rule)
    assert Enrolment.objects.get(employee=a).status == Status.INVITED, "coming back goes on where it was"


def test_a_cohort_moves_with_a_preview_and_nobody_loses_a_step() -> None:
    module = make_module(one := task_step(), two := task_step())
    track = make_track(module)
    user = make_user("newcomer")
    row = make_enrolment(track, make_employee(user))
    signed_in(user).post(url(row, module, one), {"token": "x"})
    republish(module, [one, two, three := task_step(minutes=9)])
    version = TrackVersion.objects.latest("pk")
    foreseen = moving.preview(track.translation_key, version)
    assert (
        foreseen.people,
        foreseen.more,
        foreseen.fewer,
        foreseen.minutes,
        foreseen.lower,
        foreseen.kept,
    ) == (1, 1, 0, 9, 1, 1)
    boss = signed_in(make_user("hr_lead"))
    address = reverse("hr:move", args=[track.translation_key])
    assert "stay" in boss.get(address).content.decode()
    row.refresh_from_db()
    assert row.percent == 50, "looking changes nothing"
    before = dict(row.modules.values_list("module_key", "due_on"))
    boss.post(address)
    row.refresh_from_db()
    assert (row.percent, row.version) == (33, version)
    assert StepState.objects.get(enrolment=row, step=step_id(one)).done_at
    assert all(day >= before[key] for key, day in row.modules.values_list("module_key", "due_on"))
    assert moving.preview(track.translation_key, version).people == 0
    assert three and not list(ledger.differences())


def test_hr_changes_one_plan_and_sees_completion_only() -> None:
    module = make_module(task_step())
    row = make_enrolment(make_track(module), make_employee(make_user("newcomer")))
    mentor, boss = make_user("mentor"), signed_in(make_user("hr_lead"))
    address = reverse("hr:person", args=[row.uuid])
    key = str(module.translation_key)
    assert boss.post(address, {"do": "plan", "start": "nonsense"}).status_code == 422
    boss.post(address, {"do": "plan", "start": "2026-03-16", "mentor": mentor.pk})
    boss.post(address, {"do": "due", "module": key, "day": "2026-07-01"})
    boss.post(address, {"do": "due", "module": key, "day": "never"})
    row.refresh_from_db()
    assert row.anchor == date(2026, 3, 16) and row.employee.mentor == mentor
    assert row.modules.get().due_on == date(2026, 7, 1)
    boss.post(address, {"do": "rest"})
    boss.post(address, {"do": "go_on"})
    boss.post(address, {"do": "waive", "module": key})
    row.refresh_from_db()
    assert row.status == Status.COMPLETED
    assert [event.verb for event in row.events.all()] == [
        "enrolled",
        "start_moved",
        "due_moved",
        "suspended",
        "resumed",
        "waived",
    ]


def test_one_click_makes_a_draft_module_out_of_a_story_that_may_teach() -> None:
    story = make_story(
        title="Zyxkanarek at night",
        body=[
            *_episodes(),
            ("case", {"verdict": "bad", "why": "No call.", "missing": "", "lesson": "Ring."}),
        ],
    )
    boss = make_user("hr_lead")
    client = signed_in(boss)
    assert b"Make a module" in client.get(f"/stories/{story.slug}/").content
    answer = client.post(reverse("hr:module_from_story", args=[story.pk]))
    page = ModulePage.objects.get()
    assert answer.url == reverse("wagtailadmin_pages:edit", args=[page.pk]) and not page.live
    assert "zyxkanarek" not in str(page.raw_steps()).lower(), "no word of the story is copied"
    assert client.get(answer.url).status_code == 200
    preview = client.get(reverse("wagtailadmin_pages:view_draft", args=[page.pk]))
    assert preview.status_code == 200 and b"Zyxkanarek" in preview.content
    assert not page.problems(), "a house without competencies gets a first one: the draft can be published as it is"
    withdraw(member=story.member)
    edit = client.get(answer.url).content
    assert b"yxkanarek" not in edit, "the editor does not name a story that was taken back"
    assert b"yxkanarek" not in client.get(reverse("wagtailadmin_pages:view_draft", args=[page.pk])).content
    assert client.post(reverse("hr:module_from_story", args=[story.pk])).status_code == 404


def _episodes() -> list[Any]:
    from tests.factories import episode

    return [episode(happened="I waited by the window.", loyalty=-2), episode(loyalty=3, turning_point=True)]


def test_what_people_have_learned_with_is_taken_off_and_kept() -> None:
    boss = make_user("administrator", is_superuser=True, is_staff=True)
    module = make_module(read_step(make_story()))
    client = signed_in(boss)
    client.post(reverse("wagtailadmin_pages:delete", args=[module.pk]))
    assert ModulePage.objects.filter(pk=module.pk).exists()
    assert ModuleVersion.objects.filter(key=module.translation_key).exists()
