"""The writers' lock of an index on a server: one machine by a file, several by their database."""

from pathlib import Path

import pytest

from search.engines.base import EngineUnavailable
from search.engines.locks import only_writer


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("search.engines.locks.LOCK_SECONDS", 0.0)


@pytest.mark.django_db
def test_one_writer_of_a_machine_holds_off_the_others(tmp_path: Path) -> None:
    with only_writer(tmp_path, "kb"), pytest.raises(EngineUnavailable), only_writer(tmp_path, "kb"):
        pass
    with only_writer(tmp_path, "kb"):
        pass


@pytest.mark.postgres
@pytest.mark.django_db
def test_machines_that_share_a_database_hold_each_other_off(tmp_path: Path) -> None:
    with only_writer(tmp_path / "one", "kb"):
        with pytest.raises(EngineUnavailable), only_writer(tmp_path / "other", "kb"):
            pass
        with only_writer(tmp_path / "third", "kb_2"):
            pass
    with only_writer(tmp_path / "other", "kb"):
        pass
