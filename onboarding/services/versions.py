"""Snapshots: what publishing a module or a track leaves behind for good."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from wagtail.models import Revision

from onboarding.compiling import Graph, change_of_module, change_of_track, compile_module, digest
from onboarding.enums import Change
from onboarding.models import ModulePage, ModuleText, ModuleVersion, TrackPage, TrackVersion, VersionStory
from stories.querysets import members_of

AnyVersion = type[ModuleVersion] | type[TrackVersion]


@transaction.atomic
def snapshot_module(page: ModulePage, revision: Revision) -> ModuleVersion:
    """Compile what was published; a translation gives its words to the version with the same graph."""
    raw = page.raw_steps()
    graph = compile_module(raw)
    last = latest(ModuleVersion, page.translation_key)
    if last is not None and is_translation_of(page, last):
        same = ModuleVersion.objects.filter(key=page.translation_key, sha256=digest(graph)).latest("pk")
        ModuleText.objects.update_or_create(
            version=same, language=page.language, defaults={"revision": revision}
        )
        return same
    made = next_version(
        ModuleVersion, page.translation_key, graph, change_of_module(last and last.graph, graph)
    )
    note_stories(made)
    carry_texts(last, made)
    ModuleText.objects.update_or_create(version=made, language=page.language, defaults={"revision": revision})
    if made.change == Change.MAJOR:
        move_tracks(page.translation_key)
    return made


def is_translation_of(page: ModulePage, last: ModuleVersion) -> bool:
    """Whether the page gives a known module its words in another language."""
    older = ModulePage.objects.filter(translation_key=last.key, pk__lt=page.pk)
    return older.order_by().exists()


def latest(model: AnyVersion, key: UUID) -> Any:
    """Return the newest version of a key."""
    return model._default_manager.filter(key=key).order_by("-pk").first()


def next_version(model: AnyVersion, key: UUID, graph: Graph, change: Change) -> Any:
    """Insert the version that follows the newest one by the class of the change."""
    last = latest(model, key)
    major, minor, patch = (last.major, last.minor, last.patch) if last else (0, 0, 0)
    if change in (Change.FIRST, Change.MAJOR):
        major, minor, patch = major + 1, 0, 0
    elif change == Change.MINOR:
        minor, patch = minor + 1, 0
    else:
        patch += 1
    return model._default_manager.create(
        key=key,
        major=major,
        minor=minor,
        patch=patch,
        change=change,
        graph=graph,
        sha256=digest(graph),
        made_at=timezone.now(),
    )


def note_stories(version: ModuleVersion) -> None:
    """Note which steps stand on which story: the index of withdrawal."""
    steps = [step for step in version.graph["steps"] if step["story"]]
    members = members_of({step["story"] for step in steps})
    VersionStory.objects.bulk_create(
        VersionStory(
            version=version,
            step=step["id"],
            kind=step["kind"],
            competency_id=step["competency"],
            required=step["required"],
            story_id=step["story"],
            member_id=members[step["story"]],
        )
        for step in steps
        if step["story"] in members
    )


def carry_texts(last: ModuleVersion | None, made: ModuleVersion) -> None:
    """Keep the translations of the version before while the structure is the same."""
    if last is None or last.sha256 != made.sha256:
        return
    ModuleText.objects.bulk_create(
        ModuleText(version=made, language=text.language, revision_id=text.revision_id)
        for text in last.texts.all()
    )


@transaction.atomic
def snapshot_track(page: TrackPage) -> TrackVersion:
    """Compile the track as published; if nothing differs, the newest version stands."""
    items = [
        {
            "module": str(item.module.translation_key),
            "major": latest(ModuleVersion, item.module.translation_key).major,
            "phase": item.phase,
            "due_in": item.due_in,
            "opens_in": item.opens_in,
            "required": item.required,
            "unlock": item.unlock,
        }
        for item in page.items.select_related("module").order_by("sort_order", "pk")
    ]
    return track_version(page.translation_key, {"items": items})


def track_version(key: UUID, graph: Graph) -> TrackVersion:
    """Return the version of a track with this graph: the newest if it is the same, else a new one."""
    last = latest(TrackVersion, key)
    change = change_of_track(last and last.graph, graph)
    if change == Change.PATCH and last is not None:
        return last
    made: TrackVersion = next_version(TrackVersion, key, graph, change)
    return made


def move_tracks(module_key: UUID) -> None:
    """A module has a new major version: the tracks that hold it get one too; nobody inside is moved by it."""
    major = latest(ModuleVersion, module_key).major
    newest: dict[UUID, TrackVersion] = {row.key: row for row in TrackVersion.objects.order_by("pk")}
    for row in newest.values():
        items = [dict(item) for item in row.graph["items"]]
        mine = [item for item in items if item["module"] == str(module_key) and item["major"] != major]
        for item in mine:
            item["major"] = major
        if mine:
            track_version(row.key, {"items": items})
