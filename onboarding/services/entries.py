"""Making entries of the ledger."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.utils import timezone

from club.models import User
from onboarding.enums import Verb
from onboarding.models import Enrolment, Event

RUN = "onboarding.run_tracks"


def require_hr(by: User | None) -> None:
    """``by`` is None for commands and the worker; anybody else must run tracks."""
    if by is not None and not by.has_perm(RUN):
        raise PermissionDenied


def entry(
    enrolment: Enrolment,
    verb: Verb,
    key: str,
    *,
    at: datetime | None = None,
    by: User | None = None,
    place: tuple[UUID | None, UUID | None] = (None, None),
    version_id: int | None = None,
    data: dict[str, Any] | None = None,
    words_sha256: str = "",
) -> Event:
    """Return an entry that is not written yet; ``key`` is what a repeated request would name too."""
    return Event(
        key=f"{enrolment.uuid}:{key}",
        enrolment=enrolment,
        actor_id=by.pk if by else None,
        verb=verb,
        module_key=place[0],
        step=place[1],
        version_id=version_id,
        data=data or {},
        words_sha256=words_sha256,
        occurred_at=at or timezone.now(),
    )
