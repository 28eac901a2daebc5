"""HR's pages that change something: newcomers from a file, rules, a plan, a cohort's version, a new module."""

from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core import signing
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from club.models import User
from club.permissions import employee
from consent.enums import Purpose
from onboarding import reports
from onboarding.learning import track_of
from onboarding.models import AssignmentRule, Employee, Enrolment, TrackVersion
from onboarding.services import authoring, enrolling, importing, moving, rules
from onboarding.views.hr import for_hr
from stories.querysets import visible

SALT = "onboarding.import"
HALF_HOUR = 1800
LARGEST = 5_000_000


# Newcomers from a file


@for_hr
@require_http_methods(["GET", "POST"])
def import_people(request: HttpRequest) -> HttpResponse:
    """A file is shown first, with what it would do; then, if one agrees, it is done."""
    found: dict[str, Any] = {"columns": importing.COLUMNS, "needed": importing.NEEDED}
    if request.method != "POST":
        return render(request, "onboarding/hr/import.html", found)
    try:
        if request.POST.get("rows"):
            return imported(request)
        rows = uploaded(request)
    except ValidationError as error:
        return render(request, "onboarding/hr/import.html", {**found, "error": error.messages[0]}, status=422)
    lines = importing.plan(rows)
    found |= {
        "lines": lines,
        "good": [line for line in lines if not line.errors],
        "wrong": [line for line in lines if line.errors],
        "new": sum(line.is_new for line in lines),
        "enrols": sum(line.enrols for line in lines),
        "changed": sum(bool(line.changes) for line in lines),
        "rows": signing.dumps(rows, salt=SALT, compress=True),
    }
    return render(request, "onboarding/hr/import.html", found)


def uploaded(request: HttpRequest) -> list[dict[str, str]]:
    """Return the rows of the file that was sent."""
    file = request.FILES.get("file")
    if file is None:
        raise ValidationError(_("Choose a file."))
    if (file.size or 0) > LARGEST:
        raise ValidationError(_("The file is too large: 5 MB at most."))
    return importing.read(file.name or "", file.read())


def imported(request: HttpRequest) -> HttpResponse:
    """Do what was shown."""
    try:
        rows = signing.loads(request.POST["rows"], salt=SALT, max_age=HALF_HOUR)
    except signing.BadSignature as error:
        raise ValidationError(_("Too much time has passed. Send the file once more.")) from error
    lines = importing.write(rows, by=employee(request))
    done = [line for line in lines if not line.errors]
    told = {
        "people": len(done),
        "new": sum(line.is_new for line in done),
        "enrols": sum(line.enrols for line in done),
    }
    messages.success(
        request, _("Rows taken: %(people)d, of them new people: %(new)d, put on a track: %(enrols)d.") % told
    )
    return redirect("hr:dashboard")


# Rules


