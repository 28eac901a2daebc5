"""What was published, compiled and never changed: the structure of modules and tracks, without a word of a story.

A pin holds somebody to a major version; within it everybody always sees the newest, because by construction nothing
that is required, right or counted differs (see ``onboarding.compiling``).
"""

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.models import Revision

from onboarding.enums import Change


class Version(models.Model):
    """A version of a module or track, by its translation key: all languages share it."""

    key = models.UUIDField(_("key"))
    major = models.PositiveIntegerField(_("major"))
    minor = models.PositiveIntegerField(_("minor"), default=0)
    patch = models.PositiveIntegerField(_("patch"), default=0)
    change = models.CharField(_("change"), max_length=6, choices=Change.choices)
    graph = models.JSONField()
    sha256 = models.CharField(max_length=64)
    made_at = models.DateTimeField(_("made at"))

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """The version as people write it: ``2.1.0``."""
        return f"{self.major}.{self.minor}.{self.patch}"


class ModuleVersion(Version):
    """The steps of a module: ids, kinds, options, keys, weights, competencies."""

    class Meta:
        verbose_name = _("module version")
        verbose_name_plural = _("module versions")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["key", "major", "minor", "patch"], name="onboarding_module_version"
            )
        ]


class ModuleText(models.Model):
    """The revision that gives a version its words in one language."""

    version = models.ForeignKey(ModuleVersion, on_delete=models.PROTECT, related_name="texts")
    language = models.CharField(_("language"), max_length=5)
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "language"], name="onboarding_module_text_once")
        ]

    def __str__(self) -> str:
        return f"{self.version_id} {self.language}"


class TrackVersion(Version):
    """The modules of a track in order, each pinned to a major version."""

    class Meta:
        verbose_name = _("track version")
        verbose_name_plural = _("track versions")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["key", "major", "minor", "patch"], name="onboarding_track_version"
            )
        ]


class VersionStory(models.Model):
    """Which story a step of a version stands on: by it a withdrawal finds every pinned version.

    Plain numbers, no foreign keys: a story goes when its owner says so, and nothing here may hold it back.
    """

    version = models.ForeignKey(ModuleVersion, on_delete=models.PROTECT, related_name="stories")
    step = models.UUIDField()
    kind = models.CharField(max_length=20)
    competency_id = models.BigIntegerField(null=True)
    required = models.BooleanField()
    story_id = models.BigIntegerField()
    member_id = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "step"], name="onboarding_version_story_once")
        ]
        indexes = [
            models.Index(fields=["story_id"], name="onboarding_vs_story"),
            models.Index(fields=["member_id"], name="onboarding_vs_member"),
        ]

    def __str__(self) -> str:
        return f"{self.version_id}/{self.step}: {self.story_id}"
