"""Which parts of the measurement of search were asked for, and their report."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

from django.core.management.base import CommandError

from club.models import User
from kb_site.figures import Figure
from kb_site.search_measuring.surviving import apart
from kb_site.search_measuring.timing import timed

EMBEDDED = "embedded"


@dataclass(frozen=True, slots=True)
class Part:
    """One part; ``run`` gets a function that gives the person in whose eyes is measured."""

    name: str
    run: Callable[[Callable[[], User]], Any]


def asked(options: Mapping[str, Any]) -> list[Part]:
    """The parts that the options of the command ask for; none of them is the measurement of this install."""
    server = options["elasticsearch"]
    engines = [EMBEDDED, *([server] if server else [])]
    parts = [
        Part(
            f"{count:,} stories, {'embedded' if url == EMBEDDED else 'elasticsearch'}",
            partial(_timed, url, count),
        )
        for count in options["stories"]
        for url in engines
    ]
    if options["database"]:
        parts.append(Part("Wagtail's own search", partial(_apart, "database", str(options["database"]))))
    if options["http"]:
        parts.append(Part("search page over HTTP", partial(_apart, "http", str(options["http"]))))
    if options["kill"]:
        parts.append(Part("killed indexer", partial(_apart, "kill", str(options["kill"]))))
    if options["fuzz"]:
        parts += [
            Part(f"nonsense, {url.partition('+')[0]}", partial(_apart, "fuzz", str(options["fuzz"]), url))
            for url in engines
        ]
    if options["outage"] and server:
        parts.append(_outage(str(options["outage"]), server, options["server_down"], options["server_up"]))
    return parts


def _outage(seconds: str, server: str, down: str | None, up: str | None) -> Part:
    """The server away: its process killed and started again where it is told how, else its road closed."""
    if bool(down) != bool(up):
        raise CommandError("--server-down and --server-up belong together.")
    if down and up:
        return Part("server killed", partial(_apart, "killed-server", seconds, server, down, up))
    return Part("server away", partial(_apart, "outage", seconds, server))


def as_text(report: Mapping[str, Any]) -> str:
    """A report as a table; what is not a figure follows as it is."""
    lines = [f"{'what':<48}{'median ms':>10}{'p95 ms':>10}"]
    for name, found in report.items():
        if isinstance(found, list):
            lines += [_line(row) for row in found]
        else:
            lines.append(f"{name}: " + ", ".join(f"{key} {value}" for key, value in found.items()))
    return "\n".join(lines)


def _line(row: Mapping[str, Any]) -> str:
    notes = ", ".join(f"{key} {value}" for key, value in row["notes"].items())
    return f"{row['name']:<48}{row['median_ms']:>10}{row['p95_ms']:>10}  {notes}".rstrip()


def _timed(url: str, count: int, reader: Callable[[], User]) -> list[dict[str, Any]]:
    return _rows(timed(url, count, reader()))


def _apart(*values: Any) -> dict[str, Any]:
    *orders, _reader = values
    return apart(*orders)


def _rows(figures: list[Figure]) -> list[dict[str, Any]]:
    return [asdict(each) for each in figures]
