"""Tells people of new things in their saved searches: a letter with a link and nothing of what was found.

A letter cannot be taken back, so it says neither what nor how much. The gate is asked when the search is looked
at, again when the letter leaves, and once more when its link is opened.
"""

import logging
import smtplib
import time
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db.models import F
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from search.engines.base import EngineUnavailable
from search.models import SavedSearch
from search.services.saving import mark_seen, news_of

logger = logging.getLogger(__name__)

BATCH = 50
ATTEMPTS = 6
LEASE = timedelta(minutes=5)
FIRST_WAIT = timedelta(minutes=1)
TIMEOUT_SECONDS = 10
RUN_SECONDS = 5.0


def alert() -> int:
    """Look at the saved searches whose time has come and send what letters are due; returns how many left."""
    look()
    return deliver()


def look() -> int:
    """Note a letter for every saved search that finds something new; returns how many were noted."""
    now = timezone.now()
    before = now - timedelta(minutes=settings.KB_SAVED_SEARCH_MINUTES)
    due = SavedSearch.objects.filter(by_mail=True, letter_due_at__isnull=True, checked_at__lte=before)
    noted = 0
    for saved in due.select_related("user").order_by("checked_at", "pk")[:BATCH]:
        try:
            letter_due_at = now if may_write_to(saved.user) and news_of(saved) else None
        except EngineUnavailable:
            break  # it will be looked at again when the index answers
        noted += letter_due_at is not None
        SavedSearch.objects.filter(pk=saved.pk).update(
            checked_at=now, letter_due_at=letter_due_at, attempts=0
        )
    return noted


def deliver(*, seconds: float = RUN_SECONDS) -> int:
    """Send the letters that are due, oldest first; returns how many left."""
    started, sent = time.monotonic(), 0
    due = SavedSearch.objects.filter(letter_due_at__lte=timezone.now()).select_related("user")
    for saved in due.order_by("letter_due_at", "pk")[:BATCH]:
        if _lease(saved):
            sent += _send(saved)
        if time.monotonic() - started > seconds:
            break
    return sent


def may_write_to(user: Any) -> bool:
    """Whether this person can get letters."""
    return bool(user.is_active and user.email)


def letter(saved: SavedSearch) -> EmailMessage:
    """The letter about a saved search, in the language of its owner; it names neither the search nor what was found."""
    address = settings.KB_BASE_URL.rstrip("/") + reverse("search:open_saved", args=[saved.pk])
    everything = settings.KB_BASE_URL.rstrip("/") + reverse("search:saved")
    with translation.override(_language(saved.user)):
        return EmailMessage(
            subject=_("Club of friends: something new in a search you saved"),
            body=render_to_string("search/letter.txt", {"address": address, "everything": everything}).strip()
            + "\n",
            to=[saved.user.email],
            headers={"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"},
            connection=get_connection(timeout=TIMEOUT_SECONDS),
        )


def _language(user: Any) -> str:
    profile = getattr(user, "wagtail_userprofile", None)
    return (profile.preferred_language if profile else "") or settings.LANGUAGE_CODE


def _lease(saved: SavedSearch) -> bool:
    """Take a letter for this process; a dead process's lease runs out by itself."""
    mine = SavedSearch.objects.filter(pk=saved.pk, letter_due_at=saved.letter_due_at, attempts=saved.attempts)
    taken = mine.update(attempts=F("attempts") + 1, letter_due_at=timezone.now() + LEASE)
    saved.attempts += taken
    return bool(taken)


def _send(saved: SavedSearch) -> bool:
    """Send one leased letter, if there is still something to tell; True if it left."""
    try:
        if not (saved.by_mail and may_write_to(saved.user) and news_of(saved)):
            SavedSearch.objects.filter(pk=saved.pk).update(letter_due_at=None, attempts=0)
            return False
        letter(saved).send()
    except (EngineUnavailable, OSError, smtplib.SMTPException) as error:
        _retry(saved, type(error).__name__)
        return False
    SavedSearch.objects.filter(pk=saved.pk).update(letter_due_at=None, attempts=0)
    mark_seen(saved)
    return True


def _retry(saved: SavedSearch, error: str) -> None:
    """Try again later, twice as late each time; after the last attempt wait for the next look."""
    logger.warning("The letter about saved search %s could not be sent: %s", saved.pk, error)
    wait = timezone.now() + FIRST_WAIT * 2 ** (saved.attempts - 1)
    again = wait if saved.attempts < ATTEMPTS else None
    SavedSearch.objects.filter(pk=saved.pk).update(letter_due_at=again)
