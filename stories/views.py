"""Pages of stories: the list, the reading view, the draft's preview, the capture form, guarded media."""

from csp.constants import SELF
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from club.permissions import employee
from search.pages import listing
from search.services import similar
from stories import media as guarded
from stories.forms import CaptureForm
from stories.layers import layers_of
from stories.masking.views import answer_to_note
from stories.models import StoryPage
from stories.reading import preview_terms, reading_context, story_for
from stories.services import capturing
from stories.services.masking import named_in
from stories.services.readings import note_reading

SIMILAR = 3
TITLE_LENGTH = 200


@require_GET
def story_list(request: HttpRequest) -> HttpResponse:
    """The shelf: every story this reader may meet, newest first, with facets."""
    page = listing(request, base_url=reverse("stories:list"), kinds=("story",))
    return render(request, "stories/list.html", {"listing": page})


@require_GET
def story_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """One story. Denied equals missing: the same 404."""
    story = story_for(request.user, slug)
    if story is None:
        raise Http404
    if not story.was_read:
        note_reading(story=story, reader=employee(request))
    context = reading_context(story, request.user)
    context["similar"] = [hit.card for hit in similar(request.user, "story", story.pk, SIMILAR)]
    for layer in layers_of(request.user):
        layer.add(request, story, context)
    return render(request, "stories/story.html", context)


@xframe_options_sameorigin
def story_preview(request: HttpRequest, story: StoryPage) -> HttpResponse:
    """A draft as its readers would see it; reached only through Wagtail's guarded preview views.

    The editor shows it in a frame of its own page, and runs its checks inside.
    """
    context = reading_context(preview_terms(story), request.user)
    context |= {"preview": True, "similar": [], "named": named_in(story)}
    response = render(request, "stories/story.html", context)
    response._csp_replace = {"frame-ancestors": [SELF]}  # type: ignore[attr-defined]  # django-csp reads it
    return response


@permission_required("stories.capture_storypage", raise_exception=True)
@require_http_methods(["GET", "POST"])
def capture(request: HttpRequest) -> HttpResponse:
    """Two minutes on a phone: note what a client told; it becomes a draft for the story keepers."""
    note = capturing.note_of(employee(request))
    if not note.title:
        note.title = request.GET.get("title", "").replace("\x00", "")[:TITLE_LENGTH]
    form = CaptureForm(request.POST or None, instance=note)
    if request.method == "POST" and form.is_valid():
        return answer_to_note(request, form)
    return render(request, "stories/capture.html", {"form": form}, status=422 if form.errors else 200)


@permission_required("stories.capture_storypage", raise_exception=True)
@require_GET
def captured(request: HttpRequest) -> HttpResponse:
    """Thanks, and what happens next."""
    return render(request, "stories/capture_done.html")


@permission_required("stories.capture_storypage", raise_exception=True)
@require_POST
def autosave(request: HttpRequest) -> JsonResponse:
    """Keep the unfinished note on the server, whatever state it is in; never in the browser."""
    form = CaptureForm(request.POST, instance=capturing.note_of(employee(request)))
    saved = capturing.keep_unfinished(form)
    return JsonResponse(
        {"saved": True, "text": _("Saved as an unfinished note at %(time)s") % {"time": saved}}
    )


@require_GET
def media(request: HttpRequest, name: str) -> HttpResponseBase:
    """A file of the private storage, for those who may see it; 404 for everyone else."""
    return guarded.respond(request, name)
