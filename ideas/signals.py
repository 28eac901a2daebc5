"""Framework events translated into one idempotent service call each."""

from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from wagtail.signals import page_published

from ideas.models import Coding, Theme
from ideas.services import anchoring, indexing
from stories.models import StoryPage


@receiver(page_published, sender=StoryPage)
def wording_published(sender: type, instance: StoryPage, **kwargs: object) -> None:
    """A wording was published: its highlights are carried over."""
    anchoring.map_story(instance.pk)


@receiver(post_save, sender=Theme)
def theme_saved(sender: type, instance: Theme, **kwargs: object) -> None:
    """A theme was written, here or in the admin."""
    indexing.themes_changed([instance.pk])


@receiver([post_save, post_delete], sender=Coding)
def coding_changed(sender: type, instance: Coding, **kwargs: object) -> None:
    """A passage was coded or is coded no more: its story is found by other themes."""
    indexing.stories_coded([instance.highlight.story_id])
