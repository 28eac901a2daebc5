"""Settings from the environment: every value is taken, defaulted or refused with a sentence."""

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from kb_site.settings import env, secrets

NAME = "KB_TEST_SETTING"
Patch = pytest.MonkeyPatch


@pytest.mark.parametrize(
    ("value", "read"),
    [("1", True), ("true", True), ("YES", True), ("on", True), ("0", False), ("False", False), ("no", False), ("off", False), ("", False)],
)  # fmt: skip
def test_a_flag_is_read(monkeypatch: Patch, value: str, read: bool) -> None:
    monkeypatch.setenv(NAME, value)
    assert env.flag(NAME, default=not read) is read


@pytest.mark.parametrize("value", ["2", "ja", "enabled", "-1"])
def test_a_doubtful_flag_is_refused(monkeypatch: Patch, value: str) -> None:
    monkeypatch.setenv(NAME, value)
    with pytest.raises(ImproperlyConfigured, match=f"{NAME} must be 1 or 0"):
        env.flag(NAME)


@pytest.mark.parametrize("default", [True, False])
def test_a_flag_that_is_not_set_is_its_default(default: bool) -> None:
    assert env.flag(NAME, default=default) is default


@pytest.mark.parametrize(("value", "read"), [("587", 587), (" 25 ", 25), ("0", 0)])
def test_a_number_is_read(monkeypatch: Patch, value: str, read: int) -> None:
    monkeypatch.setenv(NAME, value)
    assert env.number(NAME, 1) == read


@pytest.mark.parametrize(
    ("value", "sentence"),
    [("many", "whole number"), ("1.5", "whole number"), ("", "whole number"), ("0", "at least 1")],
)
def test_a_doubtful_number_is_refused(monkeypatch: Patch, value: str, sentence: str) -> None:
    monkeypatch.setenv(NAME, value)
    with pytest.raises(ImproperlyConfigured, match=sentence):
        env.number(NAME, 5, minimum=1)


def test_a_choice_is_one_of_its_words(monkeypatch: Patch) -> None:
    assert env.choice(NAME, "ru", ("ru", "en")) == "ru"
    monkeypatch.setenv(NAME, "en")
    assert env.choice(NAME, "ru", ("ru", "en")) == "en"
    monkeypatch.setenv(NAME, "de")
    with pytest.raises(ImproperlyConfigured, match="one of ru, en"):
        env.choice(NAME, "ru", ("ru", "en"))


@pytest.mark.parametrize(("value", "read"), [("a, b ,,c", ["a", "b", "c"]), ("", []), ("one", ["one"])])
def test_words_are_parted_by_commas(monkeypatch: Patch, value: str, read: list[str]) -> None:
    monkeypatch.setenv(NAME, value)
    assert env.words(NAME, "x") == read


def test_a_path_becomes_absolute(monkeypatch: Patch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(NAME, "data/../kept")
    assert env.path(NAME, Path("/elsewhere")) == tmp_path.resolve() / "kept"
    monkeypatch.delenv(NAME)
    assert env.path(NAME, Path("/elsewhere")) == Path("/elsewhere")


def test_a_secret_may_lie_in_a_file(monkeypatch: Patch, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("  from the file\n", encoding="utf-8")
    monkeypatch.setenv(NAME, "from the environment")
    monkeypatch.setenv(f"{NAME}_FILE", str(file))
    assert env.text(NAME) == "from the file"


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00"])
def test_a_file_that_cannot_be_read_is_refused(
    monkeypatch: Patch, tmp_path: Path, content: bytes | None
) -> None:
    file = tmp_path / "secret"
    if content is not None:
        file.write_bytes(content)
    monkeypatch.setenv(f"{NAME}_FILE", str(file))
    with pytest.raises(ImproperlyConfigured, match=f"{NAME}_FILE"):
        env.text(NAME)


@pytest.mark.parametrize("reader", [env.flag, env.text, lambda name: env.number(name, 1)])
def test_every_reader_takes_a_file(monkeypatch: Patch, tmp_path: Path, reader: object) -> None:
    (tmp_path / "value").write_text("1\n", encoding="utf-8")
    monkeypatch.setenv(f"{NAME}_FILE", str(tmp_path / "value"))
    assert str(reader(NAME)) in ("1", "True")


def test_a_database_is_sqlite_unless_an_address_is_given(monkeypatch: Patch, tmp_path: Path) -> None:
    found = env.database(NAME, tmp_path / "kb.sqlite3")
    assert (found["ENGINE"], found["NAME"]) == ("django.db.backends.sqlite3", str(tmp_path / "kb.sqlite3"))
    assert found["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert "secure_delete=ON" in found["OPTIONS"]["init_command"]
    assert "synchronous=FULL" in found["OPTIONS"]["init_command"]
    monkeypatch.setenv(NAME, "sqlite:///srv/with%20space.db")
    assert env.database(NAME, tmp_path)["NAME"] == "/srv/with space.db"


def test_a_postgres_address_is_taken_apart(monkeypatch: Patch, tmp_path: Path) -> None:
    monkeypatch.setenv(NAME, "postgres://kb:p%40ss@db.example:5433/stories?sslmode=require")
    found = env.database(NAME, tmp_path)
    assert found["ENGINE"] == "django.db.backends.postgresql"
    assert [found[key] for key in ("USER", "PASSWORD", "HOST", "PORT", "NAME")] == [
        "kb",
        "p@ss",
        "db.example",
        "5433",
        "stories",
    ]
    assert found["OPTIONS"] == {"sslmode": "require"}


def test_a_postgres_socket_is_named_by_an_option(monkeypatch: Patch, tmp_path: Path) -> None:
    monkeypatch.setenv(NAME, "postgresql:///stories?host=/run/postgresql")
    found = env.database(NAME, tmp_path)
    assert (found["HOST"], found["OPTIONS"]) == ("/run/postgresql", {})


@pytest.mark.parametrize("url", ["mysql://x/y", "stories.db", "://"])
def test_another_database_is_refused(monkeypatch: Patch, tmp_path: Path, url: str) -> None:
    monkeypatch.setenv(NAME, url)
    with pytest.raises(ImproperlyConfigured, match="must start with sqlite"):
        env.database(NAME, tmp_path)


def test_a_secret_nobody_gave_is_made_once_and_kept_for_its_owner(tmp_path: Path) -> None:
    file = tmp_path / "keys" / "secret.key"
    first = secrets.kept(NAME, file)
    assert secrets.kept(NAME, file) == first
    assert len(first) >= 64
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o077 == 0


def test_two_installs_make_different_secrets(tmp_path: Path) -> None:
    assert secrets.kept(NAME, tmp_path / "a") != secrets.kept(NAME, tmp_path / "b")


def test_a_given_secret_is_used_and_no_file_is_made(monkeypatch: Patch, tmp_path: Path) -> None:
    monkeypatch.setenv(NAME, "given")
    assert secrets.kept(NAME, tmp_path / "secret.key") == "given"
    assert not (tmp_path / "secret.key").exists()
