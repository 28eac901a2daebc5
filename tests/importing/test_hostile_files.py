"""Files that are broken, enormous or meant to harm: a clear reason, no traceback, little memory and time."""

import json
import tracemalloc
import zipfile
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from time import process_time
from typing import Any

import pytest
from django.utils import timezone
from docx import Document
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from wagtail.admin.rich_text.converters.contentstate import ContentstateConverter

from stories.blocks import NARRATIVE_FEATURES
from stories.importing import mapping
from stories.importing.drafts import DraftMaker
from stories.importing.errors import ImportRefused, RowRefused
from stories.importing.readers import open_source
from stories.importing.readers.base import Row, canonical
from stories.importing.records import narrative
from stories.importing.texts import from_markdown
from stories.models import StoryPage
from tests.importing.conftest import YES, Outcome, row

Run = Callable[..., Outcome]
MB = 1024 * 1024


def file(tmp_path: Path, name: str, content: bytes | str) -> Path:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_a_line_of_50_megabytes_is_passed_over_in_pieces(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "huge.jsonl"
    with path.open("wb") as out:
        out.write(b'{"title": "x", "text": "')
        for _ in range(50):
            out.write(b"a" * MB)
        out.write(b'"}\n' + json.dumps(row()).encode())
    rows = open_source(path).rows()
    tracemalloc.start()
    first, second = rows
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 12 * MB
    assert first.problem == "the line is longer than 2 MB"
    assert second.data["id"] == "r-1"


def test_nul_and_other_control_characters_fall_away(run: Run) -> None:
    assert run([row(title="A\x00 ti\x07tle", text="One\x00two\ud800 \x9f three")]).report.new == 1
    story = StoryPage.objects.get()
    assert (story.title, story.plain_text) == ("A title", "Onetwo three")


@pytest.mark.parametrize("encoding", ["latin-1", "cp1251"])
def test_a_line_in_another_encoding_names_the_byte(run: Run, tmp_path: Path, encoding: str) -> None:
    text = {"latin-1": "café", "cp1251": "лифт"}[encoding]
    content = f'{{"title": "x", "text": "{text}"}}\n'.encode(encoding) + json.dumps(row()).encode()
    done = run(file(tmp_path, "a.jsonl", content))
    assert (done.report.new, done.report.rejected) == (1, 1)
    assert done.reason.startswith("row 1: not UTF-8: byte 0xE")


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv"])
def test_utf_16_is_refused_by_name(run: Run, tmp_path: Path, name: str) -> None:
    with pytest.raises(ImportRefused, match="UTF-16"):
        run(file(tmp_path, name, '{"title": "x"}'.encode("utf-16")))


def test_a_table_in_cp1251_is_read_with_a_note(run: Run, tmp_path: Path) -> None:
    done = run(file(tmp_path, "a.csv", "title;text\nЛифт;Стоял\n".encode("cp1251")))
    assert StoryPage.objects.get().title == "Лифт"
    assert "not UTF-8: byte 0xCB at position 12; it is read as cp1251" in done.report.notes[0]


def test_a_table_in_no_encoding_is_refused(run: Run, tmp_path: Path) -> None:
    with pytest.raises(ImportRefused, match="byte 0x98"):
        run(file(tmp_path, "a.csv", b"title;text\n\x98;x\n"))


def test_byte_order_marks_are_no_part_of_the_data(run: Run, tmp_path: Path) -> None:
    content = b"\xef\xbb\xbf" + json.dumps(row()).encode()
    assert run(file(tmp_path, "a.jsonl", content)).report.new == 1


@pytest.mark.parametrize(
    "line",
    [
        '{"title": "x"',
        "null",
        "x[]",
        '"text"',
        "12",
        "{" * 100_000,
        '{"a":' * 50_000,
        '{"a": ' + "9" * 5000 + "}",
        "\x00",
        "{}",
    ],
)
def test_what_is_not_an_object_is_rejected_with_a_reason(run: Run, tmp_path: Path, line: str) -> None:
    done = run(file(tmp_path, "a.jsonl", "\n" + line + "\n" + json.dumps(row())))
    assert (done.report.new, done.report.rejected) == (1, 1)
    assert done.reason.startswith("row 2: ")


def test_a_json_array_is_told_apart(run: Run, tmp_path: Path) -> None:
    with pytest.raises(ImportRefused, match="JSON array"):
        run(file(tmp_path, "a.json", json.dumps([row()])))


def bomb(tmp_path: Path, name: str, parts: dict[str, bytes]) -> Path:
    path = tmp_path / name
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, content in parts.items():
            archive.writestr(part, content)
    return path


BOMBS = {
    "ratio": {"word/document.xml": b"<a>" + b" " * (20 * MB) + b"</a>"},
    "size": {f"part{number}.xml": b"<a/>" + b" " * (9 * MB) for number in range(6)},
    "count": {f"part{number}.xml": b"<a/>" for number in range(2001)},
    "entities": {"word/document.xml": b'<!DOCTYPE a [<!ENTITY b "cc">]><a>&b;</a>'},
    "broken": {"word/document.xml": b"<a>"},
}


@pytest.mark.parametrize("kind", BOMBS)
def test_a_bomb_of_a_document_is_not_unpacked(run: Run, tmp_path: Path, kind: str) -> None:
    path = bomb(tmp_path, "bomb.docx", BOMBS[kind])
    began = process_time()
    done = run(path)
    assert process_time() - began < 5
    assert done.report.rejected == 1
    assert "bomb.docx: the " in done.reason


@pytest.mark.parametrize("kind", BOMBS)
def test_a_bomb_of_a_workbook_is_not_unpacked(run: Run, tmp_path: Path, kind: str) -> None:
    with pytest.raises(ImportRefused, match=r"bomb\.xlsx"):
        run(bomb(tmp_path, "bomb.xlsx", BOMBS[kind]))


@pytest.mark.parametrize("name", ["a.docx", "a.xlsx"])
def test_what_is_no_archive_is_refused(run: Run, tmp_path: Path, name: str) -> None:
    path = file(tmp_path, name, b"PK\x03\x04 nothing")
    try:
        assert run(path).report.rejected == 1
    except ImportRefused as refusal:
        assert "broken" in str(refusal)


def test_an_empty_archive_is_no_document(run: Run, tmp_path: Path) -> None:
    assert "is not a DOCX document" in run(bomb(tmp_path, "a.docx", {"x.xml": b"<a/>"})).reason


def test_nested_brackets_cost_no_time_and_lose_no_word() -> None:
    began = process_time()
    made = from_markdown("**a** " + "[" * 4000 + "word" + "]" * 4000)
    assert process_time() - began < 2
    assert "word" in made
    assert made.count("[") == 4000


@pytest.mark.parametrize(
    "piece",
    ["[", "[a", "](", "[a](", "![", "*a ", "**a", "_a ", "`", "<", "<a", "> ", ">", "# a\n", "a\n=\n", "- ",
     "&", "\\", "<!--", "<http://a", "[a]: http://b\n", "1. a\n", "* a\n\n", "```\n", "~~~\n", "    a\n\n"],
)  # fmt: skip
def test_markdown_takes_no_long_time(piece: str) -> None:
    began = process_time()
    from_markdown((piece * 8000)[:16_000])
    assert process_time() - began < 2


def test_markdown_of_more_than_64_kilobytes_is_refused() -> None:
    with pytest.raises(RowRefused, match="64 KB"):
        from_markdown("# a\n" * 20_000)


def test_a_yaml_bomb_is_refused(run: Run, tmp_path: Path) -> None:
    bomb_ = "a: &a [x, x]\nb: &b [*a, *a]\ntitle: *b\n"
    done = run(file(tmp_path, "a.md", f"---\n{bomb_}---\ntext"))
    assert done.reason == "row 1: a.md: front matter uses YAML anchors, which are not read"


@pytest.mark.parametrize(
    ("front", "reason"),
    [
        ("a: [", "is not YAML"),
        ("!!python/object/apply:os.system ['true']", "is not YAML"),
        ("- a\n- b", "must be a mapping, not a list"),
        ("a: " + "[" * 5000, "front matter"),
        ("a: 2026-02-31", "front matter"),
        ("a: b\n" * 60_000, "longer than 256 KB"),
    ],
)
def test_strange_front_matter_has_a_reason(run: Run, tmp_path: Path, front: str, reason: str) -> None:
    assert reason in run(file(tmp_path, "a.md", f"---\n{front}\n---\ntext")).reason


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv", "a.xlsx", "a.md", "a.docx"])
def test_an_empty_file_is_refused(run: Run, tmp_path: Path, name: str) -> None:
    with pytest.raises(ImportRefused, match="is empty"):
        run(file(tmp_path, name, b""))


def test_a_folder_without_stories_is_refused(run: Run, tmp_path: Path) -> None:
    file(tmp_path, "notes.txt", "x")
    with pytest.raises(ImportRefused, match="holds no"):
        run(tmp_path)


@pytest.mark.parametrize("name", ["missing.jsonl", "a.pdf", "nul\x00.csv"])
def test_a_path_that_cannot_be_read_is_refused(run: Run, tmp_path: Path, name: str) -> None:
    file(tmp_path, "a.pdf", "x")
    with pytest.raises(ImportRefused):
        run(tmp_path / name)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"date": "2026-02-31"}, "is not a date"),
        ({"date": (timezone.now() + timedelta(days=2)).date().isoformat()}, "has not come yet"),
        ({"date": "0001-01-01"}, "lies before 1900"),
        ({"date": 2026}, "is not a date"),
        ({"date": {"day": 1}}, "must be text, not an object"),
        ({"title": "T" * 10_000}, "title is 10,000 characters long, 255 is the most"),
        ({"title": ""}, "title is missing"),
        ({"title": None}, "title is missing"),
        ({"title": ["x"]}, "title must be text, not a list"),
        ({"text": ""}, "there is no text"),
        ({"text": "<script></script>", "text_format": "html"}, "there is no text"),
        ({"lang": "de"}, "language must be one of"),
        ({"member": {"code": "KD-123456-0"}}, "is not a member code"),
        ({"body": [{"episode": {}}]}, "title is missing"),
        ({"body": [{"episode": {"title": "x", "happened": "y", "feeling": 9}}]}, "must lie between -3 and 3"),
        ({"body": [{"spell": {}}]}, "unknown kind"),
        ({"body": ["x"]}, "must be a mapping with one key"),
        ({"body": [{"quote": {"text": "x", "author": "y"}}]}, "unknown field author"),
        ({"body": [{"quote": {"text": "x"}}] * 501}, "500 is the most"),
        ({"provenance": "dreamt"}, "provenance must be one of"),
        ({"period": {"start": "2026-03-02", "end": "2026-03-01"}}, "lies before period.start"),
        ({"summary": "s" * 601}, "600 is the most"),
        ({"id": "i" * 201}, "200 is the most"),
        ({"tags": [str(number) for number in range(101)]}, "too many"),
        ({"tags": [{}]}, "must be text"),
        ({"id": 10**40}, "more than 30 digits"),
    ],
)
def test_a_bad_field_rejects_the_row_with_its_reason(run: Run, fields: dict[str, Any], reason: str) -> None:
    done = run([row(1, **fields), row(2)])
    assert (done.report.new, done.report.rejected) == (1, 1)
    assert reason in done.reason


