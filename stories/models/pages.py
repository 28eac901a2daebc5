"""Story pages: what a client told, in Wagtail's terms."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from modelcluster.contrib.taggit import ClusterTaggableManager
from modelcluster.fields import ParentalKey, ParentalManyToManyField
from taggit.models import ItemBase
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.fields import StreamField
from wagtail.models import Page, PagePermissionTester, Revision

from club.models import Member, User
from consent.querysets import wording_is_approved
from stories import wording
from stories.blocks import StoryBody
from stories.enums import Outcome, Provenance, Sensitivity
from stories.models.images import StoryImage
from stories.models.vocabulary import ProductLine, Tag, Touchpoint

WORDING_FIELDS = frozenset({"title", "summary", "body"})
COMPUTED_FIELDS = (
    "wording_sha256", "plain_text", "loyalty_path", "loyalty_outcome", "episode_count", "word_count",
)  # fmt: skip


class WordingNotApproved(ValidationError):
    """A wording would be published that its narrator has not approved."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "The narrator has not approved this wording. Record her approval of these exact words, then publish."
            )
        )


class StoryIndexPage(Page):
    """The shelf under which all stories lie; readers see it as the list of stories."""

    max_count = 1
    parent_page_types = ["kb_site.HomePage"]
    subpage_types = ["stories.StoryPage"]

    class Meta:
        verbose_name = _("stories")
        verbose_name_plural = _("stories")

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer as the list of stories does."""
        from stories.views import story_list

        return story_list(request)


class StoryTag(ItemBase):
    """A tag on a story."""

    tag = models.ForeignKey(Tag, related_name="items", on_delete=models.PROTECT)
    content_object = ParentalKey("stories.StoryPage", related_name="tagged_items", on_delete=models.CASCADE)

    class Meta:
        unique_together = [("tag", "content_object")]


class StoryPermissionTester(PagePermissionTester):
    """Publishing needs the narrator's approval of the latest wording, for everyone, superusers included."""

    def can_publish(self) -> bool:
        return super().can_publish() and self.page.latest_wording_is_approved()

    def can_delete(self, ignore_bulk: bool = False) -> bool:
        """Stories are unpublished; what must be forgotten is erased with proof, not deleted."""
        return False

    def can_copy(self) -> bool:
        """A copy would carry a client's words out of her approval."""
        return False

    def can_move(self) -> bool:
        """There is one shelf."""
        return False

    def can_set_view_restrictions(self) -> bool:
        """Who reads a story is said by consent and audience, never by Wagtail's page privacy."""
        return False


