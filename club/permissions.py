"""Who may do what in the club."""

from typing import cast

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest

from club.models import Member, User


def employee(request: HttpRequest) -> User:
    """Return who asks, where a door before has let only people through who signed in; checks nothing itself."""
    return cast(User, request.user)


def user_can_see_identity(user: User | AnonymousUser, member: Member) -> bool:
    """A member's name and contacts are for her hosts and for the data protection officer."""
    if not user.is_active or not user.is_authenticated:
        return False
    if user.has_perm("club.view_identity"):
        return True
    return member.hosts.filter(pk=user.pk).exists()
