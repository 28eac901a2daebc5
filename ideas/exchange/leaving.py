"""Taking a file out: made through the gate at this moment, and noted as a copy that left."""

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from club.models import User
from club.permissions import require
from ideas.enums import CODEBOOKS, FileForm
from ideas.exchange import annotations, evidence, qdc, qdpx, table
from ideas.exchange.gathering import Evidence, codes, gather, story_texts
from ideas.models import Departure

TAKES = "ideas.code_story"
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# Form → media type, ending of the name.
KINDS = {
    FileForm.QDC: ("application/xml", "qdc"),
    FileForm.CODES_CSV: ("text/csv", "csv"),
    FileForm.QDPX: ("application/zip", "qdpx"),
    FileForm.JSONLD: ("application/ld+json", "jsonld"),
    FileForm.EVIDENCE_CSV: ("text/csv", "csv"),
    FileForm.EVIDENCE_XLSX: (SHEET, "xlsx"),
}


@dataclass(frozen=True, slots=True)
class File:
    """A file to take out."""

    name: str
    media_type: str
    data: bytes
    departure: Departure


@transaction.atomic
def take_out(*, user: User, form: FileForm) -> File:
    """Make a file of what may leave now and note it; raises ``FileRefused`` where there is nothing to write."""
    require(user, TAKES)
    at = timezone.now()
    media_type, ending = KINDS[form]
    name = f"{'codebook' if form in CODEBOOKS else 'evidence'}-{timezone.localtime(at):%Y-%m-%d}.{ending}"
    if form in CODEBOOKS:
        book = codes()
        data = qdc.write(book) if form == FileForm.QDC else table.write(book)
        return File(name, media_type, data, note(user, form, themes=len(book)))
    found = gather(user, at)
    themes = len({each.theme.pk for each in found.cited if each.theme})
    row = note(user, form, themes=themes, passages=len(found.cited), members=found.members)
    if form == FileForm.QDPX:
        data = qdpx.write(found, story_texts(user, sorted(found.told), at), name=name, at=at)
    else:
        data = other(form, found, row)
    return File(name, media_type, data, row)


def other(form: FileForm, found: Evidence, row: Departure) -> bytes:
    """Return a form that only goes out."""
    if form == FileForm.JSONLD:
        return annotations.write(found, at=row.at)
    return evidence.write_csv(found) if form == FileForm.EVIDENCE_CSV else evidence.write_xlsx(found)


def note(
    user: User, form: FileForm, *, themes: int, passages: int = 0, members: list[int] | None = None
) -> Departure:
    """Note who took what, and whose words were in it."""
    return Departure.objects.create(
        form=form, by=user, themes=themes, passages=passages, member_ids=members or []
    )
