"""Builds the demonstration company from the files in ``kb_site/demo``. Running it again adds only what is missing."""

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import yaml
from django.contrib.auth.models import Group
from django.core.files.images import ImageFile
from django.db import transaction
from django.utils import timezone
from wagtail.models import Revision
from wagtail.users.models import UserProfile

from club import codes
from club.models import Member, Stratum, User
from club.services import record_identity
from consent.enums import INTERNAL_PURPOSES, Category, Channel, Credit, Law, Method, Purpose, TextScope
from consent.models import ApprovalLink, ConsentText
from consent.narrator import asking, links, registry
from consent.services import NewConsent, Permission, approve_wording, expire, give_consent, withdraw
from consent.texts import current_text, install_templates
from consent.texts.operator import operator
from kb_site import demo_ideas, roles
from kb_site.company import invented
from kb_site.demo import photos
from kb_site.models import Company
from stories.importing.records import body_from_record
from stories.models import ProductLine, StoryImage, StoryIndexPage, StoryPage, Tag, Touchpoint
from stories.slugs import latin

FOLDER = Path(__file__).parent / "demo"
Progress = Callable[[str], None]
EVIDENCE = {"ru": "Папка «Согласия клуба», лист {code}", "en": "Binder “Club consents”, sheet {code}"}


def load(name: str) -> dict[str, Any]:
    """Return one of the demonstration's files."""
    return yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))


def build(progress: Progress = lambda _line: None) -> int:
    """Build everything that is not there yet, each story in a transaction of its own; returns the stories added."""
    company, members = load("company.yaml"), load("members.yaml")["members"]
    with transaction.atomic():
        build_company(company)
        build_people()
        install_templates(lambda language: {**invented(language), **operator(language)})
        for record in members:
            build_member(record, company)
        pictures = build_pictures()
    progress(f"{len(members)} members")
    files = sorted((FOLDER / "stories").glob("*.yaml"))
    added = 0
    for file in files:
        with transaction.atomic():
            added += build_story(yaml.safe_load(file.read_text(encoding="utf-8")), members, pictures)
    progress(f"{len(files)} stories")
    with transaction.atomic():
        for record in members:
            if record["consent"]["state"] == "withdrawn":
                withdraw(member=member_of(record))
        expire()
        demo_ideas.build(load("ideas.yaml"))
    return added


def build_company(company: dict[str, Any]) -> None:
    """Create the company's name, strata and vocabulary."""
    names = {"name_ru": company["name_ru"], "name_en": company["name_en"]}
    site_settings = Company.for_site(StoryIndexPage.objects.get().get_site())
    if not site_settings.name_ru:
        Company.objects.filter(pk=site_settings.pk).update(**names)
    for row in company["strata"]:
        Stratum.objects.get_or_create(
            code=row["code"],
            defaults=pick(row, "name_ru", "name_en", "rule_ru", "rule_en", "base_size", "target"),
        )
    for row in company["touchpoints"]:
        wanted = pick(row, "name_ru", "name_en", "description_ru", "description_en", "order")
        Touchpoint.objects.get_or_create(slug=row["slug"], defaults=wanted)
    for row in company["product_lines"]:
        ProductLine.objects.get_or_create(slug=row["slug"], defaults=pick(row, "name_ru", "name_en"))
    for row in company["tags"]:
        Tag.objects.get_or_create(
            slug=row["slug"], defaults={"name": row["slug"], **pick(row, "name_ru", "name_en")}
        )


def pick(row: dict[str, Any], *names: str) -> dict[str, Any]:
    """Return some of a row's fields."""
    return {name: row[name] for name in names}


