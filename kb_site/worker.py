"""The worker: keeps the index up to date and notes what time has done. Visibility never waits for it."""

import logging
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from django.db import DatabaseError, close_old_connections

from club.portraits import Engraver
from consent.erasing.running import finish_left
from consent.narrator.letters import deliver
from consent.reminding import remind
from consent.services import expire
from ideas.services.anchoring import sweep as keep_anchored
from kb_site import health
from onboarding.services import awarding, endings, notices, outcomes, reminding, rules, spacing
from onboarding.xapi import delivering, telling
from search.services import compact, drain, reconcile
from search.services.alerting import alert
from search.services.noting import forget_searches
from stories.services.masking import sweep

logger = logging.getLogger(__name__)
TICK_SECONDS = 0.5


@dataclass(slots=True)
class Job:
    """Something done every ``every`` seconds."""

    name: str
    every: float
    run: Callable[[], object]
    due: float = 0.0


def jobs() -> list[Job]:
    """Return all jobs, most urgent first."""
    return [
        Job("heartbeat", 5, health.beat),
        Job("outbox", TICK_SECONDS, drain),
        Job("expiry", 60, expire),
        Job("reminders", 3600, remind),
        Job("reconcile", 60, reconcile),
        Job("letters", 5, deliver),
        Job("saved searches", 30, alert),
        Job("old searches", 3600, forget_searches),
        Job("portraits", 2, Engraver().draw),
        Job("names", 30, sweep),
        Job("anchors", 30, keep_anchored),
        # The engine keeps the bytes of removed stories until the index is rebuilt.
        Job("compact", 3600, compact),
        Job("erasures", 600, finish_left),
        Job("learning reminders", 30, reminding.run_due),
        Job("learning notices", 5, notices.deliver),
        Job("learning rules", 300, rules.apply_all),
        Job("learning reviews", 60, spacing.run),
        Job("learning surveys", 600, outcomes.ask),
        Job("learning stories", 120, endings.reconcile),
        Job("awards", 30, awarding.give_due),
        Job("statements", 10, telling.tell),
        Job("record store", 5, delivering.deliver),
    ]


def run_once() -> None:
    """Do every job one time, the outbox last so that it takes what the others put in."""
    health.beat()
    expire()
    remind()
    keep_anchored()
    rules.apply_all()
    endings.reconcile()
    reminding.run_due()
    spacing.run()
    awarding.give_due()
    telling.tell()
    reconcile()
    drain()


def run(stop: threading.Event | None = None) -> None:
    """Do the jobs until told to stop. A job that fails is logged and tried again at its next time."""
    stop = stop or stopped_by_signal()
    plan = jobs()
    while not stop.is_set():
        for job in plan:
            if time.monotonic() >= job.due:
                attempt(job)
        stop.wait(TICK_SECONDS)


def attempt(job: Job) -> None:
    """Run one job; the database may be away for a while."""
    job.due = time.monotonic() + job.every
    close_old_connections()
    try:
        job.run()
    except DatabaseError:
        logger.exception("The database did not answer the job %s", job.name)
    except Exception:
        logger.exception("The job %s failed", job.name)


def stopped_by_signal() -> threading.Event:
    """Return an event that SIGTERM or SIGINT sets."""
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    return stop
