"""Admin screens of the search: synonyms."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel
from wagtail.admin.ui.tables import BooleanColumn, Column
from wagtail.snippets.views.snippets import CreateView, SnippetViewSet

from search.models import Synonym


class SynonymCreateView(CreateView):
    """A new synonym, with the word filled in where a report led here."""

    def get_initial_form_instance(self) -> Any:
        """Return a synonym of the word in the address."""
        instance = super().get_initial_form_instance() or self.model()
        instance.word = self.request.GET.get("word", "").replace("\x00", " ")[:100]
        return instance


class SynonymViewSet(SnippetViewSet):
    """Words that stand for each other."""

    model = Synonym
    icon = "collapse-up"
    menu_label = _("Synonyms")
    menu_order = 135
    add_to_admin_menu = True
    add_view_class = SynonymCreateView
    copy_view_enabled = False
    list_display = [
        "word",
        Column("listed", label=_("Also look for")),
        BooleanColumn("both_ways", label=_("Both ways")),
        Column("get_language_display", label=_("Language of the query")),
    ]
    list_filter = ["language", "both_ways"]
    search_fields = ["word", "synonyms"]
    search_backend_name = None
    list_per_page = 50
    panels = [
        FieldPanel("word"),
        FieldPanel("synonyms"),
        FieldRowPanel([FieldPanel("language"), FieldPanel("both_ways")]),
    ]
