"""Framework events translated into one idempotent service call each."""

from django.dispatch import receiver
from wagtail.signals import page_published

from ideas.services import anchoring
from stories.models import StoryPage


@receiver(page_published, sender=StoryPage)
def wording_published(sender: type, instance: StoryPage, **kwargs: object) -> None:
    """A wording was published: its highlights are carried over."""
    anchoring.map_story(instance.pk)
