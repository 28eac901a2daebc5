"""Building the rooms of learning in a migration: the shelf of tracks and modules and who may write there.

Works on the historical models that a migration hands over, and only ever adds.
"""

from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override

from kb_site import house
from kb_site.roles import ROLES

PERMISSIONS = ("add_page", "change_page", "publish_page", "lock_page", "unlock_page")


def build(apps: Any, schema_editor: Any) -> None:
    """Add the shelf, permissions and roles."""
    with override(settings.LANGUAGE_CODE):
        house.renew_roles(apps, schema_editor)
        shelf = make_shelf(apps)
        for role in ROLES:
            group = apps.get_model("auth", "Group").objects.filter(name=role.name).first()
            if group is not None and role.edits_learning:
                let_write(apps, group, shelf)


def make_shelf(apps: Any) -> Any:
    """Return the shelf, put under the home page beside that of stories."""
    Shelf = apps.get_model("onboarding", "LearningIndexPage")
    known = Shelf.objects.first()
    if known is not None:
        return known
    Page, ContentType = apps.get_model("wagtailcore", "Page"), apps.get_model("contenttypes", "ContentType")
    home = apps.get_model("kb_site", "HomePage").objects.get()
    kind, _created = ContentType.objects.get_or_create(app_label="onboarding", model="learningindexpage")
    last = Page.objects.filter(depth=home.depth + 1, path__startswith=home.path).order_by("-path").first()
    number = int(last.path[-4:], 36) + 1 if last else 1
    shelf = Shelf.objects.create(
        title=_("Learning"), draft_title=_("Learning"), slug="learning", content_type=kind,
        path=f"{home.path}{base36(number)}", depth=home.depth + 1, numchild=0,
        url_path=f"{home.url_path}learning/", live=True, show_in_menus=False, locale_id=home.locale_id,
    )  # fmt: skip
    Page.objects.filter(pk=home.pk).update(numchild=home.numchild + 1)
    return shelf


def base36(number: int) -> str:
    """Return a step of a tree path: four digits of base 36."""
    digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    text = ""
    for _place in range(4):
        number, digit = divmod(number, 36)
        text = digits[digit] + text
    return text


def let_write(apps: Any, group: Any, shelf: Any) -> None:
    """Let a group write and publish tracks and modules."""
    for codename in PERMISSIONS:
        apps.get_model("wagtailcore", "GroupPagePermission").objects.get_or_create(
            group=group, page_id=shelf.pk, permission=house.permission(apps, f"wagtailcore.{codename}")
        )
