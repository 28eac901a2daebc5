"""Russian number plates (GOST R 50577): the twelve letters that look alike in both alphabets."""

import re
from collections.abc import Iterator

from stories.masking.findings import Certainty, Finding, Kind

LETTER = "[АВЕКМНОРСТУХABEKMHOPCTYX]"
CAR = re.compile(
    rf"(?<!\w){LETTER}[ -]?(?P<digits>\d{{3}})[ -]?{LETTER}{{2}}"
    r"(?:[ -]?(?P<region>\d{2,3})(?: ?rus?\b)?)?(?!\w)",
    re.I,
)
TAXI = re.compile(rf"(?<!\w){LETTER}{{2}}[ -]?(?P<digits>\d{{3}})[ -]?(?P<region>\d{{2,3}})(?!\w)", re.I)
SAID = re.compile(r"(?:машин|номер|авто|такси|маршрут|госномер|car|plate|taxi)\w*\W*(?:\w+\W+){0,3}$", re.I)
CYRILLIC = re.compile("[А-Я]", re.I)


def plates(text: str) -> Iterator[Finding]:
    """Yield number plates; without a region, or in Latin letters only, where the text speaks of a car."""
    for pattern in (CAR, TAXI):
        for match in pattern.finditer(text):
            said = SAID.search(text[max(0, match.start() - 40) : match.start()])
            russian = pattern is CAR and CYRILLIC.search(match.group())
            if match["digits"] == "000" or not _region_fits(match["region"]):
                continue
            if said or ((russian or pattern is CAR) and match["region"]) or russian:
                certainty = Certainty.SURE if match["region"] else Certainty.LIKELY
                yield Finding(match.start(), match.end(), Kind.PLATE, match.group(), certainty)


def _region_fits(region: str | None) -> bool:
    """Two digits, or three that begin with 1, 2, 7 or 9; a plate quoted without its region passes."""
    if not region:
        return True
    return region not in ("00", "000") and (len(region) == 2 or region[0] in "1279")
