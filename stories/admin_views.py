"""Views behind the story screens: the list, the consent page, refusals, merging tags, dashboard panels."""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import django_filters
from django import forms
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Case, CharField, Exists, F, OuterRef, Q, QuerySet, TextChoices, Value, When
from django.db.models.functions import Cast
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.generic import FormView, TemplateView
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.components import Component, MediaContainer
from wagtail.admin.ui.side_panels import PageStatusSidePanel
from wagtail.admin.ui.tables import BaseColumn, Column, DateColumn, StatusTagColumn, TitleColumn
from wagtail.admin.ui.tables.pages import PageStatusColumn
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.views.pages.create import CreateView
from wagtail.admin.views.pages.edit import EditView
from wagtail.admin.views.pages.listing import ExplorableIndexView, IndexView
from wagtail.admin.widgets.button import Button, HeaderButton
from wagtail.models import Page, PageLogEntry, Revision, TaskState, get_default_page_content_type

from club.forms import words_q
from club.models import Member
from club.permissions import employee
from consent.admin_views import is_good, states, status_of
from consent.expressions import Approved
from consent.models import Approval
from consent.narrator.asking import user_may_ask
from consent.querysets import in_force, live_approvals
from consent.reports import Standing, standing_of_reading
from consent.services import approve_wording, revoke_approval
from stories import wording
from stories.admin_forms import ApprovalForm, AudienceForm, MergeForm
from stories.enums import NARRATOR_BLOCKS, BlockKind
from stories.models import ConsentTask, SecondReaderTask, StoryImage, StoryPage, Tag, Touchpoint
from stories.querysets import Reader, audience_q, visible
from stories.reading import touchpoints_of
from stories.sanitising import clean
from stories.services.tagging import carriers, merge_tags

SEARCHED = ("title", "draft_title", "member__persona_name", "member__code", "external_id")
LISTING = "story_list"
PICTURE = "max-800x800|format-webp"


# Who may reach what


def hidden_from(user: Reader) -> QuerySet[StoryPage]:
    """Return the stories this user may not meet in the admin; nothing is hidden from superusers.

    For those who work with stories or approvals: what is for groups they are not in. For others: whatever they may not
    read as readers either, drafts and withdrawn stories among it.
    """
    if may_open_consent(user) and not user.is_superuser:
        return StoryPage.objects.filter(~audience_q(user)).order_by()
    return unlisted_for(user)


def unlisted_for(user: Reader) -> QuerySet[StoryPage]:
    """Return the stories that Wagtail's own screens (choosers, refusals) do not name to this user.

    Who records approvals but edits no stories meets drafts and withdrawn stories on the screens of approvals only.
    """
    if user.is_superuser:
        return StoryPage.objects.none()
    if user.has_perm("stories.change_storypage"):
        return StoryPage.objects.filter(~audience_q(user)).order_by()
    return StoryPage.objects.exclude(pk__in=visible(user).values("pk")).order_by()


def is_hidden(user: Reader, pk: int | str) -> bool:
    """Whether one page is a story for others."""
    return hidden_from(user).filter(pk=pk).exists()


def is_unlisted(user: Reader, pk: int | str) -> bool:
    """Whether Wagtail's own screens do not know one page for this user."""
    return unlisted_for(user).filter(pk=pk).exists()


def may_open_consent(user: Reader) -> bool:
    """Whether a user works with narrators' approvals."""
    return user.has_perm("consent.view_approval")


def refused(request: HttpRequest, page: Page, kind: str) -> HttpResponse:
    """Answer with a plain explanation why a page is not deleted or copied here; 404 to who may not know of it."""
    if is_unlisted(request.user, page.pk):
        raise Http404
    context = {"page": page, "kind": kind, "story": isinstance(page.specific, StoryPage)}
    return TemplateResponse(request, "stories/admin/refused.html", context, status=403)


def refusing(kind: str) -> Callable[..., HttpResponse]:
    """Return a view that explains why a story is neither copied nor deleted."""

    def refusing_view(request: HttpRequest, page_id: int, **kwargs: Any) -> HttpResponse:
        return refused(request, get_object_or_404(StoryPage, pk=page_id), kind)

    return refusing_view


def holds_stories(page: Page) -> bool:
    """Whether a page is a story or has stories under it."""
    return StoryPage.objects.filter(path__startswith=page.path).exists()


