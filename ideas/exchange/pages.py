"""The exchange page: take codes and passages out, look at a file, bring it in."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override
from django.views.decorators.http import require_GET, require_POST

from club.permissions import employee
from ideas.enums import FileForm
from ideas.exchange import applying, arriving, leaving
from ideas.exchange.forms import ApplyForm, BringInForm, TakeOutForm
from ideas.exchange.records import FileRefused
from ideas.models import Departure, Theme

EXCHANGES = permission_required(
    ["ideas.code_story", "ideas.add_theme", "ideas.change_theme"], raise_exception=True
)
SHOWN, ROWS = 12, 400


def page(request: HttpRequest, status: int = 200, **forms: Any) -> HttpResponse:
    """Draw the page, with a form that was not taken."""
    context = {
        "take_out": TakeOutForm(initial={"language": request.LANGUAGE_CODE[:2]}),
        "bring_in": BringInForm(),
        "theme_count": Theme.objects.filter(merged_into=None).count(),
        "departures": list(Departure.objects.select_related("by")[:SHOWN]),
        **forms,
    }
    return render(request, "ideas/exchange.html", context, status=status)


@EXCHANGES
@require_GET
def exchange(request: HttpRequest) -> HttpResponse:
    """What can be taken out and brought in, and what was taken out."""
    return page(request)


@EXCHANGES
@require_POST
def take_out(request: HttpRequest) -> HttpResponse:
    """Give a file of what may leave now."""
    form = TakeOutForm(request.POST)
    if not form.is_valid():
        return page(request, 422, take_out=form)
    try:
        with override(form.cleaned_data["language"] or request.LANGUAGE_CODE):
            file = leaving.take_out(user=employee(request), form=FileForm(form.cleaned_data["form"]))
    except FileRefused as problem:
        form.add_error(None, str(problem))
        return page(request, 422, take_out=form)
    headers = {
        "Content-Disposition": f'attachment; filename="{file.name}"',
        "Cache-Control": "private, no-store",
    }
    return HttpResponse(file.data, content_type=file.media_type, headers=headers)


@EXCHANGES
@require_POST
def preview(request: HttpRequest) -> HttpResponse:
    """Say what a file would bring; nothing is written."""
    form = BringInForm(request.POST, request.FILES)
    if not form.is_valid():
        return page(request, 422, bring_in=form)
    try:
        plan, seal = arriving.preview(employee(request), form.cleaned_data["file"].read())
    except FileRefused as problem:
        form.add_error("file", str(problem))
        return page(request, 422, bring_in=form)
    context = {
        "plan": plan,
        "rows": plan.rows[:ROWS],
        "more": max(0, len(plan.rows) - ROWS),
        "counts": {state: plan.count(state) for state in ("new", "same", "different")},
        "idea_counts": {state: plan.thought_count(state) for state in ("new", "same", "different")},
        "form": ApplyForm(initial={"seal": seal}),
        "name": form.cleaned_data["file"].name,
        "nothing": not plan.placed
        and plan.count("same") == len(plan.rows)
        and plan.thought_count("same") == len(plan.thoughts),
    }
    return render(request, "ideas/exchange_preview.html", context)


@EXCHANGES
@require_POST
def bring_in(request: HttpRequest) -> HttpResponse:
    """Do what the preview said."""
    form, user = ApplyForm(request.POST), employee(request)
    try:
        if not form.is_valid():
            raise FileRefused(_("Choose the file again."))
        plan = arriving.unsealed(user, form.cleaned_data["seal"])
        done = applying.apply(user=user, plan=plan, update=form.cleaned_data["update"])
    except FileRefused as problem:
        messages.error(request, str(problem))
        return redirect("ideas:exchange")
    messages.success(request, told(done))
    return redirect("ideas:themes")


def told(done: applying.Done) -> str:
    """Return what was done, in a sentence."""
    parts = [ngettext("%(n)s new theme", "%(n)s new themes", done.made) % {"n": done.made}]
    if done.changed:
        parts.append(
            ngettext("%(n)s changed", "%(n)s changed", done.changed) % {"n": done.changed}
        )
    if done.noted:
        parts.append(ngettext("%(n)s new idea", "%(n)s new ideas", done.noted) % {"n": done.noted})
    if done.coded:
        parts.append(ngettext("%(n)s passage coded", "%(n)s passages coded", done.coded) % {"n": done.coded})
    return _("Brought in: %(what)s.") % {"what": ", ".join(parts)}
