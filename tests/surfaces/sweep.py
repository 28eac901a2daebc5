"""Walking every address of the site with a singing story behind it, and listening."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.test import Client

from tests.surfaces.addresses import Address, addresses, furnish
from tests.surfaces.canary import PAGES, WORD, Canary

# Questions that generic screens answer: what a search, a chooser, a report may let out.
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
OPEN = ("/search/?q={w}", "/stories/?q={w}&literal=1", "/api/search/?q=%22{w}%22", "/api/suggest/?q={w}", "/api/search/?q={w}&tag=hot-water")

# How pages repeat a question: in addresses, in the search field, in the sentence that nothing was found.
REPEATED = re.compile(rf'(=|%3D|value=\\?"|label=|“|\\u201c|"|&quot;|%22|%2522|<em>|<title>|<b class="w-ml-1">){WORD}')


class Sweep:
    """All addresses with canaries in the place of whatever a story, picture, member or consent may be.

    An address that leads to one story, member, … is there for each of the canaries, any other once: all canaries sit
    behind it.
    """

    def __init__(self, *canaries: Canary) -> None:
        furniture = furnish()
        self.seats = [(canary, {**furniture, **canary_values(canary)}) for canary in canaries]

    def admin(self) -> Iterator[str]:
        """Every address of the admin."""
        yield from once(path for canary, values in self.seats for path in admin_of(canary, values))

    def open(self) -> Iterator[str]:
        """Every address outside the admin."""
        yield from once(path for canary, values in self.seats for path in open_of(canary, values))

    def heard(self, client: Client, paths: Iterator[str]) -> list[str]:
        """The addresses whose answer (status line, headers, cookies, body) holds the word, apart from the question itself."""
        client.raise_request_exception = False
        return [path for path in paths if says_the_word(client, path)]


def once(paths: Iterable[str]) -> Iterator[str]:
    """Yield each path the first time it comes."""
    yield from dict.fromkeys(paths)


def admin_of(canary: Canary, values: Mapping[str, Any]) -> Iterator[str]:
    """Every address of the admin with one canary behind it."""
    yield from (address.url(values) for address in addresses() if in_admin(address))
    of_pages = dict(values)
    for key in ("workflow_preview", "confirm_workflow_cancellation", "workflow_history_detail"):
        of_pages[f"wagtailadmin_pages:{key}.page_id"] = canary.story.pk
    yield from (address.url(of_pages) for address in addresses() if "workflow" in address.name)
    yield from (search.format(**places(canary)) for search in SEARCHES)


def open_of(canary: Canary, values: Mapping[str, Any]) -> Iterator[str]:
    """Every address outside the admin with one canary behind it."""
    yield from (address.url(values) for address in addresses() if not address.route.startswith("admin/"))
    yield from (search.format(**places(canary)) for search in OPEN)
    yield from PAGES
    yield from canary.files()


def places(canary: Canary) -> dict[str, Any]:
    """What the questions speak of."""
    shelf = canary.story.get_parent().pk
    return {"w": WORD, "t": WORD[:4], "pk": canary.story.pk, "image": canary.image.pk, "shelf": shelf}


def canary_values(canary: Canary) -> dict[str, Any]:
    """Return the arguments that lead to the canary."""
    story, image, member = canary.story, canary.image.pk, canary.member.pk
    consent = canary.member.consents.values_list("pk", flat=True).first()
    return {
        "page_id": story.pk, "page_to_move_id": story.pk, "pk": story.pk, "object_id": story.pk, "slug": story.slug,
        "revision_id": story.latest_revision_id, "image_id": image, "wagtailadmin_api:images.pk": image, "wagtailimages_chooser.pk": image,
        "club_members.pk": member, "member_chooser.pk": member, **({"consent_register.pk": consent} if consent else {}),
    }  # fmt: skip


def in_admin(address: Address) -> bool:
    """Whether an address is of the admin; that of pictures has a test of its own."""
    return address.route.startswith("admin/") and not address.name.startswith("wagtailadmin_api:images")


def says_the_word(client: Client, path: str) -> bool:
    """Whether an answer holds the word. A page that repeats the question has said nothing."""
    response: Any = client.get(path, headers={"Accept-Language": "en"})
    assert response.status_code < 500, path
    content = b"".join(response.streaming_content) if response.streaming else response.content
    said = f"{content.decode(errors='replace')}\n{response.headers}\n{response.cookies}"
    return WORD in REPEATED.sub("", said).replace(path, "")
