"""REFI-QDA projects (QDPX 1.5): a zip with ``project.qde`` and the texts it speaks of under ``sources/``.

Positions count characters (Unicode code points) of the text, as the standard says. Feeling and importance, which it
has no field for, are notes to which codings refer; a memo is the description of its selection, as in QualCoder.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from xml.etree.ElementTree import Element, SubElement

from django.utils.translation import gettext as _

from ideas.enums import Importance
from ideas.exchange import qdc, thoughts, xml
from ideas.exchange.gathering import Cited, Evidence, Text, codes
from ideas.exchange.records import (
    LONGEST_MEMO,
    MOST_PASSAGES,
    UNSPEAKABLE,
    Book,
    Code,
    FileRefused,
    Judgement,
    Selection,
    SourceText,
    guid_of,
    line,
    named,
    prose,
)
from ideas.models.codings import VALENCES

SPACE = "urn:QDA-XML:project:1.0"
PROJECT, FOLDER = "project.qde", "sources"
INSIDE = "internal://"
MOST_FILES, MOST_UNPACKED, MOST_RATIO, SMALL = 20_000, 100 * 1024 * 1024, 100, 1024 * 1024
FELT = re.compile(r"feeling (-?\d), importance (\d)")
# Passages in what is no text: they are counted, and nothing is made of them.
OTHER = {"PictureSelection", "PDFSelection", "AudioSelection", "VideoSelection", "TranscriptSelection"}
PLAIN = Judgement()


def write(evidence: Evidence, texts: Iterable[Text], *, name: str, at: datetime) -> bytes:
    """Return a project with the codebook, the texts of the coded stories and the passages in them."""
    out = io.BytesIO()
    root = Element(
        "Project", {"xmlns": SPACE, "name": name, "origin": "Client stories", "creationDateTime": moment(at)}
    )
    coders = sorted({each.coder for each in evidence.cited if each.coder})
    if coders:
        users = SubElement(root, "Users")
        for coder in coders:
            # Who coded is told apart, not named: employees' names have no business in the file.
            SubElement(users, "User", {"guid": named("user", coder), "name": f"{coder}"})
    book = codes(evidence.tree)
    if book or evidence.ideas:
        thoughts.put(qdc.put_codes(SubElement(root, "CodeBook"), book), evidence.ideas)
    by_story: dict[int, list[Cited]] = {}
    for each in evidence.cited:
        by_story.setdefault(each.story, []).append(each)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        put_sources(root, evidence, by_story, texts, archive)
        put_notes(root, (each for cited in by_story.values() for each in cited))
        thoughts.put_links(root, evidence.ideas)
        archive.writestr(PROJECT, xml.written(root, [*qdc.extras(book), *thoughts.extras(evidence.ideas)]))
    return out.getvalue()


def moment(at: datetime) -> str:
    """Return a moment as the schema wants it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def put_sources(
    root: Element,
    evidence: Evidence,
    by_story: Mapping[int, Sequence[Cited]],
    texts: Iterable[Text],
    archive: zipfile.ZipFile,
) -> None:
    """Write every coded story: its text as a file, its passages as selections."""
    holder = Element("Sources")
    for text in texts:
        cited, told = by_story.get(text.story.pk, ()), evidence.told.get(text.story.pk)
        if not cited or told is None:
            continue
        guid = source_guid(told.external_id)
        label = f"{line(told.title)} [{told.external_id}]"
        source = SubElement(
            holder, "TextSource", {"guid": guid, "name": label, "plainTextPath": f"{INSIDE}{guid}.txt"}
        )
        for each in cited:
            put_selection(source, each, text)
        archive.writestr(f"{FOLDER}/{guid}.txt", text.text.encode())
    if len(holder):
        root.append(holder)


def source_guid(external_id: str) -> str:
    """Return the guid of a story in files."""
    return named("story", external_id)


