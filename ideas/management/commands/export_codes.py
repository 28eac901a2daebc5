"""Take codes and coded passages out, as one user may."""

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import override

from club.models import User
from ideas.enums import FileForm
from ideas.exchange import leaving
from ideas.exchange.records import FileRefused


class Command(BaseCommand):
    """Writes one file; what a narrator does not let serve as evidence is not in it."""

    help = "Writes themes as a codebook, coded passages as a project, annotations or a table, and notes that they left."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("path", help="the file to write; an existing one is not overwritten")
        parser.add_argument("--format", required=True, choices=FileForm.values, help="form of the file")
        parser.add_argument("--user", help="as what this user may see (default: the first active superuser)")
        parser.add_argument(
            "--language", choices=[code for code, _name in settings.LANGUAGES], default=settings.LANGUAGE_CODE[:2],
            help="of the names",
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the file."""
        user, path = somebody(options["user"]), Path(options["path"])
        if path.exists():
            raise CommandError(f"{path} is there already.")
        try:
            with override(options["language"]):
                file = leaving.take_out(user=user, form=FileForm(options["format"]))
            with open(path, "xb", opener=private) as out:
                out.write(file.data)
        except PermissionDenied:
            raise CommandError(f"{user.get_username()} may not take codes out.") from None
        except (FileRefused, OSError) as problem:
            raise CommandError(f"{path} cannot be written: {problem}") from problem
        row = file.departure
        self.stdout.write(
            f"{path}: {row.themes} themes, {row.passages} passages, as {user.get_username()} may see them."
        )


def private(path: str, flags: int) -> int:
    """Open a file that its owner alone can read."""
    return os.open(path, flags, 0o600)


def somebody(name: str | None) -> User:
    """Return the user to act as; raises ``CommandError`` where there is none."""
    people = User.objects.filter(is_active=True).order_by("pk")
    found = people.filter(username=name).first() if name else people.filter(is_superuser=True).first()
    if found is None:
        raise CommandError(
            f"There is no active user “{name}”." if name else "There is no active superuser; use --user."
        )
    return found
