"""Private storage: outside any web root, random names, and no way to a file but the guarded view."""

import secrets
from pathlib import PurePosixPath

from django.core.files.storage import FileSystemStorage
from django.urls import reverse
from django.utils.deconstruct import deconstructible


@deconstructible
class PrivateStorage(FileSystemStorage):
    """Files that no web server maps. ``url()`` names the guarded view, which answers only to those who may see."""

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        """Keep the folder and the extension, never the uploaded name."""
        path = PurePosixPath(name.replace("\\", "/"))
        return str(path.parent / f"{secrets.token_hex(16)}{path.suffix.lower()[:8]}")

    def url(self, name: str | None) -> str:
        """Return the address of the guarded view."""
        return reverse("media", args=[name])
