"""A lawyer has read a text: the template's mark goes, and Wagtail's log says who recorded it."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from club.models import User
from consent.models import ConsentText
from consent.texts.checking import problems

CONFIRMED = "consent.text_confirmed"


@transaction.atomic
def confirm(text: ConsentText, *, by: User, note: str) -> ConsentText:
    """Clear the template's mark of a text that says all the law asks for.

    Raises ``PermissionDenied``, and ``ValidationError`` if something is missing or the note does not say who read it.
    """
    if not by.has_perm("consent.confirm_consenttext"):
        raise PermissionDenied
    if found := problems(text):
        raise ValidationError([problem.message for problem in found])
    if not note.strip():
        raise ValidationError(_("Say who has read it and where that is written down."))
    if text.is_template:
        text.is_template = False
        text.save(update_fields=["is_template", "sha256"])
        log(text, CONFIRMED, user=by, data={"note": note.strip(), "sha256": text.sha256})
    return text
