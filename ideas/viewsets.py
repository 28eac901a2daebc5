"""Admin screens of themes: the codebook, its tree and its words."""

from typing import Any

from django.urls import URLPattern
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel
from wagtail.admin.ui.tables import Column, TitleColumn
from wagtail.admin.viewsets.model import ModelViewSet

from ideas.forms import called, people_who_think
from ideas.models import Theme

OFFERED = ("index", "index_results", "add", "edit", "history", "history_results")


def keeper(theme: Theme) -> str:
    """Return what whoever keeps a theme is called."""
    return called(theme.owner) if theme.owner else "–"


class ThemeViewSet(ModelViewSet):
    """Themes are added and changed here; they are merged and answered on their pages, never deleted."""

    model = Theme
    icon = "tag"
    menu_label = _("Themes")
    menu_name = "themes"
    menu_order = 140
    add_to_admin_menu = True
    url_prefix = "themes"
    url_namespace = "themes"
    copy_view_enabled = False
    list_display = [
        TitleColumn("label", label=_("Theme"), url_name="themes:edit"),
        Column("get_kind_display", label=_("What it is")),
        Column("parent", label=_("Under")),
        Column("get_state_display", label=_("State")),
        Column("keeper", accessor=keeper, label=_("Owner")),
    ]
    list_filter = ["kind", "state"]
    search_fields = ["name_ru", "name_en", "slug", "synonyms"]
    search_backend_name = None
    ordering = "slug"
    panels = [
        FieldRowPanel([FieldPanel("name_ru"), FieldPanel("name_en")]),
        FieldPanel("description"),
        FieldPanel("synonyms"),
        FieldRowPanel([FieldPanel("kind"), FieldPanel("state"), FieldPanel("colour")]),
        FieldRowPanel([FieldPanel("parent"), FieldPanel("owner")]),
    ]

    def get_urlpatterns(self) -> list[URLPattern]:
        """Return the addresses of the offered views."""
        return [pattern for pattern in super().get_urlpatterns() if pattern.name in OFFERED]

    def get_common_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        """Tell the views only of addresses that exist."""
        suffix = "_url_name"
        return {
            name: None if name.endswith(suffix) and name.removesuffix(suffix) not in OFFERED else value
            for name, value in super().get_common_view_kwargs(**kwargs).items()
        }

    def formfield_for_dbfield(self, db_field: Any, **kwargs: Any) -> Any:
        """Offer the themes that stand, and the people who can keep one."""
        if db_field.name == "parent":
            kwargs["queryset"] = Theme.objects.filter(merged_into=None)
        if db_field.name == "owner":
            kwargs["queryset"] = people_who_think()
        return super().formfield_for_dbfield(db_field, **kwargs)
