"""Makers of test data. They go through the product's own services, so that what they make is what the product makes."""

from datetime import datetime, timedelta
from io import BytesIO
from itertools import count
from typing import Any

from django.contrib.auth.models import Group
from django.core.files.images import ImageFile
from django.utils import timezone
from PIL import Image

from club.models import Member, User
from consent.enums import INTERNAL_PURPOSES, Category, Law, Method, Purpose, TextScope
from consent.models import Consent, ConsentText
from consent.services import NewConsent, approve_wording, give_consent, pause, permissions_for, withdraw
from kb_site import roles
from stories.models import ProductLine, StoryImage, StoryIndexPage, StoryPage, Tag, Touchpoint

numbers = count(1)


def make_user(role: str | None = None, **fields: Any) -> User:
    """An employee in the group of a role key, or in none."""
    username = fields.pop("username", f"{role or 'outsider'}{next(numbers)}")
    user = User.objects.create_user(username, **{"email": f"{username}@example.org", **fields})
    if role:
        user.groups.add(Group.objects.get(name=roles.KEYS[role]))
    return user


def make_member(**fields: Any) -> Member:
    """A member without any consent."""
    return Member.objects.create(**{"persona_name": f"Figure {next(numbers)}", "language": "en", **fields})


def make_text(language: str = "en") -> ConsentText:
    """A consent text."""
    text, _created = ConsentText.objects.get_or_create(
        law=Law.GDPR,
        scope=TextScope.INTERNAL,
        category="",
        language=language,
        version=1,
        defaults={"title": "Consent", "body": "You may use my words."},
    )
    return text


def give(
    member: Member,
    *,
    purposes: tuple[Purpose, ...] = INTERNAL_PURPOSES,
    categories: tuple[Category, ...] = (Category.WORDS,),
    start: datetime | None = None,
    until: datetime | None = None,
    conditions: str = "",
) -> Consent:
    """A consent, valid since yesterday and without an end unless said otherwise."""
    return give_consent(
        NewConsent(
            member=member,
            text=make_text(),
            controller="Warm House",
            method=Method.PAPER,
            permissions=permissions_for(purposes, categories),
            valid_from=start or timezone.now() - timedelta(days=1),
            valid_until=until,
            evidence_reference="binder, sheet 1",
            conditions=conditions,
        )
    )


def episode(**fields: Any) -> tuple[str, dict[str, Any]]:
    """An episode block."""
    value = {
        "title": "The call", "touchpoint": None, "when": "", "happened": "Nobody answered.", "expected": "an answer",
        "feeling": -1, "feeling_words": "tired", "loyalty": -1, "recovery": "", "turning_point": False, "turning_words": "",
    }  # fmt: skip
    return "episode", {**value, **fields}


def make_story(
    member: Member | None = None, *, publish: bool = True, consent: bool = True, **fields: Any
) -> StoryPage:
    """A story; by default approved, consented and published. ``body`` is a list of (kind, value)."""
    member = member or make_member()
    if consent and publish and not member.consents.exists():
        give(member)
    number = next(numbers)
    story = StoryPage(
        **{
            "title": f"A story {number}",
            "slug": f"a-story-{number}",
            "language": "en",
            "member": member,
            "body": [episode(), episode(title="The visit", loyalty=3)],
            "live": False,
            **fields,
        }
    )
    StoryIndexPage.objects.get().add_child(instance=story)
    revision = story.save_revision()
    if publish:
        approve(story)
        revision.publish()
        story.refresh_from_db()
    return story


def approve(story: StoryPage) -> None:
    """The narrator says yes to the words that the object holds."""
    approve_wording(
        member=story.member,
        wording_sha256=story.digest(),
        method=Method.PAPER,
        evidence_reference="binder, sheet 2",
    )


def make_hidden(
    state: str,
    *,
    member: Member | None = None,
    categories: tuple[Category, ...] = (Category.WORDS,),
    **fields: Any,
) -> StoryPage:
    """A story that readers may not meet: ``never``, ``expired``, ``paused``, ``withdrawn``, ``out_of_scope``, ``unapproved`` or
    ``draft``.
    """
    member = member or make_member()
    if state == "draft":
        return make_story(member, publish=False, **fields)
    if state == "never":
        return make_story(member, consent=False, **fields)
    now = timezone.now()
    if state == "expired":
        give(member, categories=categories, start=now - timedelta(days=10), until=now - timedelta(seconds=1))
    elif state == "out_of_scope":
        give(member, purposes=(Purpose.IDEAS,), categories=categories)
    else:
        give(member, categories=categories)
    story = make_story(member, **fields)
    if state == "withdrawn":
        withdraw(member=member)
    elif state == "paused":
        pause(member=member)
    elif state == "unapproved":
        StoryPage.objects.filter(pk=story.pk).update(wording_sha256="0" * 64)
    return story


HIDDEN = ("never", "expired", "paused", "withdrawn", "out_of_scope", "unapproved", "draft")


def make_image(
    member: Member | None = None, *, size: tuple[int, int] = (60, 40), **fields: Any
) -> StoryImage:
    """A small picture in private storage."""
    content = BytesIO()
    Image.new("RGB", size, (12, 90, 70)).save(content, "JPEG")
    image = StoryImage(
        member=member, file=ImageFile(content, name="told-by-anna.jpg"), **{"title": "A picture", **fields}
    )
    image.save()
    return image


def make_tag(slug: str = "hot-water", **fields: Any) -> Tag:
    """A tag."""
    names = {"name": slug, "name_ru": slug, "name_en": slug.replace("-", " ")}
    return Tag.objects.get_or_create(slug=slug, defaults={**names, **fields})[0]


def make_touchpoint(slug: str = "dispatch", **fields: Any) -> Touchpoint:
    """A touchpoint."""
    return Touchpoint.objects.get_or_create(
        slug=slug, defaults={"name_ru": slug, "name_en": slug.title(), **fields}
    )[0]


def make_product_line(slug: str = "heating", **fields: Any) -> ProductLine:
    """A product line."""
    return ProductLine.objects.get_or_create(
        slug=slug, defaults={"name_ru": slug, "name_en": slug.title(), **fields}
    )[0]
