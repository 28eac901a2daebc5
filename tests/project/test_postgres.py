"""The throw-away PostgreSQL: it answers while the command runs, and nothing of it is left."""

import subprocess
import sys
from collections.abc import Iterator
from urllib.parse import urlsplit

import psycopg
import pytest

from tests import postgres
from tests.needs import missing

pytestmark = pytest.mark.slow
WHERE = "import os; print(os.environ['DATABASE_URL'])"


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    if postgres.binaries() is None:
        missing("postgres", postgres.REMEDY)
    with postgres.server() as address:
        yield address


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.postgres", "--", *command], capture_output=True, text=True, check=False
    )


def test_it_takes_connections_and_knows_cyrillic_case(url: str) -> None:
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT upper('щука'), lower('ЁЖ')").fetchone() == ("ЩУКА", "ёж")


def test_it_turns_away_whoever_has_no_password(url: str) -> None:
    parts = urlsplit(url)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(f"postgres://{parts.username}:guess@{parts.hostname}:{parts.port}/kb")


@pytest.mark.usefixtures("url")
def test_it_forwards_the_exit_code_of_the_command() -> None:
    assert run(sys.executable, "-c", "raise SystemExit(7)").returncode == 7


@pytest.mark.usefixtures("url")
def test_it_is_gone_when_the_command_has_ended() -> None:
    address = run(sys.executable, "-c", WHERE).stdout.strip()
    assert address.startswith("postgres://")
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(address)


def test_it_says_how_it_is_called() -> None:
    assert postgres.main([]) == 2
    assert postgres.main(["pytest"]) == 2


@pytest.mark.parametrize(("variable", "code"), [("", 0), ("postgres", 1)])
def test_a_machine_without_postgresql_skips_unless_it_is_required(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], variable: str, code: int
) -> None:
    monkeypatch.setattr(postgres, "binaries", lambda: None)
    monkeypatch.setenv("KB_REQUIRE", variable)
    assert postgres.main(["--", "true"]) == code
    assert "apt-get install postgresql" in capsys.readouterr().err