# States of the wording


class Wording(TextChoices):
    """Whether the narrator stands behind the latest words of a story, computed, never stored."""

    APPROVED = "approved", _("approved")
    CHANGED = "changed", _("changed since approval")
    TAKEN_BACK = "taken_back", _("approval taken back")
    NEVER = "never", _("never approved")


class Stage(TextChoices):
    """Where a story waits."""

    NOTED = "noted", _("newly noted")
    READER = "reader", _("with the second reader")
    NARRATOR = "narrator", _("with the narrator")


def draft_digests() -> dict[int, tuple[int, str]]:
    """Return {story id: (member id, digest)} of the latest wording of live stories that have a newer draft.

    Other stories need no reading: their row holds their latest words. Two queries however many there are.
    """
    drafts = StoryPage.objects.filter(live=True, has_unpublished_changes=True).order_by()
    rows = list(drafts.values_list("pk", "latest_revision__content"))
    bodies = {pk: json.loads(content.get("body") or "[]") for pk, content in rows if content}
    images = {image for blocks in bodies.values() for image in wording.image_ids(blocks)}
    hashes = dict(StoryImage.objects.filter(pk__in=images).values_list("pk", "file_hash")) if images else {}
    return {
        pk: (
            content["member"],
            wording.digest(content["title"] or "", content.get("summary") or "", bodies[pk], hashes),
        )
        for pk, content in rows
        if content
    }


def approved_drafts(at: Any) -> tuple[list[int], list[int]]:
    """Return the ids of live stories with a newer draft: those whose draft is approved, and the others."""
    digests = draft_digests()
    rows = live_approvals(at).filter(wording_sha256__in={digest for _member, digest in digests.values()})
    known = set(rows.order_by().values_list("member_id", "wording_sha256"))
    good = [pk for pk, key in digests.items() if key in known]
    return good, [pk for pk in digests if pk not in set(good)]


def wording_state(at: Any) -> Case:
    """Return the state of a story's latest wording as an expression of the outer query."""
    good, bad = approved_drafts(at)
    same = Approval.objects.filter(member_id=OuterRef("member_id"), wording_sha256=OuterRef("wording_sha256"))
    return Case(
        When(pk__in=good, then=Value(Wording.APPROVED)),
        When(pk__in=bad, then=Value(Wording.CHANGED)),
        When(Approved("member_id", "wording_sha256", at), then=Value(Wording.APPROVED)),
        When(Q(Exists(same.order_by())), then=Value(Wording.TAKEN_BACK)),
        When(first_published_at__isnull=False, then=Value(Wording.CHANGED)),
        default=Value(Wording.NEVER),
        output_field=CharField(),
    )


def waiting_q(task: type[ConsentTask] | type[SecondReaderTask]) -> Q:
    """Return the condition that a story's workflow waits at a step of this kind."""
    states_in_progress = TaskState.objects.filter(
        status=TaskState.STATUS_IN_PROGRESS,
        task__in=task.objects.values("pk"),
        workflow_state__base_content_type_id=get_default_page_content_type().pk,
        workflow_state__object_id=Cast(OuterRef("pk"), CharField()),
    )
    return Q(Exists(states_in_progress.order_by()))


def noted_q() -> Q:
    """Return the condition that nobody has worked on a note yet: one revision, never live, no workflow."""
    captured = PageLogEntry.objects.filter(page_id=OuterRef("pk"), action="stories.captured").order_by()
    others = Revision.page_revisions.filter(object_id=Cast(OuterRef("pk"), CharField())).order_by()
    others = others.exclude(pk=OuterRef("latest_revision_id"))
    return (
        Q(live=False, first_published_at__isnull=True)
        & Q(Exists(captured))
        & ~Q(Exists(others))
        & ~waiting_q(ConsentTask)
        & ~waiting_q(SecondReaderTask)
    )


STAGES = {
    Stage.NOTED: noted_q,
    Stage.READER: lambda: waiting_q(SecondReaderTask),
    Stage.NARRATOR: lambda: waiting_q(ConsentTask),
}


# The list


