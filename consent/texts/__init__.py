"""Consent texts: what each law wants said, templates in files, composing, checking, comparing, confirming.

A text is a row of ``ConsentText``. Its ``elements`` say the same as its body, one by one, under the names that
``requirements`` gives them.
"""

from collections.abc import Iterable

from django.conf import settings

from consent.enums import Category, Law, Purpose, TextScope
from consent.models import ConsentText
from consent.texts.checking import problems
from consent.texts.templates import install_templates

__all__ = ["covers", "current_text", "default_law", "install_templates", "problems", "versions"]


def default_law() -> Law:
    """Return the law of this house, ``KB_LAW``."""
    return Law(settings.KB_LAW)


def versions(
    *, law: Law, language: str, scope: TextScope = TextScope.INTERNAL, category: str = ""
) -> list[ConsentText]:
    """Return all versions of one text, newest first."""
    slot = {"law": law, "language": language, "scope": scope, "category": category}
    return list(ConsentText.objects.filter(**slot).order_by("-version"))


def current_text(
    *, law: Law, language: str, scope: TextScope = TextScope.INTERNAL, category: str = ""
) -> ConsentText | None:
    """Return the newest version that says all the law asks for; None if nobody has finished one.

    A template is good enough here: whether to ask before a lawyer has read it is the house's decision, and every
    screen that shows it says so.
    """
    found = versions(law=law, language=language, scope=scope, category=category)
    return next((text for text in found if not problems(text)), None)


def covers(text: ConsentText, purpose: Purpose, category: Category) -> bool:
    """Whether a text may stand for this permission.

    A text about distribution stands for its own category leaving the company and for nothing else; one about use
    inside never lets anything out (152-ФЗ, art. 10.1(1); GDPR, art. 7(2)). Texts without elements were written
    before there were any and stand for what they were used for.
    """
    if not text.elements:
        return True
    if text.scope == TextScope.DISTRIBUTION:
        return purpose == Purpose.PROMOTE and text.category in ("", category)
    return purpose != Purpose.PROMOTE


def uncovered(
    text: ConsentText, permissions: Iterable[tuple[Purpose, Category]]
) -> list[tuple[Purpose, Category]]:
    """Return the permissions for which the text is the wrong document."""
    return [(purpose, category) for purpose, category in permissions if not covers(text, purpose, category)]
