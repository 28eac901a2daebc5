"""``demo``: builds the demonstration company; running it again adds only what is missing."""

import time
from typing import Any

from django.core.management.base import BaseCommand

from kb_site import learning_demo
from kb_site.demonstration import build, narrators_pages
from search.services import drain


class Command(BaseCommand):
    """Build the demonstration company."""

    help = "Build the demonstration company from the files in the project. Safe to run again."

    def handle(self, *args: Any, **options: Any) -> None:
        began = time.monotonic()
        added = build(lambda line: self.stdout.write(f"  {line}"))
        learners = learning_demo.build()
        self.stdout.write(f"  {learners} newcomers on their tracks")
        drain()
        for figure, address in narrators_pages():
            self.stdout.write(f"  {figure}, her own page: {address}")
        self.stdout.write(
            f"The demonstration is ready: {added} stories added in {time.monotonic() - began:.0f} s."
        )
