"""The masking step of noting a story: before anything is stored, a person sees what names somebody."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from club.permissions import employee
from stories.forms import CaptureForm
from stories.models import StoryNote
from stories.services import capturing, masking


def answer_to_note(request: HttpRequest, form: CaptureForm) -> HttpResponse:
    """Answer to a valid note: store it as a draft, or show first what in it names somebody.

    The words travel in the form until she has decided; no draft holds them before.
    """
    if "back" in request.POST:
        return render(request, "stories/capture.html", {"form": form})
    note: StoryNote = form.save(commit=False)
    sent = request.POST if "names" in request.POST else None
    review = masking.review_of_note(note, sent)
    if review.findings and (sent is None or "preview" in request.POST or review.stale or review.errors):
        refused = sent is not None and (review.stale or (review.errors and "preview" not in request.POST))
        context = {"form": form, "review": review, "told": bool(refused)}
        return render(request, "stories/masking/note.html", context, status=422 if refused else 200)
    for path, text in review.changed.items():
        name = str(path[0])
        column: Any = StoryNote._meta.get_field(name)
        setattr(note, name, text[: column.max_length])
    capturing.submit_note(
        note=note, by=employee(request), names_checked=bool(review.findings), spoken=review.now_spoken_of()
    )
    return redirect("stories:captured")
