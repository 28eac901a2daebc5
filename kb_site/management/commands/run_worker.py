"""``run_worker``: drains the outbox, notes expiries, reconciles index and database."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from kb_site import worker


class Command(BaseCommand):
    """Keep the index up to date and note what time has done."""

    help = "Drain the search outbox, note expired consents, reconcile index and database."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="do every job one time and end")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["once"]:
            worker.run_once()
        else:
            worker.run()