def put_selection(source: Element, each: Cited, text: Text) -> None:
    """Write one coded passage."""
    begins = text.starts.get(each.place.block)
    code = str(each.theme.guid) if each.theme else thoughts.guid(each.idea) if each.idea else ""
    if begins is None or not code:
        return
    place = {"startPosition": str(begins + each.place.start), "endPosition": str(begins + each.place.end)}
    made = {
        "creationDateTime": moment(each.at),
        **({"creatingUser": named("user", each.coder)} if each.coder else {}),
    }
    selection = SubElement(
        source, "PlainTextSelection", {"guid": named("selection", each.coding), **place, **made}
    )
    if each.memo:
        SubElement(selection, "Description").text = prose(each.memo)
    coding = SubElement(selection, "Coding", {"guid": named("coding", each.coding), **made})
    SubElement(coding, "CodeRef", {"targetGUID": code})
    if felt(each) != (PLAIN.valence, PLAIN.importance):
        SubElement(coding, "NoteRef", {"targetGUID": named("felt", felt(each))})


def felt(each: Cited) -> tuple[int, int]:
    """Return feeling and importance of a coding."""
    return each.valence, each.importance


def put_notes(root: Element, cited: Iterable[Cited]) -> None:
    """Write one note for each feeling with its importance."""
    kinds = sorted({felt(each) for each in cited} - {(PLAIN.valence, PLAIN.importance)})
    if not kinds:
        return
    holder = SubElement(root, "Notes")
    for kind in kinds:
        words = "feeling {}, importance {}".format(*kind)
        note = SubElement(holder, "Note", {"guid": named("felt", kind), "name": words})
        SubElement(note, "PlainTextContent").text = words


# Reading


@dataclass(frozen=True, slots=True)
class Parts:
    """An opened archive, of which only so much is ever unpacked as it says it holds."""

    archive: zipfile.ZipFile
    names: Mapping[str, zipfile.ZipInfo]

    def text(self, path: str | None) -> str | None:
        """Return the text that an ``internal://`` path names; None for one that is not inside."""
        if not path or not path.startswith(INSIDE):
            return None
        info = self.names.get(f"{FOLDER}/{path.removeprefix(INSIDE).lstrip('/')}".casefold())
        if info is None:
            return None
        return unpacked(self.archive, info).decode("utf-8-sig", errors="replace")


def read(data: bytes, wants: Callable[[str, str], bool]) -> Book:
    """Return codes and passages of a project; ``wants(guid, name)`` says whose text is needed.

    Raises ``FileRefused``.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            guard(parts)
            documents = [part for part in parts if part.filename.casefold().endswith(".qde")]
            if not documents:
                raise FileRefused(
                    _("This archive holds no project of the REFI-QDA standard: project.qde is missing.")
                )
            names = {part.filename.replace("\\", "/").casefold(): part for part in parts}
            return project(unpacked(archive, documents[0]), Parts(archive, names), wants)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, OSError, EOFError, RuntimeError, ValueError):
        raise FileRefused(_("This archive is broken: save the project anew.")) from None


def guard(parts: Sequence[zipfile.ZipInfo]) -> None:
    """Refuse what would unpack to far more than it is; sizes are those the archive says, and unpacking stops there."""
    whole, packed = sum(part.file_size for part in parts), sum(part.compress_size for part in parts)
    if (
        len(parts) > MOST_FILES
        or whole > MOST_UNPACKED
        or (whole > SMALL and whole > MOST_RATIO * max(1, packed))
    ):
        raise FileRefused(
            _("This archive would unpack to far more than a project of texts. It is not opened.")
        )
    if any(part.flag_bits & 1 for part in parts):
        raise FileRefused(_("This archive is locked with a password. Save it without one."))


def unpacked(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """Return a part of an archive."""
    if info.file_size > xml.MOST_BYTES:
        raise FileRefused(xml.too_large())
    with archive.open(info) as part:
        return part.read(xml.MOST_BYTES + 1)


def project(document: bytes, parts: Parts, wants: Callable[[str, str], bool]) -> Book:
    """Return what a project's document says."""
    root, own = xml.read(document)
    if xml.local(root) != "Project":
        raise FileRefused(
            _("This archive holds no project of the REFI-QDA standard: project.qde is missing.")
        )
    books = xml.children(root, "CodeBook")
    if not books:
        raise FileRefused(_("There are no codes in this file."))
    notes = {
        guid_of(note.get("guid")): prose(
            xml.text_in(note, "PlainTextContent") or parts.text(note.get("plainTextPath"))
        )
        for holder in xml.children(root, "Notes")
        for note in xml.children(holder, "Note")
    }
    sources, elsewhere = [], 0
    for holder in xml.children(root, "Sources"):
        for element in holder:
            elsewhere += sum(coded(each) for each in element.iter() if xml.local(each) in OTHER)
            if xml.local(element) in ("TextSource", "PDFSource"):
                sources.append(source(element, parts, notes, wants))
    if sum(len(each.selections) for each in sources) > MOST_PASSAGES:
        raise FileRefused(_("There are more than %(most)s passages in this file.") % {"most": MOST_PASSAGES})
    return Book(linked(qdc.codes_of(books[0], own), root), tuple(sources), elsewhere)


