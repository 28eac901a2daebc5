"""How well names are found in sentences that people marked; half of them were never looked at while tuning."""

from pathlib import Path

import pytest

from stories.masking.measuring import Judgement, as_table, figures, gold, judge

GOLD = Path(__file__).parent / "gold"


def judged(*names: str) -> Judgement:
    """Return what the machine makes of some files."""
    whole = Judgement()
    for name in names:
        for sentence in gold(GOLD / f"{name}.txt"):
            whole += judge(sentence)
    return whole


def test_there_are_enough_sentences_and_half_of_them_are_held_out() -> None:
    tuning, held_out = ([*gold(GOLD / f"{name}.txt")] for name in ("tuning", "held_out"))
    whole = [*tuning, *held_out]
    assert len(whole) >= 300
    assert len(held_out) >= len(whole) / 2
    assert 0.5 < sum(sentence.language == "ru" for sentence in whole) / len(whole) < 0.7


def test_nearly_all_that_is_marked_is_found() -> None:
    assert judged("tuning", "held_out").recall() >= 0.97


def test_what_is_found_is_nearly_always_right() -> None:
    assert judged("tuning", "held_out").precision() >= 0.85


@pytest.mark.parametrize("kind", ["phone", "email", "card", "inn", "snils", "passport", "plate"])
def test_numbers_are_found_and_their_likenesses_are_not(kind: str) -> None:
    whole = judged("tuning", "held_out")
    assert (whole.recall(kind), whole.precision(kind)) == (1.0, 1.0)


def test_the_measurement_names_every_set_and_what_was_missed() -> None:
    report = figures(GOLD)
    assert set(report["sets"]) == {"tuning", "held_out", "all"}
    assert report["sets"]["all"]["sentences"] == sum(
        1 for name in ("tuning", "held_out") for _ in gold(GOLD / f"{name}.txt")
    )
    assert "held_out: 183 sentences" in as_table(report)


def test_a_folder_without_sentences_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        figures(tmp_path)
