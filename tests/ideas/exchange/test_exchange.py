"""Exchange with the database: what leaves is what the gate lets out, what comes back is what left."""

import csv
import io
import json
import re
import uuid
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils.translation import override
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from consent.enums import Purpose
from consent.erasing.copies import that_left
from consent.services import withdraw
from ideas.enums import FileForm, Origin
from ideas.exchange import applying, arriving, qdpx
from ideas.exchange.gathering import gather
from ideas.exchange.leaving import take_out
from ideas.exchange.records import FileRefused
from ideas.models import Coding, Departure, Highlight, Idea, Theme
from ideas.services import merging
from tests.factories import make_member
from tests.ideas.exchange.files import CODE, QUALCODER_QDC, TAGUETTE_CSV, check, qualcoder_qdpx
from tests.ideas.world import RANG, SAID, THANKED, WAITED, make_idea, make_theme, mark, marketer, reword, told
from tests.surfaces.canary import STATES, WORD, Canary

pytestmark = pytest.mark.django_db
As = Callable[[str], Client]
EN = {"Accept-Language": "en"}


def themes() -> set[Any]:
    """All themes: names, tree, descriptions, colours, kinds."""
    return set(Theme.objects.values_list("guid", "slug", "name_ru", "name_en", "description", "synonyms", "colour", "kind", "parent__guid"))


def ideas() -> set[Any]:
    """All ideas: titles, statements, kinds, themes."""
    return set(Idea.objects.values_list("title", "statement", "kind", "themes__guid"))


def codings() -> set[Any]:
    """All codings: where, for what, how judged."""
    return set(
        Coding.objects.values_list(
            "highlight__story_id", "highlight__block__block_id", "highlight__start", "highlight__end", "highlight__exact", "theme__guid", "idea__title",
            "valence", "importance", "memo",
        )
    )  # fmt: skip


def bring_in(user: Any, data: bytes, *, update: bool = False) -> applying.Done:
    """Look at a file and bring it in, as the page does."""
    _plan, seal = arriving.preview(user, data)
    return applying.apply(user=user, plan=arriving.unsealed(user, seal), update=update)


def forget_everything() -> None:
    """Themes, ideas and codings gone, stories there."""
    Coding.objects.all().delete()
    Highlight.objects.all().delete()
    Idea.objects.all().delete()
    for theme in Theme.objects.order_by("-pk"):
        theme.delete()


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.sampled_from([WAITED, RANG, THANKED]), st.integers(0, 3), st.integers(-3, 3), st.integers(0, 3), st.sampled_from(["", "Ask & <see>"])),
             min_size=1, max_size=6),
    st.lists(st.sampled_from([None, 0, 1, 2]), min_size=4, max_size=4),
)  # fmt: skip
def test_what_left_comes_back_as_it_was(django_db_blocker: Any, marks: list[Any], parents: list[int | None]) -> None:
    user, stories = marketer(), [told(), told(said=f"Вечером 😀 было темно.\n\n{SAID}")]
    Coding.objects.all().delete()
    forget_everything()
    made: list[Theme] = []
    for number, parent in enumerate(parents):
        above = made[parent] if parent is not None and parent < number else None
        made.append(Theme.objects.create(name_ru=f"Тема {number}", name_en="The same", description=f"It is {number}", parent=above, kind="need", colour="#6b3a74"))
    noted = make_idea("Name the hour & keep it", statement="Ring first.\nThen come.", kind="product")
    noted.themes.set(made[:2])
    for number, (words, theme, valence, importance, memo) in enumerate(marks):
        targets = (made[theme], noted) if number % 2 else (made[theme],)
        mark(user, stories[number % 2], words, *targets, valence=valence, importance=importance, memo=memo)
    before = themes(), codings(), ideas()
    file = take_out(user=user, form=FileForm.QDPX)
    assert bring_in(user, file.data, update=True) == applying.Done(0, 0, 0)
    assert (themes(), codings(), ideas()) == before
    forget_everything()
    done = bring_in(user, file.data)
    assert (themes(), codings(), ideas()) == before
    assert (done.made, done.coded, done.noted) == (4, len(before[1]), 1)
    assert set(Coding.objects.values_list("origin", flat=True)) == {Origin.IMPORTED}


