"""Members of the club: the figures that colleagues know, without the persons' identities."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from club import codes
from club.enums import Dress, Hair, MemberKind, Season
from club.models.strata import Stratum


def new_code() -> str:
    """Return a code that no member has yet."""
    while Member.objects.filter(code=(code := codes.draw())).exists():
        pass
    return code


def validate_code(value: str) -> None:
    """Refuse a code whose check digit does not fit."""
    if not codes.is_valid(value):
        raise ValidationError(_("This is not a member code: it looks like KD-123456-7. Check the digits."))


class Member(models.Model):  # type: ignore[django-manager-missing]  # pictures and pages: Wagtail's, untyped
    """A client or an employee who tells stories, known by a code and a persona name."""

    code = models.CharField(
        _("code"), max_length=16, unique=True, default=new_code, validators=[validate_code]
    )
    persona_name = models.CharField(
        _("figure's name"),
        max_length=120,
        help_text=_("How colleagues speak of this person: a figure, never the real name."),
    )
    kind = models.CharField(_("who"), max_length=10, choices=MemberKind.choices, default=MemberKind.CLIENT)
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES, default="ru")
    client_since = models.DateField(_("client since"), null=True, blank=True)
    stratum = models.ForeignKey(
        Stratum,
        verbose_name=_("stratum"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="members",
    )
    season = models.CharField(_("season"), max_length=10, choices=Season.choices, default=Season.ACTIVE)
    hosts = models.ManyToManyField(
        settings.AUTH_USER_MODEL, verbose_name=_("hosts"), blank=True, related_name="hosted_members"
    )
    hair = models.CharField(_("hair on the medallion"), max_length=10, choices=Hair.choices, blank=True)
    dress = models.CharField(_("dress on the medallion"), max_length=10, choices=Dress.choices, blank=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    erased_at = models.DateTimeField(_("forgotten at"), null=True, editable=False)

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        ordering = ["persona_name", "code"]

    def __str__(self) -> str:
        return f"{self.persona_name or '—'} ({self.code})"