def build_people() -> None:
    """Create the employees who can be signed in as; they have no passwords."""
    for row in load("people.yaml")["people"]:
        user, created = User.objects.get_or_create(username=row["username"])
        if not created:
            continue
        name = row["full_name_en"] if row["language"] == "en" else row["full_name"]
        user.first_name, _, user.last_name = name.partition(" ")
        user.email = f"{user.username}@warm-house.example"
        user.is_superuser = row["group"] == "administrator"
        user.set_unusable_password()
        user.save()
        user.groups.add(Group.objects.get(name=roles.KEYS[row["group"]]))
        UserProfile.objects.get_or_create(user=user, defaults={"preferred_language": row["language"]})


def code_of(key: str) -> str:
    """Return the code of an invented member: the same at every build, so that links and medallions stay."""
    return codes.compose(
        int.from_bytes(hashlib.sha256(f"demo/{key}".encode()).digest()[:4]) % 10**codes.DIGITS
    )


def member_of(record: dict[str, Any]) -> Member:
    """Return the member of a record."""
    return Member.objects.get(code=code_of(record["key"]))


def build_member(record: dict[str, Any], company: dict[str, Any]) -> None:
    """Create a member with identity, hosts and consent."""
    language = record["language"]
    member, created = Member.objects.get_or_create(
        code=code_of(record["key"]),
        defaults={
            **pick(record, "kind", "language", "season", "hair", "dress"),
            "persona_name": record[f"persona_{language}"],
            "client_since": date(record["client_since"], 1, 1) if record["client_since"] else None,
            "stratum": Stratum.objects.filter(code=record["stratum"]).first(),
        },
    )
    if not created:
        return
    member.hosts.set(User.objects.filter(username__in=record["hosts"]))
    record_identity(member=member, data=record["identity"], by=None)
    build_consents(member, record["consent"], company[f"name_{language}"])


def build_consents(member: Member, record: dict[str, Any], controller: str) -> None:
    """Give the consents of a member's record; a withdrawal follows when her stories are there.

    What leaves the company is a document of its own for every category (152-ФЗ, art. 10.1).
    """
    if record["state"] == "never":
        return
    purposes = [Purpose(purpose) for purpose in record["purposes"]]
    categories = [Category(category) for category in record["categories"]]
    inside = [purpose for purpose in purposes if purpose in INTERNAL_PURPOSES]
    give(member, record, controller, text_of(member), inside, categories)
    for category in categories if Purpose.PROMOTE in purposes else ():
        text = text_of(member, TextScope.DISTRIBUTION, category)
        give(member, record, controller, text, [Purpose.PROMOTE], [category])


def text_of(member: Member, scope: TextScope = TextScope.INTERNAL, category: str = "") -> ConsentText:
    """Return the installed text in a member's language."""
    text = current_text(law=Law.RU_152, language=member.language, scope=scope, category=category)
    if text is None:
        raise LookupError(f"no finished consent text: {scope}, {category}, {member.language}")
    return text


def give(
    member: Member,
    record: dict[str, Any],
    controller: str,
    text: ConsentText,
    purposes: list[Purpose],
    categories: list[Category],
) -> None:
    """Give one consent; to nothing there is none."""
    permissions = [
        Permission(purpose, category, Credit(record["credit"]))
        for purpose in purposes
        for category in categories
    ]
    if not permissions:
        return
    give_consent(
        NewConsent(
            member=member,
            text=text,
            controller=controller,
            method=Method.PAPER,
            permissions=permissions,
            valid_from=timezone.now() + timedelta(days=record["term"]["from"]),
            valid_until=timezone.now() + timedelta(days=record["term"]["until"]),
            conditions=record["conditions"] or "",
            evidence_reference=EVIDENCE[member.language].format(code=member.code),
        )
    )


def build_pictures() -> dict[str, StoryImage]:
    """Draw the demonstration's photos; returns them by key."""
    pictures = {}
    for key in photos.SCENES:
        title = f"demo/{key}"
        picture = StoryImage.objects.filter(title=title).first()
        if picture is None:
            content = BytesIO()
            photos.draw(key).save(content, "JPEG", quality=88)
            picture = StoryImage(title=title, file=ImageFile(content, name="picture.jpg"))
            picture.save()
        pictures[key] = picture
    return pictures


