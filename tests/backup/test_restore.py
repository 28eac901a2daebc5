"""A restore brings everything back but what was taken back since; whatever fails leaves what was there untouched."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.backup.conftest import CODE, ROOT, SENTENCE, Install, backed_up, on_postgresql, server
from tests.backup.test_backup import WRONG, rewritten

pytestmark = pytest.mark.slow  # whole commands on whole installs
HERS = "Три вечера Аксиньи"
TITLES = ["История о лифте 0", "История о лифте 1", "История о лифте 2"]


def services(call: str) -> str:
    return (
        "from consent import services; from club.models import Member; from consent.models import Approval\n"
        f"member = Member.objects.get(code={CODE!r})\n{call}\n"
    )


def test_it_brings_back_what_was_lost(install: Install, backup: Callable[[], Path]) -> None:
    file = backup()
    before = install.seen()
    install.run("shell", "-v0", text=(
        "from stories.models import StoryPage; from wagtail.models import Page\n"
        "StoryPage.objects.all().delete()\n"
    ))  # fmt: skip
    for path in install.media.rglob("*.*"):
        path.unlink()
    assert install.seen() == []
    out = install.run("restore", str(file))
    assert "is in use" in out
    assert install.seen() == before == sorted([*TITLES, HERS])
    assert any(install.media.rglob("original_images/*.jpg"))
    assert "all as the ledger says" in install.run("verify_consent")
    assert HERS in install.run("find", "мастера у батареи", "--user", "reader")
    assert [path.name for path in (*install.data.iterdir(), *install.media.iterdir()) if "restore" in path.name] == []


def test_who_was_forgotten_after_the_backup_is_forgotten_again(install: Install, backup: Callable[[], Path]) -> None:
    file = backup()
    install.run("erase", CODE, "--yes")
    out = install.run("restore", str(file))
    assert "1 members forgotten" in out
    assert install.find(SENTENCE) == []
    assert install.seen() == TITLES
    assert not any(install.media.rglob("original_images/*"))
    assert install.python(
        "from consent.models import ErasureRun, Tombstone; from consent import ledger\n"
        "run = ErasureRun.objects.get()\n"
        "answer = [run.is_clean, Tombstone.objects.count(), list(ledger.breaks())]"
    ) == [True, 2, []]


def test_who_was_forgotten_is_forgotten_again_though_the_database_is_lost(install: Install, backup: Callable[[], Path]) -> None:
    file = backup()
    install.run("erase", CODE, "--yes")
    if on_postgresql():
        server(f"DROP DATABASE {install.url.rpartition('/')[2]} WITH (FORCE)")
        server(f"CREATE DATABASE {install.url.rpartition('/')[2]}")
    else:
        (install.data / "kb.sqlite3").write_bytes(b"a disk that died" * 1000)
    out = install.run("restore", str(file))
    assert "journal of endings speaks alone" in out
    assert install.find(SENTENCE) == []


@pytest.mark.parametrize(
    ("call", "then"),
    [
        ("services.withdraw(member=member)", TITLES),
        ("services.pause(member=member)", TITLES),
        ("services.revoke_approval(approval=Approval.objects.get(member=member))", TITLES),
        pytest.param(
            "services.pause(member=member); services.resume(member=member)", sorted([*TITLES, HERS]),
            marks=pytest.mark.anywhere,
        ),
        ("services.withdraw(member=member, purpose='train')", sorted([*TITLES, HERS])),
    ],
    ids=["withdrawn", "paused", "revoked", "resumed", "one purpose"],
)  # fmt: skip
def test_endings_after_the_backup_hold_after_the_restore(
    install: Install, backup: Callable[[], Path], call: str, then: list[str]
) -> None:
    file = backup()
    install.run("shell", "-v0", text=services(call))
    install.run("restore", str(file))
    assert install.seen() == then
    assert "all as the ledger says" in install.run("verify_consent")
    if "withdraw(member=member)" in call:  # and again from the same file: what was done is not done twice
        assert "forgotten" in install.run("restore", str(file))
        assert install.seen() == then


@pytest.mark.anywhere
def test_what_was_given_anew_after_an_ending_survives_a_later_backup(
    install: Install, backup: Callable[[], Path], tmp_path: Path
) -> None:
    old = backup()
    install.run("shell", "-v0", text=services("services.withdraw(member=member)"))
    install.run("restore", str(old))
    install.run("shell", "-v0", text="from tests.factories import give\n" + services("give(member)"))
    assert HERS in install.seen()
    install.run("restore", str(backed_up(install, tmp_path / "new.zip")))
    assert HERS in install.seen()


@pytest.mark.anywhere
def test_an_ending_whose_transaction_failed_hides_but_destroys_nothing(install: Install, backup: Callable[[], Path]) -> None:
    file = backup()
    install.run("shell", "-v0", text=services(
        "from unittest.mock import patch; from consent.erasing import running\n"
        "with patch('consent.erasing.members.CardEraser.erase', side_effect=RuntimeError):\n"
        "    try: running.erase(member)\n"
        "    except RuntimeError: pass\n"
    ))  # fmt: skip
    out = install.run("restore", str(file))
    assert "never confirmed" in out and CODE in out
    assert install.seen() == TITLES
    assert install.find(SENTENCE) != []


def test_an_older_backup_is_migrated(install: Install, tmp_path: Path) -> None:
    install.run("migrate", "consent", "0003", "-v0")
    file = backed_up(install, tmp_path / "older.zip")
    install.run("migrate", "-v0")
    out = install.run("restore", str(file))
    assert "newer than the backup" in out
    assert "No migrations to apply" in install.run("migrate")


# Nothing is touched when it fails


@pytest.mark.parametrize("wrong", ["a changed byte", "a way out", "a shorter ledger"])
@pytest.mark.anywhere
def test_a_backup_that_cannot_be_trusted_changes_nothing(install: Install, backup: Callable[[], Path], wrong: str) -> None:
    change, more, _said = WRONG[wrong]
    file = rewritten(backup(), change, *more)
    before = install.state()
    assert "Nothing was changed" in install.run("restore", str(file), code=1)
    assert install.state() == before


FULL_DISK = (
    "import shutil, collections\n"
    "shutil.disk_usage = lambda path: collections.namedtuple('u', 'total used free')(1, 1, 1)"
)
FILLING_DISK = (
    "import errno\nimport kb_site.backup.archive as a\n"
    "def full(*_, **__): raise OSError(errno.ENOSPC, 'No space left on device')\na.Reader.extract = full"
)


@pytest.mark.parametrize("patch", [FULL_DISK, FILLING_DISK], ids=["full", "filling"])
@pytest.mark.anywhere
def test_a_restore_for_which_the_disk_is_too_small_changes_nothing(
    install: Install, backup: Callable[[], Path], patch: str
) -> None:
    file = backup()
    before = install.state()
    assert "Nothing was changed" in install.run("restore", str(file), code=1, patch=patch)
    assert install.state() == before


def test_a_restore_whose_copy_cannot_be_migrated_changes_nothing(
    install: Install, backup: Callable[[], Path], tmp_path: Path
) -> None:
    """The failure is planted in ``sitecustomize``, for the copy is made ready in a process of its own."""
    file = backup()
    before = install.state()
    plug = tmp_path / "plug"
    plug.mkdir()
    (plug / "sitecustomize.py").write_text(
        "import sys\n"
        "if 'kb_site.backup.staging' in ' '.join(sys.orig_argv):\n"
        "    import django.core.management.commands.migrate as m\n"
        "    def fail(*a, **k): raise RuntimeError('no such luck')\n"
        "    m.Command.handle = fail\n"
    )
    patch = f"import os; os.environ['PYTHONPATH'] = {f'{plug}{os.pathsep}{ROOT}'!r}"
    assert "no such luck" in install.run("restore", str(file), code=1, patch=patch)
    assert install.state() == before


KILL = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"


@pytest.mark.parametrize("moment", ["staging", "plan", "4 moves", "5 moves", "8 moves"])
def test_a_restore_that_is_killed_leaves_the_old_or_becomes_the_new(
    install: Install, backup: Callable[[], Path], tmp_path: Path, moment: str
) -> None:
    """Killed before the plan is written: the old install. After it: whoever comes next carries it out."""
    file = backup()
    install.run("shell", "-v0", text="from club.models import Member\nMember.objects.filter(persona_name='Сосед 0').update(persona_name='Later')\n")
    before = install.state()
    place = {
        "staging": f"import kb_site.backup.switching as s\ndef begin(*a, **k): {KILL}\ns.begin = begin",
        "plan": f"import kb_site.backup.switching as s\ndef carry():\n    if s.plan_path().exists(): {KILL}\ns.carry_out = carry",
    }.get(moment) or (
        "import kb_site.backup.switching as s\nold = s.move\nn = []\n"
        f"def move(a, b):\n    old(a, b); n.append(1)\n    if len(n) == {moment[0]}: {KILL}\ns.move = move"
    )
    install.run("restore", str(file), code=-signal.SIGKILL, patch=place)
    if moment == "staging":
        assert {name: digest for name, digest in install.state().items() if ".restore-" not in name} == before
    install.run("backup", str(tmp_path / "after.zip"))  # carries out a plan that was begun
    names = install.python("from club.models import Member\nanswer = sorted(Member.objects.values_list('persona_name', flat=True))")
    assert ("Later" in names) == (moment == "staging")
    assert "all as the ledger says" in install.run("verify_consent")
    if moment == "staging":
        install.run("restore", str(file))
    assert not [path for path in install.folder.rglob("*") if ".restore-" in path.name]


@pytest.mark.anywhere
def test_it_refuses_while_a_server_runs_and_waits_when_told_to(install: Install, backup: Callable[[], Path]) -> None:
    file = backup()
    before = install.state()
    beat = install.data / "worker.heartbeat"
    beat.touch()
    os.utime(beat, (time.time() + 60, time.time() + 60))  # a command may take long to start on a busy machine
    assert "Stop the server first" in install.run("restore", str(file), code=1)
    beat.unlink()
    hold = "import fcntl, sys; f = open(sys.argv[1], 'w'); fcntl.flock(f, fcntl.LOCK_SH); print('held', flush=True); sys.stdin.read()"
    holder = subprocess.Popen(
        [sys.executable, "-c", hold, str(install.data / "serving.lock")], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert holder.stdout.readline() == b"held\n"
    assert "Stop the server first" in install.run("restore", str(file), "--wait", "1", code=1)
    assert install.state() == before
    with subprocess.Popen(
        [sys.executable, "manage.py", "restore", str(file), "--wait", "300"], cwd=ROOT, env=install.environment,
        stdout=subprocess.PIPE,
    ) as patient:  # fmt: skip
        holder.communicate()  # the server ends
        out, _error = patient.communicate()
    assert patient.returncode == 0
    assert b"is in use" in out


@pytest.mark.anywhere
def test_a_server_does_not_start_while_a_restore_works(install: Install) -> None:
    import fcntl

    with (install.data / "serving.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert "is being restored" in install.run("serve", "--port", "0", code=1)


@pytest.mark.anywhere
def test_another_key_is_refused(install: Install, backup: Callable[[], Path]) -> None:
    file = backup()
    key = install.data / "keys" / "identity.key"
    kept = key.read_text()
    key.write_text("A" * 43 + "=")
    install.close()  # keys are read when the product starts
    before = install.state()
    assert "another key" in install.run("restore", str(file), code=1)
    assert install.state() == before
    key.write_text(kept)
    install.close()
    assert "is in use" in install.run("restore", str(file))


def test_a_backup_of_another_kind_of_database_is_refused(install: Install, backup: Callable[[], Path]) -> None:
    file = backup()
    other = "postgresql" if not on_postgresql() else "sqlite"
    names = {"sqlite": "database.sqlite3", "postgresql": "database.dump"}
    here = names["postgresql" if on_postgresql() else "sqlite"]
    swapped = rewritten(
        file, lambda name, data: (
            names[other] if name == here else name,
            data.replace(here.encode(), names[other].encode()).replace(f'"vendor": "{"postgresql" if on_postgresql() else "sqlite"}"'.encode(), f'"vendor": "{other}"'.encode()) if name == "manifest.json" else data,
        ),
    )  # fmt: skip
    assert "Nothing was changed" in install.run("restore", str(swapped), code=1)