def linked(codes: Sequence[Code], root: Element) -> tuple[Code, ...]:
    """Return the codes with the codes that links lead to."""
    links: dict[str, list[str]] = {}
    for holder in xml.children(root, "Links"):
        for link in xml.children(holder, "Link"):
            links.setdefault(guid_of(link.get("originGUID")), []).append(guid_of(link.get("targetGUID")))
    return tuple(
        replace(code, themes=tuple(links[code.guid])) if code.guid and code.guid in links else code for code in codes
    )


def coded(selection: Element) -> int:
    """Return how many codings a selection has."""
    return len(xml.children(selection, "Coding"))


def source(
    element: Element, parts: Parts, notes: Mapping[str, str], wants: Callable[[str, str], bool]
) -> SourceText:
    """Return a text with its passages; of a PDF the plain text that stands for it."""
    guid, name = guid_of(element.get("guid")), line(element.get("name"))
    held = next(iter(xml.children(element, "Representation")), element)
    selections = [
        made
        for selection in xml.children(held, "PlainTextSelection")
        for coding in xml.children(selection, "Coding")
        for made in passage(selection, coding, notes)
    ]
    text = None
    if selections and wants(guid, name):
        inline = xml.children(held, "PlainTextContent")
        text = inline[0].text or "" if inline else parts.text(held.get("plainTextPath"))
    return SourceText(guid, name, text, tuple(selections))


def passage(selection: Element, coding: Element, notes: Mapping[str, str]) -> Iterable[Selection]:
    """Yield the coded passage of one coding, if its places can be read."""
    reference = next(iter(xml.children(coding, "CodeRef")), None)
    try:
        start, end = int(selection.get("startPosition", "")), int(selection.get("endPosition", ""))
    except ValueError:
        return
    if reference is not None:
        said = [notes.get(guid_of(ref.get("targetGUID")), "") for ref in xml.children(coding, "NoteRef")]
        memo = [xml.text_in(selection, "Description"), *said]
        yield Selection(start, end, guid_of(reference.get("targetGUID")), judgement(memo))


def judgement(texts: Iterable[str]) -> Judgement:
    """Return what notes and descriptions say of a passage: our own feeling and importance, and the rest as memo."""
    valence, importance, memo = PLAIN.valence, PLAIN.importance, []
    for text in texts:
        match = FELT.fullmatch(text.strip())
        if match and VALENCES[0] <= int(match[1]) <= VALENCES[1] and int(match[2]) in Importance.values:
            valence, importance = int(match[1]), int(match[2])
        elif text.strip():
            memo.append(UNSPEAKABLE.sub("", prose(text)))
    return Judgement(valence, importance, "\n".join(memo)[:LONGEST_MEMO])
