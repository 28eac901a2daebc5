"""Highlights: passages of stories, held by selectors of the W3C Web Annotation Data Model."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from ideas.enums import AnchorState
from stories.models import StoryPage, Touchpoint


class CodedBlock(models.Model):
    """The published text of a story's block in which passages are marked: from it the next revision is mapped.

    Never an earlier wording: what a narrator or a mask took out of her words must not live on here.
    """

    story = models.ForeignKey(StoryPage, on_delete=models.PROTECT, related_name="coded_blocks")
    block_id = models.CharField(max_length=64)
    text = models.TextField()
    touchpoint = models.ForeignKey(Touchpoint, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["story", "block_id"], name="ideas_block_once")]

    def __str__(self) -> str:
        return f"{self.story_id}/{self.block_id}"


class Highlight(models.Model):
    """A passage: block, characters from ``start`` up to ``end``, its words and the words around it.

    ``revision`` is the number of the published revision in whose text it lies. It is no foreign key, for revisions may
    be purged. A highlight whose revision is not the published one is no evidence: it has not been mapped yet.
    An orphan keeps no words.
    """

    block = models.ForeignKey(CodedBlock, on_delete=models.PROTECT, related_name="highlights")
    story = models.ForeignKey(StoryPage, on_delete=models.PROTECT, related_name="highlights")
    revision = models.BigIntegerField(_("revision"))
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    exact = models.TextField(_("passage"))
    prefix = models.CharField(max_length=40, blank=True)
    suffix = models.CharField(max_length=40, blank=True)
    state = models.CharField(
        _("state"), max_length=12, choices=AnchorState.choices, default=AnchorState.ANCHORED
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="highlights"
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("highlight")
        verbose_name_plural = _("highlights")
        indexes = [models.Index(fields=["story", "state"], name="ideas_highlight_story")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(end__gte=models.F("start")), name="ideas_highlight_span"
            )
        ]

    def __str__(self) -> str:
        return f"{self.story_id}: {self.start}–{self.end}"
