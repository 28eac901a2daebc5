"""Every screen × every role. Whoever may not is sent home as Wagtail does, or sees no page at all."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from consent.models import ConsentText
from tests.factories import give, make_member, make_story, make_tag, make_text, make_touchpoint

pytestmark = pytest.mark.anywhere

OK, HOME, GONE = 200, 302, 404
EVERYONE = (
    "anonymous",
    "outsider",
    "reader",
    "newcomer",
    "mentor",
    "hr_lead",
    "marketer",
    "story_keeper",
    "club_host",
    "dpo",
    "administrator",
    "superuser",
)
WORKERS = {"story_keeper", "club_host", "dpo", "administrator", "superuser"}
CLUB = {"story_keeper", "club_host", "administrator", "superuser"}
BOSSES = {"administrator", "superuser"}
EDITORS = {"story_keeper", "administrator", "superuser"}
WORDS = {"story_keeper", "marketer", "administrator", "superuser"}
NOT_STAFF = {"anonymous", "outsider", "reader", "newcomer", "mentor"}
# name of the screen → (who gets it, what the others get)
SCREENS = {
    "club_members:index": (WORKERS, HOME),
    "club_members:index_results": (WORKERS, HOME),
    "club_members:add": (CLUB, HOME),
    "club_members:edit": (CLUB, HOME),
    "club_members:inspect": (WORKERS, HOME),
    "club_members:history": (CLUB, HOME),
    "club_members:identity": ({"dpo", "administrator", "superuser"}, GONE),
    "member_chooser:choose": (WORKERS, HOME),
    "member_chooser:choose_results": (WORKERS, HOME),
    "club_strata:index": (WORKERS, HOME),
    "club_strata:inspect": (WORKERS, HOME),
    "club_strata:add": (BOSSES, HOME),
    "consent_register:index": (WORKERS, HOME),
    "consent_register:add": (WORKERS, HOME),
    "consent_register:inspect": (WORKERS, HOME),
    "consent_register:withdraw": (WORKERS, HOME),
    "consent_register:renew": (WORKERS, HOME),
    "consent_texts:index": (WORKERS, HOME),
    "consent_texts:inspect": (WORKERS, HOME),
    "consent_texts:add": ({"dpo", *BOSSES}, HOME),
    "consent_texts:edit": ({"dpo", *BOSSES}, HOME),
    "consent_ledger:index": (WORKERS, HOME),
    "story_list:index": (WORKERS, HOME),
    "story_list:index_results": (WORKERS, HOME),
    "story_consent": (WORKERS, GONE),
    "story_take_back": (WORKERS, GONE),
    "wagtailsnippets_stories_tag:list": (WORDS, HOME),
    "wagtailsnippets_stories_tag:merge": (EDITORS, HOME),
    "wagtailsnippets_stories_touchpoint:list": (WORDS, HOME),
    "wagtailsnippets_stories_touchpoint:edit": (WORDS, HOME),
    "wagtailsnippets_stories_productline:list": (WORDS, HOME),
    "wagtailadmin_pages:edit": (EDITORS, HOME),
}


@pytest.fixture
def address(db: None) -> Callable[[str], str]:
    """Return a function that gives the address of a screen, with something to show on it."""
    from club.models import Stratum

    def of(name: str) -> str:
        if name.endswith((":index", ":index_results", ":add", ":list", ":choose", ":choose_results")):
            return reverse(name)
        if name.startswith("club_strata"):
            return reverse(name, args=[Stratum.objects.create(code="x", name_ru="x", name_en="x").pk])
        if name.startswith("club_members"):
            return reverse(name, args=[make_member().pk])
        if name.startswith("consent_register"):
            return reverse(name, args=[give(make_member()).pk])
        if name.startswith("consent_texts"):
            text = ConsentText.objects.create(law="other", language="en", version=9, title="New", body="New")
            return reverse(name, args=[text.pk])
        if "_tag:" in name:
            return reverse(name, args=[make_tag().pk])
        if "_touchpoint:" in name:
            return reverse(name, args=[make_touchpoint().pk])
        return reverse(name, args=[make_story().pk])

    return of


@pytest.mark.parametrize("name", SCREENS)
def test_a_screen_answers_to_its_roles_only(
    name: str, address: Callable[[str], str], as_: Callable[[str], Client]
) -> None:
    url = address(name)
    allowed, otherwise = SCREENS[name]
    answers = {role: as_(role).get(url).status_code for role in EVERYONE}
    expected = {
        role: OK if role in allowed else HOME if role in NOT_STAFF else otherwise for role in EVERYONE
    }
    assert answers == expected


@pytest.mark.parametrize("name", ["club_members:delete", "consent_register:edit", "consent_register:delete"])
def test_what_is_not_offered_has_no_address(name: str) -> None:
    from django.urls import NoReverseMatch

    with pytest.raises(NoReverseMatch):
        reverse(name, args=[1])


@pytest.mark.parametrize("action", ["edit", "delete", "copy", "history", "usage"])
def test_a_consent_is_never_edited(action: str, as_: Callable[[str], Client]) -> None:
    consent = give(make_member())
    assert as_("superuser").get(f"/admin/consent/register/{action}/{consent.pk}/").status_code == GONE


def test_a_text_in_use_is_read_only(as_: Callable[[str], Client]) -> None:
    give(make_member())
    client, text = as_("dpo"), make_text()
    assert client.get(reverse("consent_texts:edit", args=[text.pk])).url == reverse(
        "consent_texts:inspect", args=[text.pk]
    )
    client.post(reverse("consent_texts:edit", args=[text.pk]), {"title": "Other", "body": "Other"})
    text.refresh_from_db()
    assert text.title == "Consent"


def test_a_new_version_starts_from_the_old_words(as_: Callable[[str], Client]) -> None:
    give(make_member())
    text = make_text()
    page = as_("dpo").get(f"{reverse('consent_texts:add')}?from={text.pk}").content.decode()
    assert text.body in page
    assert "written in one piece" in page


def test_an_unused_text_may_change(as_: Callable[[str], Client]) -> None:
    text = ConsentText.objects.create(law="other", language="en", version=3, title="Old", body="Old")
    data = {"title": "New", "element_text": "You may read my words."}
    assert as_("dpo").post(reverse("consent_texts:edit", args=[text.pk]), data).status_code == 302
    text.refresh_from_db()
    assert (text.title, text.body, text.version) == ("New", "You may read my words.", 3)
