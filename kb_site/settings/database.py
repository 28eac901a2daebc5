"""The database, the cache and background tasks."""

from kb_site.settings import env
from kb_site.settings.paths import KB_DATA_DIR

DATABASES = {"default": env.database("DATABASE_URL", KB_DATA_DIR / "kb.sqlite3")}
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "kb"},
    # Drawings of member codes: nothing of a person, the same for ever, dear to make.
    "medallions": {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": KB_DATA_DIR / "cache" / "medallions",
        "TIMEOUT": None,
        "OPTIONS": {"MAX_ENTRIES": 50_000},
    },
}
TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}
