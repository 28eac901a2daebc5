"""A backup is one file that proves itself; whatever is wrong with it is said, and nothing is left half made."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from kb_site.backup import archive, checking
from tests.backup.conftest import CODE, SENTENCE, Install, backed_up


def names(file: Path) -> list[str]:
    with zipfile.ZipFile(file) as found:
        return found.namelist()


def rewritten(file: Path, change: Callable[[str, bytes], tuple[str, bytes] | None], *more: tuple[str, bytes]) -> Path:
    """Write a backup anew with something changed."""
    target = file.with_name(f"changed-{file.name}")
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(target, "w") as new:
        for info in old.infolist():
            kept = change(info.filename, old.read(info))
            if kept:
                new.writestr(*kept)
        for name, data in more:
            new.writestr(name, data)
    return target


@pytest.mark.slow
def test_it_holds_database_media_and_manifest_and_no_keys(install: Install, tmp_path: Path) -> None:
    file = backed_up(install, tmp_path / "backup.zip")
    found = names(file)
    assert found[-1] == "manifest.json"
    assert any(name.startswith("media/original_images/") for name in found)
    assert not any("key" in name for name in found)
    assert file.stat().st_mode & 0o777 == 0o600
    with zipfile.ZipFile(file) as whole:
        manifest = json.loads(whole.read("manifest.json"))
    assert manifest["counts"]["stories_storypage"] == 4
    assert manifest["ledger"]["entries"] > 0
    assert {entry["name"] for entry in manifest["entries"]} == set(found[:-1])
    assert "Whole" in install.run("verify_backup", str(file))


@pytest.mark.slow
@pytest.mark.anywhere
def test_keys_come_along_only_when_asked_for(install: Install, tmp_path: Path) -> None:
    install.run("backup", str(tmp_path / "with.zip"), "--with-keys")
    assert "keys/identity.key" in names(tmp_path / "with.zip")


@pytest.mark.slow
@pytest.mark.anywhere
def test_it_refuses_to_overwrite_and_leaves_nothing_half_made(install: Install, tmp_path: Path) -> None:
    file = tmp_path / "b.zip"
    file.write_bytes(b"something dear")
    assert "--force" in install.run("backup", str(file), code=1)
    assert file.read_bytes() == b"something dear"
    install.run("backup", str(file), "--force")
    assert "Whole" in install.run("verify_backup", str(file))
    assert "no folder" in install.run("backup", str(tmp_path / "nowhere" / "b.zip"), code=1)
    assert [path.name for path in tmp_path.iterdir() if path.name != "b.zip"] == []


@pytest.mark.slow
def test_a_backup_taken_while_people_write_is_whole(install: Install, tmp_path: Path) -> None:
    import subprocess
    import sys

    script = (
        "import time\nfrom tests.factories import make_member\nend = time.monotonic() + 6\n"
        "while time.monotonic() < end: make_member()\n"
    )
    with subprocess.Popen(
        [sys.executable, "manage.py", "shell", "-v0"], cwd=Path(__file__).resolve().parents[2],
        env=install.environment, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
    ) as writer:  # fmt: skip
        writer.stdin.write(script.encode())
        writer.stdin.close()
        for number in range(2):
            install.run("backup", str(tmp_path / f"{number}.zip"))
            assert "Whole" in install.run("verify_backup", str(tmp_path / f"{number}.zip"))
        writer.wait()
    assert writer.returncode == 0


WRONG = {
    "a changed byte": (lambda name, data: (name, data[:-1] + b"x" if name.startswith("media/") else data), (), "SHA-256"),
    "a file too few": (lambda name, data: None if name.startswith("media/") else (name, data), (), "missing"),
    "a file too many": (lambda name, data: (name, data), (("media/extra.webp", b"?"),), "not in the manifest"),
    "a way out": (lambda name, data: (name, data), (("../../evil.py", b"?"),), "no name that a backup has"),
    "no manifest": (lambda name, data: None if name == "manifest.json" else (name, data), (), "no backup"),
    "a torn manifest": (lambda name, data: (name, data[:200] if name == "manifest.json" else data), (), "cannot be read"),
    "another format": (
        lambda name, data: (name, data.replace(b'"format": 1', b'"format": 99') if name == "manifest.json" else data),
        (), "format 99",
    ),
    "a shorter ledger": (
        lambda name, data: (name, data.replace(b'"head": "', b'"head": "0') if name == "manifest.json" else data),
        (), "ledger",
    ),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.anywhere
@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.django_db
def test_it_says_what_is_wrong(backup: Callable[[], Path], wrong: str) -> None:
    change, more, said = WRONG[wrong]
    found = checking.check(rewritten(backup(), change, *more))
    assert any(said in line for line in found.problems), found.problems


@pytest.mark.slow
@pytest.mark.anywhere
@pytest.mark.django_db
def test_a_torn_file_and_a_strangers_file_are_no_backups(backup: Callable[[], Path], tmp_path: Path) -> None:
    file = backup()
    (tmp_path / "torn.zip").write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    (tmp_path / "text.zip").write_text("hello")
    for name in ("torn.zip", "text.zip", "none.zip"):
        assert checking.check(tmp_path / name).problems


@pytest.mark.slow
@pytest.mark.anywhere
def test_the_command_lists_what_is_wrong_and_fails(install: Install, backup: Callable[[], Path]) -> None:
    change, more, _said = WRONG["a changed byte"]
    out = install.run("verify_backup", str(rewritten(backup(), change, *more)), code=1)
    assert "SHA-256" in out and "things are wrong" in out


@pytest.mark.parametrize(
    "name", ["../x", "/etc/passwd", "media/../../x", "media\\x", "C:x", "media/", "manifest.json", "x.py", "media//x", "media/./x", "media/a\x00b"]
)
def test_names_that_lead_astray_are_refused(name: str) -> None:
    assert not archive.safe(name)


@pytest.mark.parametrize("name", ["media/images/a.webp", "database.sqlite3", "database.dump", "keys/identity.key", "endings.jsonl"])
def test_names_that_we_write_are_taken(name: str) -> None:
    assert archive.safe(name)


@pytest.mark.slow
def test_a_backup_made_after_an_erasure_holds_nothing_of_hers(
    install: Install, backup: Callable[[], Path], tmp_path: Path
) -> None:
    before = backup()
    install.run("erase", CODE, "--yes")
    after = backed_up(install, tmp_path / "after.zip")

    def database(file: Path) -> bytes:
        with zipfile.ZipFile(file) as whole:
            return whole.read(next(name for name in whole.namelist() if name.startswith("database.")))

    if not database(before).startswith(b"PGDMP"):
        assert SENTENCE.encode() in database(before)
        assert SENTENCE.encode() not in database(after)
    assert not any(name.startswith("media/original_images/") for name in names(after))
