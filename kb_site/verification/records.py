"""The records themselves: the chain, the rows it speaks of, the texts and the evidence behind them."""

import hashlib
from collections.abc import Iterator

from django.db import connection
from django.db.models import Exists, F, Model, OuterRef, Q, QuerySet

from consent import ledger, triggers
from consent.enums import EventKind
from consent.models import Approval, Consent, ConsentEvent, ConsentText, Grant

GIVING = (EventKind.GIVEN, EventKind.RENEWED)


def broken_chain() -> Iterator[str]:
    """Entries that do not follow from the one before, or whose contents were changed."""
    for found in ledger.breaks():
        yield f"ledger entry {found.event_id}: {found.reason}"


def unrecorded_rows() -> Iterator[str]:
    """Grants and approvals that came into the database without an entry in the ledger, or unlike their entry."""
    given = ConsentEvent.objects.filter(
        grant_id=OuterRef("pk"), kind__in=GIVING, member_id=OuterRef("member_id"), consent_id=OuterRef("consent_id"),
        purpose=OuterRef("purpose"), category=OuterRef("category"),
    )  # fmt: skip
    for pk in _without(Grant.objects.all(), given):
        yield f"grant {pk}: the ledger has no entry that gives it as it stands"
    said = ConsentEvent.objects.filter(
        approval_id=OuterRef("pk"), kind=EventKind.APPROVED, member_id=OuterRef("member_id"),
        wording_sha256=OuterRef("wording_sha256"),
    )  # fmt: skip
    for pk in _without(Approval.objects.all(), said):
        yield f"approval {pk}: the ledger has no entry that records it as it stands"
    for pk in Grant.objects.exclude(member_id=F("consent__member_id")).values_list("pk", flat=True):
        yield f"grant {pk}: belongs to another narrator than its consent"


def _without(rows: QuerySet[Model], entry: QuerySet[ConsentEvent]) -> QuerySet[Model, int]:
    return rows.filter(~Q(Exists(entry.order_by()))).order_by("pk").values_list("pk", flat=True)


def changed_texts() -> Iterator[str]:
    """Texts that say something else than when people agreed to them."""
    for text in ConsentText.objects.order_by("pk"):
        if text.digest() != text.sha256:
            yield f"consent text {text.pk}: its words are not those of its digest"


def lost_evidence() -> Iterator[str]:
    """Evidence that is gone or is another file than the one recorded."""
    for consent in Consent.objects.exclude(evidence="").order_by("pk").iterator():
        try:
            with consent.evidence.open() as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError:
            yield f"consent {consent.pk}: its evidence file is missing"
            continue
        if digest != consent.evidence_sha256:
            yield f"consent {consent.pk}: its evidence is not the file that was recorded"


def open_ledgers() -> Iterator[str]:
    """Tables of the ledgers that the database would let somebody change."""
    closed = triggers.installed(connection)
    for table in triggers.TABLES:
        if table not in closed:
            yield f"table {table}: the database does not refuse changes any more; run `manage.py migrate` on a copy"
