"""Search from the command line, as one person."""

import json
import re
import sys
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from html import unescape
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from search import registry, services
from search.plan import Query
from search.results import Hit, SearchResult, as_json

_TAG = re.compile(r"</?mark>")


class Command(BaseCommand):
    """Prints ranked hits for one text, or one JSON line for each line of a batch."""

    help = "Searches as one person and prints ranked hits."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("text", nargs="?", help="what to look for; empty lists everything, newest first")
        parser.add_argument("--limit", type=int, default=10, help="number of hits (default 10)")
        parser.add_argument("--user", help="search as this user (default: the first active superuser)")
        parser.add_argument(
            "--filter", action="append", default=[], metavar="FACET=VALUE", help="may be repeated"
        )
        parser.add_argument("--json", action="store_true", help="print JSON")
        parser.add_argument(
            "--batch", metavar="FILE.jsonl", help='lines {"qid", "text"}; "-": standard input'
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Run one search or a batch."""
        if (options["text"] is None) == (options["batch"] is None):
            raise CommandError("Give either a text or --batch FILE.")
        if options["limit"] < 1:
            raise CommandError("--limit must be 1 or more.")
        user = reader(options["user"])
        filters = read_filters(options["filter"])
        if options["batch"]:
            self._batch(user, filters, options)
            return
        found = services.search(user, Query(options["text"], filters, size=options["limit"]))
        self.stdout.write(as_line(found) if options["json"] else as_text(found))

    def _batch(self, user: Any, filters: dict[str, tuple[str, ...]], options: dict[str, Any]) -> None:
        for line in read_batch(options["batch"]):
            found = services.search(user, Query(line["text"], filters, size=options["limit"]))
            if options["json"]:
                self.stdout.write(as_line(found, qid=line["qid"]))
            else:
                self.stdout.write(f"# {line['qid']}\n{as_text(found)}")


def reader(name: str | None) -> Any:
    """The user to search as; ``CommandError`` if there is none."""
    users = get_user_model()._default_manager
    if name is None:
        found = users.filter(is_superuser=True, is_active=True).order_by("pk").first()
        if found is None:
            raise CommandError("There is no active superuser; name a reader with --user.")
        return found
    found = users.filter(**{get_user_model().USERNAME_FIELD: name}, is_active=True).first()
    if found is None:
        raise CommandError(f"There is no active user “{name}”.")
    return found


def read_filters(pairs: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Chosen values by facet from ``facet=value`` arguments; ``CommandError`` for an unknown facet."""
    known = registry.facet_names()
    filters: dict[str, tuple[str, ...]] = {}
    for pair in pairs:
        name, sign, value = pair.partition("=")
        if not sign or name not in known:
            raise CommandError(f"--filter takes facet=value with one of: {', '.join(known)}.")
        filters[name] = (*filters.get(name, ()), value)
    return filters


def read_batch(path: str) -> Iterator[dict[str, str]]:
    """Lines of a batch; ``CommandError`` names the first line that cannot be read."""
    try:
        with nullcontext(sys.stdin) if path == "-" else Path(path).open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield _read_line(line, number)
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.") from error


def _read_line(line: str, number: int) -> dict[str, str]:
    try:
        read = json.loads(line)
        return {"qid": str(read["qid"]), "text": str(read["text"])}
    except (ValueError, KeyError, TypeError) as error:
        raise CommandError(f'Line {number} is not of the form {{"qid": …, "text": …}}.') from error


def as_line(found: SearchResult, **extra: str) -> str:
    """A result as one line of JSON."""
    return json.dumps(extra | as_json(found, scores=True), ensure_ascii=False)


def as_text(found: SearchResult) -> str:
    """A result for a terminal."""
    head = f"{found.total} found, stage {found.stage}"
    if found.corrected:
        head += f", searched for “{found.corrected}”"
    parts = [head, *(_hit(rank, hit) for rank, hit in enumerate(found.hits, 1))]
    return "\n".join([*parts, str(found.notice)] if found.notice else parts)


def _hit(rank: int, hit: Hit) -> str:
    excerpt = unescape(_TAG.sub("", hit.excerpt_html))
    return f"{rank:3}. {hit.title}  [{hit.external_id}, {hit.score:.2f}]\n     {excerpt}\n     {hit.url}"
