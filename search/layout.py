"""Repair of words typed in the wrong keyboard layout, ЙЦУКЕН against QWERTY, one word at a time."""

from collections.abc import Callable, Sequence

from search import analysis

_LATIN = "`qwertyuiop[]asdfghjkl;'zxcvbnm,." + '~QWERTYUIOP{}ASDFGHJKL:"ZXCVBNM<>'
_CYRILLIC = "ёйцукенгшщзхъфывапролджэячсмитьбю" + "ЁЙЦУКЕНГШЩЗХЪФЫВАПРОЛДЖЭЯЧСМИТЬБЮ"
_SWAP = str.maketrans(_LATIN + _CYRILLIC, _CYRILLIC + _LATIN)
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
    candidates = (swap(chunk), swap(chunk.strip(_EDGES)))
    return next((each for each in candidates if knows_all(each, known)), None)


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
