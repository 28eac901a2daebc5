"""A new index beside the old one, switches, other processes."""

import random
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from search import services
from search.engines import get_engine
from search.engines.base import EngineUnavailable
from search.engines.directory import IndexDirectory
from search.engines.embedded import EmbeddedEngine
from search.models import Outbox
from tests.search.conftest import Notes, ids

Find = Callable[..., services.SearchResult]
ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.django_db

READER = """
import sys
import threading
from pathlib import Path
from search.engines.embedded import EmbeddedEngine
engine = EmbeddedEngine(Path(sys.argv[1]))
for _ in sys.stdin:
    print(sorted(engine.reader().fingerprints().get("note", {})), flush=True)
"""


def test_it_builds_everything_and_tells_how_far_it_is(notes: Notes, find: Find) -> None:
    for number in range(1, 451):
        notes.add(number, "Вода")
    told: list[tuple[int, int]] = []
    assert services.rebuild(lambda done, total: told.append((done, total))) == 450
    assert told == [(200, 450), (400, 450), (450, 450)]
    assert find("вода").total == 450


def test_a_thing_withdrawn_and_drained_during_a_rebuild_does_not_come_back(
    notes: Notes, index: Any, find: Find
) -> None:
    notes.add(1, "Вода")
    notes.add(2, "Вода")
    index()
    before = dict(notes.store)

    def withdraw() -> None:
        del notes.store[1]
        services.enqueue("note", [1])
        services.drain()
        notes.store = before | {}  # what the rebuild is just reading is still the old state

    notes.on_documents = withdraw
    original = notes.fingerprints

    def now(ids: Any = None) -> Any:
        notes.store.pop(1, None)
        return original(ids)

    notes.fingerprints = now  # type: ignore[method-assign]
    services.rebuild()
    assert ids(find("вода")) == [2]
    assert not Outbox.objects.exists()


def test_a_change_after_the_last_comparison_is_drained_into_the_new_index(
    notes: Notes, index: Any, find: Find
) -> None:
    notes.add(1, "Вода")
    index()
    original = notes.fingerprints

    def late(ids: Any = None) -> Any:
        seen = list(original(ids))
        notes.change(1, title="Снег")
        services.enqueue("note", [1])
        return seen

    notes.fingerprints = late  # type: ignore[method-assign]
    services.rebuild()
    assert find("").total == 0
    services.drain()
    assert [hit.title for hit in find("снег").hits] == ["Снег"]


def test_readers_go_on_in_the_old_index_during_a_rebuild(notes: Notes, index: Any, find: Find) -> None:
    notes.add(1, "Вода")
    index()
    seen: list[int] = []
    notes.on_documents = lambda: seen.append(find("вода").total)
    services.rebuild()
    assert seen == [1]


def test_one_broken_thing_does_not_stop_a_rebuild(notes: Notes, find: Find) -> None:
    notes.add(1, "Вода")
    notes.add(2, "Вода")
    notes.broken = {2}
    services.rebuild()
    assert ids(find("вода")) == [1]
    assert set(Outbox.objects.values_list("object_id", flat=True)) == {2}


def test_a_failed_rebuild_leaves_the_old_index_and_no_files(
    notes: Notes, index: Any, find: Find, index_directory: Path
) -> None:
    notes.add(1, "Вода")
    index()
    files = sorted(path.name for path in index_directory.iterdir())

    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        services.rebuild(stop)
    assert find("вода").total == 1
    assert sorted(path.name for path in index_directory.iterdir()) == files


def test_only_one_generation_is_kept(notes: Notes, index: Any, index_directory: Path) -> None:
    notes.add(1, "Вода")
    index()
    (index_directory / "0123456789ab-old").mkdir()
    (index_directory / "current-0123456789ab").write_text("0123456789ab-old")
    services.rebuild()
    assert len([path for path in index_directory.iterdir() if path.is_dir()]) == 1
    assert len(list(index_directory.glob("current-*"))) == 1


def test_compacting_leaves_no_bytes_of_what_was_removed(
    notes: Notes, index: Any, index_directory: Path
) -> None:
    notes.add(1, "Вода")
    notes.add(2, "Канарейка", "канарейкааббв")
    index()
    assert not services.compact()
    del notes.store[2]
    index(2)
    assert services.compact()
    held = b"".join(path.read_bytes() for path in index_directory.rglob("*") if path.is_file())
    assert "канарейк".encode() not in held
    assert not services.compact()


def test_the_generation_changes_with_every_commit(notes: Notes, index: Any) -> None:
    notes.add(1, "Вода")
    index()
    first = get_engine().reader().generation
    assert first == get_engine().reader().generation
    index(1)
    assert first != get_engine().reader().generation


def test_an_index_of_another_version_is_not_read(tmp_path: Path) -> None:
    directory = IndexDirectory(tmp_path, "aaaa")
    (tmp_path / "current-aaaa").write_text("bbbb-1")
    assert directory.current() is None
    (tmp_path / "current-aaaa").write_text("aaaa-../../etc")
    assert directory.current() is None


def test_the_writers_lock_keeps_a_second_writer_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("search.engines.locks.LOCK_SECONDS", 0.0)
    directory = IndexDirectory(tmp_path, "aaaa")
    with directory.exclusive(), pytest.raises(EngineUnavailable), directory.exclusive():
        pass
    with directory.exclusive():
        pass


def test_another_process_sees_a_commit_and_a_switch(notes: Notes, index: Any, index_directory: Path) -> None:
    notes.add(1, "Вода")
    index()
    command = [sys.executable, "-c", READER, str(index_directory)]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:

        def seen() -> str:
            assert child.stdin and child.stdout
            child.stdin.write("\n")
            child.stdin.flush()
            return child.stdout.readline().strip()

        assert seen() == "[1]"
        notes.add(2, "Вода")
        index(2)
        assert seen() == "[1, 2]"
        notes.add(3, "Вода")
        services.rebuild()
        assert seen() == "[1, 2, 3]"


def test_a_snapshot_stays_as_it_was(notes: Notes, index: Any) -> None:
    notes.add(1, "Вода")
    index()
    reader = get_engine().reader()
    notes.add(2, "Вода")
    index(2)
    services.rebuild()
    assert set(reader.fingerprints()["note"]) == {1}


def test_an_index_that_does_not_exist_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailable):
        EmbeddedEngine(tmp_path / "nowhere").reader()
    assert not EmbeddedEngine(tmp_path / "nowhere").residue()


WRITER = """
import sys
import threading
from pathlib import Path
from search.documents import Document, Window
from search.engines.embedded import EmbeddedEngine
engine = EmbeddedEngine(Path(sys.argv[1]))
for version in range(int(sys.argv[2]), 10**6):
    batch = engine.batch()
    batch.index([
        Document("note", each, "", "", "ru", f"Вода {version}", str(version), visible={"read": Window(0)})
        for each in range(30)
    ])
    batch.commit()
    print(version, flush=True)
    batch.close()
"""


def test_an_indexer_killed_at_any_moment_leaves_one_whole_state(tmp_path: Path) -> None:
    chance = random.Random(3)
    version = 1
    for _ in range(3):
        command = [sys.executable, "-c", WRITER, str(tmp_path), str(version)]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout
            for _commit in range(chance.randint(1, 5)):
                version = int(writer.stdout.readline())
            threading.Event().wait(chance.uniform(0, 0.03))
            writer.kill()
        state = EmbeddedEngine(tmp_path).reader().fingerprints()["note"]
        assert len(state) == 30
        assert len(set(state.values())) == 1
        assert int(state[0]) >= version
        version = int(state[0]) + 1
