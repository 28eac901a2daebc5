"""Member codes: random, never derived from the person, with a check digit against mistyping.

The check digit is Damm's (H. M. Damm, "Total anti-symmetrische Quasigruppen", Marburg 2004): it catches every single
wrong digit and every swap of two neighbours.
"""

import re
import secrets

PREFIX = "KD"
DIGITS = 6
PATTERN = re.compile(rf"{PREFIX}-([0-9]{{{DIGITS}}})-([0-9])")
# Damm's totally anti-symmetric quasigroup of order 10.
TABLE = (
    (0, 3, 1, 7, 5, 9, 8, 6, 4, 2),
    (7, 0, 9, 2, 1, 5, 4, 8, 6, 3),
    (4, 2, 0, 6, 8, 7, 1, 3, 5, 9),
    (1, 7, 5, 0, 9, 8, 3, 4, 2, 6),
    (6, 1, 2, 3, 0, 4, 5, 9, 7, 8),
    (3, 6, 7, 4, 2, 0, 9, 5, 8, 1),
    (5, 8, 6, 9, 7, 2, 0, 1, 3, 4),
    (8, 9, 4, 5, 3, 6, 2, 0, 1, 7),
    (9, 4, 3, 8, 6, 1, 7, 2, 0, 5),
    (2, 5, 8, 1, 4, 3, 6, 7, 9, 0),
)


def check_digit(digits: str) -> int:
    """Return Damm's check digit of a string of digits."""
    interim = 0
    for digit in digits:
        interim = TABLE[interim][int(digit)]
    return interim


def compose(number: int) -> str:
    """Return the code of a number below ``10 ** DIGITS``: ``22254`` becomes ``KD-022254-…``."""
    digits = f"{number:0{DIGITS}d}"
    return f"{PREFIX}-{digits}-{check_digit(digits)}"


def is_valid(code: str) -> bool:
    """Tell whether the code has the right shape and its check digit fits."""
    match = PATTERN.fullmatch(code)
    return match is not None and check_digit(match[1]) == int(match[2])


def draw(taken: set[str] | frozenset[str] = frozenset()) -> str:
    """Return a random code that is not among the taken ones."""
    while True:
        code = compose(secrets.randbelow(10**DIGITS))
        if code not in taken:
            return code
