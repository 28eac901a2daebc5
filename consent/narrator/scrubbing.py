"""Keeping narrators' links out of the logs: whoever reads a log must not be able to open anybody's page.

Loaded with the settings, before any app: nothing of Django's models may be imported here.
"""

import logging
import re

TOKEN_IN_PATH = re.compile(r"/n/[^/\s\"'?#]{8,}")


class ScrubbingFormatter(logging.Formatter):
    """Formats as usual, tracebacks included, then blackens the secret part of a narrator's address."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line without any token."""
        return TOKEN_IN_PATH.sub("/n/…", super().format(record))