def build_story(
    record: dict[str, Any], members: list[dict[str, Any]], pictures: dict[str, StoryImage]
) -> bool:
    """Create one story, published if its narrator has ever consented; returns whether it was new."""
    if StoryPage.objects.filter(external_id=record["external_id"]).exists():
        return False
    key = record["member"]["key"]
    narrator = next(row for row in members if row["key"] == key)
    member = member_of(narrator)
    for block in record["body"]:
        if "photo" in block:
            StoryImage.objects.filter(pk=pictures[block["photo"]["image"]].pk, member=None).update(
                member=member
            )
    story = draft(record, member, pictures)
    revision = story.save_revision(user=User.objects.filter(username="vera").first(), log_action=True)
    if narrator["consent"]["state"] == "never":
        return True
    approve_wording(
        member=member,
        wording_sha256=story.digest(),
        method=Method.PAPER,
        evidence_reference=EVIDENCE[member.language].format(code=member.code),
    )
    revision.publish(log_action=True)
    return True


def narrators_pages() -> list[tuple[str, str]]:
    """Give out the pages of two narrators, one who is asked and one whose stories are read: (figure, address).

    Addresses cannot be shown twice, because only their digests are kept: each run makes new ones and closes the old.
    """
    keeper, pages = User.objects.get(username="vera"), []
    for state in ("never", "valid"):
        record = next(row for row in load("members.yaml")["members"] if row["consent"]["state"] == state)
        member = member_of(record)
        given = ApprovalLink.objects.filter(member=member, created_by=keeper)
        asked = given.exists()
        links.close(given)
        wording = registry.wording(latest_revision(member)) if state == "never" else None
        if wording is not None and not asked:
            asking.ask_on_paper(member=member, wording=wording, by=keeper)
        _link, token = links.make_link(
            member=member,
            revision=latest_revision(member) if wording else None,
            wording_sha256=wording.sha256 if wording else "",
            channel=Channel.PAPER,
            by=keeper,
        )
        pages.append((member.persona_name, links.address(token)))
    return pages


def latest_revision(member: Member) -> Revision | None:
    """Return the newest revision of a member's first story."""
    story = StoryPage.objects.filter(member=member).order_by("pk").first()
    return story.get_latest_revision() if story else None


def draft(record: dict[str, Any], member: Member, pictures: dict[str, StoryImage]) -> StoryPage:
    """Put an unpublished story on the shelf."""
    touchpoints = {word.slug: word for word in Touchpoint.objects.all()}
    day = record["period"]["end"] or record["period"]["start"]
    story = StoryPage(
        **pick(record, "external_id", "title", "summary", "language", "provenance", "sensitivity"),
        slug=latin(record["title"]),
        member=member,
        period_start=record["period"]["start"],
        period_end=record["period"]["end"],
        body=json.dumps(
            body_from_record(
                record["body"],
                touchpoints={slug: word.pk for slug, word in touchpoints.items()},
                images={key: picture.pk for key, picture in pictures.items()},
            )
        ),
        live=False,
        first_published_at=published_at(day),
    )
    shelf = StoryIndexPage.objects.get()
    shelf.add_child(instance=story)
    named = [block["episode"]["touchpoint"] for block in record["body"] if "episode" in block]
    story.touchpoints.set([touchpoints[slug] for slug in dict.fromkeys([*record["touchpoints"], *named])])
    story.product_lines.set(ProductLine.objects.filter(slug__in=record["product_lines"]))
    story.tags.set(list(Tag.objects.filter(slug__in=record["tags"])))
    story.audience_groups.set(Group.objects.filter(name__in=record["audience"]))
    story.save()
    return story


def published_at(day: date) -> datetime:
    """Return a moment some days after the story ended, never in the future."""
    return min(datetime.combine(day + timedelta(days=3), time(9), UTC), timezone.now())
