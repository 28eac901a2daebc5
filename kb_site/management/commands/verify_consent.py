"""``verify_consent``: recomputes every clearance from the ledger and looks for what should not be there."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from tqdm import tqdm

from consent.models import ConsentEvent
from kb_site.verification import CHECKS
from stories.models import StoryPage


class Command(BaseCommand):
    """Check the ledger, every clearance, the index, the queue, the files, and what was forgotten."""

    help = (
        "Recompute every clearance from the ledger, check its chain and walk index, queue and files for what should "
        "not be there; exit 1 with a list."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        at, found = timezone.now(), 0
        bar = tqdm(CHECKS.items(), unit="check", disable=None, leave=False)
        for name, check in bar:
            bar.set_description(name)
            for problem in check(at):
                found += 1
                self.stderr.write(problem)
        if found:
            raise CommandError(f"{found} problems.", returncode=1)
        self.stdout.write(
            f"{ConsentEvent.objects.count()} ledger entries and {StoryPage.objects.count()} stories, "
            f"{len(CHECKS)} checks: all as the ledger says."
        )
