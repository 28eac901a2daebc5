"""Guards around zipped formats (DOCX, XLSX): bombs and hostile XML are refused before they unpack."""

import zipfile
from pathlib import Path
from xml.sax.handler import ContentHandler

import defusedxml.sax
from defusedxml.common import DefusedXmlException

from stories.importing.errors import RowRefused

MOST_FILES = 2000
MOST_BYTES = 50 * 1024 * 1024
MOST_RATIO = 100
SMALL = 1024 * 1024  # below this nothing is a bomb, however well it packs
XML = (".xml", ".rels", ".vml")


def check(path: Path) -> None:
    """Raise ``RowRefused`` unless the archive is small, modest in ratio, and its XML free of entities.

    The sizes are those the archive declares; unpacking stops there, so a false declaration gains nothing.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            _check_sizes(archive.infolist())
            for name in archive.namelist():
                if name.lower().endswith(XML):
                    with archive.open(name) as part:
                        defusedxml.sax.parse(part, ContentHandler(), forbid_dtd=True)
    except DefusedXmlException:
        raise RowRefused("the file declares XML entities, which no office program writes") from None
    except RowRefused:
        raise
    except (
        Exception
    ) as problem:  # a broken archive fails in many ways: BadZipFile, zlib.error, SAXParseException, …
        raise RowRefused(f"the file is broken: {type(problem).__name__}") from None


def _check_sizes(parts: list[zipfile.ZipInfo]) -> None:
    unpacked = sum(part.file_size for part in parts)
    packed = sum(part.compress_size for part in parts)
    if len(parts) > MOST_FILES:
        raise RowRefused(f"the archive holds {len(parts)} files, {MOST_FILES} is the most")
    if unpacked > MOST_BYTES:
        raise RowRefused(
            f"the archive unpacks to {unpacked // 2**20} MB, {MOST_BYTES // 2**20} MB is the most"
        )
    if unpacked > SMALL and unpacked > MOST_RATIO * packed:
        raise RowRefused(
            f"the archive unpacks to {unpacked // max(packed, 1)} times its size, {MOST_RATIO} is the most"
        )
    if any(part.flag_bits & 1 for part in parts):
        raise RowRefused("the file is encrypted")
