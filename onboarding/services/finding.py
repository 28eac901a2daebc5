"""Telling the search what became of modules, in the transaction of what changed them."""

from collections.abc import Iterable

from onboarding.findable import KIND
from onboarding.models import ModulePage, VersionStory
from search.services import enqueue


def modules_changed(ids: Iterable[int]) -> None:
    """Modules were published, changed or taken down."""
    enqueue(KIND, ids)


def clearance_changed(member_ids: Iterable[int], gained: bool) -> None:
    """The consent of these members changed: modules on their stories are left out of searches until looked at again."""
    told = VersionStory.objects.filter(member_id__in=list(member_ids))
    enqueue(KIND, on_versions(told.values("version__key")), hides=not gained)


def stories_changed(story_ids: Iterable[int]) -> None:
    """Stories were published or taken down."""
    stand = VersionStory.objects.filter(story_id__in=list(story_ids))
    enqueue(KIND, on_versions(stand.values("version__key")))


def on_versions(keys: object) -> Iterable[int]:
    """Return the published modules of these keys."""
    rows = ModulePage.objects.filter(live=True, translation_key__in=keys).order_by()
    return rows.values_list("pk", flat=True)
