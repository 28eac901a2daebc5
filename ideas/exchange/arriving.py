"""Reading a file that somebody brings: which form it is, and what an import of it would do."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from django.core import signing
from django.utils.translation import gettext as _

from club.models import User
from ideas.exchange import qdc, qdpx, table, xml
from ideas.exchange.placing import Left, Placed, Shelf, opened, packed, place, still_there
from ideas.exchange.planning import Plan, plan
from ideas.exchange.records import Book, Code, FileRefused

SALT, SECONDS = "ideas.exchange", 3600
ZIP, UTF16 = b"PK\x03\x04", (b"\xff\xfe", b"\xfe\xff")


def read(user: User, data: bytes) -> tuple[Book, list[Placed], list[Left]]:
    """Return codes and places of passages of a file, by what it is and not by its name; raises ``FileRefused``."""
    if not data.strip():
        raise FileRefused(_("This file is empty."))
    if data.startswith(ZIP):
        shelf = Shelf(user)
        book = qdpx.read(data, shelf.knows)
        return book, *place(shelf, book.sources)
    if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") or data.startswith(UTF16):
        return qdc.read(data), [], []
    return table.read(data), [], []


def preview(user: User, data: bytes) -> tuple[Plan, str]:
    """Return what an import would do, and a seal with which it can be done within the hour; nothing is written.

    The seal holds codes and places, none of the narrators' words.
    """
    if len(data) > qdpx.MOST_UNPACKED:
        raise FileRefused(xml.too_large())
    book, placed, left = read(user, data)
    found = plan(book, placed, left)
    return found, sealed(user, book, found.placed)


def sealed(user: User, book: Book, placed: Sequence[Placed]) -> str:
    """Return codes and places as a signed text that is good for this person alone."""
    content = {"codes": [asdict(code) for code in book.codes], "placed": [packed(each) for each in placed]}
    return signing.dumps(content, salt=f"{SALT}:{user.pk}", compress=True)


def unsealed(user: User, seal: str) -> Plan:
    """Return the plan of a preview, made anew from what is here now; raises ``FileRefused``."""
    try:
        content: dict[str, Any] = signing.loads(seal, salt=f"{SALT}:{user.pk}", max_age=SECONDS)
    except signing.BadSignature:
        raise FileRefused(_("The preview is too old, or not yours. Choose the file again.")) from None
    book = Book(tuple(Code(**{**code, "themes": tuple(code["themes"])}) for code in content["codes"]))
    asked = [opened(values) for values in content["placed"]]
    placed = still_there(Shelf(user), asked)
    gone = len(asked) - len(placed)
    return plan(book, placed, [Left("", _("its words have changed"), gone)] if gone else [])
