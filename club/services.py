"""Writes of the club: one function a deed, one transaction, one log entry."""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from wagtail.log_actions import log

from club.models import Identity, Member, User
from club.permissions import user_can_see_identity


@transaction.atomic
def record_identity(*, member: Member, data: dict[str, str], by: User | None) -> Identity:
    """Keep who a member is, encrypted. ``by`` is None for commands; raises ``PermissionDenied`` for strangers."""
    if by is not None and not user_can_see_identity(by, member):
        raise PermissionDenied
    identity = Identity.objects.filter(member=member).first() or Identity(member=member)
    identity.data = data
    identity.save()
    log(instance=member, action="club.identity_recorded", user=by)
    return identity


def read_identity(*, member: Member, by: User) -> dict[str, str]:
    """Open a member's identity for a host or the data protection officer; every look is logged."""
    if not user_can_see_identity(by, member):
        raise PermissionDenied
    log(instance=member, action="club.identity_read", user=by)
    identity = Identity.objects.filter(member=member).first()
    return identity.data if identity else {}
