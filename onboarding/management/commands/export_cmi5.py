"""Write the thin cmi5 package of a track to a file."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from onboarding import packages
from onboarding.models import TrackPage


class Command(BaseCommand):
    """``manage.py export_cmi5 TRACK FILE``."""

    help = (
        "Write the cmi5 package of a track: a course structure with links to this site, no word of a story."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The track by the short name of its page, and where to."""
        parser.add_argument("track")
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, or say what is missing."""
        page = TrackPage.objects.filter(slug=options["track"]).first()
        version = packages.newest(page.translation_key) if page else None
        if version is None:
            raise CommandError(f"There is no published track {options['track']!r}.")
        try:
            options["file"].write_bytes(packages.package(version))
        except OSError as error:
            raise CommandError(f"The file cannot be written: {error}") from error
        self.stdout.write(f"{options['file']}: version {version.number}")
