"""Closed vocabularies of the search app."""

from enum import StrEnum

from django.db import models
from django.utils.translation import gettext_lazy as _


class Purpose(StrEnum):
    """Purposes a visibility window may be given for; the index keeps one pair of fields for each."""

    READ = "read"
    TRAIN = "train"
    IDEAS = "ideas"
    PROMOTE = "promote"


class Sort(models.TextChoices):
    """Orders a reader may choose for a list of hits."""

    RELEVANCE = "relevance", _("Best match")
    NEWEST = "newest", _("Newest first")


class StageName(StrEnum):
    """How loosely the text was matched, from strict to loose; ``ALL`` is browsing without a text."""

    ALL = "all"
    HALF = "half"
    THIRD = "third"
    ANY = "any"
    PARTS = "parts"


LOOSE_STAGES = (StageName.THIRD, StageName.ANY, StageName.PARTS)
EVERYONE = "*"
# A number of people below this is told as "few": it would point at them.
FEW = 5

# Names of Django's date formats by how exactly a date was written.
DATE_FORMATS = {"year": "Y", "month": "E Y", "day": "j E Y"}
