"""What follows from publishing, hiding, approving and renaming: outbox rows, and workflows that go on."""

from collections.abc import Iterable

from django.db.models import Q
from wagtail.models import TaskState

from club.models import User
from search.services import enqueue
from stories.models import ConsentTask, StoryPage

KIND = "story"


def changed(ids: Iterable[int], *, hides: bool = True) -> None:
    """Put stories in the search outbox, in the caller's transaction."""
    enqueue(KIND, list(ids), hides=hides)


def clearance_changed(member_ids: Iterable[int], gained: bool) -> None:
    """The consent of these members changed: index their stories anew, hidden meanwhile if anything was taken back."""
    stories = StoryPage.objects.filter(member_id__in=list(member_ids)).order_by()
    changed(stories.values_list("pk", flat=True), hides=not gained)


def vocabulary_changed(
    *, tag: int | None = None, touchpoint: int | None = None, product_line: int | None = None
) -> None:
    """A word that stories carry was renamed or merged: index all who carry it anew."""
    carriers = Q(tagged_items__tag=tag) if tag else Q()
    if touchpoint:
        carriers |= Q(touchpoints=touchpoint)
    if product_line:
        carriers |= Q(product_lines=product_line)
    changed(StoryPage.objects.filter(carriers).order_by().values_list("pk", flat=True).distinct())


def wording_approved(member_id: int, wording_sha256: str, actor_id: int | None) -> None:
    """The narrator approved a wording: workflows that waited for exactly these words go on and publish."""
    actor = User.objects.filter(pk=actor_id).first() if actor_id else None
    for state in waiting_for_approval(member_id):
        if state.revision.as_object().digest() == wording_sha256:
            state.approve(user=actor)


def waiting_for_approval(member_id: int) -> list[TaskState]:
    """Return the consent steps in progress of a member's stories."""
    pages = [
        str(pk)
        for pk in StoryPage.objects.filter(member_id=member_id).order_by().values_list("pk", flat=True)
    ]
    states = TaskState.objects.filter(
        status=TaskState.STATUS_IN_PROGRESS,
        task__in=ConsentTask.objects.values("pk"),
        workflow_state__object_id__in=pages,
    )
    return list(states.select_related("revision", "workflow_state"))


def picture_replaced(image_id: int) -> None:
    """A picture's file changed: the wordings that show it are other wordings now and need a new approval."""
    for story in StoryPage.objects.filter(image_uses__image_id=image_id):
        digest = story.digest()
        if digest != story.wording_sha256:
            StoryPage.objects.filter(pk=story.pk).update(wording_sha256=digest)
            changed([story.pk])