class StoryFilterSet(WagtailFilterSet):
    """Filters of the list of stories."""

    stage = django_filters.ChoiceFilter(
        label=_("Where it waits"),
        choices=Stage.choices,
        empty_label=_("All"),
        widget=forms.RadioSelect,
        method="at_stage",
    )
    wording_state = django_filters.ChoiceFilter(
        label=_("Wording"), choices=Wording.choices, empty_label=_("All"), widget=forms.RadioSelect
    )
    reading = django_filters.ChoiceFilter(
        label=_("Consent to reading"),
        empty_label=_("All"),
        widget=forms.RadioSelect,
        choices=[c for c in Standing.choices if c[0] not in (Standing.LIMITED, Standing.REPLACED)],
    )
    live = django_filters.ChoiceFilter(
        label=_("Published"),
        choices=[("true", _("Published")), ("false", _("Draft"))],
        empty_label=_("All"),
        widget=forms.RadioSelect,
        method="is_live",
    )
    language = django_filters.ChoiceFilter(
        label=_("Language"), choices=settings.LANGUAGES, empty_label=_("All"), widget=forms.RadioSelect
    )
    touchpoints = django_filters.ModelChoiceFilter(label=_("Touchpoint"), queryset=Touchpoint.objects.all())
    tag = django_filters.ModelChoiceFilter(label=_("Tag"), queryset=Tag.objects.all(), method="with_tag")

    class Meta:
        model = StoryPage
        fields: list[str] = []

    def at_stage(self, queryset: QuerySet[StoryPage], name: str, value: str) -> QuerySet[StoryPage]:
        """Keep stories that wait at one place."""
        return queryset.filter(STAGES[Stage(value)]())

    def is_live(self, queryset: QuerySet[StoryPage], name: str, value: str) -> QuerySet[StoryPage]:
        """Keep published stories, or the others."""
        return queryset.filter(live=value == "true")

    def with_tag(self, queryset: QuerySet[StoryPage], name: str, value: Tag) -> QuerySet[StoryPage]:
        """Keep stories that carry a tag."""
        return queryset.filter(tagged_items__tag=value)


class StoryRows:
    """Rows and columns of stories, the same in the flat list and on the shelf. Never loads a body."""

    filterset_class = StoryFilterSet
    model = StoryPage
    add_item_label = _("Add a story")

    @cached_property
    def columns(self) -> list[BaseColumn]:
        """Title, narrator, wording, consent, status, updated, language."""
        title = self._get_title_column_class(TitleColumn)
        return [
            title(
                "title",
                label=_("Title"),
                accessor="get_admin_display_title",
                get_url=self.get_edit_url,
                sort_key="title",
            ),
            Column(
                "member", label=_("Narrator"), accessor="member.persona_name", sort_key="member__persona_name"
            ),
            StatusTagColumn(
                "wording",
                label=_("Wording"),
                accessor=lambda story: Wording(story.wording_state).label,
                primary=lambda story: story.wording_state == Wording.APPROVED,
            ),
            StatusTagColumn(
                "reading",
                label=_("Consent to reading"),
                accessor=lambda story: status_of(story.reading),
                primary=lambda story: is_good(story.reading),
            ),
            PageStatusColumn("status", label=_("Status"), sort_key="live"),
            DateColumn(
                "latest_revision_created_at",
                label=_("Updated"),
                sort_key="latest_revision_created_at",
                width="9%",
            ),
            Column("language", label=_("Language"), sort_key="language", width="7%"),
        ]

    @cached_property
    def may_edit(self) -> bool:
        """Whether the user edits stories at all."""
        return self.permission_policy.user_has_permission(self.request.user, "change")

    def annotate_queryset(self, pages: QuerySet[StoryPage]) -> QuerySet[StoryPage]:
        """Load with a fixed number of queries what the columns show."""
        at = timezone.now()
        return (
            pages.select_related("member", "content_type")
            .defer("body", "plain_text", "summary")
            .prefetch_workflow_states()
            .annotate_site_root_state()
            .annotate_approved_schedule()
            .annotate(wording_state=wording_state(at), reading=standing_of_reading("member_id", at))
        )

    def search_queryset(self, queryset: QuerySet[StoryPage]) -> QuerySet[StoryPage]:
        """Find by title, narrator or external id: the built-in index fails at quotes and knows no Russian."""
        return queryset.filter(words_q(SEARCHED, self.search_query)) if self.is_searching else queryset

    def get_edit_url(self, instance: StoryPage) -> str:
        """Lead editors to the editor, the others to the consent page."""
        name = "wagtailadmin_pages:edit" if self.may_edit else "story_consent"
        return reverse(name, args=[instance.pk])

    def get_list_more_buttons(self, instance: StoryPage) -> list[Button]:
        """What one does with a story. Neither copying nor deleting."""
        buttons = []
        if may_open_consent(self.request.user):
            url = reverse("story_consent", args=[instance.pk])
            buttons.append(Button(_("Consent"), url=url, icon_name="clipboard-list", priority=20))
        if self.may_edit:
            for priority, (name, label, icon) in enumerate(EDITOR_LINKS):
                url = reverse(f"wagtailadmin_pages:{name}", args=[instance.pk])
                buttons.append(Button(label, url=url, icon_name=icon, priority=10 + 20 * priority))
        return buttons


