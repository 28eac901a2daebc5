"""The narrator's wording of a story: what she approves, its digest, and its plain text.

Works on the raw form of a StreamField: a list of ``{"type", "value", "id"}`` dictionaries.
"""

import hashlib
import html
import json
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from stories.enums import BlockKind
from stories.sanitising import canonical

Raw = Mapping[str, Any]
# Fields of an episode that are the narrator's own; the touchpoint is the company's name for the place.
EPISODE_WORDS = ("title", "when", "expected", "happened", "feeling", "feeling_words", "loyalty", "recovery",
                 "turning_point", "turning_words")  # fmt: skip
EPISODE_TEXT = ("title", "happened", "expected", "feeling_words", "recovery", "turning_words")
TAG = re.compile(r"<[^>]*>")
BREAK = re.compile(r"</(?:p|li|h[2-6]|blockquote|tr|pre)>|<br\s*/?>", re.IGNORECASE)
SPACE = re.compile(r"[ \t\f\v]+")
LINES = re.compile(r"\s*\n\s*")


def normal(value: Any) -> Any:
    """Return text in NFC with trimmed, single line ends; other values as they are."""
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value).replace("\r\n", "\n").replace("\r", "\n").strip()
    return value


def plain(markup: str) -> str:
    """Return the text of a piece of HTML, a line per paragraph."""
    text = html.unescape(TAG.sub("", BREAK.sub("\n", markup)))
    return LINES.sub("\n", SPACE.sub(" ", text)).strip()


def approved_part(block: Raw) -> Any:
    """Return what of one block the narrator approves; None for the company's own blocks."""
    kind, value = block["type"], block["value"]
    if kind == BlockKind.EPISODE:
        return [normal(value.get(name, "")) or "" for name in EPISODE_WORDS]
    if kind == BlockKind.NARRATIVE:
        return normal(canonical(value or ""))
    if kind == BlockKind.QUOTE:
        return normal(value.get("text", ""))
    if kind == BlockKind.PHOTO:
        return [value.get("image"), normal(value.get("caption", ""))]
    return None


def digest(
    title: str, summary: str, blocks: Iterable[Raw], image_hashes: Mapping[int, str] | None = None
) -> str:
    """Return the SHA-256 of the narrator's words and images, the name under which she approves them.

    ``image_hashes`` gives the digest of each image's file by its id, so that a replaced file is a new wording.
    """
    images = image_hashes or {}
    parts: list[Any] = []
    for block in blocks:
        part = approved_part(block)
        if part is None:
            continue
        if block["type"] == BlockKind.PHOTO:
            part = [images.get(part[0], str(part[0])), part[1]]
        parts.append([str(block["type"]), part])
    canonical = json.dumps([normal(title), normal(summary), parts], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def whole(title: str, summary: str, blocks: Iterable[Raw]) -> str:
    """Return the SHA-256 of everything a story says, in one spelling: what a second reader has to read."""
    own = [[str(block["type"]), approved_part(block) or _company_part(block["value"])] for block in blocks]
    said = json.dumps([normal(title), normal(summary), own], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(said.encode()).hexdigest()


def _company_part(value: Any) -> Any:
    """Return what one of the company's own blocks says; an empty field is as good as none."""
    if isinstance(value, Mapping):
        return sorted((name, str(normal(text))) for name, text in value.items() if text)
    return normal(value)


def image_ids(blocks: Iterable[Raw]) -> list[int]:
    """Return the ids of the images that the photo blocks show, in order, each once."""
    found = [block["value"].get("image") for block in blocks if block["type"] == BlockKind.PHOTO]
    return list(dict.fromkeys(image for image in found if image))


def texts(blocks: Iterable[Raw]) -> list[str]:
    """Return the narrator's running text, a string per block: what people search in and what excerpts are cut from."""
    result = []
    for block in blocks:
        kind, value = block["type"], block["value"]
        if kind == BlockKind.EPISODE:
            result.append(
                "\n".join(normal(value.get(name) or "") for name in EPISODE_TEXT if value.get(name))
            )
        elif kind == BlockKind.NARRATIVE:
            result.append(plain(value))
        elif kind == BlockKind.QUOTE:
            result.append(normal(value.get("text", "")))
    return [text for text in result if text]


def headings(blocks: Iterable[Raw]) -> tuple[str, ...]:
    """Return the titles of the episodes."""
    return tuple(
        normal(block["value"]["title"])
        for block in blocks
        if block["type"] == BlockKind.EPISODE and block["value"].get("title")
    )


def loyalty_path(blocks: Iterable[Raw]) -> list[int]:
    """Return the loyalty change of each episode, in order."""
    return [int(block["value"].get("loyalty") or 0) for block in blocks if block["type"] == BlockKind.EPISODE]


def episode_touchpoints(blocks: Sequence[Raw]) -> list[int]:
    """Return the ids of the touchpoints that the episodes name, each once."""
    found = [block["value"].get("touchpoint") for block in blocks if block["type"] == BlockKind.EPISODE]
    return list(dict.fromkeys(touchpoint for touchpoint in found if touchpoint))
