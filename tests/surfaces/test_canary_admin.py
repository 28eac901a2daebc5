"""Who enters the admin but has no right to stories hears nothing of those she may not read."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client

from search.services import drain
from tests.surfaces.addresses import Address, addresses, furnish
from tests.surfaces.canary import WORD, Canary

pytestmark = pytest.mark.django_db
As = Callable[[str], Client]
SEARCHES = (
    "/admin/pages/search/?q={w}", "/admin/pages/search/results/?q={w}", "/admin/choose-page/search/?q={w}", "/admin/choose-page/{shelf}/",
    "/admin/choose-page/?page_type=stories.storypage", "/admin/choose-page/{shelf}/?page_type=stories.storypage",
    "/admin/choose-page/chosen-multiple/?id={pk}", "/admin/images/?q={w}", "/admin/images/chooser/?q={w}",
    "/admin/images/chooser/results/?q={w}", "/admin/images/chooser/chosen-multiple/?id={image}", "/admin/api/main/pages/?search={w}",
    "/admin/api/main/pages/?type=stories.StoryPage&fields=*", "/admin/api/main/pages/?child_of={shelf}&fields=*",
    "/admin/api/main/pages/{pk}/?fields=*", "/admin/api/main/pages/?for_explorer=1&child_of={shelf}",
    "/admin/tag-autocomplete/?term={t}", "/admin/stories/?q={w}", "/admin/reports/site-history/?label={w}",
    "/admin/reports/site-history/?user=1", "/admin/club/members/?q={w}", "/admin/documents/chooser/?q={w}",
)  # fmt: skip


def paths(canary: Canary) -> Iterator[str]:
    """Every address of the admin with the canary in the place of whatever a story, picture or word may be."""
    story = canary.story
    ours = {"page_id": story.pk, "page_to_move_id": story.pk, "pk": story.pk, "object_id": story.pk, "slug": story.slug,
            "revision_id": story.latest_revision_id, "image_id": canary.image.pk, "wagtailadmin_api:images.pk": canary.image.pk,
            "wagtailimages_chooser.pk": canary.image.pk, "club_members.pk": canary.member.pk, "member_chooser.pk": canary.member.pk}  # fmt: skip
    values = {**furnish(), **ours}
    places = {"w": WORD, "t": WORD[:4], "pk": story.pk, "image": canary.image.pk, "shelf": story.get_parent().pk}
    yield from (address.url(values) for address in addresses() if in_admin(address))
    for key in ("workflow_preview", "confirm_workflow_cancellation", "workflow_history_detail"):
        values[f"wagtailadmin_pages:{key}.page_id"] = story.pk
    yield from (address.url(values) for address in addresses() if "workflow" in address.name)
    yield from (search.format(**places) for search in SEARCHES)


def in_admin(address: Address) -> bool:
    """Whether an address is of the admin; that of pictures has a test of its own."""
    return address.route.startswith("admin/") and not address.name.startswith("wagtailadmin_api:images")


def leaks(client: Client, canary: Canary) -> list[str]:
    """The addresses whose answer holds the word, apart from the question itself."""
    found = []
    client.raise_request_exception = False
    for path in paths(canary):
        response: Any = client.get(path, headers={"Accept-Language": "en"})
        content = b"".join(response.streaming_content) if response.streaming else response.content
        said = content.decode(errors="replace").replace(f"={WORD}", "").replace(f'value="{WORD}"', "").replace(f"“{WORD}”", "")
        assert response.status_code < 500, path
        if f" {WORD}" in said or WORD in str(response.headers):
            found.append(path)
    return found


@pytest.fixture
def canary() -> Canary:
    """A narrator whose figure does not give the word away: keepers and hosts know her by it."""
    return Canary(persona="The quiet one")


@pytest.mark.parametrize(
    ("role", "state"),
    [("marketer", "withdrawn"), ("marketer", "draft"), ("hr_lead", "unapproved"), ("club_host", "audience"), ("dpo", "audience")],
)
def test_a_story_she_may_not_read_is_heard_nowhere_in_the_admin(as_: As, canary: Canary, role: str, state: str) -> None:
    canary.sing(state)
    drain()
    assert leaks(as_(role), canary) == []


@pytest.mark.parametrize(("role", "state"), [("club_host", "withdrawn"), ("dpo", "draft")])
def test_who_works_with_approvals_meets_it_there_and_where_titles_are_listed(as_: As, canary: Canary, role: str, state: str) -> None:
    story = canary.sing(state)
    drain()
    approvals = {"/admin/stories/", "/admin/stories/results/", f"/admin/stories/?q={WORD}", f"/admin/stories/{story.pk}/consent/",
                 f"/admin/stories/{story.pk}/consent/take-back/", f"/admin/club/members/inspect/{canary.member.pk}/"}  # fmt: skip
    titles = ("/admin/choose-page/", f"/admin/pages/{story.pk}/delete/", f"/admin/pages/{story.pk}/copy/")
    assert [path for path in leaks(as_(role), canary) if path not in approvals and not path.startswith(titles)] == []


def test_its_keeper_hears_it_there(as_: As, canary: Canary) -> None:
    canary.sing("withdrawn")
    drain()
    assert len(leaks(as_("story_keeper"), canary)) > 5


@pytest.mark.parametrize("role", ["marketer", "hr_lead"])
def test_a_picture_she_may_not_see_is_named_by_no_api(as_: As, canary: Canary, role: str) -> None:
    canary.sing("withdrawn")
    client = as_(role)
    said = [client.get(f"/admin/api/main/images/{path}").content for path in ("", f"{canary.image.pk}/")]
    assert not [each for each in said if WORD.encode() in each]
