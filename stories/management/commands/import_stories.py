"""Import stories from a file or a folder."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from tqdm import tqdm

from stories.importing import mapping, running
from stories.importing.errors import ImportRefused
from stories.importing.readers import READERS, open_source

COUNTS = (
    ("read", "read"),
    ("new", "new"),
    ("changed", "changed"),
    ("same", "same"),
    ("without_consent", "drafts without consent"),
    ("published", "published"),
    ("withdrawn", "withdrawn, left as they are"),
    ("masked", "drafts in which names were replaced"),
    ("rejected", "rejected"),
)


class Command(BaseCommand):
    """Every row becomes a story, is found unchanged, or is rejected with a reason on standard error."""

    help = (
        "Imports stories from JSON Lines, CSV, XLSX, Markdown, DOCX or a folder of files. Rows are known by "
        "their external id: importing twice changes nothing. Exit status 1: some rows were rejected; 2: "
        "nothing could be read."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument(
            "path", help=f"a file ({', '.join(READERS)}) or a folder of Markdown and DOCX files"
        )
        parser.add_argument(
            "--map", metavar="FILE", help="YAML or JSON: where the parts of a story lie in a row"
        )
        parser.add_argument(
            "--consent-field", metavar="FIELD", default="", help="dotted path of the narrator's yes in a row"
        )
        parser.add_argument(
            "--publish", action="store_true", help="publish the rows whose consent field says yes"
        )
        parser.add_argument(
            "--mask", action="store_true", help="replace names and numbers in the rows that become drafts"
        )
        parser.add_argument("--dry-run", action="store_true", help="report the same and write nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Import and print the summary."""
        try:
            report = self._run(options)
        except (ImportRefused, DatabaseError, OSError) as problem:
            raise CommandError(str(problem), returncode=2) from problem
        for note in report.notes:
            self.stderr.write(note)
        self.stdout.write(summary(report, dry_run=options["dry_run"]))
        if report.rejected:
            raise CommandError(
                f"{report.rejected} of {report.read} rows were rejected; the reasons are above.", returncode=1
            )

    def _run(self, options: dict[str, Any]) -> running.Report:
        chosen = running.Options(
            mapping=mapping.load(Path(options["map"])) if options["map"] else mapping.StoryMap(),
            consent_field=options["consent_field"],
            publish=options["publish"],
            dry_run=options["dry_run"],
            mask=options["mask"],
        )
        source = open_source(Path(options["path"]))
        quiet = not sys.stderr.isatty()
        with tqdm(
            total=source.count(), unit=" rows", file=sys.stderr, disable=quiet, dynamic_ncols=True
        ) as bar:
            tell = self.stderr.write if quiet else bar.write
            return running.Import(source, chosen, tell).run(bar.update)


def summary(report: running.Report, *, dry_run: bool) -> str:
    """Return the counts as a small table."""
    width = max(len(label) for _name, label in COUNTS)
    lines = [f"{label:<{width}}  {getattr(report, name):>7,}" for name, label in COUNTS]
    head = "What the import would do; nothing was written.\n" if dry_run else ""
    return head + "\n".join([*lines, f"{'seconds':<{width}}  {report.seconds:>7.1f}"])
