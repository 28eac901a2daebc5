"""Keys by which HR's own system enrols people: made and closed by those who run tracks."""

import secrets

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from club.models import User
from consent.narrator.links import digest
from onboarding.models import HrToken
from onboarding.services.entries import RUN, require_hr


@transaction.atomic
def make(name: str, *, by: User) -> str:
    """Return a new secret, which acts in the name of who makes it; only its hash is kept."""
    require_hr(by)
    if not name.strip():
        raise ValidationError(_("Give the key a name, for example the system that will use it."))
    token = secrets.token_urlsafe(32)
    HrToken.objects.create(
        name=name.strip()[:80], token_sha256=digest(token), made_by=by, made_at=timezone.now()
    )
    return token


@transaction.atomic
def close(key: HrToken, *, by: User) -> None:
    """Let a key open nothing any more."""
    require_hr(by)
    HrToken.objects.filter(pk=key.pk, closed_at=None).update(closed_at=timezone.now())


def opened_by(token: str) -> User | None:
    """Return in whose name a secret acts: somebody who still works here and still runs tracks."""
    key = HrToken.objects.select_related("made_by").filter(token_sha256=digest(token), closed_at=None).first()
    user: User | None = key.made_by if key else None
    if key is None or user is None or not user.is_active or not user.has_perm(RUN):
        return None
    HrToken.objects.filter(pk=key.pk).update(used_at=timezone.now())
    return user
