"""Pictures of stories: private from the start, without metadata, with a text for those who cannot see them."""

import uuid
from typing import Any

from django.core.files.base import ContentFile, File
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.images.models import AbstractImage, AbstractRendition, Filter, Image

from club.models import Member
from stories import pictures


class StoryImage(AbstractImage):
    """A picture that belongs to a member; readers see it only under her image grant."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    member = models.ForeignKey(
        Member, verbose_name=_("who is in it or made it"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="images",
    )  # fmt: skip

    admin_form_fields = (
        "title", "file", "description", "member", "collection", "tags",
        "focal_point_x", "focal_point_y", "focal_point_width", "focal_point_height",
    )  # fmt: skip

    class Meta(Image.Meta):
        verbose_name = _("picture")
        verbose_name_plural = _("pictures")

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Strip the metadata of a new file before it touches the disk."""
        if self.file and not self.file._committed:
            self._take(pictures.strip(self.file.file))
        super().save(*args, **kwargs)

    def generate_rendition_file(self, filter: Filter, *, source: Any = None) -> ContentFile:
        """Return a new size in memory: Wagtail would leave its temporary file open."""
        with super().generate_rendition_file(filter, source=source) as made:
            made.seek(0)
            return ContentFile(made.read(), name=made.name)

    def _take(self, content: File) -> None:
        self.file.save(content.name, content, save=False)
        self.file_size = content.size
        with self.open_file():
            self._set_file_hash()


class StoryRendition(AbstractRendition):
    """A size of a picture, WebP or AVIF, in the same private storage."""

    image = models.ForeignKey(StoryImage, related_name="renditions", on_delete=models.CASCADE)

    class Meta:
        unique_together = [("image", "filter_spec", "focal_point_key")]