def test_a_project_is_as_the_published_schema_wants_it() -> None:
    user, theme = marketer(), make_theme(description="A day, no hour", kind="need")
    mark(user, told(), RANG, theme, valence=-2, memo="Ask")
    file = take_out(user=user, form=FileForm.QDPX)
    with zipfile.ZipFile(io.BytesIO(file.data)) as archive:
        check("project", archive.read("project.qde"))
        [source] = [name for name in archive.namelist() if name.startswith("sources/")]
        assert archive.read(source).decode() == SAID
    empty = make_theme("Alone")
    Coding.objects.all().delete()
    assert empty.slug == "alone"
    with zipfile.ZipFile(io.BytesIO(take_out(user=user, form=FileForm.QDPX).data)) as archive:
        check("project", archive.read("project.qde"))


def foreign(data: bytes) -> bytes:
    """The same project as a program gives it back that knows no notes of ours and gives every code a new guid."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as archive, zipfile.ZipFile(out, "w") as other:
        for name in archive.namelist():
            part = archive.read(name)
            if name == qdpx.PROJECT:
                text = re.sub(r"<\?client-stories .*?\?>\n", "", part.decode())
                for guid in re.findall(r'<Code guid="([^"]+)"', text):
                    text = text.replace(guid, str(uuid.uuid4()))
                part = text.encode()
            other.writestr(name, part)
    return out.getvalue()


def test_ideas_travel_in_a_project_and_are_known_again() -> None:
    user, story, theme = marketer(), told(), make_theme()
    idea, other = make_idea("A note by the lift", statement="The day and the reason."), make_idea("The same by another name")
    idea.themes.set([theme])
    mark(user, story, RANG, theme, idea)
    mark(user, story, WAITED, other, valence=-2)
    merging.merge_ideas(user=user, idea=other, into=idea)
    file = take_out(user=user, form=FileForm.QDPX)
    with zipfile.ZipFile(io.BytesIO(file.data)) as archive:
        document = archive.read(qdpx.PROJECT)
    check("project", document)
    assert document.count(b"<Link ") == 1 and document.count(b'isCodable="false"') == 1
    for data in (file.data, foreign(file.data)):
        plan, _seal = arriving.preview(user, data)
        assert ([row.theme for row in plan.rows], [row.idea for row in plan.thoughts]) == ([theme], [idea])
        assert (plan.here, plan.placed) == (3, [])
    Idea.objects.filter(pk=idea.pk).update(statement="Another one.")
    assert bring_in(user, file.data) == applying.Done(0, 0, 0)
    assert bring_in(user, file.data, update=True) == applying.Done(0, 1, 0)
    idea.refresh_from_db()
    assert idea.statement == "The day and the reason."
    withdraw(member=story.member, purpose=Purpose.IDEAS)
    with zipfile.ZipFile(io.BytesIO(take_out(user=user, form=FileForm.QDPX).data)) as archive:
        assert archive.namelist() == [qdpx.PROJECT] and b"A note by the lift" in archive.read(qdpx.PROJECT)


def test_a_merged_theme_leaves_as_the_one_it_went_into() -> None:
    user, one, two = marketer(), make_theme("One"), make_theme("Two")
    story = told()
    for theme in (one, two):
        mark(user, story, RANG, theme)
    merging.merge_themes(user=user, theme=one, into=two)
    file = take_out(user=user, form=FileForm.QDPX)
    assert (file.departure.themes, file.departure.passages) == (1, 1)
    plan, _seal = arriving.preview(user, file.data)
    assert ([row.theme for row in plan.rows], plan.here, plan.placed) == ([two], 1, [])


@pytest.mark.parametrize("state", STATES)
def test_what_may_not_serve_as_evidence_is_in_no_file(state: str) -> None:
    canary, user = Canary(), marketer()
    canary.sing(state)
    for form in FileForm:
        data = take_out(user=user, form=form).data
        parts = [data]
        if data.startswith(b"PK"):
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                parts = [archive.read(name) for name in archive.namelist()] + [name.encode() for name in archive.namelist()]
        assert not [form for part in parts if WORD.encode() in part]
    assert not [row for row in Departure.objects.all() if canary.member.pk in row.member_ids]
    assert Departure.objects.filter(passages__gt=0).exists()


def test_a_file_that_left_is_listed_for_who_takes_her_words_back() -> None:
    user, story, other = marketer(), told(), told(make_member())
    for each in (story, other):
        mark(user, each, RANG, make_theme(f"Of {each.pk}"), make_idea())
    take_out(user=user, form=FileForm.QDC)
    take_out(user=user, form=FileForm.EVIDENCE_XLSX)
    withdraw(member=other.member, purpose=Purpose.IDEAS)
    take_out(user=user, form=FileForm.JSONLD)
    assert [copy["format"] for copy in that_left(story.member) if copy["what"] == "passages"] == ["evidence-xlsx", "jsonld"]
    assert [copy["format"] for copy in that_left(other.member) if copy["what"] == "passages"] == ["evidence-xlsx"]


def test_annotations_and_tables_say_what_was_coded() -> None:
    user, idea, story = marketer(), make_idea("=A note"), told()
    mark(user, story, RANG, make_theme(), idea, valence=-2, importance=3, memo="Ask")
    found = json.loads(take_out(user=user, form=FileForm.JSONLD).data)
    assert (found["@context"], found["total"]) == ("http://www.w3.org/ns/anno.jsonld", 1 + 1)
    first = found["first"]["items"][0]
    position, quotation = first["target"]["selector"][0]["refinedBy"], first["target"]["selector"][1]
    assert SAID[position["start"] : position["end"]] == quotation["exact"] == RANG
    assert {"feeling -2, importance 3", "Ask"} <= {body.get("value") for body in first["body"]}
    with override("en"):
        text = take_out(user=user, form=FileForm.EVIDENCE_CSV).data.decode("utf-8-sig")
        sheet = load_workbook(io.BytesIO(take_out(user=user, form=FileForm.EVIDENCE_XLSX).data)).active
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(row["Theme"], row["Idea"], row["Passage"]) for row in rows] == [("Name the hour", "", RANG), ("", "'=A note", RANG)]
    assert [row[3] for row in sheet.values] == ["Passage", RANG, RANG]


def test_a_project_of_qualcoder_is_coded_on_the_story_its_source_names() -> None:
    user, story = marketer(), told()
    name = f"{story.title} [{gather_id(user, story)}]"
    at = SAID.index(RANG)
    plan, _seal = arriving.preview(user, qualcoder_qdpx(name, SAID, at, at + len(RANG)))
    assert ([row.state for row in plan.rows], len(plan.placed), plan.elsewhere, plan.left) == (["new"], 1, 1, [])
    bring_in(user, qualcoder_qdpx(name, SAID, at, at + len(RANG)))
    row = Coding.objects.get()
    assert (row.highlight.exact, row.memo, str(row.theme.guid), row.theme.description) == (RANG, "Ask the dispatcher", CODE, "Nobody rings back")


def gather_id(user: Any, story: Any) -> str:
    """The id under which a story leaves."""
    mark(user, story, WAITED, theme := make_theme("Passing"))
    [told_] = gather(user).told.values()
    Coding.objects.all().delete()
    Highlight.objects.all().delete()
    theme.delete()
    return told_.external_id


def test_passages_that_are_not_here_are_listed_and_not_invented() -> None:
    user, story = marketer(), told()
    name = f"x [{gather_id(user, story)}]"
    at, end = SAID.index(RANG), SAID.index(RANG) + len(RANG)

    def why(source: str, text: str, start: int, stop: int) -> list[str]:
        with override("en"):
            plan, _seal = arriving.preview(user, qualcoder_qdpx(source, text, start, stop))
        assert not plan.placed
        return [each.reason for each in plan.left]

    assert why("Somebody else's", SAID, at, end) == ["no story that you may code"]
    assert why(name, f"{WAITED} They rang at night.", len(WAITED) + 1, len(WAITED) + 21) == ["its words have changed"]
    assert why(name, SAID, 5, 5) == ["an empty passage"]
    crlf = SAID.replace("\n", "\r\n")
    here = crlf.index(THANKED)
    plan, _seal = arriving.preview(user, qualcoder_qdpx(name, crlf, here, here + len(THANKED)))
    assert [(each.start, each.end) for each in plan.placed] == [(SAID.index(THANKED), len(SAID))]
    _plan, seal = arriving.preview(user, qualcoder_qdpx(name, SAID, at, end))
    reword(story, "Something else altogether.")
    late = arriving.unsealed(user, seal)
    assert (late.placed, late.left_count) == ([], 1)
    withdraw(member=story.member, purpose=Purpose.IDEAS)
    assert why(name, SAID, at, end) == ["no story that you may code"]
    assert not Coding.objects.exists()


def test_a_second_file_finds_what_the_first_one_brought_and_changes_only_what_one_asks_for() -> None:
    user = marketer()
    bring_in(user, QUALCODER_QDC)
    assert bring_in(user, QUALCODER_QDC) == applying.Done(0, 0, 0)
    other = QUALCODER_QDC.replace(b"0A0A0A0A", b"0B0B0B0B").replace("Обещали завтра.".encode(), "Обещают.".encode())
    assert bring_in(user, other) == applying.Done(0, 0, 0)
    assert bring_in(user, other, update=True) == applying.Done(0, 1, 0)
    tomorrow = Theme.objects.get(name_ru="«Завтра»")
    assert tomorrow.description.startswith("Обещают.") and [tomorrow.parent.name_ru, tomorrow.parent.parent.name_ru] == ["Час не назван", "Ожидание"]
    hour = tomorrow.parent
    Theme.objects.filter(pk=hour.pk).update(parent=None)
    Theme.objects.filter(name_ru="Ожидание").update(parent=hour)
    with pytest.raises(FileRefused):  # the file and our tree put it the other way round
        bring_in(user, QUALCODER_QDC, update=True)
    assert bring_in(user, TAGUETTE_CSV).made == 3


def test_nothing_is_half_written(monkeypatch: pytest.MonkeyPatch) -> None:
    user, story = marketer(), told()
    name = f"x [{gather_id(user, story)}]"
    data = qualcoder_qdpx(name, SAID, 0, len(WAITED))

    def refuse(**given: Any) -> None:
        raise FileRefused("no")

    monkeypatch.setattr(applying, "code", refuse)
    with pytest.raises(FileRefused):
        bring_in(user, data)
    assert not Theme.objects.exists() and not Coding.objects.exists()


def test_a_seal_is_good_for_one_person() -> None:
    _plan, seal = arriving.preview(marketer(), QUALCODER_QDC)
    for wrong in (seal, f"{seal}x", ""):
        with pytest.raises(FileRefused):
            arriving.unsealed(marketer(), wrong)


def upload(client: Client, data: bytes, name: str = "codes.qdc") -> Any:
    """Bring a file to the page."""
    return client.post("/codebook/preview/", {"file": SimpleUploadedFile(name, data)}, headers=EN)


def test_the_page_takes_out_shows_and_brings_in(as_: As) -> None:
    client = as_("marketer")
    assert client.get("/codebook/", headers=EN).status_code == 200
    empty = client.post("/codebook/take-out/", {"form": "qdc", "language": "en"}, headers=EN)
    assert empty.status_code == 422 and "There are no themes yet" in empty.content.decode()
    assert upload(client, b"<x>").status_code == 422 and upload(client, b"").status_code == 422
    shown = upload(client, QUALCODER_QDC)
    assert shown.context["counts"] == {"new": 4, "same": 0, "different": 0} and not Theme.objects.exists()
    seal = shown.context["form"].initial["seal"]
    assert client.post("/codebook/bring-in/", {"seal": "x"}).url == "/codebook/"
    assert client.post("/codebook/bring-in/", {"seal": seal}).url == "/themes/"
    assert Theme.objects.count() == 4
    assert "Everything in this file is here already" in upload(client, QUALCODER_QDC).content.decode()
    file = client.post("/codebook/take-out/", {"form": "csv", "language": "ru"}, headers=EN)
    assert file["Content-Disposition"].startswith('attachment; filename="codebook-') and "Час не назван" in file.content.decode()
    page = client.get("/codebook/", headers=EN).content.decode()
    assert "Codebook as a table (CSV)" in page and 'href="/codebook/"' in client.get("/themes/").content.decode()
    assert as_("reader").post("/codebook/take-out/", {"form": "csv"}).status_code == 403
    assert as_("reader").post("/codebook/bring-in/", {"seal": seal}).status_code == 403


def test_commands_do_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    user = marketer()
    mark(user, told(), RANG, make_theme())
    path = tmp_path / "out.qdpx"
    call_command("export_codes", str(path), format="qdpx", user=user.username)
    assert path.stat().st_mode & 0o077 == 0
    call_command("import_codes", str(path), user=user.username, dry_run=True)
    said = capsys.readouterr().out
    assert "1 themes, 1 passages" in said and "0 new, 1 same, 0 different; passages: 0 to code, 1 coded already" in said
    (tmp_path / "bad.qdc").write_bytes(b"<x>")
    for wrong in (["import_codes", str(tmp_path / "bad.qdc")], ["import_codes", str(tmp_path / "none")], ["export_codes", str(path), "--format=qdc"]):
        with pytest.raises(CommandError):
            call_command(*wrong, user=user.username)
    with pytest.raises(CommandError):
        call_command("export_codes", str(tmp_path / "x"), format="qdc", user="nobody")
    assert Idea.objects.count() == 0 and qdpx.PROJECT in zipfile.ZipFile(path).namelist()
