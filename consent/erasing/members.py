"""The erasers of the club's surfaces. They stand here because the club, which comes first, knows nothing of consent."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from club.enums import Season
from club.models import Identity, Member
from club.sealing import SealBroken
from consent.erasing.erasers import CODES_ONLY
from consent.erasing.registry import BlankingEraser, Case, RowsEraser, Word, exempt, register


class IdentityEraser(RowsEraser):
    """Who she is: the sealed record goes as a whole."""

    surface = "club.identity"
    label = _("name, phone, e-mail, address")
    models = ("club.Identity",)

    def rows(self, case: Case) -> Iterable[QuerySet[Any]]:
        return (Identity.objects.filter(member=case.member),)

    def words(self, case: Case) -> Iterable[Word]:
        for identity in Identity.objects.filter(member=case.member):
            yield "sealed", bytes(identity.sealed)[10:74]
            for value in _opened(identity).values():
                yield "identity", value

    def export(self, member: Member) -> Any:
        identity = Identity.objects.filter(member=member).first()
        return _opened(identity) if identity else None


def _opened(identity: Identity) -> dict[str, str]:
    """Return what a record says; nothing where no key of this install opens it any more."""
    try:
        return identity.data
    except SealBroken:
        return {}


class CardEraser(BlankingEraser):
    """The figure that colleagues know: her row stays, empty, because the ledger points at it."""

    surface = "club.card"
    label = _("the figure's card: name, stratum, since when, hosts, looks")
    models = ("club.Member", "club.Member_hosts")
    blanks = {
        "persona_name": "", "hair": "", "dress": "", "client_since": None, "stratum": None,
        "season": Season.ALUMNI.value,
    }  # fmt: skip
    keeps = {"code": "the ledger's name for her; drawn at random", "kind": CODES_ONLY, "language": CODES_ONLY}

    def all_rows(self, case: Case) -> QuerySet[Member]:
        return Member.objects.filter(pk=case.member.pk)

    def full(self, case: Case) -> QuerySet[Member]:
        something = Q(erased_at=None) | ~Q(persona_name="") | Q(hosts__isnull=False)
        something |= Q(stratum__isnull=False) | Q(client_since__isnull=False) | ~Q(hair="") | ~Q(dress="")
        return Member.objects.filter(something, pk=case.member.pk).distinct()

    def words(self, case: Case) -> Iterable[Word]:
        yield "name", case.member.persona_name

    def others(self, case: Case) -> Iterable[str]:
        return Member.objects.exclude(pk=case.member.pk).values_list("persona_name", flat=True)

    def export(self, member: Member) -> Any:
        return {
            "figure": member.persona_name,
            "kind": member.kind,
            "language": member.language,
            "client_since": member.client_since.isoformat() if member.client_since else None,
            "stratum": member.stratum.name if member.stratum else None,
            "season": member.season,
            "hosts": [user.get_full_name() or user.username for user in member.hosts.all()],
            "medallion": {"hair": member.hair, "dress": member.dress},
        }

    def erase(self, case: Case) -> None:
        """Empty the row, and say since when it is empty."""
        case.member.hosts.clear()
        moment = case.member.erased_at or timezone.now()
        Member.objects.filter(pk=case.member.pk).update(**self.blanks, erased_at=moment)


EXEMPT = {
    "club.Stratum": "parts of the customer base; nobody by name",
    "club.User": "employees",
    "club.User_groups": "employees",
    "club.User_user_permissions": "employees",
}


def register_all() -> None:
    """Register the club's erasers; the card goes last, everything else leans on it."""
    register(IdentityEraser(), order=400)
    register(CardEraser(), order=410)
    exempt(EXEMPT)
