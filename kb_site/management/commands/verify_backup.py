"""``verify_backup FILE``: proves a backup without touching the install."""

import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from kb_site.backup import checking
from kb_site.management.bars import bytes_bar


class Command(BaseCommand):
    """Check a backup."""

    help = (
        "Check every byte of a backup against its manifest, read the copy of the database through, walk its ledger and "
        "compare migrations and counts. Exit status 1 with a list of what is wrong."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="the backup")

    def handle(self, *args: Any, **options: Any) -> None:
        began = time.monotonic()
        with bytes_bar() as moved:
            found = checking.check(Path(options["file"]), moved)
        for line in found.problems:
            self.stderr.write(line)
        if found.problems:
            raise CommandError(f"{len(found.problems)} things are wrong with {options['file']}.", returncode=1)
        for line in found.remarks:
            self.stderr.write(line)
        manifest = found.manifest
        if manifest is not None:
            self.stdout.write(
                f"Whole: {len(manifest.entries)} files, {sum(manifest.counts.values()):,} rows, "
                f"{manifest.ledger['entries']:,} ledger entries in one chain, made {manifest.created_at[:19]}, "
                f"checked in {time.monotonic() - began:.1f} s."
            )
