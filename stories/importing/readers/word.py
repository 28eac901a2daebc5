"""DOCX: one file, one story; the title is the first heading or the file's name. Pictures are left out."""

import re
from pathlib import Path
from typing import Any

import mammoth

from stories.importing import tidying
from stories.importing.errors import RowRefused
from stories.importing.readers import archives
from stories.importing.readers.base import LONGEST_ROW
from stories.wording import plain

STYLES = "p[style-name='Title'] => h1:fresh\np[style-name='Subtitle'] => p:fresh"
FIRST_HEADING = re.compile(r"\A\s*<h[1-3][^>]*>(?P<title>.*?)</h[1-3]>", re.DOTALL)


def read_word(path: Path) -> dict[str, Any]:
    """Return a document as a record with ``title`` and HTML ``text``; raises ``RowRefused``."""
    archives.check(path)
    try:
        with path.open("rb") as file:
            markup = mammoth.convert_to_html(
                file, style_map=STYLES, convert_image=mammoth.images.img_element(_no_picture)
            ).value
    except Exception as problem:  # mammoth raises whatever its parser meets
        raise RowRefused(f"is not a DOCX document: {type(problem).__name__}") from None
    if len(markup) > LONGEST_ROW:
        raise RowRefused(f"the text is longer than {LONGEST_ROW // 1024 // 1024} MB")
    match = FIRST_HEADING.match(markup)
    title = tidying.line(plain(match["title"]), "title") if match else ""
    text = markup[match.end() :] if match and title else markup
    return {
        "title": title or path.stem.replace("-", " ").replace("_", " "),
        "text": text,
        "text_format": "html",
    }


def _no_picture(image: Any) -> dict[str, str]:
    return {"src": ""}