EDITOR_LINKS = (("edit", _("Edit"), "edit"), ("history", _("History"), "history"))


class StoryIndexView(StoryRows, IndexView):
    """All stories that this user may reach."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """For those who work with stories or approvals; who edits other pages does not come here."""
        if not (request.user.has_perm("stories.change_storypage") or may_open_consent(request.user)):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    any_permission_required = {"add", "change", "publish"}
    default_ordering = "-latest_revision_created_at"
    page_title = _("Stories")
    results_template_name = "stories/admin/listing_results.html"
    nothing = _("There are no stories that you may reach.")
    # No words of any story: an export leaves the house.
    list_export = [
        "pk",
        "external_id",
        "title",
        "member.code",
        "wording_label",
        "reading_label",
        "live",
        "language",
        "episode_count",
        "word_count",
        "latest_revision_created_at",
        "first_published_at",
    ]
    export_headings = {
        "pk": _("Number"),
        "member.code": _("Narrator"),
        "wording_label": _("Wording"),
        "reading_label": _("Consent to reading"),
        "live": _("Published"),
        "episode_count": _("Number of episodes"),
        "word_count": _("Number of words"),
    }
    export_filename = "stories"

    def user_has_any_permission(self, permissions: Iterable[str]) -> bool:
        """Hosts and the data protection officer come here too: they record approvals."""
        return super().user_has_any_permission(permissions) or may_open_consent(self.request.user)

    def get_base_queryset(self) -> QuerySet[StoryPage]:
        """Return the stories whose audience the user belongs to."""
        return self.annotate_queryset(
            StoryPage.objects.exclude(pk__in=hidden_from(self.request.user).values("pk"))
        )

    @cached_property
    def show_export_buttons(self) -> bool:
        """Offer the export to those who may take it."""
        return self.request.user.has_perm("stories.export_storypage")

    def as_spreadsheet(self, queryset: QuerySet[StoryPage], spreadsheet_format: str) -> HttpResponse:
        """Refuse the export to those who may not take it."""
        if not self.show_export_buttons:
            raise PermissionDenied
        return super().as_spreadsheet(queryset, spreadsheet_format)

    def to_row_dict(self, item: StoryPage) -> dict[str, Any]:
        """Label a row of the export."""
        item.wording_label = Wording(item.wording_state).label
        item.reading_label = status_of(item.reading)
        return super().to_row_dict(item)

    def get_add_url(self) -> str | None:
        """Offer a new story to those who may write one."""
        return super().get_add_url() if self.user_has_permission("add") else None


class ShelfView(StoryRows, ExplorableIndexView):
    """The shelf in the page tree, with the same columns as the list."""

    default_ordering = "-latest_revision_created_at"

    @property
    def explorable_columns(self) -> list[BaseColumn]:
        """Stories have no children to go to."""
        return self.columns


class TreeView(ExplorableIndexView):
    """The page tree. Wagtail's search behind it fails at quotes on SQLite, so they are left out."""

    @cached_property
    def search_query(self) -> str:
        """What was typed, without quotes."""
        return str(super().search_query).replace('"', " ").strip()


# The editor


class StoryStatusPanel(PageStatusSidePanel):
    """The status panel without Wagtail's privacy: who reads a story is decided by consent and audience."""

    def get_status_templates(self, context: Mapping[str, Any]) -> list[str]:
        """Leave out the privacy box."""
        return [name for name in super().get_status_templates(context) if not name.endswith("privacy.html")]


