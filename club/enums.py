"""Words with a fixed meaning in the club."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class MemberKind(TextChoices):
    """Whose voice it is."""

    CLIENT = "client", _("client")
    EMPLOYEE = "employee", _("employee")


class Season(TextChoices):
    """A membership has seasons, not a status: nobody is ever removed."""

    INVITED = "invited", _("invited")
    ACTIVE = "active", _("active")
    RESTING = "resting", _("resting")
    ALUMNI = "alumni", _("alumni")


class Hair(TextChoices):
    """Hair of a medallion, where the host overrules the draw."""

    CROP = "crop", _("cropped")
    BUN = "bun", _("bun")
    BOB = "bob", _("bob")
    CAP = "cap", _("cap")
    SCARF = "scarf", _("headscarf")
    WAVES = "waves", _("waves")
    BALD = "bald", _("bald")
    TAIL = "tail", _("tail")


class Dress(TextChoices):
    """Dress of a medallion, where the host overrules the draw."""

    ROUND = "round", _("round neck")
    COLLAR = "collar", _("collar")
    SHAWL = "shawl", _("shawl")
    HIGH = "high", _("high neck")