def test_emoji_and_marks_of_direction_are_kept(run: Run) -> None:
    run([row(title="👩‍🔧 \u202eabc\u202c", text="שלום \u200f👍🏽 — 5 * 3 * 2")])
    story = StoryPage.objects.get()
    assert story.title == "👩‍🔧 \u202eabc\u202c"
    assert story.plain_text == "שלום \u200f👍🏽 — 5 * 3 * 2"
    assert story.slug


def test_markup_in_plain_text_is_text(run: Run) -> None:
    run([row(text="<script>alert(1)</script> & 5 < 6", title="<b>&amp;</b>")])
    story = StoryPage.objects.get()
    assert story.plain_text == "<script>alert(1)</script> & 5 < 6"
    assert "<script" not in story.body[0].value.source


def test_an_unknown_picture_loses_only_its_block(run: Run) -> None:
    photo = {"photo": {"image": "a-door", "caption": "", "alt": "x"}}
    done = run([row(body=[{"quote": "x"}, photo])], **YES)
    assert (done.report.new, done.report.rejected) == (1, 0)
    assert "there is no picture “a-door”, the block is left out" in done.reason


def test_a_document_becomes_a_story(run: Run, tmp_path: Path) -> None:
    document = Document()
    document.add_heading("The lift", 1)
    document.add_paragraph("It stood still & <waited>.")
    document.add_heading("Then", 2)
    document.save(str(tmp_path / "lift.docx"))
    run(tmp_path)
    story = StoryPage.objects.get()
    assert (story.title, story.external_id) == ("The lift", "lift")
    assert story.body[0].value.source == "<p>It stood still &amp; &lt;waited&gt;.</p><h3>Then</h3>"