class StoryEditor:
    """What the create and the edit view have in common."""

    @property
    def form_class(self) -> type:
        """The page form with the audience check."""
        return self._form_class

    @form_class.setter
    def form_class(self, value: type) -> None:
        self._form_class = type("StoryForm", (AudienceForm, value), {})

    def get_side_panels(self) -> MediaContainer:
        """Put our status panel in the place of Wagtail's."""
        panels = super().get_side_panels()
        for panel in panels:
            if type(panel) is PageStatusSidePanel:
                panel.__class__ = StoryStatusPanel
        return panels


class StoryCreateView(StoryEditor, CreateView):
    """Writing a new story."""


class StoryEditView(StoryEditor, EditView):
    """Editing a story: with the way to its consent page, without copying, moving and deleting."""

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        """The consent page."""
        if not may_open_consent(self.request.user):
            return []
        url = reverse("story_consent", args=[self.page.pk])
        return [HeaderButton(_("Consent"), url=url, icon_name="clipboard-list")]

    @cached_property
    def header_more_buttons(self) -> list[Button]:
        """Leave out what is refused anyway."""
        closed = {
            reverse(f"wagtailadmin_pages:{name}", args=[self.page.pk]) for name in ("copy", "delete", "move")
        }
        return [
            button for button in super().header_more_buttons if (button.url or "").split("?")[0] not in closed
        ]


# The consent page


class ConsentPageMixin(WagtailAdminTemplateMixin):
    """Finds the story and its latest words; for those outside its audience it is not there."""

    header_icon = "clipboard-list"
    permission = "consent.view_approval"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer 404 to whoever has nothing to do with approvals or is outside the audience."""
        if not request.user.has_perm(self.permission) or is_hidden(request.user, kwargs["pk"]):
            raise Http404
        self.story = get_object_or_404(StoryPage.objects.select_related("member"), pk=kwargs["pk"])
        self.latest = self.story.get_latest_revision_as_object()
        self.digest = self.latest.digest()
        return super().dispatch(request, *args, **kwargs)

    def get_page_subtitle(self) -> str:
        """The title of the latest draft."""
        return self.latest.title or str(_("Untitled story"))

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """Lead back to the list and the editor."""
        return [
            *self.breadcrumbs_items,
            {"url": reverse(f"{LISTING}:index"), "label": _("Stories")},
            {"url": "", "label": _("Consent"), "sublabel": self.get_page_subtitle()},
        ]

    def approvals(self) -> QuerySet[Approval]:
        """Approvals of these very words that hold now."""
        return live_approvals(timezone.now()).filter(member=self.latest.member, wording_sha256=self.digest)


class StoryConsentView(ConsentPageMixin, FormView):
    """The words as the narrator would see them, whether she approved them, and recording that she did."""

    form_class = ApprovalForm
    template_name = "stories/admin/consent.html"
    page_title = _("Consent")

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        """Asking the narrator, for whoever may; the editor, for editors."""
        buttons = []
        if user_may_ask(employee(self.request), self.latest.member):
            url = reverse("narrator_ask", args=[self.story.latest_revision_id])
            buttons.append(HeaderButton(_("Ask the narrator"), url=url, icon_name="mail"))
        if self.story.permissions_for_user(self.request.user).can_edit():
            url = reverse("wagtailadmin_pages:edit", args=[self.story.pk])
            buttons.append(HeaderButton(_("Edit"), url=url, icon_name="edit"))
        return buttons

    def get_initial(self) -> dict[str, Any]:
        """Carry the name of the words that are on the screen."""
        return {"digest": self.digest}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Only those who may record approvals send the form."""
        if not request.user.has_perm("consent.add_approval"):
            raise PermissionDenied
        return super().post(request, *args, **kwargs)

    @transaction.atomic
    def form_valid(self, form: ApprovalForm) -> HttpResponse:
        """Record the approval of the words that were on the screen, if they are still the latest."""
        StoryPage.objects.select_for_update().get(pk=self.story.pk)
        current = StoryPage.objects.get(pk=self.story.pk).get_latest_revision_as_object()
        if form.cleaned_data["digest"] != current.digest():
            form.add_error(None, ValidationError(CHANGED_MEANWHILE))
            return self.form_invalid(form)
        approve_wording(
            member=current.member,
            wording_sha256=form.cleaned_data["digest"],
            method=form.approved_by(),
            evidence_reference=form.cleaned_data["evidence_reference"],
            by=employee(self.request),
        )
        self.tell()
        return redirect("story_consent", self.story.pk)

    def form_invalid(self, form: ApprovalForm) -> HttpResponse:
        """Show the latest words anew, under their own name."""
        form.data = {**form.data.dict(), "digest": self.digest}
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def tell(self) -> None:
        """Say what followed."""
        story = StoryPage.objects.get(pk=self.story.pk)
        if story.live and not story.has_unpublished_changes:
            messages.success(self.request, _now("The approval is recorded, and the story is published."))
        elif story.workflow_in_progress:
            messages.success(
                self.request, _now("The approval is recorded. The story still waits for its second reader.")
            )
        else:
            messages.success(
                self.request,
                _now("The approval is recorded. Submit the story to the workflow to publish it."),
            )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Gather words, approval, grants and workflow."""
        context = super().get_context_data(**kwargs)
        user = self.request.user
        grants = in_force(timezone.now()).filter(member=self.latest.member).order_by("consent", "pk")
        return {
            **context,
            "story": self.story,
            "latest": self.latest,
            "digest": self.digest,
            "blocks": narrator_blocks(self.latest),
            "approval": self.approvals().select_related("recorded_by").first(),
            "grants": states(grants),
            "steps": workflow_steps(self.story),
            "may_approve": user.has_perm("consent.add_approval"),
            "may_revoke": user.has_perm("consent.withdraw_consent"),
            "may_see_register": user.has_perm("consent.view_consent"),
            "may_see_member": user.has_perm("club.view_member"),
        }


CHANGED_MEANWHILE = _(
    "The wording changed while this page was open, so nothing is recorded. "
    "Below are the words as they are now: show them to the narrator, then record her approval."
)


def narrator_blocks(story: StoryPage) -> list[dict[str, Any]]:
    """Return what of the body the narrator approves: her blocks, in order; the company's own stay out."""
    raw = [block for block in story.raw_body() if block["type"] in NARRATOR_BLOCKS]
    places, pictures, number, blocks = touchpoints_of([], raw), pictures_of(raw), 0, []
    for block in raw:
        kind, value = block["type"], block["value"]
        if kind == BlockKind.EPISODE:
            number += 1
            place = places.get(value.get("touchpoint"))
            value = {**value, "touchpoint": place.label if place else ""}
        elif kind == BlockKind.NARRATIVE:
            value = {"html": mark_safe(clean(value))}  # noqa: S308 - the allowlist has just been applied
        elif kind == BlockKind.QUOTE:
            value = {"text": value.get("text", "")}
        elif kind == BlockKind.PHOTO:
            value = {**value, "picture": pictures.get(value.get("image"))}
        blocks.append({"kind": kind, "value": value, "number": number})
    return blocks


