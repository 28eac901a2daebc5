"""Conventions of this app as system checks."""

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register


@register(Tags.security)
def media_is_private(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """Uploads must stay in the private storage: any other would serve pictures to anyone."""
    backend = settings.STORAGES["default"]["BACKEND"]
    if backend != "stories.storage.PrivateStorage":
        return [
            Error(
                f"Uploads are stored by {backend}, which serves them without asking for consent.",
                hint="Set STORAGES['default'] to stories.storage.PrivateStorage or a subclass.",
                id="stories.E001",
            )
        ]
    return []
