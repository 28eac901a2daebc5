"""What a narrator's journal says of her words: what changed because of them, and whether that is what she meant."""

from typing import Any

from django.utils import timezone

from club.models import Member
from consent.enums import Purpose
from consent.expressions import Granted
from ideas.enums import IdeaState
from ideas.models import LoopClosure


class WhatChanged:
    """Ideas that shipped and themes that were answered with the help of her passages, once she was told."""

    order = 20
    template = "narrator/what_changed.html"

    def context(self, member: Member) -> dict[str, Any] | None:
        """Return what became of her words; None where she has not been told of anything yet."""
        if not Member.objects.filter(Granted("pk", Purpose.IDEAS, timezone.now()), pk=member.pk).exists():
            return None
        rows = LoopClosure.objects.filter(member=member, told_at__isnull=False).select_related(
            "idea", "theme"
        )
        changes = [described(row) for row in rows.order_by("-told_at")[:20]]
        return {"changes": changes} if changes else None


def described(row: LoopClosure) -> dict[str, Any]:
    """Return one change in the company's words."""
    return {
        "title": row.idea.title if row.idea else row.theme.label if row.theme else "",
        "text": row.theme.answer if row.theme else "",
        "is_made": bool(row.idea and row.idea.state == IdeaState.SHIPPED),
        "told_on": timezone.localtime(row.told_at).date() if row.told_at else None,
        "verdict": row.get_verdict_display(),
    }
