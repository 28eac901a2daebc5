"""The erasers of consent's own surfaces: evidence, links, letters, asked changes, the words of demands."""

from collections.abc import Iterable
from typing import Any

from django.core.files.storage import default_storage
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from club.models import Member
from consent.enums import EventKind
from consent.erasing.registry import BlankingEraser, Case, Remains, RowsEraser, Traces, Word, exempt, register
from consent.models import Approval, ApprovalLink, Consent, ConsentEvent, Demand, Letter, Suggestion
from consent.querysets import live_approvals

CODES_ONLY = "a code, a digest or a choice from a list"


class EvidenceEraser(BlankingEraser):
    """Evidence files of consents and what was written beside them; the consents stay for the ledger."""

    surface = "consent.evidence"
    label = _("evidence of consents, conditions in her own words")
    models = ("consent.Consent",)
    blanks = {"conditions": "", "evidence": "", "evidence_reference": ""}
    keeps = {
        "controller": "the company's name",
        "method": CODES_ONLY,
        "evidence_sha256": CODES_ONLY,
    }

    def all_rows(self, case: Case) -> QuerySet[Consent]:
        return Consent.objects.filter(member=case.member)

    def traces(self, member: Member) -> Traces:
        names = Consent.objects.filter(member=member).exclude(evidence="").values_list("evidence", flat=True)
        return {"files": list(names)}

    def words(self, case: Case) -> Iterable[Word]:
        for conditions in self.all_rows(case).values_list("conditions", flat=True):
            yield "words", conditions

    def others(self, case: Case) -> Iterable[str]:
        return (
            text
            for row in Consent.objects.exclude(member=case.member).values_list("conditions", "evidence_reference")
            for text in row
        )

    def export(self, member: Member) -> Any:
        return [_exported(consent) for consent in member.consents.select_related("text").prefetch_related("grants")]

    def finish(self, case: Case) -> None:
        """Delete the evidence files."""
        delete_files(case, "evidence/")

    def verify(self, case: Case) -> Remains:
        left = files_left(case, "evidence/")
        return Remains(self.found(case) + len(left), {"files_left": left})


def _exported(consent: Consent) -> dict[str, Any]:
    return {
        "text": {"title": consent.text.title, "body": consent.text.body, "version": consent.text.version},
        "controller": consent.controller,
        "valid_from": consent.valid_from.isoformat(),
        "valid_until": consent.valid_until.isoformat() if consent.valid_until else None,
        "method": consent.method,
        "conditions": consent.conditions,
        "evidence": consent.evidence_reference,
        "file": consent.evidence.name or None,
        "grants": [
            {"purpose": grant.purpose, "category": grant.category, "credit": grant.credit}
            for grant in consent.grants.all()
        ],
    }


def delete_files(case: Case, folder: str) -> None:
    """Delete those of the member's files that lie in a folder; what is gone already is fine."""
    for name in case.of("files"):
        if name.startswith(folder):
            default_storage.delete(name)


def files_left(case: Case, folder: str) -> list[str]:
    """Return those of the member's files in a folder that still exist."""
    return [name for name in case.of("files") if name.startswith(folder) and default_storage.exists(name)]


class ApprovalEraser(BlankingEraser):
    """Where the evidence of approvals is kept: the only text in the closed tables that people write."""

    surface = "consent.approvals"
    label = _("references to the evidence of approvals")
    models = ("consent.Approval",)
    blanks = {"evidence_reference": ""}
    keeps = {"wording_sha256": CODES_ONLY, "method": CODES_ONLY}

    def all_rows(self, case: Case) -> QuerySet[Approval]:
        return Approval.objects.filter(member=case.member)

    def export(self, member: Member) -> Any:
        rows = member.approvals.order_by("pk")
        return [
            {"at": row.approved_at.isoformat(), "wording": row.wording_sha256, "evidence": row.evidence_reference}
            for row in rows
        ]


class LedgerEraser(RowsEraser):
    """The ledger keeps its entries: codes and digests. What may not remain is a grant or an approval in force."""

    surface = "consent.ledger"
    label = _("grants and approvals in force")
    models = ("consent.ConsentEvent", "consent.Grant")

    def found(self, case: Case) -> int:
        from django.utils import timezone

        from consent.models import Grant
        from consent.querysets import ended

        grants = Grant.objects.filter(member=case.member).exclude(ended("grant")).count()
        return grants + live_approvals(timezone.now()).filter(member=case.member).count()

    def verify(self, case: Case) -> Remains:
        last = ConsentEvent.objects.filter(member=case.member, kind=EventKind.ERASED).last()
        return Remains(self.found(case), {"event": last.hash if last else None})

    def export(self, member: Member) -> Any:
        return [
            {
                "at": event.at.isoformat(), "what": event.kind, "purpose": event.purpose, "category": event.category,
                "wording": event.wording_sha256, "hash": event.hash,
            }
            for event in member.events.order_by("pk")
        ]  # fmt: skip


