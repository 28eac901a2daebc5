"""Wagtail: the editors' side."""

from django.utils.translation import gettext_lazy as _

from kb_site.settings.apps import KB_COMPANY_NAME
from kb_site.settings.security import KB_BASE_URL

WAGTAIL_SITE_NAME = KB_COMPANY_NAME or _("Club of friends")
WAGTAILADMIN_BASE_URL = KB_BASE_URL
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAIL_ALLOW_UNICODE_SLUGS = False
WAGTAIL_WORKFLOW_ENABLED = True
WAGTAIL_WORKFLOW_REQUIRE_REAPPROVAL_ON_EDIT = True
WAGTAILIMAGES_IMAGE_MODEL = "stories.StoryImage"
WAGTAILIMAGES_EXTENSIONS = ["gif", "jpg", "jpeg", "png", "webp", "avif"]
WAGTAILIMAGES_MAX_UPLOAD_SIZE = 20 * 1024 * 1024
WAGTAILIMAGES_MAX_IMAGE_PIXELS = 25_000_000
WAGTAILIMAGES_FORMAT_CONVERSIONS = {
    "jpeg": "webp",
    "png": "webp",
    "gif": "webp",
    "avif": "avif",
    "webp": "webp",
}
WAGTAILDOCS_SERVE_METHOD = "serve_view"
WAGTAILEMBEDS_FINDERS: list[dict[str, str]] = []
WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "wagtail.search.backends.database", "AUTO_UPDATE": True}}
TAGGIT_CASE_INSENSITIVE = True
