"""What learning costs: a newcomer's pages, HR's report over thousands, a story taken back in the middle of it all.

Everything is made up inside one transaction and rolled back. CPU time of this process, least of several runs, moves
little on a busy machine; wall time is given where that is what people wait for, with the load beside it.
"""

import os
import time
from collections.abc import Iterator
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from club.models import User
from consent.enums import Purpose
from consent.services import withdraw
from kb_site import made_up_learning as made_up
from kb_site import measuring
from kb_site.made_up_learning import Progress
from onboarding import ledger, told
from onboarding.enums import StepKind, Unlock
from onboarding.learning import track_of
from onboarding.models import Enrolment, ModuleState, StepState
from stories.models import StoryPage
from stories.querysets import visible

RUNS = 20
PEOPLE, MODULES, USED_BY, TAUGHT = 5000, 8, 500, 20
LIMITS = {"step": (14, 15.0), "track": (None, None), "report": (20, 300.0)}  # queries, CPU milliseconds
WITHDRAWN_SECONDS = 2.0


def learning(progress: Progress = iter, *, people: int = PEOPLE, used_by: int = USED_BY) -> dict[str, Any]:
    """Return all figures; nothing of what is made up stays. ``people`` are on HR's report, ``used_by`` lose a story."""
    with measuring.nothing_stays(), measuring.as_on_the_server():
        reader = made_up.account("Newcomer")
        stories = taught(reader)
        pages = [*of_newcomer(reader, stories[0]), *of_hr(people, progress)]
        gone = taken_back(stories, used_by)
    return {
        "database": connection.vendor,
        "load": [round(each, 1) for each in os.getloadavg()],
        "cores": os.cpu_count(),
        "pages": pages,
        "withdrawal": gone,
        "missed": [row["name"] for row in (*pages, gone) if row["missed"]],
    }


def taught(reader: User) -> list[StoryPage]:
    """Return two stories of different clients that may be taught with, those with most episodes first."""
    found: dict[int, StoryPage] = {}
    for story in visible(reader, Purpose.TRAIN).order_by("-episode_count", "pk")[:200]:
        if story.member_id not in found and told.story_for(reader, story.pk):
            found[story.member_id] = story
        if len(found) == 2:
            return list(found.values())
    raise LookupError(
        "Learning is measured with two stories that may be taught with: run `manage.py demo` first."
    )


def page(client: Client, name: str, address: str, limit: str, runs: int | None = None) -> dict[str, Any]:
    """Measure one page, beside what it may cost."""
    found = measuring.page(client, name, address, runs or RUNS)
    queries, least = found.queries or 0, round(found.least_ms, 1)
    most_queries, most_ms = LIMITS[limit]
    missed = (most_queries is not None and queries > most_queries) or (
        most_ms is not None and least > most_ms
    )
    return {"name": name, "queries": queries, "cpu_ms": least, "limits": LIMITS[limit], "missed": missed}


def signed_in(user: User) -> Client:
    """Return a client of somebody."""
    client = Client()
    client.force_login(user, backend="club.backends.EmployeeBackend")
    return client


# A newcomer


def of_newcomer(reader: User, story: StoryPage) -> Iterator[dict[str, Any]]:
    """Measure a step of every kind, asked and answered, in a track of eight modules of twelve steps; and the track."""
    trains = made_up.competency()
    modules = [made_up.module(*made_up.every_step(story.pk, trains)) for _number in range(MODULES)]
    rows, _plan = made_up.people(made_up.track(modules, Unlock.FREE), 1, timezone.localdate(), reader)
    client = signed_in(reader)
    for place in range(len(StepKind)):
        step = track_of(Enrolment.objects.select_related("employee", "version").get(pk=rows[0].pk)).steps[
            place
        ]
        yield page(client, f"{step.step.kind}: asked", step.url, "step")
        answer(client, step.url)
        yield page(client, f"{step.step.kind}: answered", step.url, "step")
    yield page(client, "my track", reverse("onboarding:track"), "track")