class RuleForm(forms.ModelForm):
    """A rule; an empty field means anyone."""

    class Meta:
        model = AssignmentRule
        fields = (
            "name",
            "track_key",
            "department",
            "role",
            "location",
            "starts_from",
            "starts_until",
            "is_active",
        )
        widgets = {
            "starts_from": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "starts_until": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        published = set(TrackVersion.objects.order_by().values_list("key", flat=True))
        choices = [("", "—")] + [
            (str(key), title) for key, title in reports.titles().items() if key in published
        ]
        self.fields["track_key"] = forms.TypedChoiceField(
            label=gettext_lazy("Track"), choices=choices, coerce=UUID
        )


@for_hr
@require_http_methods(["GET"])
def rule_list(request: HttpRequest) -> HttpResponse:
    """All rules."""
    names = reports.titles()
    rows = [{"rule": row, "track": names.get(row.track_key, "")} for row in AssignmentRule.objects.all()]
    return render(request, "onboarding/hr/rules.html", {"rows": rows})


@for_hr
@require_http_methods(["GET", "POST"])
def rule(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """One rule: who enters and who rests is shown before it is saved."""
    known = get_object_or_404(AssignmentRule, pk=pk) if pk else None
    form = RuleForm(request.POST or None, instance=known)
    effect = None
    if request.method == "POST" and form.is_valid():
        draft = form.save(commit=False)
        if request.POST.get("do") == "save":
            draft.save()
            done = rules.apply(draft, by=employee(request))
            told = {"enter": len(done.enter) + len(done.again), "rest": len(done.rest)}
            messages.success(request, _("Saved. On the track: %(enter)d more, resting: %(rest)d.") % told)
            return redirect("hr:rules")
        effect = rules.preview(draft)
    status = 422 if form.errors else 200
    return render(
        request, "onboarding/hr/rule.html", {"form": form, "effect": effect, "rule": known}, status=status
    )


# One person


class PlanForm(forms.Form):
    """What may be changed in one person's plan."""

    start = forms.DateField(
        label=gettext_lazy("First day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    mentor = forms.ModelChoiceField(
        label=gettext_lazy("Mentor"),
        required=False,
        queryset=User.objects.filter(is_active=True).order_by("last_name", "username"),
    )


@for_hr
@require_http_methods(["GET", "POST"])
def person(request: HttpRequest, enrolment: UUID) -> HttpResponse:
    """How far one person has come, and her plan. Not what she chose or wrote."""
    row = get_object_or_404(Enrolment.objects.select_related("employee__mentor", "version"), uuid=enrolment)
    form = PlanForm(initial={"start": row.employee.start_date, "mentor": row.employee.mentor_id})
    if request.method == "POST":
        form = PlanForm(request.POST)
        if changed(request, row, form):
            return redirect("hr:person", enrolment=row.uuid)
    track = track_of(row)
    return render(
        request,
        "onboarding/hr/person.html",
        {"row": row, "track": track, "form": form},
        status=422 if form.errors else 200,
    )


def changed(request: HttpRequest, row: Enrolment, form: PlanForm) -> bool:
    """Change one thing of a plan; False if the form has to be shown again."""
    do, by = request.POST.get("do", ""), employee(request)
    if do == "plan":
        if not form.is_valid():
            return False
        Employee.objects.filter(pk=row.employee_id).update(mentor=form.cleaned_data["mentor"])
        enrolling.move_start(row.employee, form.cleaned_data["start"], by=by)
    elif do == "due":
        return moved_due(request, row, by)
    elif do == "waive":
        waive_module(request, row, by)
    elif do == "rest":
        enrolling.suspend(row, by=by)
    elif do == "go_on":
        enrolling.resume(row, by=by)
    messages.success(request, _("Changed. It is in the ledger."))
    return True


def moved_due(request: HttpRequest, row: Enrolment, by: User) -> bool:
    """Move the due date of one module."""
    try:
        module, day = UUID(request.POST.get("module", "")), date.fromisoformat(request.POST.get("day", ""))
    except ValueError:
        messages.error(request, _("This is no date."))
        return True
    if not row.modules.filter(module_key=module).exists():
        raise Http404
    enrolling.move_due(row, module, day, by=by)
    messages.success(request, _("Changed. It is in the ledger."))
    return True


def waive_module(request: HttpRequest, row: Enrolment, by: User) -> None:
    """Waive what is open of one module."""
    track = track_of(row, texts_of=UUID(int=0))
    module = next(
        (each for each in track.modules if str(each.module.key) == request.POST.get("module")), None
    )
    if module is None:
        raise Http404
    places = [
        (module.module.key, step.step.id) for step in module.steps if step.step.required and not step.done
    ]
    enrolling.waive(row, places, by=by)


# A cohort


@for_hr
@require_http_methods(["GET", "POST"])
def move_cohort(request: HttpRequest, track: UUID) -> HttpResponse:
    """What moving people to the newest version would do to them; then, if HR agrees, it is done."""
    version = TrackVersion.objects.filter(key=track).order_by("-pk").first()
    if version is None:
        raise Http404
    if request.method == "POST":
        made = moving.move(track, version, by=employee(request))
        messages.success(
            request, _("People moved: %(count)d. Nobody lost a completed step.") % {"count": made.moved}
        )
        return redirect("hr:dashboard")
    found = {
        "preview": moving.preview(track, version),
        "version": version,
        "title": reports.titles().get(track, ""),
    }
    return render(request, "onboarding/hr/move.html", found)


# A module


@require_POST
def module_from_story(request: HttpRequest, pk: int) -> HttpResponse:
    """One click from a story to a draft module; only from a story that one may be taught with oneself."""
    story = visible(request.user, Purpose.TRAIN).filter(pk=pk).first()
    if story is None or not authoring.may_write(employee(request)):
        raise Http404
    page = authoring.module_from_story(story, by=employee(request))
    return redirect(reverse("wagtailadmin_pages:edit", args=[page.pk]))
