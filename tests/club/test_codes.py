"""Member codes: the check digit catches what a hand or an ear gets wrong."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from club import codes
from club.models.members import validate_code
from tests.factories import make_member

NUMBERS = st.integers(0, 10**codes.DIGITS - 1)
PLACES = st.integers(0, codes.DIGITS)  # six digits and the check digit


def digits_of(code: str) -> list[int]:
    """The digits of a code, the check digit last."""
    return [int(sign) for sign in code if sign.isdigit()]


def code_of(digits: list[int]) -> str:
    """A code with these digits, right or wrong."""
    *number, check = digits
    return f"{codes.PREFIX}-{''.join(map(str, number))}-{check}"


@given(NUMBERS)
def test_every_composed_code_is_valid(number: int) -> None:
    code = codes.compose(number)
    assert codes.is_valid(code)
    assert code_of(digits_of(code)) == code


@given(NUMBERS, PLACES, st.integers(1, 9))
def test_it_catches_every_single_wrong_digit(number: int, place: int, change: int) -> None:
    digits = digits_of(codes.compose(number))
    digits[place] = (digits[place] + change) % 10
    assert not codes.is_valid(code_of(digits))


@given(NUMBERS, st.integers(0, codes.DIGITS - 1))
def test_it_catches_every_swap_of_two_neighbours(number: int, place: int) -> None:
    digits = digits_of(codes.compose(number))
    assume(digits[place] != digits[place + 1])
    digits[place], digits[place + 1] = digits[place + 1], digits[place]
    assert not codes.is_valid(code_of(digits))


@pytest.mark.parametrize("number", [0, 7, 22254, 482913, 999_999])
def test_every_other_check_digit_is_wrong(number: int) -> None:
    *rest, _check = digits_of(codes.compose(number))
    assert sum(codes.is_valid(code_of([*rest, check])) for check in range(10)) == 1


def test_it_computes_the_published_example_of_damm() -> None:
    assert codes.check_digit("572") == 4


@pytest.mark.parametrize(
    "code",
    ["", "KD-022254", "KD-22254-1", "kd-022254-1", "KD-0222541", "KD-022254-12", "KD-02225a-1", "KD-022254-1\n", "KD-022254-1\nx",
     "x KD-022254-1", "KD-٠٢٢٢٥٤-١"],
)  # fmt: skip
def test_another_shape_is_no_code(code: str) -> None:
    assert not codes.is_valid(code)


def test_a_drawn_code_is_valid_and_not_among_the_taken() -> None:
    taken = {codes.draw() for _ in range(50)}
    drawn = codes.draw(taken)
    assert codes.is_valid(drawn)
    assert drawn not in taken


def test_a_draw_passes_over_a_taken_code(monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = iter([5, 5, 6])
    monkeypatch.setattr(codes.secrets, "randbelow", lambda _limit: next(numbers))
    assert codes.draw({codes.compose(5)}) == codes.compose(6)


def test_the_field_refuses_a_mistyped_code() -> None:
    from django.core.exceptions import ValidationError

    validate_code(codes.compose(22254))
    with pytest.raises(ValidationError, match="KD-123456-7"):
        validate_code("KD-022254-9")


@pytest.mark.django_db
def test_a_new_member_gets_a_valid_code_of_her_own() -> None:
    members = [make_member() for _ in range(5)]
    assert all(codes.is_valid(member.code) for member in members)
    assert len({member.code for member in members}) == 5
