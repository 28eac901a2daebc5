"""Awards: given once when a track is finished, taken back by HR with a reason, given anew after a mistake."""

import secrets
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from club.codes import check_digit
from club.models import User
from onboarding.learning import page_of
from onboarding.models import Award, Enrolment, Revocation
from onboarding.services.entries import require_hr
from onboarding.structure import newest_tracks

TOKEN_BYTES, SALT_BYTES, DIGITS = 24, 16, 6
LIMIT = 200
TRIES = 5


def give_due(limit: int = LIMIT, at: datetime | None = None) -> int:
    """Give an award for every finished track that has none; returns how many. The worker's job."""
    rows = Enrolment.objects.filter(completed_at__isnull=False, awards=None)
    found = list(rows.select_related("employee", "version").order_by("completed_at", "pk")[:limit])
    return sum(give(row, at=at) is not None for row in found)


def award_of(enrolment: Enrolment) -> Award | None:
    """Return the newest award of an enrolment; given now if the track is finished and the worker was not here yet."""
    found = (
        Award.objects.filter(enrolment=enrolment).select_related("revocation").order_by("-edition").first()
    )
    if found is None and enrolment.completed_at is not None:
        return give(enrolment)
    return found


def give(enrolment: Enrolment, *, edition: int = 1, at: datetime | None = None) -> Award | None:
    """Write an award; None if somebody else has written it a moment ago, or the track is not finished."""
    if enrolment.completed_at is None:
        return None
    for _try in range(TRIES):
        try:
            with transaction.atomic():
                return made(enrolment, edition, at or timezone.now())
        except IntegrityError:  # that edition is there, or, once in a long while, that number
            if Award.objects.filter(enrolment=enrolment, edition=edition).exists():
                return None
    raise RuntimeError("No free number for an award was found.")


def made(enrolment: Enrolment, edition: int, at: datetime) -> Award:
    """Write the row. The title is the company's own, in the holder's language, as it is now."""
    if enrolment.completed_at is None:
        raise ValueError("An award is for a finished track.")
    version, language = enrolment.version, enrolment.employee.language
    newest = newest_tracks([version])[version.key, version.major]
    with override(language):
        page = page_of(enrolment.track_key)
        title = page.title if page else _("Learning")
    return Award.objects.create(
        token=secrets.token_urlsafe(TOKEN_BYTES),
        number=new_number(enrolment),
        enrolment=enrolment,
        edition=edition,
        version=newest,
        title=title,
        language=language,
        salt=secrets.token_hex(SALT_BYTES),
        awarded_at=enrolment.completed_at,
        made_at=at,
    )


def new_number(enrolment: Enrolment) -> str:
    """Return a random number with a check digit: ``2026-048213-7``. It says nothing of how many there are."""
    digits = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
    year = (enrolment.completed_at or timezone.now()).year
    return f"{year}-{digits}-{check_digit(f'{year}{digits}')}"


@transaction.atomic
def revoke(award: Award, reason: str, *, by: User | None = None, at: datetime | None = None) -> Revocation:
    """Take an award back; the first reason stands. Nobody's progress changes."""
    require_hr(by)
    said = reason.strip()[:300]
    if not said:
        raise ValidationError(_("Say why it is taken back."))
    locked = Award.objects.select_for_update().get(pk=award.pk)
    known = Revocation.objects.filter(award=locked).first()
    if known is not None:
        return known
    now = at or timezone.now()
    return Revocation.objects.create(award=locked, reason=said, actor_id=by.pk if by else None, at=now)


def give_anew(award: Award, *, by: User | None = None) -> Award | None:
    """Give another award with a number of its own after the first was taken back by mistake."""
    require_hr(by)
    if not Revocation.objects.filter(award=award).exists():
        raise ValidationError(_("Only an award that was taken back can be given anew."))
    return give(award.enrolment, edition=award.edition + 1)
