"""Evidence files: what is taken, and what a name gives away."""

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from consent.forms import MAX_EVIDENCE, check_evidence
from consent.models import Consent
from consent.models.consents import evidence_path

STARTS = {
    "pdf": b"%PDF-1.7", "jpg": b"\xff\xd8\xff\xe0", "jpeg": b"\xff\xd8\xff\xe0", "png": b"\x89PNG\r\n\x1a\n",
    "webp": b"RIFF\x00\x00\x00\x00WEBP", "wav": b"RIFF\x00\x00\x00\x00WAVE", "ogg": b"OggS", "mp3": b"ID3",
    "m4a": b"\x00\x00\x00\x20ftypM4A ", "mp4": b"\x00\x00\x00\x20ftypisom",
}  # fmt: skip


def upload(name: str, content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content + b"\x00" * 32)


@pytest.mark.parametrize("extension", STARTS)
def test_it_takes_a_file_that_is_what_its_name_says(extension: str) -> None:
    check_evidence(upload(f"Scan.{extension.upper()}", STARTS[extension]))


@pytest.mark.parametrize("extension", STARTS)
def test_it_refuses_a_page_of_html_under_any_name(extension: str) -> None:
    with pytest.raises(ValidationError, match="not what its name says"):
        check_evidence(upload(f"scan.{extension}", b"<html><script>alert(1)</script>"))


@pytest.mark.parametrize("name", ["scan.html", "scan.svg", "scan.exe", "scan", "scan.pdf.js", ""])
def test_it_refuses_other_kinds_of_files(name: str) -> None:
    file = upload("scan.pdf", STARTS["pdf"])
    file._name = name
    with pytest.raises(ValidationError, match="Use a PDF"):
        check_evidence(file)


def test_it_refuses_a_file_that_is_too_large() -> None:
    file = upload("scan.pdf", STARTS["pdf"])
    file.size = MAX_EVIDENCE + 1
    with pytest.raises(ValidationError, match="20 MB"):
        check_evidence(file)


def test_it_leaves_the_file_at_its_beginning() -> None:
    file = upload("scan.pdf", STARTS["pdf"])
    check_evidence(file)
    assert file.read(5) == b"%PDF-"


@pytest.mark.parametrize(
    ("uploaded", "kept"),
    [("Anna Shchukina.pdf", ".pdf"), ("a.b.JPG", ".jpg"), ("letter.html", ".bin"), ("no-extension", ".bin"), ("../../x.pdf", ".pdf")],
)  # fmt: skip
def test_a_stored_name_keeps_a_known_extension_and_nothing_else(uploaded: str, kept: str) -> None:
    path = evidence_path(Consent(), uploaded)
    folder, _slash, name = path.partition("/")
    assert (folder, name[32:]) == ("evidence", kept)
    assert set(name[:32]) <= set("0123456789abcdef")