class StoryPage(Page):
    """One client's story: the moments of truth she lived through, and what the company learned from them."""

    member = models.ForeignKey(
        Member, verbose_name=_("narrator"), on_delete=models.PROTECT, related_name="stories"
    )
    external_id = models.CharField(
        _("external id"), max_length=200, unique=True, null=True, blank=True, editable=False
    )
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES, default="ru")
    summary = models.TextField(
        _("summary"), max_length=600, blank=True, help_text=_("One or two sentences in the narrator's voice.")
    )
    provenance = models.CharField(
        _("how she knows"), max_length=10, choices=Provenance.choices, default=Provenance.LIVED
    )
    period_start = models.DateField(_("from"), null=True, blank=True)
    period_end = models.DateField(_("to"), null=True, blank=True)
    sensitivity = models.CharField(
        _("sensitivity"), max_length=10, choices=Sensitivity.choices, default=Sensitivity.NORMAL
    )
    touchpoints = ParentalManyToManyField(
        Touchpoint, verbose_name=_("touchpoints"), blank=True, related_name="stories"
    )
    product_lines = ParentalManyToManyField(
        ProductLine, verbose_name=_("product lines"), blank=True, related_name="stories"
    )
    audience_groups = ParentalManyToManyField(
        Group,
        verbose_name=_("only for"),
        blank=True,
        related_name="+",
        help_text=_("Nobody chosen: every reader."),
    )
    tags = ClusterTaggableManager(verbose_name=_("tags"), through=StoryTag, blank=True)
    body = StreamField(StoryBody(), verbose_name=_("story"), blank=True)

    # Computed whenever the row is saved, never edited.
    wording_sha256 = models.CharField(max_length=64, editable=False, default="", db_index=True)
    # The wording in which a person has looked for names; another wording is looked through again.
    names_checked_sha256 = models.CharField(max_length=64, editable=False, default="")
    # The wording that the machine has searched, and how many places it found that nobody has spoken of yet.
    names_scanned_sha256 = models.CharField(max_length=64, editable=False, default="")
    names_found = models.PositiveIntegerField(editable=False, default=0)
    plain_text = models.TextField(editable=False, default="")
    loyalty_path = models.JSONField(editable=False, default=list)
    loyalty_outcome = models.SmallIntegerField(editable=False, null=True)
    episode_count = models.PositiveSmallIntegerField(editable=False, default=0)
    word_count = models.PositiveIntegerField(editable=False, default=0)

    parent_page_types = ["stories.StoryIndexPage"]
    subpage_types: list[str] = []
    private_page_options: list[str] = []
    show_in_menus_default = False
    search_fields = Page.search_fields

    content_panels = [
        *Page.content_panels,
        FieldPanel("summary"),
        FieldRowPanel([FieldPanel("member"), FieldPanel("language"), FieldPanel("provenance")]),
        FieldRowPanel([FieldPanel("period_start"), FieldPanel("period_end")], heading=_("When it was")),
        FieldPanel("body"),
        MultiFieldPanel(
            [FieldPanel("tags"), FieldPanel("touchpoints"), FieldPanel("product_lines")],
            heading=_("Where it belongs"),
        ),
        MultiFieldPanel(
            [FieldPanel("sensitivity"), FieldPanel("audience_groups")], heading=_("Who reads it")
        ),
    ]
    promote_panels = [FieldPanel("slug")]
    settings_panels: list[Any] = []

    class Meta:
        verbose_name = _("story")
        verbose_name_plural = _("stories")
        permissions = [
            ("read_storypage", _("Can read stories")),
            ("capture_storypage", _("Can note down stories")),
            ("export_storypage", _("Can export stories")),
        ]

    def __str__(self) -> str:
        return self.title or str(_("Untitled story"))

    def clean(self) -> None:
        super().clean()
        if self.period_start and self.period_end and self.period_end < self.period_start:
            raise ValidationError({"period_end": _("The story would end before it begins. Check the dates.")})

    def save(self, *args: Any, **kwargs: Any) -> Any:
        """Keep the computed columns and the list of shown pictures equal to the content of this row.

        A save of other columns only (Wagtail notes new drafts so) leaves them alone: this object may hold a draft.
        """
        only = kwargs.get("update_fields")
        if only is not None and not WORDING_FIELDS.intersection(only):
            return super().save(*args, **kwargs)
        self.compute()
        if only is not None:
            kwargs["update_fields"] = {*only, *COMPUTED_FIELDS}
        result = super().save(*args, **kwargs)
        self.record_images()
        return result

    def raw_body(self) -> list[dict[str, Any]]:
        """Return the body as plain data."""
        return list(self.body.get_prep_value()) if self.body else []

    def compute(self) -> None:
        """Set the computed columns from title, summary and body."""
        blocks = self.raw_body()
        self.wording_sha256 = self.digest(blocks)
        texts = wording.texts(blocks)
        self.plain_text = "\n\n".join(texts)
        self.loyalty_path = wording.loyalty_path(blocks)
        self.loyalty_outcome = sum(self.loyalty_path) if self.loyalty_path else None
        self.episode_count = len(self.loyalty_path)
        self.word_count = len(self.plain_text.split())

    def digest(self, blocks: list[dict[str, Any]] | None = None) -> str:
        """Return the digest of the narrator's wording that this object holds."""
        blocks = self.raw_body() if blocks is None else blocks
        ids = wording.image_ids(blocks)
        hashes = dict(StoryImage.objects.filter(pk__in=ids).values_list("pk", "file_hash")) if ids else {}
        return wording.digest(self.title or "", self.summary or "", blocks, hashes)

    def said(self) -> str:
        """Return the digest of everything that is said here, the narrator's words and the company's."""
        return wording.whole(self.title or "", self.summary or "", self.raw_body())

    def record_images(self) -> None:
        """Note which pictures the live row shows: what the guarded view asks."""
        wanted = set(wording.image_ids(self.raw_body()))
        present = set(ImageUse.objects.filter(story_id=self.pk).values_list("image_id", flat=True))
        if present - wanted:
            ImageUse.objects.filter(story_id=self.pk, image_id__in=present - wanted).delete()
        known = (
            StoryImage.objects.filter(pk__in=wanted - present).values_list("pk", flat=True)
            if wanted - present
            else []
        )
        ImageUse.objects.bulk_create([ImageUse(story_id=self.pk, image_id=image) for image in known])

    def wording_is_approved(self, at: datetime | None = None) -> bool:
        """Whether the narrator approved the exact wording that this object holds."""
        return bool(self.member_id) and wording_is_approved(
            self.member_id, self.digest(), at or timezone.now()
        )

    def latest_wording_is_approved(self) -> bool:
        """Whether the narrator approved the wording of the latest revision, the one that would be published."""
        latest = self.get_latest_revision_as_object() if self.pk else self
        return latest.wording_is_approved()

    def permissions_for_user(self, user: User) -> StoryPermissionTester:
        return StoryPermissionTester(user, self)

    def publish(self, revision: Revision, *args: Any, **kwargs: Any) -> Any:
        """Publish a revision, by whatever road, only if its wording is approved: raises ``WordingNotApproved``."""
        if not revision.as_object().wording_is_approved():
            raise WordingNotApproved
        return super().publish(revision, *args, **kwargs)

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer as the guarded story view does."""
        from stories.views import story_detail

        return story_detail(request, slug=self.slug)

    def serve_preview(self, request: HttpRequest, mode_name: str) -> HttpResponse:
        """Show the draft to an editor as a reader would see it."""
        from stories.views import story_preview

        return story_preview(request, self)

    @property
    def outcome(self) -> str:
        """Where the loyalty went: rising, flat, falling, or empty without episodes."""
        if self.loyalty_outcome is None:
            return ""
        if self.loyalty_outcome == 0:
            return Outcome.FLAT
        return Outcome.RISING if self.loyalty_outcome > 0 else Outcome.FALLING


class ImageUse(models.Model):
    """A picture that the published row of a story shows."""

    story = models.ForeignKey(StoryPage, on_delete=models.CASCADE, related_name="image_uses")
    image = models.ForeignKey(StoryImage, on_delete=models.CASCADE, related_name="uses")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["story", "image"], name="stories_image_use_once")]

    def __str__(self) -> str:
        return f"{self.story_id}: {self.image_id}"
