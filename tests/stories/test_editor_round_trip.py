"""Opening a narrative in Wagtail's editor and saving it untouched must not cost the narrator's approval."""

import pytest
from wagtail.admin.rich_text.converters.contentstate import ContentstateConverter

from stories import wording
from stories.blocks import NARRATIVE_FEATURES

TEXTS = (
    "<p>They called again.</p>",
    "<p>One line<br/>and another &amp; a third</p>",
    '<p>She said <strong>never</strong> and <em>maybe</em>, see <a href="https://example.org/?a=1&amp;b=2">here</a>.</p>',
    "<h3>Monday</h3><ul><li>one</li><li>two <b>bold</b></li></ul><p>«Ёлка» — “quoted”</p>",
    "<blockquote>He waited.</blockquote><ol><li>a</li></ol>",
    "<p>first</p>\n<p>second</p>\n",
)


def digest(markup: str) -> str:
    return wording.digest("A title", "", [{"type": "narrative", "value": markup}])


@pytest.mark.parametrize("markup", TEXTS)
def test_saving_without_a_change_keeps_the_wording(markup: str) -> None:
    editor = ContentstateConverter(features=NARRATIVE_FEATURES)
    saved = editor.to_database_format(editor.from_database_format(markup))
    assert saved != markup
    assert digest(saved) == digest(markup)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<p>They called again.</p>", "<p>They called again</p>"),
        ("<p>They called.</p>", "<p>They <b>called</b>.</p>"),
        ("<p>one</p><p>two</p>", "<p>one two</p>"),
        ('<p><a href="https://example.org">here</a></p>', '<p><a href="https://example.com">here</a></p>'),
    ],
)
def test_any_change_a_reader_could_see_is_another_wording(before: str, after: str) -> None:
    assert digest(before) != digest(after)
