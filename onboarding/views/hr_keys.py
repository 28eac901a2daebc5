"""HR's page of keys for its own system."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from club.permissions import employee
from onboarding.models import HrToken
from onboarding.services import keys
from onboarding.views.hr import for_hr


@for_hr
@require_http_methods(["GET", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """Make a key, shown this once; close one."""
    token, error, user = "", "", employee(request)
    if request.POST.get("do") == "close":
        pk = request.POST.get("pk", "")
        keys.close(get_object_or_404(HrToken, pk=pk if pk.isdecimal() and len(pk) < 18 else 0), by=user)
        messages.success(request, _("The key opens nothing any more."))
        return redirect("hr:keys")
    if request.method == "POST":
        try:
            token = keys.make(request.POST.get("name", "").replace("\0", ""), by=user)
        except ValidationError as wrong:
            error = wrong.messages[0]
    rows = HrToken.objects.select_related("made_by")
    found = {"rows": rows, "token": token, "error": error}
    return render(request, "onboarding/hr/keys.html", found, status=422 if error else 200)
