"""Admin pages of the search: why a result stands where it stands; guards of promotions."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail.admin.admin_url_finder import AdminURLFinder
from wagtail.admin.auth import require_admin_access
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin
from wagtail.contrib.search_promotions import views as promotions
from wagtail.contrib.search_promotions.models import Query

from search import registry
from search.engines.base import EngineUnavailable
from search.pages import whole_number
from search.plan import TEXT_LIMIT
from search.reports import POLICY
from search.services.explaining import candidates, explain

INGREDIENTS = {
    "text": _("words in the text"),
    "title": _("words in the title"),
    "lead": _("words at the beginning"),
    "grams": _("parts of words"),
    "pairs": _("words side by side"),
    "code": _("a code"),
}


class ExplainView(PermissionCheckedMixin, WagtailAdminTemplateMixin, TemplateView):
    """One query and one result: which ingredient gave what."""

    permission_policy = POLICY
    any_permission_required = ["view"]
    template_name = "search/admin/explain.html"
    page_title = _("Why this result")
    header_icon = "search"
    _show_breadcrumbs = True

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """Say where this is."""
        return [*self.breadcrumbs_items, {"url": "", "label": self.page_title}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Search, and explain the result that was asked about."""
        context = super().get_context_data(**kwargs)
        text = self.request.GET.get("q", "").replace("\x00", " ")[:TEXT_LIMIT]
        context |= {"text": text, "result": candidates(self.request.user, text) if text.strip() else None}
        kind, number = self.request.GET.get("kind", ""), whole_number(self.request.GET.get("id", ""), 0)
        if text.strip() and number and any(found.kind == kind for found in registry.sources()):
            context |= self._explained(text, kind, number)
        return context

    def _explained(self, text: str, kind: str, object_id: int) -> dict[str, Any]:
        try:
            found = explain(self.request.user, text, kind, object_id)
        except EngineUnavailable:
            return {"unavailable": True}
        return {"explained": found, "missing": found is None, "ingredients": INGREDIENTS}


@require_admin_access
def guarded_promotion(request: HttpRequest, query_id: int) -> HttpResponse:
    """The editor of promotions; a query that promotes what this person may not know of is not there."""
    query = get_object_or_404(Query, pk=query_id)
    finder = AdminURLFinder(request.user)
    pages = [pick.page for pick in query.editors_picks.select_related("page") if pick.page]
    if not request.user.has_perm("wagtailsearchpromotions.change_searchpromotion"):
        raise PermissionDenied
    if not all(finder.get_edit_url(page) for page in pages):
        raise Http404
    return promotions.EditView.as_view()(request, query_id=query_id)
