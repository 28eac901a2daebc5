"""The structure that a pin stands for: modules and steps as they are now within the pinned major versions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Max

from onboarding.models import ModuleVersion, TrackVersion


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a module version."""

    id: UUID
    kind: str
    required: bool
    competency: int | None
    story: int | None
    key: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Module:
    """One module of a track: its place, and the newest version of its pinned major."""

    key: UUID
    version_id: int
    major: int
    phase: str
    due_in: int
    opens_in: int
    required: bool
    unlock: str
    steps: tuple[Step, ...]

    @property
    def places(self) -> frozenset[tuple[UUID, UUID]]:
        """The (module, step) without which the module is not done."""
        return frozenset((self.key, step.id) for step in self.steps if step.required)

    def step(self, pk: UUID) -> Step | None:
        """Return a step by its id."""
        return next((step for step in self.steps if step.id == pk), None)


@dataclass(frozen=True, slots=True)
class Structure:
    """A track as a pin sees it."""

    key: UUID
    major: int
    version_id: int
    modules: tuple[Module, ...]
    # All (module, step) without which the track is not done: the denominator.
    required: frozenset[tuple[UUID, UUID]]
    # The same of each module.
    places: Mapping[UUID, frozenset[tuple[UUID, UUID]]]

    def module(self, key: UUID) -> Module | None:
        """Return a module by its key."""
        return next((module for module in self.modules if module.key == key), None)


def steps_of(graph: Mapping[str, Any]) -> tuple[Step, ...]:
    """Return the steps of a compiled module."""
    return tuple(
        Step(UUID(step["id"]), step["kind"], step["required"], step["competency"], step["story"], step["key"])
        for step in graph["steps"]
    )


def structure_of(version: TrackVersion) -> Structure:
    """Return the structure of one pin; two queries."""
    return structures([version])[version.pk]


def structures(versions: Iterable[TrackVersion]) -> dict[int, Structure]:
    """Return the structure of each pinned track version by its id; two queries however many."""
    pinned = {version.pk: version for version in versions}
    newest = newest_tracks(pinned.values())
    wanted = {
        (item["module"], item["major"]) for version in newest.values() for item in version.graph["items"]
    }
    modules = newest_modules(wanted)
    return {pk: assembled(newest[version.key, version.major], modules) for pk, version in pinned.items()}


def newest_tracks(versions: Iterable[TrackVersion]) -> dict[tuple[UUID, int], TrackVersion]:
    """Return the newest version within each major that is asked for."""
    lines = {(version.key, version.major) for version in versions}
    rows = TrackVersion.objects.filter(key__in={key for key, _major in lines})
    last = rows.order_by().values("key", "major").annotate(last=Max("pk")).values("last")
    found = {(row.key, row.major): row for row in TrackVersion.objects.filter(pk__in=last)}
    return {line: row for line, row in found.items() if line in lines}


def newest_modules(lines: Iterable[tuple[str, int]]) -> dict[tuple[str, int], ModuleVersion]:
    """Return the newest module version within each (key, major) that is asked for."""
    wanted = set(lines)
    rows = ModuleVersion.objects.filter(key__in={key for key, _major in wanted})
    last = rows.order_by().values("key", "major").annotate(last=Max("pk")).values("last")
    found = {(str(row.key), row.major): row for row in ModuleVersion.objects.filter(pk__in=last)}
    return {line: row for line, row in found.items() if line in wanted}


def assembled(track: TrackVersion, modules: Mapping[tuple[str, int], ModuleVersion]) -> Structure:
    """Put a track together from its version and those of its modules."""
    placed = []
    for item in track.graph["items"]:
        version = modules[item["module"], item["major"]]
        placed.append(
            Module(
                key=version.key,
                version_id=version.pk,
                major=version.major,
                phase=item["phase"],
                due_in=item["due_in"],
                opens_in=item["opens_in"],
                required=item["required"],
                unlock=item["unlock"],
                steps=steps_of(version.graph),
            )
        )
    return structured(track.key, track.major, track.pk, placed)


def structured(key: UUID, major: int, version_id: int, modules: Iterable[Module]) -> Structure:
    """Return the structure of modules in order."""
    placed = tuple(modules)
    places = {module.key: module.places for module in placed}
    required = frozenset(place for module in placed if module.required for place in places[module.key])
    return Structure(key, major, version_id, placed, required, places)
