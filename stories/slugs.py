"""Readable addresses in Latin letters for titles in both languages."""

import secrets

from anyascii import anyascii
from django.utils.text import slugify

LONGEST = 60
RUSSIAN = str.maketrans(
    {"щ": "shch", "Щ": "Shch", "ё": "e", "Ё": "E", "ь": "", "Ь": "", "ъ": "", "Ъ": "", "й": "y", "Й": "Y"}
)


def latin(text: str) -> str:
    """Return the text as a slug: «Часы в подъезде» becomes ``chasy-v-podezde``."""
    return slugify(anyascii(text.translate(RUSSIAN)))[:LONGEST].strip("-")


def story_slug(title: str) -> str:
    """Return a slug with a random tail, so that equal titles never meet and nothing can be guessed."""
    return "-".join(part for part in (latin(title), secrets.token_hex(3)) if part)
