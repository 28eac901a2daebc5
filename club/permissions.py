"""Who may do what in the club."""

from collections.abc import Mapping
from typing import cast

from django.contrib.auth.models import AnonymousUser, Group
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils.functional import Promise

from club.models import Member, User

_labels: dict[str, str | Promise] = {}


def label_groups(labels: Mapping[str, str | Promise]) -> None:
    """Say how people call the groups of roles; the site does so when it starts."""
    _labels.update(labels)


def group_label(group: Group) -> str:
    """Return how people call a group, in the active language."""
    return str(_labels.get(group.name, group.name))


def employee(request: HttpRequest) -> User:
    """Return who asks, where a door before has let only people through who signed in; checks nothing itself."""
    return cast(User, request.user)


def require(by: User | None, permission: str) -> None:
    """Raise ``PermissionDenied`` for who may not.

    ``by`` is None for commands, which whoever runs the server may run.
    """
    if by is not None and not by.has_perm(permission):
        raise PermissionDenied


def user_can_see_identity(user: User | AnonymousUser, member: Member) -> bool:
    """A member's name and contacts are for her hosts and for the data protection officer."""
    if not user.is_active or not user.is_authenticated:
        return False
    if user.has_perm("club.view_identity"):
        return True
    return member.hosts.filter(pk=user.pk).exists()
