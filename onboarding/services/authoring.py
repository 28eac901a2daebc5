"""What authors do with one click: a draft module out of a story with a case, a translation of a module."""

import json
from typing import Any
from uuid import uuid4

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import override
from wagtail.models import Locale

from club.models import User
from onboarding.enums import StepKind
from onboarding.models import Competency, LearningIndexPage, ModulePage, TrackPage
from stories.enums import BlockKind
from stories.models import StoryPage

ADD = "onboarding.run_tracks"


def block(kind: StepKind, title: str, minutes: int, competency: int | None, **value: Any) -> dict[str, Any]:
    """Return a raw step with an id of its own."""
    common = {"title": title, "minutes": minutes, "required": True, "competency": competency}
    return {"type": str(kind), "id": str(uuid4()), "value": {**common, **value}}


def listed(*values: Any) -> list[dict[str, Any]]:
    """Return a raw list block."""
    return [{"type": "item", "id": str(uuid4()), "value": value} for value in values]


def may_write(user: User) -> bool:
    """Whether somebody writes modules."""
    shelf = LearningIndexPage.objects.first()
    return bool(shelf and shelf.permissions_for_user(user).can_add_subpage())


@transaction.atomic
def module_from_story(story: StoryPage, *, by: User) -> ModulePage:
    """Return a draft module around a story that came through the gate; nothing of its words is copied.

    Read up to the turn, predict, decide, hear her, think why, tell what was missing: the editor writes the scene.
    """
    shelf = LearningIndexPage.objects.get()
    if not shelf.permissions_for_user(by).can_add_subpage():
        raise PermissionDenied
    with override(story.language):
        steps = draft_steps(story)
        title = _("A module around a story")
    page = ModulePage(
        title=title,
        slug=f"{slugify(title, allow_unicode=False) or 'module'}-{uuid4().hex[:8]}",
        language=story.language,
        steps=json.dumps(steps),
        live=False,
        owner=by,
    )
    shelf.add_child(instance=page)
    page.save_revision(user=by, log_action=True)
    return page


def draft_steps(story: StoryPage) -> list[dict[str, Any]]:
    """Return the raw steps of a draft, in the active language; it can be published as it is."""
    trains = some_competency()
    about = {"story": story.pk}
    has_case = any(each["type"] == BlockKind.CASE for each in story.raw_body())
    steps = [
        block(
            StepKind.PREDICT,
            _("Where does the client warm to us, and where do we lose her?"),
            4,
            trains,
            story=story.pk,
            intro="",
            beats=[],
        ),
        block(
            StepKind.READ,
            _("Read the story"),
            max(3, story.word_count // 180),
            trains,
            story=story.pk,
            intro="",
        ),
        block(
            StepKind.DECISION,
            _("What would you do?"),
            4,
            trains,
            story=story.pk,
            start=50,
            other=True,
            scenes=listed(draft_scene()),
        ),
        block(StepKind.REVEAL, _("Hear the client"), 2, trains, story=story.pk, episode=None, now=""),
    ]
    if has_case:
        rubric = listed(_("Names a cause, not a culprit"), _("Stands on what the client said"))
        steps += [
            block(
                StepKind.WHY,
                _("Why was it so?"),
                5,
                trains,
                **{
                    **about,
                    "question": _("Why did it come out as it did?"),
                    "criteria": rubric,
                    "words": 15,
                    "accept": False,
                },
            ),
            block(
                StepKind.MISSING,
                _("What was missing?"),
                5,
                trains,
                **{
                    **about,
                    "question": _("What one thing was missing, and who could have given it?"),
                    "criteria": listed(_("Names one thing that can be done")),
                    "words": 10,
                    "accept": False,
                },
            ),
        ]
    return steps


def some_competency() -> int:
    """Return what a draft trains until its author says otherwise; a house that has none gets a first one."""
    known = Competency.objects.order_by("pk").values_list("pk", flat=True).first()
    if known is not None:
        return known
    with override("ru"):
        russian = _("Hear the client out")
    made = Competency.objects.create(slug="hear-out", name_ru=russian, name_en="Hear the client out")
    return int(made.pk)


def draft_scene() -> dict[str, Any]:
    """Return a scene to be written over."""
    return {
        "name": _("turn"),
        "when": "",
        "heading": _("You are there, at the moment that turned it."),
        "prompt": _("You know what the client has told so far, and nothing more. What do you do?"),
        "options": listed(
            {
                "text": _("Do what the rule says, and say so."),
                "effect": -1,
                "expert": 20,
                "next": "",
                "happened": True,
                "rationale": _("The rule is kept. The client is where the client was."),
            },
            {
                "text": _("Ask what the client has seen, and look together."),
                "effect": 2,
                "expert": 80,
                "next": "",
                "happened": False,
                "rationale": _("It takes a quarter of an hour, and the client is a witness from then on."),
            },
        ),
    }


AnyPage = ModulePage | TrackPage


def translation_of(page: AnyPage, language: str) -> AnyPage | None:
    """Return a page in a language, if it is there."""
    rows = type(page)._default_manager.filter(translation_key=page.translation_key, language=language)
    found: AnyPage | None = rows.first()
    return found


@transaction.atomic
def translate(page: AnyPage, language: str, *, by: User | None = None) -> Any:
    """Return a draft of a module or track in another language: the same steps by id, so that progress is shared."""
    known = translation_of(page, language)
    if known is not None:
        return known
    made = page.copy(
        update_attrs={
            "slug": free_slug(f"{page.slug}-{language}"),
            "locale": free_locale(page, language),
            "language": language,
        },
        reset_translation_key=False,
        copy_revisions=False,
        keep_live=False,
        user=by,
    )
    return type(page)._default_manager.get(pk=made.pk)


def free_slug(slug: str) -> str:
    """Return an address that no page of learning has."""
    taken = LearningIndexPage.objects.get().get_children().filter(slug=slug).exists()
    return f"{slug}-{uuid4().hex[:6]}" if taken else slug


def free_locale(page: AnyPage, language: str) -> Locale:
    """Return a locale that no page of this key has yet, its own if possible."""
    taken = type(page)._default_manager.filter(translation_key=page.translation_key).values("locale")
    codes = ("en", "ru") if language == "en" else ("ru", "en")
    for code in codes:
        locale, _created = Locale.objects.get_or_create(language_code=code)
        if locale.pk not in set(taken.values_list("locale", flat=True)):
            return locale
    raise ValueError("There are no more languages than two.")
