"""``measure WHAT``: figures of the product, each with the limit it is held to where there is one."""

import json
import sys
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from club.models import User
from ideas.likeness import Example
from ideas.measuring import anchors, intervals
from kb_site import ideas_measuring
from kb_site import learning_measuring as learning
from kb_site import suggestion_measuring as suggesting
from kb_site.evidence_measuring import evidence
from kb_site.import_measuring import measure_import
from kb_site.measuring import as_text, measure, reader
from kb_site.relevance_measuring import as_table as relevance_table
from kb_site.relevance_measuring import measure_relevance
from kb_site.search_measuring import asking as searching
from kb_site.settings.paths import BASE_DIR
from stories.masking.measuring import as_table, figures

CHOICES = [
    "search", "relevance", "pages", "consent", "import", "masking", "anchors", "intervals", "evidence", "suggestions",
    "ideas", "learning", "all",
]  # fmt: skip
JUDGED = BASE_DIR / "tests" / "search" / "judged"
GOLD = BASE_DIR / "tests" / "masking" / "gold"


class Command(BaseCommand):
    """Measure this install."""

    help = "Measure pages, search and consent on this install's data, and the import on a throw-away one."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", nargs="?", default="all", choices=CHOICES)
        parser.add_argument("--json", action="store_true", help="print JSON")
        parser.add_argument("--rows", type=int, default=2183, help="invented narratives to import")
        parser.add_argument("--file", help="import this file instead of invented narratives")
        parser.add_argument("--gold", default=str(GOLD), help="a folder of marked sentences, for masking")
        parser.add_argument(
            "--judged", default=str(JUDGED), help="a folder of judged questions, for relevance"
        )
        parser.add_argument(
            "--tuned",
            action="store_true",
            help="relevance of the half that is tuned on, not of the held-out one",
        )
        parser.add_argument("--consent-field", default="consent", help="the consent field of --file")
        parser.add_argument(
            "--stories", type=int, nargs="+", default=[], metavar="N",
            help="search: how many made-up stories to measure every engine with (10000 100000)",
        )  # fmt: skip
        parser.add_argument(
            "--elasticsearch",
            metavar="URL",
            help="search, relevance: an Elasticsearch to measure beside, as in SEARCH_URL",
        )
        parser.add_argument(
            "--database", type=int, metavar="N", help="search: Wagtail's own search on N stories"
        )
        parser.add_argument(
            "--http", type=int, metavar="N", help="search: the page over HTTP, with N stories"
        )
        parser.add_argument("--kill", type=int, metavar="TIMES", help="search: kill the indexer so often")
        parser.add_argument(
            "--outage", type=float, metavar="SECONDS", help="search: take the server away so long"
        )
        parser.add_argument(
            "--server-down",
            metavar="COMMAND",
            help="search: how to kill the server of --outage; its road is closed otherwise",
        )
        parser.add_argument(
            "--server-up", metavar="COMMAND", help="search: how to start it again with its data"
        )
        parser.add_argument(
            "--fuzz", type=int, metavar="TIMES", help="search: ask so many strings of nonsense"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        report: dict[str, Any] = {}
        if options["what"] == "masking":
            self._masking(options)
            return
        if options["what"] == "relevance":
            self._relevance(options)
            return
        if options["what"] == "suggestions":
            self._suggestions(options)
            return
        if options["what"] in ("anchors", "intervals"):
            run = anchors if options["what"] == "anchors" else intervals
            self.stdout.write(json.dumps(run(), ensure_ascii=False, indent=2))
            return
        if options["what"] == "ideas":
            self._ideas(as_json=options["json"])
            return
        if options["what"] == "learning":
            self._learning(options)
            return
        if options["what"] == "evidence":
            self._evidence()
            return
        if options["what"] == "search" and (asked := searching.asked(options)):
            self._searching(asked, options)
            return
        if options["what"] != "import":
            try:
                report = measure(options["what"])
            except User.DoesNotExist as error:
                raise CommandError(str(error)) from error
        if options["what"] in ("import", "all"):
            report["import"] = measure_import(options["rows"], options["file"], options["consent_field"])
        if options["json"]:
            self.stdout.write(json.dumps(report, ensure_ascii=False, indent=2))
            return
        if "figures" in report:
            self.stdout.write(as_text(report))
        if "import" in report:
            row = report["import"]
            self.stdout.write(f"{row['name']}: {row['wall_s']} s wall, {row['cpu_s']} s CPU")

    def _ideas(self, *, as_json: bool) -> None:
        """Print what the pages of themes and ideas cost."""
        report = ideas_measuring.measure_ideas()
        text = (
            json.dumps(report, ensure_ascii=False, indent=2) if as_json else ideas_measuring.as_text(report)
        )
        self.stdout.write(text)

    def _suggestions(self, options: dict[str, Any]) -> None:
        """Print how well themes are proposed for stories left out one by one."""

        def bar(examples: Iterable[Example]) -> Iterable[Example]:
            return tqdm(
                examples, desc="left out", unit="story", file=sys.stderr, disable=None, dynamic_ncols=True
            )

        try:
            report = suggesting.measure_suggestions(bar)
        except (LookupError, User.DoesNotExist) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            json.dumps(report, ensure_ascii=False, indent=2)
            if options["json"]
            else suggesting.as_table(report)
        )

    def _learning(self, options: dict[str, Any]) -> None:
        """Print what a newcomer's pages, HR's report and a withdrawal in mid-track cost."""

        def bar(parts: Iterable[Any]) -> Iterable[Any]:
            return tqdm(parts, desc="people learn", file=sys.stderr, disable=None, dynamic_ncols=True)

        try:
            report = learning.learning(bar)
        except LookupError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            json.dumps(report, ensure_ascii=False, indent=2) if options["json"] else learning.as_text(report)
        )

    def _relevance(self, options: dict[str, Any]) -> None:
        """Print how well the right story comes first, beside tantivy as it comes."""
        try:
            report = measure_relevance(
                Path(options["judged"]), held_out=not options["tuned"], server=options["elasticsearch"]
            )
        except FileNotFoundError as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            report = {**report, "cells": [asdict(each) for each in report["cells"]]}
            self.stdout.write(json.dumps(report, ensure_ascii=False, indent=2))
            return
        self.stdout.write(relevance_table(report))

    def _searching(self, asked: list[searching.Part], options: dict[str, Any]) -> None:
        """Measure search with made-up stories, part by part."""
        report: dict[str, Any] = {}
        for part in asked:
            self.stderr.write(f"{part.name} …")
            report[part.name] = part.run(reader)
        self.stdout.write(
            json.dumps(report, ensure_ascii=False, indent=2) if options["json"] else searching.as_text(report)
        )

    def _evidence(self) -> None:
        """Print what the withdrawal of somebody cited a hundred times leaves of evidence."""
        who = User.objects.filter(is_active=True, is_superuser=True).order_by("pk").first()
        try:
            report = evidence(who or reader())
        except (LookupError, User.DoesNotExist) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(json.dumps(report, ensure_ascii=False, indent=2))

    def _masking(self, options: dict[str, Any]) -> None:
        """Print how well names and numbers are found in marked sentences."""
        try:
            report = figures(options["gold"], net=settings.KB_NAMES_NET)
        except FileNotFoundError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            json.dumps(report, ensure_ascii=False, indent=2) if options["json"] else as_table(report)
        )
