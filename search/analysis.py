"""Text analysis, the same for every engine: what comes out are tokens joined by single spaces.

Folding (NFKC, lower case, «ё» to «е», no control characters), words, stems of the Snowball algorithms for
Russian and English chained (neither touches the other's script), 4-grams inside words, prefixes of titles.
"""

import hashlib
import re
import threading
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import Stemmer

from search.documents import Document
from search.stopwords import STOP_WORDS

GRAM = 4
WORD_LIMIT = 48
PREFIX_LIMIT = 15
LEAD_WORDS = 60
SKETCH_STEMS = 120

_SEPARATING = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\u0300-\u036f]")
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_local = threading.local()


class Word(NamedTuple):
    """What the index keeps of one folded word; ``grams`` are joined by spaces."""

    stem: str
    is_stop: bool
    grams: str


@dataclass(frozen=True, slots=True)
class Analysed:
    """The token fields of one document, each a string of tokens joined by spaces."""

    stems: str
    title: str
    lead: str
    grams: str
    prefixes: str
    codes: tuple[str, ...]
    sketch: str
    words: frozenset[tuple[str, str]]


def clean(text: str) -> str:
    """Replace control characters, NUL and lone surrogates by spaces."""
    return _SEPARATING.sub(" ", text)


def fold(text: str) -> str:
    """Bring ``text`` to the form in which words are compared. The length may change."""
    if text.isascii():
        return clean(text).lower()
    folded = unicodedata.normalize("NFKC", clean(text)).lower()
    return _INVISIBLE.sub("", folded).replace("ё", "е").replace("’", "'").replace("ʼ", "'")


def words(text: str) -> list[str]:
    """Folded words of ``text`` in order, stop words included."""
    return [word[:WORD_LIMIT] for word in _WORD.findall(fold(text))]


@lru_cache(maxsize=1 << 16)
def word(folded: str) -> Word:
    """Stem and grams of one folded word."""
    return Word(_stem(folded), folded in STOP_WORDS, " ".join(grams(folded)))


def stem(folded: str) -> str:
    """Stem of one folded word."""
    return word(folded).stem


def is_stop(folded: str) -> bool:
    """Whether a folded word is too frequent to be searched for."""
    return folded in STOP_WORDS


def grams(folded: str) -> list[str]:
    """Runs of four letters inside a word; a word of four letters is its own only one."""
    return [folded[start : start + GRAM] for start in range(len(folded) - GRAM + 1)]


def pairs(stems: list[str]) -> list[tuple[str, str]]:
    """Neighbours, each pair once and in order."""
    return list(dict.fromkeys(pairwise(stems)))


def code(text: str) -> str:
    """The form in which exact codes (of people, of records) are compared."""
    return fold(text).strip(" .,;:!?()[]\"'«»").replace(" ", "")


def analyse(document: Document) -> Analysed:
    """Tokens of every field of a document."""
    title, lead, spoken = words(document.title), words(document.lead), words(document.body)
    body = words("\n".join(document.headings)) + spoken
    repeats = lead == spoken[: len(lead)]
    told = title + ([] if repeats else lead) + body
    stems = _content_stems(told)
    return Analysed(
        stems=" ".join(stems),
        title=" ".join(stem(each) for each in title),
        lead=" ".join(_content_stems(lead or spoken[:LEAD_WORDS])),
        grams=" ".join(filter(None, (parts.grams for parts in map(word, told) if not parts.is_stop))),
        prefixes=" ".join(dict.fromkeys(_prefixes(title))),
        codes=tuple(filter(None, (code(document.person), code(document.external_id)))),
        sketch=_sketch(stems),
        words=frozenset((each, stem(each)) for each in told if not is_stop(each)),
    )


def signature() -> str:
    """A hash that changes when this module would give other tokens for the same text.

    It covers the stop words and, through a probe, the stemmers of the installed Snowball version.
    """
    probe = Document(
        kind="probe", object_id=1, external_id="p-1", url="", language="", fingerprint="",
        title="Ёлки у её подъезда don’t ship", lead="Звонили вечерами", headings=("Calling employers",),
        body="Горячую воду отключали; they kept calling my employer about the loan. Пришёл мастер.",
    )  # fmt: skip
    told = analyse(probe)
    seen = "\n".join((*sorted(STOP_WORDS), repr(told.words and sorted(told.words)), told.stems, told.title))
    rest = "\n".join((told.lead, told.grams, told.prefixes, *told.codes, told.sketch))
    return hashlib.sha256(f"{seen}\n{rest}".encode()).hexdigest()[:12]


def _content_stems(folded: Iterable[str]) -> list[str]:
    return [parts.stem for parts in map(word, folded) if not parts.is_stop]


def _prefixes(folded: Iterable[str]) -> Iterator[str]:
    for each in folded:
        for end in range(1, min(len(each), PREFIX_LIMIT) + 1):
            yield each[:end]


def _sketch(stems: list[str]) -> str:
    """The most frequent stems of a text, each as ``stem:count``."""
    frequent = Counter(each for each in stems if len(each) > 2).most_common(SKETCH_STEMS)
    return " ".join(f"{each}:{count}" for each, count in frequent)


def _stem(folded: str) -> str:
    russian, english = _stemmers()
    return str(english.stemWord(russian.stemWord(folded)))


def _stemmers() -> tuple[Stemmer.Stemmer, Stemmer.Stemmer]:
    """This thread's stemmers: a Snowball object must not be shared between threads."""
    if not hasattr(_local, "stemmers"):
        _local.stemmers = (Stemmer.Stemmer("russian"), Stemmer.Stemmer("english"))
    found: tuple[Stemmer.Stemmer, Stemmer.Stemmer] = _local.stemmers
    return found


STOP_STEMS = frozenset(map(_stem, STOP_WORDS))
