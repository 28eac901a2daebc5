"""Repair of words typed in the wrong keyboard layout, ЙЦУКЕН against QWERTY, one word at a time.

A layout may be wrong for one part of a hyphenated word ("vip-rkbtyn"), for the first letters only, before the
switch was noticed ("кkbtyn"), or for single letters that look the same in both alphabets.
"""

import re
from collections.abc import Callable, Iterator, Sequence

from search import analysis

_LATIN = "`qwertyuiop[]asdfghjkl;'zxcvbnm,." + '~QWERTYUIOP{}ASDFGHJKL:"ZXCVBNM<>'
_CYRILLIC = "ёйцукенгшщзхъфывапролджэячсмитьбю" + "ЁЙЦУКЕНГШЩЗХЪФЫВАПРОЛДЖЭЯЧСМИТЬБЮ"
_SWAP = str.maketrans(_LATIN + _CYRILLIC, _CYRILLIC + _LATIN)
_LATIN_LETTER = re.compile("[A-Za-z]")
_CYRILLIC_LETTER = re.compile("[А-Яа-яЁё]")
_LOOKALIKES = ("AaBCcEeHKkMOoPpTXxyY", "АаВСсЕеНКкМОоРрТХхуУ")
_TO_CYRILLIC = str.maketrans(*_LOOKALIKES)
_TO_LATIN = str.maketrans(*reversed(_LOOKALIKES))
_EDGES = ".,;:!?\"'()«»"
_SHORT = 3

Known = Callable[[str], bool]


def swap(text: str) -> str:
    """Type the same keys in the other layout; characters of neither layout stay."""
    return text.translate(_SWAP)


def knows_all(chunk: str, known: Known) -> bool:
    """Whether ``chunk`` holds words and every one is known (by its stem) or a stop word."""
    found = analysis.words(chunk)
    return bool(found) and all(analysis.is_stop(each) or known(analysis.stem(each)) for each in found)


def repaired(chunk: str, known: Known) -> str | None:
    """``chunk`` in the other layout if it is unknown as typed and known when swapped, else nothing."""
    if knows_all(chunk, known):
        return None
    return next((each for each in _readings(chunk, known) if knows_all(each, known)), None)


def _readings(chunk: str, known: Known) -> Iterator[str]:
    """What may have been meant by a chunk that is unknown as typed."""
    yield swap(chunk)
    yield swap(chunk.strip(_EDGES))
    if _LATIN_LETTER.search(chunk) and _CYRILLIC_LETTER.search(chunk):
        yield chunk.translate(_TO_CYRILLIC)
        yield chunk.translate(_TO_LATIN)
        yield _LATIN_LETTER.sub(lambda letter: swap(letter[0]), chunk)
        yield _CYRILLIC_LETTER.sub(lambda letter: swap(letter[0]), chunk)
    if "-" in chunk.strip("-"):
        yield "-".join(each if knows_all(each, known) else swap(each) for each in chunk.split("-"))


def repair(chunks: Sequence[str], known: Known) -> list[str]:
    """Repair a query given as chunks between spaces; each chunk is decided by itself.

    Very short words are often known in both layouts, so they follow the longer ones when those agree.
    """
    answers = [repaired(chunk, known) for chunk in chunks]
    long = [answer is not None for chunk, answer in zip(chunks, answers, strict=True) if len(chunk) >= _SHORT]
    return [
        _follow(chunk, known, swapped=all(long)) if len(chunk) < _SHORT and long else (answer or chunk)
        for chunk, answer in zip(chunks, answers, strict=True)
    ]


def _follow(chunk: str, known: Known, *, swapped: bool) -> str:
    return swap(chunk) if swapped and knows_all(swap(chunk), known) else chunk
