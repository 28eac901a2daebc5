"""Whom a narrator may call, and where letters reach her."""

import re
from dataclasses import dataclass

from django.conf import settings

from club.models import Identity, Member, User
from club.sealing import SealBroken


@dataclass(frozen=True, slots=True)
class Contact:
    """A name and a number; both may be empty."""

    name: str
    phone: str

    @property
    def dial(self) -> str:
        """The number as a telephone takes it."""
        return re.sub(r"[^\d+]", "", self.phone)


def name_of(user: User | None) -> str:
    """Return an active employee's full name, or nothing: a user name says nothing to a narrator."""
    return user.get_full_name() if user is not None and user.is_active else ""


def contact_of(member: Member, asked_by: User | None = None) -> Contact:
    """Return who speaks for the club to this narrator: who asked her, else her host, else the company's contact."""
    hosts = member.hosts.filter(is_active=True).order_by("pk")
    names = [name_of(asked_by), *(name_of(host) for host in hosts[:1])]
    name = next((each for each in names if each), settings.KB_CONTACT_NAME)
    return Contact(name, settings.KB_CONTACT_PHONE)


def mail_address(member: Member) -> str:
    """Return where letters to a narrator go; empty if nowhere."""
    identity = Identity.objects.filter(member=member).first()
    return identity.data["email"] if identity else ""


def has_mail(member: Member) -> bool:
    """Whether there is an address; one that cannot be opened counts as none."""
    try:
        return bool(mail_address(member))
    except SealBroken:
        return False