def pictures_of(raw: list[dict[str, Any]]) -> dict[int, Any]:
    """Return a rendition of each picture of the photo blocks; two queries, none without photos."""
    ids = wording.image_ids(raw)
    images = StoryImage.objects.filter(pk__in=ids).prefetch_renditions(PICTURE) if ids else []
    return {image.pk: image.get_rendition(PICTURE) for image in images}


def workflow_steps(story: StoryPage) -> list[dict[str, Any]]:
    """Return the steps of the story's running workflow: name, state in words, whether it is the current."""
    state = story.current_workflow_state
    if state is None:
        return []
    current = state.current_task_state.task_id if state.current_task_state else None
    return [
        {"name": task.name, "status": task.status_display, "current": task.pk == current}
        for task in state.all_tasks_with_status()
    ]


class TakeBackView(ConsentPageMixin, TemplateView):
    """The narrator takes back her yes to these words; her other stories stay."""

    template_name = "stories/admin/take_back.html"
    page_title = _("Take back the approval")
    permission = "consent.withdraw_consent"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Take back every approval of these words."""
        for approval in self.approvals():
            revoke_approval(approval=approval, by=employee(request))
        messages.success(request, _now("The approval is taken back. No reader sees this wording any more."))
        return redirect("story_consent", self.story.pk)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the story and whether there is anything to take back."""
        context = super().get_context_data(**kwargs)
        return {**context, "story": self.story, "latest": self.latest, "approval": self.approvals().first()}


