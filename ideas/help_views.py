"""Answering the proposals of the coding layer, by a key or by a button."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from club.permissions import employee
from consent.enums import Purpose
from ideas.models import Coding, Theme
from ideas.querysets import ground
from ideas.services import proposals
from ideas.texts import Span
from ideas.views import told_off
from stories.querysets import visible


@permission_required("ideas.code_story", raise_exception=True)
@require_POST
def proposal(request: HttpRequest, slug: str) -> HttpResponse:
    """Accept or refuse one proposal, and go on with the next."""
    story = visible(request.user, Purpose.IDEAS).filter(slug=slug).first()
    given = request.POST
    theme = Theme.objects.filter(pk=number(given.get("theme")), merged_into=None).first()
    span = Span(number(given.get("start")), number(given.get("end")))
    if story is None or theme is None or given.get("act") not in ("accept", "refuse"):
        raise Http404
    user, block = employee(request), given.get("block", "")[:64]
    if given["act"] == "accept":
        like = like_of(request, number(given.get("like")))
        if told_off(
            request,
            lambda: proposals.accept(
                user=user, story=story, block_id=block, span=span, theme=theme, like=like
            ),
        ):
            messages.success(request, _("Coded: %(theme)s") % {"theme": theme.label})
    elif told_off(
        request,
        lambda: proposals.refuse(user=user, story=story, block_id=block, span=span, theme=theme),
    ):
        messages.success(request, _("Refused. Passages like this one get this theme less often."))
    return redirect(f"{reverse('stories:detail', args=[slug])}#proposals")


def number(text: str | None) -> int:
    """Return a number of a form; 0, which names nothing, for what is none."""
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 10 else 0


def like_of(request: HttpRequest, pk: int) -> Coding | None:
    """Return the coding that a proposal was like, while it stands as evidence."""
    coding = Coding.objects.filter(pk=pk).select_related("highlight").first()
    return coding if coding and coding.highlight.story_id in ground(request.user).stories else None
