"""The act of destruction and the export of the event log, as the law wants them.

Fields by the order of Roskomnadzor № 179 of 28.10.2022 (in force from 2023-03-01): item 3 for the act, item 5 for the
export of the event log. Both are kept for three years from the destruction.
"""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from consent.enums import EventKind, Law
from consent.erasing import registry
from consent.models import Consent, ConsentEvent, ErasureRun

KEPT_YEARS = 3
FORMULA = ("=", "+", "-", "@", "\t", "\r")
LOG_FIELDS = ("kind", "at", "subject", "categories", "system", "reason", "method", "detail", "hash")


@dataclass(frozen=True, slots=True)
class Line:
    """One category of what was destroyed."""

    category: str
    found: int
    destroyed: int
    remaining: int


@dataclass(frozen=True, slots=True)
class Act:
    """Everything an act says; ``by`` are those who destroyed, with their posts."""

    run: ErasureRun
    operators: list[str]
    by: list[tuple[str, str]]
    lines: list[Line]
    reason: str
    kept_until: datetime | None

    @property
    def number(self) -> str:
        """The act's number: year and number of the run."""
        return f"{timezone.localtime(self.run.started_at):%Y}-{self.run.pk}"


def act_of(run: ErasureRun) -> Act:
    """Gather an act; nothing in it says who the subject was but her code."""
    controllers = Consent.objects.filter(member=run.member).order_by().values_list("controller", flat=True).distinct()
    labels = {eraser.surface: str(eraser.label) for eraser in registry.erasers()}
    by = run.started_by
    return Act(
        run=run,
        operators=sorted({name for name in controllers if name.strip(" —")}),
        by=[(by.get_full_name() or by.get_username(), by.job_title)] if by else [],
        lines=[
            Line(labels.get(step.surface, step.surface), step.found, step.destroyed, step.remaining)
            for step in run.steps.order_by("-pk")  # who she is first, what the system made of it last
            if step.found or step.remaining
        ],
        reason=reason_of(run),
        kept_until=kept_until(run),
    )


def reason_of(run: ErasureRun) -> str:
    """Return why the data were destroyed."""
    if run.demand is None:
        return _("decision of the operator: the purpose of processing is achieved or lost")
    day = timezone.localtime(run.demand.received_at).strftime("%Y-%m-%d")
    if run.demand.law == Law.RU_152:
        return _("demand of the subject of %(day)s (152-ФЗ, articles 14 and 21)") % {"day": day}
    return _("demand of the subject of %(day)s (GDPR, article 17)") % {"day": day}


def kept_until(run: ErasureRun) -> datetime | None:
    """Return until when act and export are kept."""
    if run.finished_at is None:
        return None
    end = timezone.localtime(run.finished_at)
    try:
        return end.replace(year=end.year + KEPT_YEARS)
    except ValueError:  # the 29th of February
        return end.replace(year=end.year + KEPT_YEARS, day=28)


def log_rows(run: ErasureRun) -> Iterator[dict[str, Any]]:
    """Yield the event log of a destruction: its steps, then every ledger entry of the subject."""
    labels = {eraser.surface: str(eraser.label) for eraser in registry.erasers()}
    code, reason = run.member.code, reason_of(run)
    for step in run.steps.all():
        yield _row(
            "step", step.at, code, labels.get(step.surface, step.surface), reason,
            f"{step.surface}: found {step.found}, destroyed {step.destroyed}, left {step.remaining}", "",
        )  # fmt: skip
    events = ConsentEvent.objects.filter(Q(member=run.member)).order_by("pk")
    for event in events:
        method = reason if event.kind == EventKind.ERASED else ""
        detail = " ".join(part for part in (event.purpose, event.category, event.wording_sha256) if part)
        yield _row("ledger", event.at, code, str(event.get_kind_display()), method, detail, event.hash)


def _row(kind: str, at: datetime, code: str, what: str, reason: str, detail: str, digest: str) -> dict[str, Any]:
    return {
        "kind": kind,
        "at": timezone.localtime(at).isoformat(timespec="seconds"),
        "subject": code,
        "categories": what,
        "system": system_name(),
        "reason": reason,
        "method": method_name() if kind == "step" else "",
        "detail": detail,
        "hash": digest,
    }


def system_name() -> str:
    """Return the name of the information system."""
    return _("Knowledge base of client stories “Club of friends”: database, files, search index, caches")


def method_name() -> str:
    """Return how the data were destroyed."""
    return _(
        "deletion of records and files by the means of the information system, rewriting of the database and of the "
        "search index without free space, search for what may be left"
    )


def as_csv(run: ErasureRun) -> str:
    """Return the export as CSV that no spreadsheet takes for formulas."""
    target = io.StringIO()
    writer = csv.DictWriter(target, LOG_FIELDS)
    writer.writeheader()
    for row in log_rows(run):
        writer.writerow({name: _harmless(str(value)) for name, value in row.items()})
    return target.getvalue()


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA) else text


def as_json(run: ErasureRun) -> str:
    """Return the export as JSON, with what was searched and which copies had left."""
    return json.dumps(
        {
            "act": act_of(run).number,
            "subject": run.member.code,
            "begun": run.started_at.isoformat(),
            "finished": run.finished_at.isoformat() if run.finished_at else None,
            "clean": run.is_clean,
            "scan": run.scan,
            "copies_out": run.copies_out,
            "log": list(log_rows(run)),
        },
        ensure_ascii=False,
        indent=2,
    )
