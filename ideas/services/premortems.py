"""Keeping a pre-mortem beside the idea and the decision that it was made for."""

from django.db import transaction
from wagtail.log_actions import log

from club.models import User
from club.permissions import require
from ideas.models import Finding, Idea, Premortem
from ideas.premortem import examine


@transaction.atomic
def keep(*, user: User, idea: Idea, change: str, direction: str) -> Premortem:
    """Ask the archive now and keep where it answered; the next decision about the idea takes it along."""
    require(user, "ideas.change_idea")
    made = Premortem(idea=idea, change=change.strip(), direction=direction, by=user)
    made.full_clean(exclude=["decision"])
    made.save()
    Finding.objects.bulk_create(
        Finding(
            premortem=made, story_id=pick.story, block_id=pick.block, side=pick.side, pattern=pick.pattern
        )
        for pick in dict.fromkeys(examine(user, made.change, direction).picks)
    )
    log(idea, "ideas.premortem", user=user, data={"premortem": made.pk})
    return made
