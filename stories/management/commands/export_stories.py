"""Export the stories that one user may read."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from club.models import User
from stories.exporting import selecting
from stories.exporting.writers import WRITERS, Occupied


class Command(BaseCommand):
    """Writes canonical records; what the narrator has not allowed never leaves."""

    help = (
        "Exports stories as one user may read them, with their terms of consent, in a form that "
        "import_stories takes back without a difference. Pictures are named by their keys and stay here."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("path", help="the file to write, or for md an empty or new folder")
        parser.add_argument("--format", required=True, choices=list(WRITERS), help="form of the export")
        parser.add_argument(
            "--user", help="export what this user may read (default: the first active superuser)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the file and note the export in the log."""
        user, path, form = exporter(options["user"]), Path(options["path"]), options["format"]
        ids = selecting.selected(user)
        bar = tqdm(
            selecting.records(user, ids),
            total=len(ids),
            unit=" stories",
            file=sys.stderr,
            disable=not sys.stderr.isatty(),
        )
        try:
            count = WRITERS[form](path, bar)
        except (OSError, ValueError, Occupied) as problem:
            raise CommandError(f"{path} cannot be written: {problem}", returncode=2) from problem
        selecting.log_export(user, ids=ids, count=count, form=form)
        self.stdout.write(f"{count} stories written to {path}, as {user.get_username()} may read them now.")


def exporter(name: str | None) -> User:
    """Return the user to export as; raises ``CommandError`` where there is none who may."""
    found = (
        User.objects.filter(username=name, is_active=True).first()
        if name
        else User.objects.filter(is_superuser=True, is_active=True).order_by("pk").first()
    )
    if found is None:
        raise CommandError(
            f"There is no active user “{name}”."
            if name
            else "There is no active superuser; name a user with --user."
        )
    try:
        selecting.may_export(found)
    except PermissionDenied:
        raise CommandError(f"{found.get_username()} may not export stories.") from None
    return found
