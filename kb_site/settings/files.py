"""Static files by whitenoise; uploads outside any web root, reached only through the guarded view."""

from kb_site.settings import env
from kb_site.settings.paths import BASE_DIR, KB_DATA_DIR, KB_MEDIA_ROOT

STATIC_URL = "/static/"
STATIC_ROOT = KB_DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
# `serve` collects hashed copies; without it (tests, a shell) the files are found where they lie.
KB_STATIC_COLLECTED = env.flag("KB_STATIC_COLLECTED")
WHITENOISE_USE_FINDERS = not KB_STATIC_COLLECTED
WHITENOISE_AUTOREFRESH = False
WHITENOISE_KEEP_ONLY_HASHED_FILES = False
STATIC_STORAGE = (
    "kb_site.static_storage.HashedStaticFilesStorage"
    if KB_STATIC_COLLECTED
    else "django.contrib.staticfiles.storage.StaticFilesStorage"
)

MEDIA_ROOT = KB_MEDIA_ROOT
MEDIA_URL = "/media/"
STORAGES = {
    "default": {"BACKEND": "stories.storage.PrivateStorage"},
    "staticfiles": {"BACKEND": STATIC_STORAGE},
}
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
FILE_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
