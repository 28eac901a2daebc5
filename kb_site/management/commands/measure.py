"""``measure [search|pages|consent|import|masking|anchors|intervals|all]``: the benchmark."""

import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from club.models import User
from ideas.measuring import anchors, intervals
from kb_site.import_measuring import measure_import
from kb_site.measuring import as_text, measure
from kb_site.settings.paths import BASE_DIR
from stories.masking.measuring import as_table, figures

CHOICES = ["search", "pages", "consent", "import", "masking", "anchors", "intervals", "all"]
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
        parser.add_argument("--consent-field", default="consent", help="the consent field of --file")

    def handle(self, *args: Any, **options: Any) -> None:
        report: dict[str, Any] = {}
        if options["what"] == "masking":
            self._masking(options)
            return
        if options["what"] in ("anchors", "intervals"):
            run = anchors if options["what"] == "anchors" else intervals
            self.stdout.write(json.dumps(run(), ensure_ascii=False, indent=2))
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

    def _masking(self, options: dict[str, Any]) -> None:
        """Print how well names and numbers are found in marked sentences."""
        try:
            report = figures(options["gold"], net=settings.KB_NAMES_NET)
        except FileNotFoundError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            json.dumps(report, ensure_ascii=False, indent=2) if options["json"] else as_table(report)
        )
