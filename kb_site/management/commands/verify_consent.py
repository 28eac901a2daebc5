"""``verify_consent``: recomputes every clearance from the ledger and looks for what should not be there."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from consent.models import ConsentEvent
from kb_site.verification import problems
from stories.models import StoryPage


class Command(BaseCommand):
    """Check the ledger's chain, every clearance, and the search index."""

    help = (
        "Recompute every clearance from the ledger, check its chain and the search index; exit 1 with a list."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        found = list(problems())
        for problem in found:
            self.stderr.write(problem)
        if found:
            raise CommandError(f"{len(found)} problems.", returncode=1)
        self.stdout.write(
            f"{ConsentEvent.objects.count()} ledger entries and {StoryPage.objects.count()} stories: "
            "all as the ledger says."
        )
