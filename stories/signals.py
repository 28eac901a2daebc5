"""Framework events translated into one idempotent service call each. Nothing is indexed or mailed on autosave."""

from django.db.models.signals import m2m_changed, post_delete, post_save
from django.dispatch import receiver
from wagtail.models import PageLogEntry
from wagtail.signals import page_published, page_unpublished, post_page_move

from stories.models import ProductLine, StoryImage, StoryPage, Tag, Touchpoint
from stories.services import masking, publishing


@receiver(page_published, sender=StoryPage)
@receiver(page_unpublished, sender=StoryPage)
@receiver(post_page_move, sender=StoryPage)
@receiver(post_delete, sender=StoryPage)
def story_changed(sender: type, instance: StoryPage, **kwargs: object) -> None:
    """A story appeared, changed or went."""
    publishing.changed([instance.pk])


@receiver(page_published, sender=StoryPage)
def masked_wording_published(sender: type, instance: StoryPage, **kwargs: object) -> None:
    """A masked wording may have taken the place of its source."""
    masking.published_over_source(instance)


@receiver(post_save, sender=PageLogEntry)
def renaming_logged(sender: type, instance: PageLogEntry, created: bool, **kwargs: object) -> None:
    """Publishing notes the old title after everything else; of a masked story it is not kept."""
    if created:
        masking.forget_title(instance)


@receiver(m2m_changed, sender=StoryPage.audience_groups.through)
def audience_changed(sender: type, instance: object, action: str, **kwargs: object) -> None:
    """Who may read a story changed."""
    if isinstance(instance, StoryPage) and instance.live and action.startswith("post_"):
        publishing.changed([instance.pk])


@receiver(post_save, sender=Tag)
def tag_saved(sender: type, instance: Tag, created: bool, **kwargs: object) -> None:
    """A tag was renamed."""
    if not created:
        publishing.vocabulary_changed(tag=instance.pk)


@receiver(post_save, sender=Touchpoint)
def touchpoint_saved(sender: type, instance: Touchpoint, created: bool, **kwargs: object) -> None:
    """A touchpoint was renamed."""
    if not created:
        publishing.vocabulary_changed(touchpoint=instance.pk)


@receiver(post_save, sender=ProductLine)
def product_line_saved(sender: type, instance: ProductLine, created: bool, **kwargs: object) -> None:
    """A product line was renamed."""
    if not created:
        publishing.vocabulary_changed(product_line=instance.pk)


@receiver(post_save, sender=StoryImage)
def image_saved(sender: type, instance: StoryImage, created: bool, **kwargs: object) -> None:
    """A picture's file was replaced."""
    if not created:
        publishing.picture_replaced(instance.pk)