def test_a_folder_of_markdown_becomes_stories(run: Run, tmp_path: Path) -> None:
    file(tmp_path, "a-visit.md", "# A visit\n\nHe **came** <at> noon.\n")
    file(tmp_path, "b.md", "---\ntitle: 1984\nlang: en\ntags: [x]\n---\nText.\n")
    file(tmp_path, ".hidden.md", "# no\n")
    (tmp_path / "link.md").symlink_to(tmp_path / "b.md")
    assert run(tmp_path).report.new == 2
    first = StoryPage.objects.get(external_id="a-visit")
    assert first.body[0].value.source == "<p>He <strong>came</strong> &lt;at&gt; noon.</p>"
    assert StoryPage.objects.get(external_id="b").title == "1984"


def test_a_table_with_strange_rows_keeps_the_good_ones(run: Run, tmp_path: Path) -> None:
    text = 'Title;Text;Date\n"A; b";"one\n\ntwo";12.03.2026\nx;y;z;w\n;;\n=1+1;=2;\n'
    done = run(file(tmp_path, "a.csv", text))
    assert (done.report.new, done.report.rejected) == (2, 1)
    assert done.reason == "row 2: has 4 cells, the header names 3 columns"
    assert {story.title for story in StoryPage.objects.all()} == {"A; b", "=1+1"}


