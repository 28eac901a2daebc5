"""The guarded view's answers: which file, for whom, with which headers."""

import mimetypes

from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from wagtail.permissions import policy_registry

from consent.models import Consent
from stories.models import StoryImage, StoryRendition
from stories.querysets import Reader, visible_images

INLINE = {"image/webp", "image/avif", "image/jpeg", "image/png", "image/gif"}
POLICY = "default-src 'none'; sandbox"


def may_see(user: Reader, name: str) -> bool:
    """Whether a user may see a stored file: sizes of visible pictures, originals to editors, evidence to keepers."""
    rendition = StoryRendition.objects.filter(file=name).values_list("image_id", flat=True).first()
    if rendition is not None:
        return is_editor(user) or visible_images(user).filter(pk=rendition).exists()
    if StoryImage.objects.filter(file=name).exists():
        return is_editor(user)
    if Consent.objects.filter(evidence=name).exclude(evidence="").exists():
        return user.has_perm("consent.view_consent")
    return False


def is_editor(user: Reader) -> bool:
    """Editors of pictures see them before any story shows them."""
    return user.is_active and policy_registry.get_by_type(StoryImage).user_has_permission(user, "change")


def respond(request: HttpRequest, name: str) -> HttpResponseBase:
    """Answer with the file, or with the same 404 whether it is denied or was never there."""
    if "\x00" in name or not may_see(request.user, name) or not default_storage.exists(name):
        raise Http404
    content_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    response = FileResponse(
        default_storage.open(name), content_type=content_type, as_attachment=content_type not in INLINE
    )
    response["Cache-Control"] = "private, no-store"
    response["Content-Security-Policy"] = POLICY
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Vary"] = "Cookie"
    return response
