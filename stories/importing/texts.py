"""Text of foreign files as the HTML of a narrative: Markdown where it is Markdown, else paragraphs."""

import re
import string

from django.db.models import TextChoices
from markdown import Markdown

from stories.importing import tidying
from stories.importing.errors import RowRefused
from stories.importing.records import narrative
from stories.services.capturing import paragraphs

LONGEST_MARKDOWN = 64 * 1024
DEEPEST_BRACKETS = 50
MOST_BRACKETS = 2000
# Signs that somebody wrote Markdown on purpose. One kind alone proves nothing: people write stars, too.
SIGNS = (
    re.compile(r"^#{1,6} \S", re.MULTILINE),
    re.compile(r"(?<![*\w])\*\*[^*\s](?:[^*\n]{0,300}[^*\s])?\*\*(?![*\w])"),
    re.compile(r"\[[^\[\]\n]{1,200}\]\((?:https?://|mailto:|/)[^)\s]{1,500}\)"),
    re.compile(r"(?:^[*+-] {1,3}\S[^\n]*\n+){2}", re.MULTILINE),
    re.compile(r"(?:^\d{1,2}\. {1,3}\S[^\n]*\n+){2}", re.MULTILINE),
    re.compile(r"^```", re.MULTILINE),
    re.compile(r"(?:^\*\*[^*\n]{1,80}:\*\*.*?){2}", re.MULTILINE | re.DOTALL),
)
ESCAPED_BRACKETS = str.maketrans({"[": "\\[", "]": "\\]"})
HEADINGS = re.compile(r"(</?)h([1-6])\b", re.IGNORECASE)


class TextFormat(TextChoices):
    """How the text of a row is written."""

    AUTO = "auto"
    PLAIN = "plain"
    MARKDOWN = "markdown"
    HTML = "html"


def markup(text: str, form: str = TextFormat.AUTO) -> str:
    """Return text as the HTML of a narrative; raises ``RowRefused``."""
    if form == TextFormat.AUTO:
        form = TextFormat.MARKDOWN if looks_like_markdown(text) else TextFormat.PLAIN
    if form == TextFormat.MARKDOWN:
        made = from_markdown(text)
    elif form == TextFormat.HTML:
        made = _lowered(text)
    else:
        made = paragraphs(tidying.text(text))
    return narrative(made, "text")


def looks_like_markdown(text: str) -> bool:
    """Whether two kinds of Markdown's signs stand in a text of a size that may be converted."""
    return len(text) <= LONGEST_MARKDOWN and sum(bool(sign.search(text)) for sign in SIGNS) >= 2


def from_markdown(text: str) -> str:
    """Return Markdown as HTML, not yet sanitised.

    The converter takes quadratic time over brackets that are not closed, so such text is converted with its
    brackets escaped: it loses links and keeps every word.
    """
    text = tidying.text(text)
    if len(text) > LONGEST_MARKDOWN:
        raise RowRefused(f"Markdown of {len(text) // 1024} KB: {LONGEST_MARKDOWN // 1024} KB is the most")
    if text.count("[") > MOST_BRACKETS or depth(text) > DEEPEST_BRACKETS:
        text = text.translate(ESCAPED_BRACKETS)
    try:
        return _lowered(_converter().convert(text))
    except RecursionError:
        raise RowRefused("Markdown is nested too deep") from None


def _converter() -> Markdown:
    """Return a converter without raw HTML, whose words would be lost, and without what hostile text slows."""
    made = Markdown(extensions=["sane_lists", "nl2br", "fenced_code"])
    made.preprocessors.deregister("html_block")
    made.parser.blockprocessors.deregister("setextheader")
    for name in ("html", "autolink", "automail"):
        made.inlinePatterns.deregister(name)
    made.ESCAPED_CHARS = list(string.punctuation)  # as CommonMark has it
    return made


def depth(text: str) -> int:
    """Return how deep square brackets are nested."""
    deepest = level = 0
    for character in text:
        if character == "[":
            level += 1
            deepest = max(deepest, level)
        elif character == "]" and level:
            level -= 1
    return deepest


def _lowered(html: str) -> str:
    """Make headings h3 or h4, which a narrative may hold and the editor keeps."""
    return HEADINGS.sub(lambda match: f"{match[1]}h{3 if match[2] in '12' else 4}", html)
