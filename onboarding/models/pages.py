"""Pages that HR writes: modules of steps, and tracks that put modules in order."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.admin.forms import WagtailAdminPageForm
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel
from wagtail.fields import StreamField
from wagtail.models import Orderable, Page, PagePermissionTester, Revision

from club.models import User
from onboarding.blocks import StepsBlock
from onboarding.enums import Phase, Unlock


class NotReady(ValidationError):
    """A track or module would be published that newcomers cannot go through; says what is wrong, a line each."""


class LearningIndexPage(Page):
    """Where tracks and modules lie; newcomers see their own track instead."""

    max_count = 1
    parent_page_types = ["kb_site.HomePage"]
    subpage_types = ["onboarding.TrackPage", "onboarding.ModulePage"]

    class Meta:
        verbose_name = _("learning")
        verbose_name_plural = _("learning")

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Lead to the reader's own track."""
        from onboarding.views.learner import to_my_track

        return to_my_track(request)


class LearningPermissionTester(PagePermissionTester):
    """What people have gone through is never deleted under them."""

    def can_delete(self, ignore_bulk: bool = False) -> bool:
        """A page that was ever published is unpublished instead."""
        return super().can_delete(ignore_bulk) and not self.page.first_published_at


class LearningForm(WagtailAdminPageForm):
    """Says next to the editor's fields what keeps a page from being published; a draft may be unfinished."""

    is_draft = False

    def defer_required_fields(self) -> None:
        """Wagtail calls it when a draft is saved."""
        self.is_draft = True
        super().defer_required_fields()

    def clean(self) -> dict[str, Any]:
        """Check what is about to be published."""
        cleaned: dict[str, Any] = super().clean()
        if not self.is_draft and not self.errors:
            page = self.preview_of(cleaned)
            for problem in page.problems():
                self.add_error(None, problem)
        return cleaned

    def preview_of(self, cleaned: dict[str, Any]) -> Any:
        """Return the page as it would be; modules only need their title and steps."""
        self.instance.title = cleaned.get("title") or self.instance.title
        self.instance.steps = cleaned.get("steps")
        return self.instance


class TrackForm(LearningForm):
    """The same for tracks, whose modules are in a formset that is checked when the page is published."""

    def clean(self) -> dict[str, Any]:
        """Leave the check to ``TrackPage.publish``: the modules are not known here."""
        return WagtailAdminPageForm.clean(self)


class LearningPage(Page):
    """What tracks and modules have in common."""

    parent_page_types = ["onboarding.LearningIndexPage"]
    subpage_types: list[str] = []
    private_page_options: list[str] = []
    show_in_menus_default = False
    promote_panels = [FieldPanel("slug")]
    settings_panels: list[Any] = []

    class Meta:
        abstract = True

    def problems(self) -> list[str]:
        """Return what keeps this from being published, a sentence each."""
        raise NotImplementedError

    def permissions_for_user(self, user: User) -> LearningPermissionTester:
        return LearningPermissionTester(user, self)

    def publish(self, revision: Revision, *args: Any, **kwargs: Any) -> Any:
        """Publish a revision, by whatever road, only if newcomers can go through it: raises ``NotReady``."""
        problems = revision.as_object().problems()
        if problems:
            raise NotReady(problems)
        return super().publish(revision, *args, **kwargs)

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Lead to the reader's own track: what she may open there depends on her enrolment."""
        from onboarding.views.learner import to_my_track

        return to_my_track(request)


class ModulePage(LearningPage):
    """Some steps around a client's story, taken in one or two sittings."""

    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES, default="ru")
    objective = models.TextField(
        _("what one can do afterwards"), max_length=400, blank=True, help_text=_("A sentence or two.")
    )
    steps = StreamField(StepsBlock(), verbose_name=_("steps"), blank=True)

    base_form_class = LearningForm
    content_panels = [
        *Page.content_panels,
        FieldPanel("objective"),
        FieldPanel("language"),
        FieldPanel("steps"),
    ]

    class Meta:
        verbose_name = _("module")
        verbose_name_plural = _("modules")

    def __str__(self) -> str:
        return self.title or str(_("Untitled module"))

    def raw_steps(self) -> list[dict[str, Any]]:
        """Return the steps as plain data: ``{"type", "value", "id"}`` each."""
        return list(self.steps.get_prep_value()) if self.steps else []

    def problems(self) -> list[str]:
        """Check the graph of every step, and that its stories may be taught with."""
        from onboarding.checking import module_problems

        return module_problems(self)

    def serve_preview(self, request: HttpRequest, mode_name: str) -> HttpResponse:
        """Show the draft as a newcomer would see it."""
        from onboarding.views.preview import module_preview

        return module_preview(request, self)


class TrackPage(LearningPage):
    """Modules in order: what a newcomer of some role goes through in the first ninety days."""

    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES, default="ru")
    welcome = models.TextField(
        _("welcome"), max_length=600, blank=True, help_text=_("The first words a newcomer reads.")
    )

    base_form_class = TrackForm
    content_panels = [
        *Page.content_panels,
        FieldPanel("welcome"),
        FieldPanel("language"),
        InlinePanel("items", heading=_("Modules"), label=_("Module")),
    ]

    class Meta:
        verbose_name = _("track")
        verbose_name_plural = _("tracks")

    def __str__(self) -> str:
        return self.title or str(_("Untitled track"))

    @cached_property
    def placed(self) -> list["TrackItem"]:
        """The items in order."""
        return list(self.items.all())

    def problems(self) -> list[str]:
        """Check that every module is there, once, and in an order that makes sense."""
        from onboarding.checking import track_problems

        return track_problems(self)

    def serve_preview(self, request: HttpRequest, mode_name: str) -> HttpResponse:
        """Show the track as a newcomer would see it on the first day."""
        from onboarding.views.preview import track_preview

        return track_preview(request, self)


class TrackItem(Orderable):
    """A module in a track. A reference: modules are shared between tracks."""

    track = ParentalKey(TrackPage, related_name="items", on_delete=models.CASCADE)
    module = models.ForeignKey(
        ModulePage, verbose_name=_("module"), on_delete=models.PROTECT, related_name="placements"
    )
    phase = models.CharField(_("when"), max_length=10, choices=Phase.choices, default=Phase.WEEK)
    due_in = models.SmallIntegerField(
        _("due, workdays from the start"), default=5, help_text=_("Before day one: a negative number.")
    )
    opens_in = models.SmallIntegerField(_("opens, workdays from the start"), default=0)
    required = models.BooleanField(_("required"), default=True)
    unlock = models.CharField(_("opens"), max_length=10, choices=Unlock.choices, default=Unlock.IN_ORDER)

    panels = [
        FieldPanel("module"),
        FieldRowPanel([FieldPanel("phase"), FieldPanel("due_in")]),
        FieldRowPanel([FieldPanel("unlock"), FieldPanel("opens_in")]),
        FieldPanel("required"),
    ]

    class Meta(Orderable.Meta):
        verbose_name = _("module of a track")
        verbose_name_plural = _("modules of a track")

    def __str__(self) -> str:
        return f"{self.track_id}: {self.module_id}"
