"""The scripts behind ``make``: what they decide, tried on a copy with a stand-in for the product."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.project.source import ROOT

SCRIPTS = [*sorted((ROOT / "scripts").iterdir()), ROOT / ".ci" / "run"]
# Writes down what it is called with; `manage.py demo` fails where the test says so.
STAND_IN = """#!/bin/sh
if [ "$1" = -c ]; then exit 0; fi
echo "$* KB_DEMO=${KB_DEMO:-} at ${HOST:-}:${PORT:-}" >>"$CALLS"
case "$*" in *demo*) [ -z "${BREAK_DEMO:-}" ] && : >"$KB_DATA_DIR/kb.sqlite3" ;; esac
"""


TWO_LANES = """#!/bin/sh
case "$*" in
    *tests.postgres*) echo "1 failed, 7 passed, 2 errors in 3.10s (0:00:03)"; exit 1 ;;
    *) echo "= 12 passed, 3 skipped in 61.00s (0:01:01) =" ;;
esac
"""


class Checkout:
    """A copy of the scripts whose environment is ready and whose Python is the stand-in."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.data = directory / "data"
        self.calls = directory / "calls"
        shutil.copytree(ROOT / "scripts", directory / "scripts")
        shutil.copytree(ROOT / "requirements", directory / "requirements")
        self.python = self.executable(".venv/bin/python", STAND_IN)
        with (ROOT / "requirements" / "base.txt").open("rb") as lock:
            checksum = subprocess.run(["cksum"], stdin=lock, capture_output=True, check=True).stdout
        (directory / ".venv" / ".installed-base").write_bytes(checksum)

    def executable(self, path: str, text: str) -> Path:
        file = self.directory / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        file.chmod(0o755)
        return file

    def run(self, script: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a script with a bare environment and the given variables."""
        given = {"PATH": os.environ["PATH"], "KB_DATA_DIR": str(self.data), "CALLS": str(self.calls)}
        return subprocess.run(
            [self.directory / "scripts" / script, *arguments],
            env={**given, **environment},
            capture_output=True,
            text=True,
            check=False,
        )

    def called(self) -> list[str]:
        """Return what the product was called with since the last time."""
        lines = self.calls.read_text().splitlines() if self.calls.exists() else []
        self.calls.unlink(missing_ok=True)
        return lines


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


SERVED = "manage.py serve KB_DEMO=1 at 127.0.0.1:8000"
MIGRATED = "manage.py migrate --no-input --verbosity 0 KB_DEMO=1 at 127.0.0.1:8000"
BUILT = "manage.py demo KB_DEMO=1 at 127.0.0.1:8000"


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_a_script_runs_says_its_purpose_and_stops_at_the_first_error(script: Path) -> None:
    shebang, purpose, *rest = script.read_text(encoding="utf-8").splitlines()
    shell = "bash" if "bash" in shebang else "sh"
    assert os.access(script, os.X_OK)
    assert purpose.startswith("# ")
    assert ("set -euo pipefail" if shell == "bash" else "set -eu") in rest
    assert subprocess.run([shell, "-n", script], check=False).returncode == 0


def test_the_first_run_builds_the_demonstration_and_serves_it(checkout: Checkout) -> None:
    assert checkout.run("run").returncode == 0
    assert checkout.called() == [MIGRATED, BUILT, SERVED]


def test_the_second_run_only_serves(checkout: Checkout) -> None:
    checkout.run("run")
    checkout.called()
    checkout.run("run")
    assert checkout.called() == [SERVED]


def test_a_build_that_was_cut_short_is_built_again(checkout: Checkout) -> None:
    assert checkout.run("run", BREAK_DEMO="1").returncode != 0
    assert checkout.called() == [MIGRATED, BUILT]
    checkout.run("run")
    assert checkout.called() == [MIGRATED, BUILT, SERVED]


def test_nobody_gets_demonstration_people_among_real_ones(checkout: Checkout) -> None:
    checkout.data.mkdir()
    (checkout.data / "kb.sqlite3").touch()
    checkout.run("run")
    assert checkout.called() == ["manage.py serve KB_DEMO= at 127.0.0.1:8000"]


def test_another_database_gets_the_demonstration_only_when_asked(checkout: Checkout) -> None:
    checkout.run("run", DATABASE_URL="postgres://kb@db/kb")
    assert checkout.called() == ["manage.py serve KB_DEMO= at 127.0.0.1:8000"]
    checkout.run("run", DATABASE_URL="postgres://kb@db/kb", KB_DEMO="1")
    assert checkout.called() == [MIGRATED, BUILT, SERVED]


def test_it_serves_where_it_is_told(checkout: Checkout) -> None:
    checkout.run("run", HOST="0.0.0.0", PORT="9001")  # noqa: S104 nothing listens
    assert checkout.called()[-1] == "manage.py serve KB_DEMO=1 at 0.0.0.0:9001"


def test_a_relative_data_directory_is_the_projects(checkout: Checkout) -> None:
    checkout.run("run", KB_DATA_DIR="elsewhere")
    assert (checkout.directory / "elsewhere" / "kb.sqlite3").exists()


def test_a_changed_lock_is_installed_by_hash(checkout: Checkout) -> None:
    without_uv = checkout.executable("bin/uv", "#!/bin/sh\nexit 1\n").parent
    (checkout.directory / "requirements" / "base.txt").write_text("x==1 --hash=sha256:0\n")
    path = f"{without_uv}:{os.environ['PATH']}"
    assert checkout.run("environment", "base", PATH=path).returncode == 0
    (call,) = checkout.called()
    assert call.startswith("-m pip install")
    assert "--no-deps --require-hashes -r requirements/base.txt" in call
    checkout.run("environment", "base", PATH=path)
    assert not checkout.called()


def test_a_failed_installation_is_tried_again(checkout: Checkout) -> None:
    broken = checkout.executable("bin/uv", '#!/bin/sh\n[ "$1" = --version ]\n').parent
    (checkout.directory / "requirements" / "base.txt").write_text("x==1 --hash=sha256:0\n")
    path = f"{broken}:{os.environ['PATH']}"
    assert checkout.run("environment", "base", PATH=path).returncode != 0
    assert checkout.run("environment", "base", PATH=path).returncode != 0


def pythons(checkout: Checkout, **versions: str) -> str:
    """Return a PATH with nothing but Pythons that answer the question for their version so."""
    for name, code in versions.items():
        checkout.executable(f"only/{name}", f"#!/bin/sh\n[ {code} = 0 ] || exit {code}\necho {name}\n")
    for tool in ("sh", "dirname", "env"):
        (checkout.directory / "only" / tool).symlink_to(shutil.which(tool) or tool)
    return str(checkout.directory / "only")


def test_it_picks_the_newest_python_that_works_not_the_first_name(checkout: Checkout) -> None:
    path = pythons(checkout, **{"python3.13": "127", "python3.12": "0", "python3.11": "0", "python3": "0"})
    assert checkout.run("python", PATH=path).stdout.strip() == "python3.12"


def test_it_says_what_to_install_when_no_python_suits(checkout: Checkout) -> None:
    done = checkout.run("python", PATH=pythons(checkout, python3="1"))
    assert done.returncode == 1
    assert "No Python 3.11, 3.12 or 3.13 on PATH" in done.stderr


def test_the_closing_line_sums_up_every_lane(checkout: Checkout) -> None:
    checkout.executable("scripts/environment", "#!/bin/sh\n")
    checkout.executable("scripts/tools", "#!/bin/sh\n")
    checkout.executable(".venv/bin/python", TWO_LANES)
    done = checkout.run("test")
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1] == "19 passed, 3 failed, 3 skipped"
    assert (checkout.directory / ".test-logs" / "summary").read_text() == "19 passed, 3 failed, 3 skipped\n"


def test_a_lane_that_breaks_before_it_counts_is_a_failure(checkout: Checkout) -> None:
    checkout.executable("scripts/environment", "#!/bin/sh\n")
    checkout.executable("scripts/tools", "#!/bin/sh\n")
    checkout.executable(".venv/bin/python", "#!/bin/sh\nexit 4\n")
    done = checkout.run("test")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (1, "0 passed, 1 failed, 0 skipped")
