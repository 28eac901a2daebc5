"""Keeps what Wagtail writes about promotions as silent as the promotions themselves."""

from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models.signals import pre_save
from django.dispatch import receiver
from wagtail.contrib.search_promotions.models import SearchPromotion
from wagtail.models import ModelLogEntry


@receiver(pre_save, sender=ModelLogEntry, dispatch_uid="search.neutral_label")
def neutral_label(sender: Any, instance: ModelLogEntry, **kwargs: Any) -> None:
    """Name a promotion by its number: Wagtail would write the title of its page, which may be hidden one day."""
    if instance.content_type_id == ContentType.objects.get_for_model(SearchPromotion).pk:
        instance.label = f"#{instance.object_id}"
