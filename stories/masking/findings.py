"""What a search for names gives: places in a text, each with what it is and whose it is."""

from dataclasses import dataclass
from enum import IntEnum

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Kind(TextChoices):
    """What was found."""

    NAME = "name", _("name")
    PHONE = "phone", _("phone number")
    EMAIL = "email", _("e-mail address")
    CARD = "card", _("bank card number")
    INN = "inn", _("taxpayer number")
    SNILS = "snils", _("social insurance number")
    PASSPORT = "passport", _("passport number")
    PLATE = "plate", _("car number plate")


class Certainty(IntEnum):
    """How sure the machine is. A person decides in any case."""

    POSSIBLE = 1
    LIKELY = 2
    SURE = 3


class Role(TextChoices):
    """What a word is within somebody's name."""

    GIVEN = "given"
    PATRONYMIC = "patronymic"
    SURNAME = "surname"
    INITIAL = "initial"


class Whose(TextChoices):
    """Whose name it is, as far as the roster knows."""

    NARRATOR = "narrator", _("the narrator")
    MEMBER = "member", _("a member of the club")
    OTHER = "other", _("somebody else")


@dataclass(frozen=True, slots=True)
class Form:
    """One reading of a name's word: ``lemma`` in lower case, gender ``m``, ``f`` or "", case as in OpenCorpora."""

    role: Role
    lemma: str
    gender: str = ""
    case: str = ""
    plural: bool = False
    score: float = 1.0


@dataclass(frozen=True, slots=True)
class Part:
    """One word of a name: where it stands in the text and how it may be read."""

    start: int
    end: int
    text: str
    role: Role
    forms: tuple[Form, ...] = ()

    @property
    def lemmas(self) -> frozenset[str]:
        """The dictionary forms that the word may have."""
        return frozenset(form.lemma for form in self.forms) or frozenset({self.text.lower()})


@dataclass(frozen=True, slots=True)
class Finding:
    """A place in a text. ``key`` is equal for all mentions of one person (or one number) of that text."""

    start: int
    end: int
    kind: Kind
    text: str
    certainty: Certainty = Certainty.LIKELY
    key: str = ""
    parts: tuple[Part, ...] = ()
    language: str = "ru"
    whose: Whose = Whose.OTHER
    gender: str = ""
    cases: tuple[str, ...] = ()
