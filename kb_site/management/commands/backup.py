"""``backup FILE``: one file with everything, made while the site is in use."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from kb_site.backup import databases, locking, making
from kb_site.management.bars import bytes_bar


class Command(BaseCommand):
    """Write a backup."""

    help = (
        "Write database, media and a manifest with their SHA-256 to one file, while the site is in use. Keys stay out "
        "unless asked for: keep them elsewhere. The search index stays out: a restore builds it anew."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="the file to write")
        parser.add_argument("--force", action="store_true", help="replace the file if it is there")
        parser.add_argument(
            "--with-keys", action="store_true", help="put the keys in too: then the file alone opens the identities"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            locking.tidy()
            with bytes_bar() as moved:
                made = making.back_up(
                    Path(options["file"]).absolute(), force=options["force"], with_keys=options["with_keys"],
                    progress=moved,
                )  # fmt: skip
        except (making.Refused, databases.ToolMissing, OSError, DatabaseError) as problem:
            raise CommandError(f"No backup was made. {problem}") from problem
        for note in made.notes:
            self.stderr.write(note)
        self.stdout.write(
            f"{made.files} files, {made.size / 1e6:,.1f} MB in {made.seconds:.1f} s: {made.path}\n"
            f"Check it with: python manage.py verify_backup {made.path}"
        )
