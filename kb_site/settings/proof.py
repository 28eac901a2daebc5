"""Proof of learning: the keys that sign badges and hide learners, and where statements of learning go."""

from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from kb_site.settings import env
from kb_site.settings.paths import KB_DATA_DIR

# Made in KB_DATA_DIR/keys at the first use where nobody gives them. Of several the first signs, all are published.
KB_BADGE_KEY = env.text("KB_BADGE_KEY")
KB_LEARNER_KEY = env.text("KB_LEARNER_KEY")

# Empty: no statements. "file": a line of JSON each. The address of a learning record store: sent there.
KB_XAPI_URL = env.text("KB_XAPI_URL")
KB_XAPI_FILE = env.path("KB_XAPI_FILE", KB_DATA_DIR / "xapi" / "statements.jsonl")
KB_XAPI_USER = env.text("KB_XAPI_USER")
KB_XAPI_PASSWORD = env.text("KB_XAPI_PASSWORD")
KB_XAPI_TIMEOUT_SECONDS = env.number("KB_XAPI_TIMEOUT_SECONDS", 10, minimum=1)

_address = urlsplit(KB_XAPI_URL)
if KB_XAPI_URL not in ("", "file") and (_address.scheme not in ("http", "https") or not _address.hostname):
    raise ImproperlyConfigured('KB_XAPI_URL must be empty, "file" or the https:// address of a record store.')
