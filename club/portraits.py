"""Drawing members' medallions ahead, so that no reader waits for the engraver."""

import time

from club.models import Member
from club.templatetags.club_tags import kept

SIZES = ("s", "l")


class Engraver:
    """Walks through the members, oldest first, and draws what the cache of all processes does not hold yet."""

    def __init__(self) -> None:
        self.after = 0

    def draw(self, seconds: float = 0.2) -> int:
        """Draw for about so many seconds and go on from there the next time; returns the members passed."""
        until, passed = time.monotonic() + seconds, 0
        members = Member.objects.filter(pk__gt=self.after, erased_at=None).order_by("pk")
        for pk, code, hair, dress in members.values_list("pk", "code", "hair", "dress")[:1000]:
            for size in SIZES:
                kept.__wrapped__(code, size, hair, dress)
            self.after, passed = pk, passed + 1
            if time.monotonic() > until:
                break
        return passed
