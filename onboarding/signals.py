"""Framework events translated into one idempotent service call each."""

from typing import Any

from django.db.models.signals import post_delete
from django.dispatch import receiver
from wagtail.signals import page_published, page_unpublished

from onboarding.models import ModulePage, TrackPage
from onboarding.services import endings, finding, versions
from stories.models import StoryPage


@receiver(page_published, sender=ModulePage)
def module_published(sender: type, instance: ModulePage, revision: Any = None, **kwargs: object) -> None:
    """A module was published: keep what it is from now on."""
    if revision is not None and instance.alias_of_id is None:
        versions.snapshot_module(instance, revision)
    finding.modules_changed([instance.pk])


@receiver(page_unpublished, sender=ModulePage)
@receiver(post_delete, sender=ModulePage)
def module_gone(sender: type, instance: ModulePage, **kwargs: object) -> None:
    """A module was taken down."""
    finding.modules_changed([instance.pk])


@receiver(page_published, sender=TrackPage)
def track_published(sender: type, instance: TrackPage, **kwargs: object) -> None:
    """A track was published."""
    if instance.alias_of_id is None:
        versions.snapshot_track(instance)


@receiver(page_published, sender=StoryPage)
@receiver(page_unpublished, sender=StoryPage)
def story_changed(sender: type, instance: StoryPage, **kwargs: object) -> None:
    """A story may not be taught with any more, or may again."""
    endings.stories_changed([instance.pk])
    finding.stories_changed([instance.pk])
