"""``withdraw MEMBER_CODE [--purpose P]``: the same service as the narrator's page."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from club.models import Member
from consent.enums import Purpose
from consent.services import withdraw


class Command(BaseCommand):
    """End a member's grants."""

    help = "End every grant of a member, or those of one purpose; effective at once, everywhere."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("member_code", help="like KD-123456-7")
        parser.add_argument("--purpose", choices=Purpose.values)

    def handle(self, *args: Any, **options: Any) -> None:
        member = Member.objects.filter(code=options["member_code"]).first()
        if member is None:
            raise CommandError(f"There is no member {options['member_code']}. Codes look like KD-123456-7.")
        purpose = Purpose(options["purpose"]) if options["purpose"] else None
        ended = withdraw(member=member, purpose=purpose)
        self.stdout.write(f"{member.code}: {ended} grants ended. The stories are hidden from now on.")