class LinkEraser(RowsEraser):
    """Her own links."""

    surface = "consent.links"
    label = _("links to her own page")
    models = ("consent.ApprovalLink",)

    def rows(self, case: Case) -> Iterable[QuerySet[Any]]:
        return (ApprovalLink.objects.filter(member=case.member),)

    def export(self, member: Member) -> Any:
        rows = member.links.order_by("pk")
        return [{"made": row.created_at.isoformat(), "by": row.channel, "opened": row.uses} for row in rows]


class LetterEraser(RowsEraser):
    """Letters to her and about her; those that left are listed for a person."""

    surface = "consent.letters"
    label = _("letters, waiting and sent")
    models = ("consent.Letter",)

    def rows(self, case: Case) -> Iterable[QuerySet[Any]]:
        return (Letter.objects.filter(member=case.member),)

    def export(self, member: Member) -> Any:
        rows = member.letters.filter(recipient=None).order_by("pk")
        return [{"kind": row.kind, "state": row.state, "at": row.created_at.isoformat()} for row in rows]


class SuggestionEraser(RowsEraser):
    """Changes she asked for, in her own words, and our answers."""

    surface = "consent.suggestions"
    label = _("changes she asked for")
    models = ("consent.Suggestion",)

    def rows(self, case: Case) -> Iterable[QuerySet[Any]]:
        return (Suggestion.objects.filter(member=case.member),)

    def words(self, case: Case) -> Iterable[Word]:
        for row in Suggestion.objects.filter(member=case.member):
            yield "words", row.words
            yield "words", row.answer
            for passage in row.passages:
                yield "words", str(passage.get("before", ""))
                yield "words", str(passage.get("after", ""))

    def export(self, member: Member) -> Any:
        rows = member.suggestions.order_by("pk")
        return [
            {"at": row.created_at.isoformat(), "passages": row.passages, "words": row.words, "answer": row.answer}
            for row in rows
        ]


class DemandEraser(BlankingEraser):
    """What she demanded, in her words, and what was answered; kinds and days stay, they prove that we kept the term."""

    surface = "consent.demands"
    label = _("words of her demands and our answers")
    models = ("consent.Demand",)
    blanks = {"words": "", "outcome": ""}
    keeps = {"kind": CODES_ONLY, "law": CODES_ONLY, "rule": CODES_ONLY, "channel": CODES_ONLY}

    def all_rows(self, case: Case) -> QuerySet[Demand]:
        return Demand.objects.filter(member=case.member)

    def words(self, case: Case) -> Iterable[Word]:
        for row in self.all_rows(case):
            yield "words", row.words
            yield "words", row.outcome

    def export(self, member: Member) -> Any:
        return [
            {"kind": row.kind, "at": row.received_at.isoformat(), "words": row.words, "outcome": row.outcome}
            for row in member.demands.order_by("pk")
        ]

    def verify(self, case: Case) -> Remains:
        """The outcome of the demand that is being met may be written while the run ends."""
        return Remains(self.all_rows(case).exclude(words="").count())


EXEMPT = {
    "consent.ConsentText": "texts that the company writes; the same for everyone",
    "consent.Reminder": "days and numbers only; which consent ends, nothing of what anybody said",
    "consent.ErasureRun": "the proof of a forgetting: ids, random names and counts",
    "consent.ErasureStep": "the proof of a forgetting: ids and counts",
    "consent.Tombstone": "a keyed hash, which must outlive what it stands for",
    "consent.Knock": "keyed digests of where somebody knocked, gone within a day",
}


def register_all() -> None:
    """Register consent's erasers and name its models that hold nothing of a member."""
    for order, eraser in enumerate(
        (SuggestionEraser(), LinkEraser(), LetterEraser(), DemandEraser(), ApprovalEraser(), EvidenceEraser(),
         LedgerEraser()),
        start=300,
    ):  # fmt: skip
        register(eraser, order=order)
    exempt(EXEMPT)