@pytest.mark.parametrize("head", ["title,title\n", ",,\n", ",".join(f"c{n}" for n in range(300)) + "\n"])
def test_a_table_without_a_usable_header_is_refused(run: Run, tmp_path: Path, head: str) -> None:
    with pytest.raises(ImportRefused):
        run(file(tmp_path, "a.csv", head + "x,y\n"))


def test_a_cell_of_3_megabytes_is_rejected(run: Run, tmp_path: Path) -> None:
    done = run(file(tmp_path, "a.csv", f'title,text\nx,"{"a" * 3 * MB}"\ny,z\n'))
    assert done.report.new == 1
    assert done.report.rejected >= 1


def test_a_workbook_with_numbers_dates_and_formulas(run: Run, tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    sheet.append(["id", "title", "text", "date"])
    sheet.append([7, 1984, "=1+1", timezone.datetime(2026, 3, 12)])
    sheet.append([None] * 4)
    sheet.append(["b", "Plain", "Words", "12.03.2026"])
    buffer = BytesIO()
    book.save(buffer)
    done = run(file(tmp_path, "a.xlsx", buffer.getvalue()))
    assert done.reason == "row 1: there is no text"
    assert str(StoryPage.objects.get().period_start) == "2026-03-12"


@pytest.mark.parametrize(
    "content",
    ["purposes: [sell]", "- a", "titel: x", "title: [1]", "term_days: 0", "text_format: word", "a: &x 1"],
)
def test_a_bad_mapping_is_refused(tmp_path: Path, content: str) -> None:
    with pytest.raises(ImportRefused):
        mapping.load(file(tmp_path, "map.yaml", content))


NAMES = st.sampled_from(
    ["id", "title", "text", "body", "date", "lang", "tags", "issue", "product", "member", "member.code",
     "period", "consent", "audience", "quotes", "summary", "persona", "text_format", "provenance",
     "sensitivity", "extra"]
)  # fmt: skip
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=60),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(NAMES | st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)
BODY = st.lists(
    st.dictionaries(
        st.sampled_from(["episode", "narrative", "quote", "photo", "case", "warning", "response"]),
        ANYTHING,
        max_size=1,
    ),
    max_size=3,
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(NAMES, ANYTHING, max_size=8), BODY)
def test_any_object_is_a_draft_or_has_a_reason(db: None, data: dict[str, Any], body: list[Any]) -> None:
    maker = DraftMaker(mapping.StoryMap(), source="x", consent_field="consent")
    for each in (data, {"title": "T", "text": "t", **data}, {"title": "T", **data, "body": body}):
        try:
            draft = maker.draft(Row(1, each, canonical(each)))
        except RowRefused as refusal:
            assert str(refusal)
        else:
            assert len(draft.fingerprint) == len(draft.digest) == 64


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.dictionaries(NAMES, ANYTHING, max_size=8).map(lambda data: {"title": "T", "text": "t", **data}),
        max_size=6,
    )
)
def test_any_lines_are_imported_or_rejected(run: Run, tmp_path: Path, rows: list[Any]) -> None:
    path = tmp_path / "any.jsonl"
    path.write_text("\n".join(json.dumps(each) for each in rows) or "{}", encoding="utf-8")
    done = run(path, **YES)
    counted = done.report
    assert counted.new + counted.changed + counted.same + counted.withdrawn + counted.rejected == counted.read
    assert not any("cannot be stored" in line for line in done.lines)


