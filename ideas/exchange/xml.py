"""XML of exchange files: read without entities or DTDs and only so deep, written as the REFI-QDA schemas want it."""

import json
from typing import Any
from xml.etree.ElementTree import Element, ParseError, TreeBuilder, tostring

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser
from django.utils.translation import gettext as _

from ideas.exchange.records import DEEPEST, FileRefused

MOST_BYTES = 20 * 1024 * 1024
# What REFI-QDA has no place for (both names of a theme, what it is) stands before the root in processing instructions,
# which every other program passes over (XML 1.0, 2.6). Their text is ASCII JSON.
OWN = "client-stories"


class Reading(TreeBuilder):
    """Builds the tree, keeps our own instructions, and refuses what is nested too deep."""

    def __init__(self) -> None:
        super().__init__()
        self.depth = 0
        self.extras: list[dict[str, Any]] = []

    def start(self, tag: Any, attrs: Any, /) -> Element:
        """Begin an element."""
        self.depth += 1
        if self.depth > DEEPEST + 10:
            raise FileRefused(_("The codes of this file lie more than %(n)s levels deep.") % {"n": DEEPEST})
        return super().start(tag, attrs)

    def end(self, tag: str, /) -> Element:
        """End an element."""
        self.depth -= 1
        return super().end(tag)

    def pi(self, target: str, text: str | None = None, /) -> None:  # type: ignore[override]
        """Keep what this house once wrote; what cannot be read is passed over as others do."""
        if target == OWN:
            try:
                found = json.loads(text or "")
            except (ValueError, RecursionError):
                return
            if isinstance(found, dict):
                self.extras.append(
                    {name: str(value) for name, value in found.items() if isinstance(value, str)}
                )


def read(data: bytes) -> tuple[Element, dict[str, dict[str, str]]]:
    """Return the root of a document and our own notes by guid; raises ``FileRefused``."""
    if len(data) > MOST_BYTES:
        raise FileRefused(too_large())
    tree = Reading()
    parser = DefusedXMLParser(target=tree, forbid_dtd=True)
    try:
        parser.feed(data)
        root = parser.close()
    except DefusedXmlException:
        raise FileRefused(
            _("This file declares XML entities. No analysis program writes any, so it is not read.")
        ) from None
    except (ParseError, ValueError, LookupError) as problem:
        where = getattr(problem, "position", (0, 0))[0]
        said = _("This is not well-formed XML: it breaks off in line %(line)s.") % {"line": where}
        raise FileRefused(said) from None
    return root, {extra["guid"]: extra for extra in tree.extras if "guid" in extra}


def too_large() -> str:
    """Say that a file is too large."""
    return _("This file is too large: %(most)s MB is the most.") % {"most": MOST_BYTES // 2**20}


def local(element: Element) -> str:
    """Return the name of an element without its namespace, of which versions differ from program to program."""
    return str(element.tag).rpartition("}")[2]


def children(element: Element, *names: str) -> list[Element]:
    """Return the children of these names."""
    return [child for child in element if local(child) in names]


def text_in(element: Element, name: str) -> str:
    """Return the text of the first child of a name; empty where there is none."""
    return next((child.text or "" for child in children(element, name)), "")


def written(root: Element, extras: list[dict[str, str]]) -> bytes:
    """Return a document in UTF-8."""
    notes = "".join(f"<?{OWN} {note(extra)}?>\n" for extra in extras)
    head = f'<?xml version="1.0" encoding="utf-8"?>\n{notes}'
    return head.encode() + tostring(root, encoding="unicode").encode()


def note(extra: dict[str, str]) -> str:
    """Return a note as JSON that cannot end its instruction."""
    return json.dumps(extra, ensure_ascii=True).replace(">", "\\u003e")
