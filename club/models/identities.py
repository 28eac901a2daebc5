"""Who a member really is: one encrypted record, apart from everything that colleagues read."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from club import sealing
from club.models.members import Member

FIELDS = ("full_name", "phone", "email", "address")


class Identity(models.Model):
    """Name and contacts of a member, encrypted at rest; for her hosts and the data protection officer only."""

    member = models.OneToOneField(
        Member, verbose_name=_("member"), on_delete=models.PROTECT, related_name="identity"
    )
    sealed = models.BinaryField(_("encrypted data"), editable=False)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)

    class Meta:
        verbose_name = _("identity")
        verbose_name_plural = _("identities")

    def __str__(self) -> str:
        return f"{_('identity')} {self.member_id}"

    @property
    def data(self) -> dict[str, str]:
        """The opened record: ``full_name``, ``phone``, ``email``, ``address``."""
        return {name: "" for name in FIELDS} | sealing.unseal(self.sealed)

    @data.setter
    def data(self, value: dict[str, str]) -> None:
        self.sealed = sealing.seal({name: value.get(name, "").strip() for name in FIELDS})
