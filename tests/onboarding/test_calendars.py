"""Calendars: ids that stay, numbers that rise, nothing named, cancelled when the step goes."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from consent.services import withdraw
from onboarding.enums import NoticeKind, NoticeState
from onboarding.models import CalendarEntry, CalendarKey, Notice
from onboarding.services import calendars, notices, spacing
from onboarding.services.enrolling import leave, move_due, move_start, resume, suspend, waive
from tests.factories import make_story, make_user
from tests.onboarding.making import (
    block,
    make_employee,
    make_enrolment,
    make_module,
    make_track,
    read_step,
    step_id,
    task_step,
)
from tests.onboarding.test_learning import signed_in, url
from tests.onboarding.test_spacing import World

pytestmark = pytest.mark.django_db
START = date(2026, 3, 2)


def entries(content: bytes) -> dict[str, Any]:
    """The entries of a calendar by their titles; each title once."""
    calendar = Calendar.from_ical(content)
    return {str(each["summary"]): each for each in calendar.walk("VEVENT")}


def test_the_calendar_keeps_its_ids_counts_its_changes_and_names_nothing() -> None:
    story = make_story(title="Zyxkanarek at the window")
    meet = block("meet", whom="mentor", about="zyxkanarek", confirm="self")
    module = make_module(read_step(story), meet, task_step(), title="Module zyxkanarek")
    track = make_track(module, title="Track zyxkanarek")
    user = make_user("newcomer", email="n@warm-house.example")
    person = make_employee(user, time_zone="Asia/Vladivostok", start_date=START)
    row = make_enrolment(track, person)
    client = signed_in(user)
    page = client.post(reverse("onboarding:calendar"), {"do": "new"}).content.decode()
    token = re.findall(r"/onboarding/calendar/([\w-]{20,})\.ics", page)[0]
    address = reverse("onboarding:calendar_feed", args=[token])
    anonymous = Client()
    answer = anonymous.get(address)
    assert answer.status_code == 200 and answer["Content-Type"].startswith("text/calendar")
    assert not answer.cookies and "_auth_user_id" not in anonymous.session
    assert b"zyxkanarek" not in answer.content.lower()
    before = entries(answer.content)
    due, meeting = before["Learning: a module is due"], before["Learning: a meeting"]
    assert due["dtstart"].dt == row.modules.get().due_on and due["sequence"] == 0
    assert entries(anonymous.get(address).content) == before, "asked again, it is the same"

    move_start(person, START + timedelta(days=14))
    when = reverse("onboarding:meeting_time", args=[row.uuid, module.translation_key, meet["id"]])
    assert client.post(when, {"when": "2026-03-20T14:30"}).status_code == 302
    for nonsense in ("soon", "0001-01-01T00:00", "2026-99-99"):
        client.post(when, {"when": nonsense})
    after = entries(anonymous.get(address).content)
    assert after["Learning: a module is due"]["uid"] == due["uid"]
    assert after["Learning: a module is due"]["sequence"] == 1
    moved = after["Learning: a meeting"]
    assert moved["uid"] == meeting["uid"] and moved["sequence"] == 2
    assert moved["dtstart"].dt.isoformat() == "2026-03-20T14:30:00+10:00"
    assert moved["dtstart"].params["TZID"] == "Asia/Vladivostok"
    assert b"BEGIN:VTIMEZONE" in anonymous.get(address).content
    step_page = client.get(url(row, module, meet)).content.decode()
    assert "Not open yet" in step_page or "2026-03-20T14:30" in step_page

    waive(row, [(module.translation_key, step_id(meet))])
    assert str(entries(anonymous.get(address).content)["Learning: a meeting"]["status"]) == "CANCELLED"
    suspend(row)
    assert {str(each["status"]) for each in entries(anonymous.get(address).content).values()} == {"CANCELLED"}
    resume(row)
    back = entries(anonymous.get(address).content)["Learning: a module is due"]
    assert (back["uid"], str(back["status"])) == (due["uid"], "CONFIRMED") and back["sequence"] >= 3
    sequences = list(CalendarEntry.objects.values_list("uid", "sequence"))
    assert len(sequences) == 2 and b"\r\n" in anonymous.get(address).content

    assert token not in str(list(CalendarKey.objects.values())), "only the hash is kept"
    client.post(reverse("onboarding:calendar"), {"do": "new"})
    assert anonymous.get(address).status_code == 404, "a new address closes the old one"
    assert client.get(reverse("onboarding:calendar_file")).status_code == 200
    leave(person)
    assert client.get(reverse("onboarding:calendar_file")).status_code == 404
    other = signed_in(make_user("newcomer"))
    assert other.post(when, {"when": "2026-03-20T14:30"}).status_code == 404


def sent(mailoutbox: list[Any]) -> list[tuple[str, dict[str, Any]]]:
    """Everything that is due leaves: the attached calendars of each mail."""
    Notice.objects.filter(state=NoticeState.WAITING).update(send_at=timezone.now() - timedelta(minutes=1))
    start = len(mailoutbox)
    notices.deliver()
    return [(each[0], entries(each[1].encode())) for mail in mailoutbox[start:] for each in mail.attachments]


def test_mails_bring_what_is_new_once_and_cancel_what_goes(mailoutbox: list[Any]) -> None:
    first, second = make_module(task_step()), make_module(task_step())
    user = make_user("newcomer", email="n@warm-house.example")
    row = make_enrolment(
        make_track(first, second), make_employee(user, mentor=make_user("mentor", email="m@x.example"))
    )
    [(name, found)] = sent(mailoutbox)
    assert name == "learning.ics" and mailoutbox[0].to == [user.email]
    assert Calendar.from_ical(mailoutbox[0].attachments[0][1])["method"] == "PUBLISH"
    assert found and sent(mailoutbox) == [], "told once"

    move_due(row, second.translation_key, date(2026, 6, 1))
    move_due(row, second.translation_key, date(2026, 6, 2))
    [(name, found)] = sent(mailoutbox)
    [entry] = found.values()
    assert entry["dtstart"].dt == date(2026, 6, 2) and "dates of your track" in mailoutbox[-1].body
    assert Notice.objects.filter(kind=NoticeKind.PLAN, state=NoticeState.DROPPED).count() == 1

    suspend(row)
    [(name, found)] = sent(mailoutbox)
    calendar = Calendar.from_ical(mailoutbox[-1].attachments[0][1])
    assert name == "cancelled.ics" and calendar["method"] == "CANCEL"
    assert {str(each["status"]) for each in calendar.walk("VEVENT")} == {"CANCELLED"}
    assert len(list(calendar.walk("VEVENT"))) == 2


def test_a_review_stands_in_the_morning_where_the_person_lives_and_goes_with_its_stories() -> None:
    world = World()
    card = world.learn()
    card.refresh_from_db()
    [entry] = entries(calendars.feed(world.row.employee)).values()
    assert entry["summary"] == "Learning: something comes back"
    assert entry["dtstart"].dt.hour == 9 and entry["dtstart"].dt == card.due_at
    world.come(card)
    spacing.run()
    for story in world.stories:
        withdraw(member=story.member)
    assert b"zyxkanarek" not in calendars.feed(world.row.employee)


def test_a_mentors_calendar_has_meetings_and_reflections_and_names_nobody(settings: Any) -> None:
    settings.LANGUAGE_CODE = "en"
    meet = block("meet", whom="mentor", about="the yard", confirm="self")
    alone = block("meet", whom="manager", about="the yard", confirm="self")
    why = block("why_bad", story=None, question="Why?", criteria=[], words=1, accept=False)
    module = make_module(why, meet, alone)
    mentor, user = make_user("mentor"), make_user("newcomer", email="n@warm-house.example")
    person = make_employee(user, name="Zyxkanarek", mentor=mentor, time_zone="Asia/Vladivostok")
    row = make_enrolment(make_track(module), person)
    stranger, client = signed_in(make_user("mentor")), signed_in(mentor)
    assert stranger.get(reverse("onboarding:mentor_calendar")).status_code == 404
    page = client.post(reverse("onboarding:mentor_calendar"), {"do": "new"}).content.decode()
    [token] = re.findall(r"/people/calendar/([\w-]{20,})\.ics", page)
    address, learner = reverse("onboarding:mentor_calendar_feed", args=[token]), signed_in(user)
    first = entries(Client().get(address).content)
    assert set(first) == {"Learning: a meeting"}, "the manager's meeting is not hers"
    learner.post(url(row, module, why), {"text": "Somebody was late", "token": "1"})
    when = reverse("onboarding:meeting_time", args=[row.uuid, module.translation_key, meet["id"]])
    learner.post(when, {"when": "2026-03-20T14:30"})
    answer = Client().get(address).content
    assert b"zyxkanarek" not in answer.lower() and b"yard" not in answer
    second = entries(answer)
    moved, waits = second["Learning: a meeting"], second["Learning: a reflection waits to be read"]
    assert moved["uid"] == first["Learning: a meeting"]["uid"] and moved["sequence"] == 1
    assert waits["status"] == "CONFIRMED"
    person.mentor = make_user("mentor")
    person.save()
    third = entries(Client().get(address).content)
    assert {str(each["status"]) for each in third.values()} == {"CANCELLED"}
    assert [int(each["sequence"]) for each in third.values()] == [2, 1]
    client.post(reverse("onboarding:mentor_calendar"), {"do": "close"})
    assert Client().get(address).status_code == 404
