"""The demonstration's people on the sign-in page; languages of profiles."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.utils.translation import get_language
from wagtail.users.models import UserProfile

from club.models import User
from kb_site import roles

PEOPLE = Path(__file__).parent / "demo" / "people.yaml"


@cache
def demo_people() -> list[dict[str, Any]]:
    """Return the people of the demonstration as its file describes them."""
    return yaml.safe_load(PEOPLE.read_text(encoding="utf-8"))["people"]


def for_sign_in() -> list[dict[str, str]]:
    """Return username, name and one line about each person who can be signed in as, in the active language."""
    suffix = "en" if (get_language() or "").startswith("en") else "ru"
    name = "full_name_en" if suffix == "en" else "full_name"
    there = set(User.objects.filter(is_active=True).values_list("username", flat=True))
    return [
        {
            "username": person["username"],
            "label": f"{roles.LABELS[person['group']]} · {person[name]}",
            "does": person[f"does_{suffix}"],
        }
        for person in demo_people()
        if person["username"] in there
    ]


def keep_language(user: User, language: str) -> None:
    """Make Wagtail's admin speak the language chosen on the site."""
    profile = UserProfile.get_for_user(user)
    if profile.preferred_language != language:
        profile.preferred_language = language
        profile.save(update_fields=["preferred_language"])
