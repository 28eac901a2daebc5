"""Build the search index anew beside the one in use, then switch."""

import sys
from argparse import ArgumentParser
from functools import partial
from time import perf_counter
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from search import services
from search.engines import ENGINES, engine_name
from search.engines.base import EngineUnavailable


class Command(BaseCommand):
    """Rebuilds while readers go on searching in the old index."""

    help = "Rebuilds the search index beside the one in use and switches to it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument(
            "--engine", choices=sorted(ENGINES), help="refuse to run unless SEARCH_URL names this engine"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Rebuild and say how long it took."""
        configured = engine_name(str(settings.SEARCH_URL))
        if options["engine"] not in (None, configured):
            raise CommandError(f"SEARCH_URL names {configured}; set it to {options['engine']} first.")
        began = perf_counter()
        try:
            with tqdm(unit=" documents", file=sys.stderr) as bar:
                total = services.rebuild(partial(show, bar))
        except EngineUnavailable as error:
            raise CommandError(f"The index could not be rebuilt: {error}.") from error
        self.stdout.write(f"{total} documents indexed in {perf_counter() - began:.1f} s.")


def show(bar: Any, done: int, total: int) -> None:
    """Move a progress bar to ``done`` of ``total``."""
    bar.total = total
    bar.update(done - bar.n)
