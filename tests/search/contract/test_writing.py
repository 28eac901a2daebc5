"""Adding, replacing, removing, building beside, and what a document that does not fit leaves untouched."""

from dataclasses import replace

import pytest

from search.documents import Window
from search.engines.base import Engine, EngineUnavailable
from tests.search.contract.conftest import written
from tests.search.contract.world import document, plan


def found(engine: Engine, *words: str) -> list[int]:
    return sorted(hit.object_id for hit in engine.reader().search(plan(*words)).hits)


def test_an_engine_without_an_index_is_unavailable(engine: Engine) -> None:
    with pytest.raises(EngineUnavailable):
        engine.reader().search(plan("вода"))
    with pytest.raises(EngineUnavailable):
        engine.reader().fingerprints()
    assert not engine.residue()


def test_what_is_written_is_found_replaced_and_gone_at_once(engine: Engine) -> None:
    written(engine, document(1, "Вода"), document(2, "Лифт", "вода"))
    first = engine.reader().generation
    assert found(engine, "воды") == [1, 2]
    assert engine.reader().generation == first
    assert not engine.residue()
    written(engine, document(1, "Снег"), gone=[2, 77])
    assert (found(engine, "вода"), found(engine, "снегом")) == ([], [1])
    assert (engine.reader().fingerprints(), engine.reader().count()) == ({"story": {1: "f1"}}, 1)
    assert engine.reader().generation != first
    assert engine.residue()


def test_a_batch_takes_the_last_word_about_a_thing(engine: Engine) -> None:
    batch = engine.batch()
    batch.index([document(1, "Вода")])
    batch.index([document(1, "Снег")])
    batch.index([document(2, "Вода")])
    batch.remove("story", [2])
    batch.commit()
    batch.commit()
    batch.close()
    assert (found(engine, "вода"), found(engine, "снег")) == ([], [1])


def test_a_document_that_does_not_fit_spoils_nothing(engine: Engine) -> None:
    written(engine, document(1, "Вода"))
    batch = engine.batch()
    with pytest.raises(ValueError, match="gossip"):
        batch.index([document(2, "Вода"), document(3, "Вода", visible={"gossip": Window(0)})])
    batch.index([document(4, "Вода")])
    batch.commit()
    batch.close()
    assert found(engine, "вода") == [1, 4]


def test_any_text_can_be_written(engine: Engine) -> None:
    odd = "\x00 \ud800 \u00a0\u200b" + "ж" * 400 + " " + "x" * 40_000 + " 🙂 don't 'quote' \"two\" a\u2028b"
    written(
        engine,
        document(1, odd, odd, external_id="9" * 600, facets={"tag": ("",)}),
        document(2, "Вода"),
    )
    assert found(engine, "вода") == [2]
    assert set(engine.reader().fingerprints()["story"]) == {1, 2}


def test_a_new_index_is_built_beside_and_takes_over_at_once(engine: Engine) -> None:
    written(engine, document(1, "Вода"))
    build = engine.build()
    build.index([document(2, "Вода"), document(3, "Вода")])
    build.commit()
    assert build.fingerprints() == {"story": {2: "f2", 3: "f3"}}
    assert found(engine, "вода") == [1]
    written(engine, document(4, "Вода"))
    build.index([replace(document(3, "Снег"), fingerprint="new")])
    build.remove("story", [2])
    build.commit()
    assert build.fingerprints() == {"story": {3: "new"}}
    build.switch()
    assert (found(engine, "вода"), found(engine, "снег")) == ([], [3])


def test_an_abandoned_build_leaves_nothing(engine: Engine) -> None:
    written(engine, document(1, "Вода"))
    build = engine.build()
    build.index([document(2, "Вода", "канарейка")])
    build.commit()
    build.abandon()
    assert found(engine, "вода") == [1]
    assert "канарейка" not in b"".join(engine.contents()).decode()


def test_only_one_generation_is_kept(engine: Engine) -> None:
    written(engine, document(1, "Канарейка"))
    for number in (2, 3):
        build = engine.build()
        build.index([document(number, "Вода")])
        build.commit()
        build.switch()
    assert engine.reader().fingerprints() == {"story": {3: "f3"}}
    assert "канарейка" not in b"".join(engine.contents()).decode()
    assert not engine.residue()


def test_the_writers_lock_keeps_a_second_writer_out(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("search.engines.locks.LOCK_SECONDS", 0.0)
    with engine.exclusive(), pytest.raises(EngineUnavailable), engine.exclusive():
        pass
    with engine.exclusive():
        pass
