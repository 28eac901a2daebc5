"""``SEARCH_URL`` of an Elasticsearch: ``elasticsearch+https://user:password@host:9200/prefix``."""

import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

SCHEMES = ("elasticsearch+http", "elasticsearch+https")
SHAPE = "elasticsearch+https://user:password@host:9200/prefix"
LOCAL = ("localhost", "127.0.0.1", "::1")
_PREFIX = re.compile(r"[a-z][a-z0-9_]{0,39}")


class InvalidAddress(ValueError):
    """A ``SEARCH_URL`` that cannot be used; the message says why, without quoting a password."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where the server is, who we are there, and with what the names of our indexes begin."""

    url: str
    prefix: str
    user: str = ""
    password: str = ""

    @property
    def is_open_road(self) -> bool:
        """Whether words and passwords would travel to another machine unencrypted."""
        parts = urlsplit(self.url)
        return parts.scheme == "http" and parts.hostname not in LOCAL


def read(url: str) -> Address:
    """Return the parts of a ``SEARCH_URL``; ``InvalidAddress`` with clear words if it has not this shape."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise InvalidAddress("its host or port cannot be read") from error
    if parts.scheme not in SCHEMES:
        raise InvalidAddress("it has to begin with elasticsearch+http:// or elasticsearch+https://")
    if not parts.hostname:
        raise InvalidAddress("it names no host")
    if parts.query or parts.fragment:
        raise InvalidAddress("nothing may follow the prefix; other values have settings of their own")
    prefix = unquote(parts.path).strip("/")
    if not _PREFIX.fullmatch(prefix):
        raise InvalidAddress(
            "after the host it needs a prefix for the names of its indexes: a small Latin letter, then small letters, "
            "digits and underscores, at most 40"
        )
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    scheme = parts.scheme.removeprefix("elasticsearch+")
    return Address(
        url=f"{scheme}://{host}:{port or (443 if scheme == 'https' else 9200)}",
        prefix=prefix,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
    )
