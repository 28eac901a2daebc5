"""What every engine calls a document, and the one number that puts documents in the order of time."""

from collections.abc import Iterable
from hashlib import blake2b
from zlib import crc32

from rapidfuzz.distance import OSA

FOREVER = 1 << 62
LOTS = 64
NEAR_WORDS = 100
NEAR_READ = 1000
# What a plan calls facets that are fields of every document.
OWN_FIELDS = {"member": "person", "kind": "kind"}
_DATE_SHIFT = 1 << 33
_LAST = (1 << 63) - 1
_DATE_BITS, _KIND_BITS, _ID_BITS = 35, 4, 24


def key(kind: str, object_id: int) -> str:
    """The term that names one document."""
    return f"{kind}:{object_id}"


def lot(kind: str, object_id: int) -> int:
    """One of 64 lots into which documents fall evenly, for sampling them."""
    return crc32(key(kind, object_id).encode()) % LOTS


def person_number(person: str) -> int:
    """A number for the code of a person, by which people are counted; numbers are counted fast."""
    return int.from_bytes(blake2b(person.encode("utf-8", "replace"), digest_size=8).digest()) >> 1


def split_key(text: str) -> tuple[str, int]:
    """Kind and id of a key."""
    kind, _, object_id = text.rpartition(":")
    return kind, int(object_id)


def facet_field(name: str) -> str:
    """The field of an index that holds a facet."""
    return OWN_FIELDS.get(name, f"facets.{name}")


def newest(kind: str, date: int | None, object_id: int) -> int:
    """One number that sorts by date, then by id, then by kind; without a date the document comes last."""
    told = 0 if date is None else _since(date)
    number = object_id & ((1 << _ID_BITS) - 1)
    return (
        (told << (_ID_BITS + _KIND_BITS))
        | (number << _KIND_BITS)
        | (crc32(kind.encode()) % (1 << _KIND_BITS))
    )


def dated(after: int | None, before: int | None) -> tuple[int, int] | None:
    """The span of ``newest`` of documents dated in it, start included, end excluded; None without a limit."""
    if after is None and before is None:
        return None
    bits = _ID_BITS + _KIND_BITS
    start = 1 if after is None else _since(after)
    end = _LAST if before is None else _since(before) << bits
    return start << bits, end


def nearest(pairs: Iterable[tuple[str, str]], word: str, stem: str) -> list[tuple[str, str]]:
    """The hundred pairs of word and stem nearest to what was asked for, the same whatever the engine's order."""

    def far(pair: tuple[str, str]) -> tuple[int, str]:
        return min(OSA.distance(word, pair[0]), OSA.distance(stem, pair[1])), pair[0]

    return sorted(set(pairs), key=far)[:NEAR_WORDS]


def _since(date: int) -> int:
    """A moment in epoch seconds as a positive number of 35 bits: the years 1697 to 2786."""
    return min(max(date + _DATE_SHIFT, 1), (1 << _DATE_BITS) - 1)
