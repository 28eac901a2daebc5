"""The root of the page tree."""

from typing import Any

from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.contrib.settings.models import BaseSiteSetting, register_setting
from wagtail.models import Page


class HomePage(Page):
    """The front page; what it shows is gathered from the apps."""

    max_count = 1
    parent_page_types = ["wagtailcore.Page"]
    subpage_types = ["stories.StoryIndexPage", "onboarding.LearningIndexPage"]

    class Meta:
        verbose_name = _("home page")

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer as the home view does."""
        from kb_site.views import home

        return home(request)


@register_setting(icon="home")
class Company(BaseSiteSetting):
    """The company whose club this is."""

    name_ru = models.CharField(_("name in Russian"), max_length=120, blank=True)
    name_en = models.CharField(_("name in English"), max_length=120, blank=True)

    panels = [FieldPanel("name_ru"), FieldPanel("name_en")]

    class Meta:
        verbose_name = _("company")