# Vocabulary


class MergeTagView(WagtailAdminTemplateMixin, FormView):
    """Merging a tag into another."""

    form_class = MergeForm
    template_name = "stories/admin/merge_tags.html"
    page_title = _("Merge tags")
    header_icon = "tag"
    index_url_name = ""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Only for those who may both change and delete tags."""
        if not (request.user.has_perm("stories.change_tag") and request.user.has_perm("stories.delete_tag")):
            raise PermissionDenied
        self.source = get_object_or_404(Tag, pk=kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        """Name the tag that goes."""
        return {**super().get_form_kwargs(), "source": self.source}

    def form_valid(self, form: MergeForm) -> HttpResponse:
        """Merge and say how many stories moved."""
        target, label = form.cleaned_data["target"], self.source.label
        count = merge_tags(source=self.source, target=target, by=employee(self.request))
        text = ngettext(
            "“%(old)s” is now “%(new)s” in %(n)s story.",
            "“%(old)s” is now “%(new)s” in %(n)s stories.",
            count,
        )
        messages.success(self.request, text % {"old": label, "new": target.label, "n": count})
        return redirect(self.index_url_name)

    def get_page_subtitle(self) -> str:
        """The tag that goes."""
        return self.source.label

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """Lead back to the tags."""
        tags = {"url": reverse(self.index_url_name), "label": _("Tags")}
        return [
            *self.breadcrumbs_items,
            tags,
            {"url": "", "label": self.page_title, "sublabel": self.source.label},
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Say how many stories carry the tag."""
        context = super().get_context_data(**kwargs)
        return {
            **context,
            "source": self.source,
            "count": carriers(self.source),
            "index_url": reverse(self.index_url_name),
        }


def words_in_use(words: Iterable[Any]) -> list[tuple[Any, int]]:
    """Return those of the words that stories carry, with the number of stories."""
    counted = ((word, carriers(word)) for word in words)
    return [(word, count) for word, count in counted if count]


# Sections of other screens


class MemberStories(Component):
    """The stories of a member on her card."""

    template_name = "stories/admin/member_stories.html"

    def __init__(self, stories: list[StoryPage], user: Reader) -> None:
        self.stories = stories
        self.user = user

    def get_context_data(self, parent_context: Mapping[str, Any]) -> dict[str, Any]:
        """Label the rows."""
        for story in self.stories:
            story.wording_label = Wording(story.wording_state).label
            story.is_approved = story.wording_state == Wording.APPROVED
            story.reading_label, story.reading_is_good = status_of(story.reading), is_good(story.reading)
        return {"stories": self.stories, "may_open": may_open_consent(self.user)}


def stories_of(member_id: int, user: Reader) -> list[StoryPage]:
    """Return a member's stories within the user's audience, with the states of wording and consent."""
    at = timezone.now()
    rows = StoryPage.objects.filter(member_id=member_id).exclude(pk__in=hidden_from(user).values("pk"))
    rows = rows.annotate(
        wording_state=wording_state(at), reading=standing_of_reading("member_id", at)
    )
    return list(
        rows.defer("body", "plain_text", "summary").order_by(
            F("latest_revision_created_at").desc(nulls_last=True)
        )
    )


def published_stories_of(member: Member) -> str:
    """Say how many published stories a withdrawal is about."""
    count = StoryPage.objects.filter(member=member, live=True).count()
    text = ngettext(
        "It is about %(n)s published story of hers.", "It is about %(n)s published stories of hers.", count
    )
    return text % {"n": count}


class CountPanel(Component):
    """A number with a way to the list, on the dashboard."""

    template_name = "consent/admin/count_panel.html"

    def __init__(self, user: Reader, stage: Stage, order: int, **texts: Any) -> None:
        self.user = user
        self.stage = stage
        self.order = order
        self.texts = texts

    def get_context_data(self, parent_context: Mapping[str, Any]) -> dict[str, Any]:
        """Count with one query."""
        rows = StoryPage.objects.filter(STAGES[self.stage]()).exclude(
            pk__in=hidden_from(self.user).values("pk")
        )
        url = f"{reverse(f'{LISTING}:index')}?stage={self.stage.value}"
        return {**self.texts, "id": f"stage-{self.stage.value}", "count": rows.order_by().count(), "url": url}
