"""Words that stand for each other, kept by the company."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from search import thesaurus

LANGUAGES = [("", _("any")), ("ru", _("Russian")), ("en", _("English"))]


class Synonym(models.Model):
    """A word and what else may be meant by it; read with every search, never written into the index."""

    language = models.CharField(
        _("language of the query"), max_length=2, choices=LANGUAGES, blank=True, default=""
    )
    word = models.CharField(
        _("people type"),
        max_length=100,
        help_text=_("A word or a few, in any form: “lift”, “personal account”."),
    )
    synonyms = models.TextField(
        _("also look for"), max_length=1000, help_text=_("One a line, or separated by commas.")
    )
    both_ways = models.BooleanField(
        _("both ways"),
        default=True,
        help_text=_("The others find this word too. Leave it off where one is only a sort of the other."),
    )
    changed_at = models.DateTimeField(_("changed at"), auto_now=True)

    class Meta:
        verbose_name = _("synonym")
        verbose_name_plural = _("synonyms")
        ordering = ["word", "pk"]

    def __str__(self) -> str:
        return self.word

    @property
    def listed(self) -> str:
        """The synonyms in one line."""
        return ", ".join(thesaurus.parted(self.synonyms))

    def clean(self) -> None:
        """Refuse what could never match: words so frequent that they are not searched for, or the word itself."""
        problems: dict[str, Any] = {}
        own = thesaurus.stems_of(self.word)
        if not own:
            problems["word"] = _("These words are too frequent to be searched for.")
        others = [thesaurus.stems_of(each) for each in thesaurus.parted(self.synonyms)]
        if not others or not all(others):
            problems["synonyms"] = _("Some of these are too frequent to be searched for.")
        elif own in others:
            problems["synonyms"] = _("A form of the word itself is found anyway.")
        if problems:
            raise ValidationError(problems)
