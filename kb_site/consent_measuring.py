"""What consent costs: the gate on one story, and a withdrawal of somebody who told many."""

import tempfile
import time
from collections.abc import Iterator
from datetime import datetime

from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext, override_settings
from django.utils import timezone

from club.models import Member, User
from consent.enums import INTERNAL_PURPOSES, Method, Purpose
from consent.services import NewConsent, give_consent, imported_text, permissions_for, withdraw
from kb_site.figures import Figure, cpu_ms, figure
from stories.models import StoryPage
from stories.prepared import VisibleRows
from stories.querysets import for_index, visible

TOLD = 100
GATE_RUNS, WITHDRAWALS = 200, 7
BARE = "SELECT page_ptr_id FROM stories_storypage WHERE page_ptr_id = %s"


def _one(stories: QuerySet[StoryPage], at: datetime, *, pk: int) -> QuerySet[StoryPage, tuple[int]]:
    return stories.filter(pk=pk).order_by().values_list("pk")


def consents(user: User) -> Iterator[Figure]:
    """Measure the gate and the withdrawal; the caller rolls everything back."""
    story = visible(user).order_by("pk").values_list("pk", flat=True).first()
    if story is not None:
        yield from gate(user, story)
    yield withdrawals()


def gate(user: User, story: int) -> Iterator[Figure]:
    """Measure reading one row through the gate and without it; the difference is what the gate costs."""
    asked = VisibleRows(_one, pk=-871_003)

    def gated() -> None:
        asked(user, Purpose.READ, timezone.now(), pk=story)

    def bare() -> None:
        with connection.cursor() as cursor:
            cursor.execute(BARE, [story])
            cursor.fetchall()

    gated()
    with CaptureQueriesContext(connection) as captured:
        gated()
    queries = len(captured)
    yield figure("one story through the gate", [cpu_ms(gated) for _ in range(GATE_RUNS)], queries=queries)
    yield figure("the same row without the gate", [cpu_ms(bare) for _ in range(GATE_RUNS)], queries=1)


def withdrawals() -> Figure:
    """Measure, wall time, the withdrawal of a narrator of 100 stories; nothing of it stays, in no journal either."""
    samples = []
    with tempfile.TemporaryDirectory() as folder, override_settings(KB_DATA_DIR=folder):
        for _run in range(WITHDRAWALS):
            with transaction.atomic():
                member, told = teller()
                began = time.perf_counter()
                withdraw(member=member)
                samples.append((time.perf_counter() - began) * 1000)
                transaction.set_rollback(True)
    return figure("withdrawal, wall, before the commit", samples, notes={"stories": told})


def teller() -> tuple[Member, int]:
    """Make a narrator with a consent and give her up to 100 stories of this install."""
    member = Member.objects.create(persona_name="", language=settings.LANGUAGE_CODE[:2])
    give_consent(
        NewConsent(
            member=member,
            text=imported_text(member.language),
            controller="measured",
            method=Method.IMPORTED,
            permissions=permissions_for(INTERNAL_PURPOSES),
            valid_from=timezone.now(),
            evidence_reference="measured",
        )
    )
    ids = list(for_index().order_by("pk").values_list("pk", flat=True)[:TOLD])
    return member, for_index(ids).update(member=member)