@settings(max_examples=200)
@given(st.binary(max_size=300))
def test_any_bytes_of_a_line_are_read_or_rejected(tmp_path_factory: Any, content: bytes) -> None:
    path = tmp_path_factory.mktemp("bytes") / "a.jsonl"
    path.write_bytes(b"\n" + content)
    try:
        for each in open_source(path).rows():
            assert each.problem or isinstance(each.data, dict)
    except ImportRefused as refusal:
        assert str(refusal)


PIECES = st.sampled_from(
    ["<p>", "</p>", "<br>", "<hr>", "<ul>", "</ul>", "<ol>", "<li>", "</li>", "<blockquote>", "</blockquote>",
     "<b>", "</b>", "<i>", "<code>", "</code>", "<a href='http://x.y'>", "</a>", "<h3>", "</h3>", "<h2>",
     "<table>", "<tr>", "<td>", "</table>", "<pre>", "</pre>", "<script>",
     "word ", "a &amp; b", "<", ">", "\n", "<p data-x='1'>"]
)  # fmt: skip


@settings(max_examples=500)
@given(st.lists(PIECES, max_size=14).map("".join))
def test_any_html_can_be_opened_in_the_editor_and_is_stable(text: str) -> None:
    made = narrative(text, "x")
    ContentstateConverter(features=NARRATIVE_FEATURES).from_database_format(made)
    assert narrative(made, "x") == made


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("<p>a<br>b</p>", "<p>a<br/>b</p>"),
        ("<ol><li><p>a</p></li><li><p>b</p><p>c</p></li></ol>", "<ol><li>a</li><li>b<br/>c</li></ol>"),
        ("<blockquote>\n<p>a</p>\n<p>b</p>\n</blockquote>", "<blockquote>a<br/>b</blockquote>"),
        ("<b><p>a &lt; b</p></b>", "<p>a &lt; b</p>"),
    ],
)
def test_html_is_given_the_form_that_the_editor_keeps(text: str, made: str) -> None:
    assert narrative(text, "x") == made
