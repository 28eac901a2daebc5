"""Who may do what in the club."""

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

from club.models import Member


def user_can_see_identity(user: AbstractBaseUser | AnonymousUser, member: Member) -> bool:
    """A member's name and contacts are for her hosts and for the data protection officer."""
    if not user.is_active or not user.is_authenticated:
        return False
    if user.has_perm("club.view_identity"):
        return True
    return member.hosts.filter(pk=user.pk).exists()