class Form(HTMLParser):
    """Fills in a form as it stands: the first of every choice, words where words are asked for, places in order."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self.here, self.selects = False, 0

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """Take in a form or a field."""
        found = dict(attributes)
        if tag == "form":
            self.here = found.get("method") == "post" and not found.get("action")
        name = found.get("name")
        if not self.here or not name:
            return
        if tag == "input" and found.get("type") in ("radio", "checkbox", "hidden"):
            self.fields.setdefault(name, found.get("value") or "on")
        elif tag == "select":
            self.selects += 1
            self.fields[name] = str(self.selects)
        elif tag in ("input", "textarea"):
            self.fields.setdefault(name, made_up.WORDS if tag == "textarea" else "12")


def answer(client: Client, address: str) -> None:
    """Send the form of a step."""
    form = Form()
    form.feed(client.get(address).content.decode())
    response = client.post(address, form.fields)
    if response.status_code != 302:
        raise RuntimeError(f"The made-up answer to {address} was not taken: {response.status_code}")


# HR


def of_hr(number: int, progress: Progress) -> Iterator[dict[str, Any]]:
    """Measure the report over so many enrolments of one track, of all of them and of one department."""
    modules = [made_up.module(made_up.task(), made_up.task(), made_up.task()) for _number in range(MODULES)]
    track = made_up.track(modules)
    rows, plan = made_up.people(track, number, timezone.localdate() - timedelta(days=62))
    made_up.go_through(rows, plan, lambda n: (n % 25) / 24, progress)
    client, address = signed_in(made_up.account("HR lead")), reverse("hr:dashboard")
    yield page(
        client, f"HR's report, {number} enrolments", f"{address}?track={track.translation_key}", "report", 5
    )
    one = f"{address}?track={track.translation_key}&department=Measured+1"
    yield page(client, "HR's report, one department", one, "report", 5)


# A story is taken back


def taken_back(stories: list[StoryPage], number: int) -> dict[str, Any]:
    """Measure the withdrawal of a story that twenty modules use, in the plans of so many; half of them have a twin."""
    trains = made_up.competency()
    for _twin in range(TAUGHT // 2):
        made_up.module(made_up.read(stories[1].pk, trains))
    used = [made_up.module(made_up.read(stories[0].pk, trains), made_up.task()) for _number in range(TAUGHT)]
    track = made_up.track(used)
    rows, plan = made_up.people(track, number, timezone.localdate() + timedelta(days=3))
    made_up.go_through(rows, plan, lambda n: (n % 5) / 20, iter)
    before = standing(rows)
    wall, cpu = time.perf_counter(), time.process_time()
    withdraw(member=stories[0].member)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    after = standing(rows)
    steps = StepState.objects.filter(enrolment__in=rows, story_ended=True)
    told_of = {(each.key, step.id) for each in plan.modules for step in each.steps if step.story}
    worse = {pk for pk in before if is_worse(before[pk], after[pk])}
    return {
        "name": f"a story used in {TAUGHT} modules by {number} people",
        "cpu_s": round(cpu, 2),
        "wall_s": round(wall, 2),
        "limit_s": WITHDRAWN_SECONDS,
        "replaced": steps.exclude(instead_step=None).count(),
        "waived": steps.filter(by="waived").count(),
        "kept": sum(len(before[pk][1] & after[pk][1] & told_of) for pk in before),
        "people_worse_off": len(worse),
        "ledger_differs": sum(1 for _line in ledger.differences([row.pk for row in rows[:50]])),
        "missed": cpu > WITHDRAWN_SECONDS or bool(worse),
    }


def standing(rows: list[Enrolment]) -> dict[int, tuple[int, set[Any], dict[Any, Any]]]:
    """Return what each has: the percentage, the satisfied steps, the due dates."""
    ids = [row.pk for row in rows]
    found: dict[int, tuple[int, set[Any], dict[Any, Any]]] = {
        pk: (percent, set(), {})
        for pk, percent in Enrolment.objects.filter(pk__in=ids).values_list("pk", "percent")
    }
    done = StepState.objects.filter(enrolment_id__in=ids, done_at__isnull=False).order_by()
    for pk, module, step in done.values_list("enrolment_id", "module_key", "step"):
        found[pk][1].add((module, step))
    due = ModuleState.objects.filter(enrolment_id__in=ids).order_by()
    for pk, module, day in due.values_list("enrolment_id", "module_key", "due_on"):
        found[pk][2][module] = day
    return found


def is_worse(
    before: tuple[int, set[Any], dict[Any, Any]], after: tuple[int, set[Any], dict[Any, Any]]
) -> bool:
    """Whether somebody lost a step or percent, or something falls due earlier."""
    earlier = any(after[2].get(key) is None or after[2][key] < day for key, day in before[2].items() if day)
    return after[0] < before[0] or not before[1] <= after[1] or earlier


def as_text(report: dict[str, Any]) -> str:
    """Return the figures as a table."""
    load = ", ".join(str(each) for each in report["load"])
    lines = [f"{report['database']}, load {load} on {report['cores']} cores", ""]
    lines.append(f"{'what':<44}{'queries':>9}{'at most':>9}{'CPU ms':>9}{'at most':>9}")
    for row in report["pages"]:
        queries, ms = ("" if each is None else each for each in row["limits"])
        missed = "  missed" if row["missed"] else ""
        lines.append(f"{row['name']:<44}{row['queries']:>9}{queries:>9}{row['cpu_ms']:>9}{ms:>9}{missed}")
    gone = report["withdrawal"]
    lines += [
        "",
        f"{gone['name']}: {gone['cpu_s']} s CPU, {gone['wall_s']} s wall (at most {gone['limit_s']})",
        f"steps replaced {gone['replaced']}, waived {gone['waived']}, kept {gone['kept']}; "
        f"people worse off {gone['people_worse_off']}; ledger differs {gone['ledger_differs']}",
    ]
    return "\n".join(lines)
