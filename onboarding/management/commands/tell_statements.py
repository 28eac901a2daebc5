"""Tell what the ledger holds as xAPI statements, from the first entry on."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from onboarding.xapi import delivering, telling


class Command(BaseCommand):
    """``manage.py tell_statements``."""

    help = "Go through every ledger again: what was not told yet is put in the outbox and sent. Ids stay the same."

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, and say what is left to the worker."""
        if not telling.is_on():
            raise CommandError("KB_XAPI_URL is empty: statements are switched off.")
        people = telling.tell_all()
        fresh = telling.tell(limit=people)
        sent = delivering.deliver(seconds=60)
        self.stdout.write(f"Enrolments: {people}, new statements: {fresh}, sent: {sent}.")
