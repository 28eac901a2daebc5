"""What happens in the transaction in which a story is taken back.

The gate already hides the words at every reading. Here the plans of people inside are put right: a finished step stays
finished, an unfinished one gets another story of the same kind and competency, or is waived; nothing falls due
earlier. Newcomers and authors are told without a name, and words of newcomers that repeat the story wait for a person.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone

from club.models import User
from onboarding import ledger
from onboarding.enums import NoticeKind, Redaction, Status, Verb
from onboarding.models import (
    Enrolment,
    Event,
    ModulePage,
    ModuleVersion,
    Notice,
    Quotation,
    StepState,
    TrackVersion,
    VersionStory,
    Words,
)
from onboarding.progress import Place
from onboarding.quoting import runs
from onboarding.services.entries import entry, require_hr
from onboarding.services.notices import notice, tell_all
from onboarding.structure import Step, Structure, structures
from stories.querysets import teachable, texts_to_look_for

BATCH = 800
LONGEST_CHAIN = 3
OPEN = (Status.INVITED, Status.BEFORE, Status.ACTIVE, Status.SUSPENDED)


class Twin(NamedTuple):
    """A step that could stand in for another."""

    module: UUID
    step: UUID
    story: int


@dataclass(slots=True)
class Affected:
    """What of one person's plan stands on stories that have ended, by place: the step as it is."""

    enrolment: Enrolment
    structure: Structure
    steps: dict[Place, Step] = field(default_factory=dict)
    swaps: dict[Place, int] = field(default_factory=dict)
    used: set[Place] = field(default_factory=set)


def clearance_changed(member_ids: Iterable[int], gained: bool) -> None:
    """The consent of these members changed; whatever may not be taught with now has ended."""
    ids = list(member_ids)
    for start in range(0, len(ids), BATCH):
        rows = VersionStory.objects.filter(member_id__in=ids[start : start + BATCH]).order_by()
        stories_changed(rows.values_list("story_id", flat=True).distinct())


def stories_changed(story_ids: Iterable[int], at: datetime | None = None) -> int:
    """Put every plan right that stands on one of these stories; returns how many people it concerned."""
    known = VersionStory.objects.filter(story_id__in=list(story_ids)).order_by()
    ids = set(known.values_list("story_id", flat=True))
    ended = ids - set(teachable(ids, at).values_list("pk", flat=True)) if ids else set()
    if not ended:
        return 0
    with transaction.atomic():
        return end(ended, at or timezone.now())


def reconcile() -> int:
    """Look once more at every story that a version stands on. The worker's job, for what only time has ended."""
    return stories_changed(set(VersionStory.objects.order_by().values_list("story_id", flat=True)))


def end(stories: set[int], at: datetime) -> int:
    """Do all of it for stories that have ended."""
    concerned = affected(stories)
    twins = twins_by_trait(stories, at) if concerned else {}
    events = [event for each in concerned if (event := ending(each, twins, stories, at)) is not None]
    written = ledger.append(events)
    tell_all([*to_newcomers(written, concerned, at), *to_authors(stories, at)] if written else [])
    find_quotations(stories, at)
    return len(written)


# Whose plan is concerned


def affected(stories: set[int]) -> list[Affected]:
    """Return the people inside with unfinished steps on these stories, in every pinned version."""
    places = {
        (each.version.key, each.step)
        for each in VersionStory.objects.filter(story_id__in=stories).select_related("version")
    }
    versions = list(TrackVersion.objects.filter(enrolments__status__in=OPEN).distinct())
    plans = structures(versions)
    hit = {pk: standing_on(plan, stories) for pk, plan in plans.items()}
    swapped = swapped_for(places)
    rows = Enrolment.objects.filter(
        Q(version_id__in=[pk for pk, found in hit.items() if found]) | Q(pk__in=swapped), status__in=OPEN
    )
    locked = ledger.lock(rows.order_by().values_list("pk", flat=True))
    states = states_of(locked)
    found = []
    for row in locked:
        each = Affected(row, plans[row.version_id])
        each.used = set(states[row.pk].used)
        mine = {
            place: step for place, step in hit[row.version_id].items() if place not in states[row.pk].settled
        }
        mine |= {place: own for place in swapped.get(row.pk, ()) if (own := step_at(each.structure, place))}
        each.steps = {place: step for place, step in mine.items() if place not in states[row.pk].done}
        each.swaps = states[row.pk].swaps
        if each.steps:
            found.append(each)
    return found


def standing_on(plan: Structure, stories: set[int]) -> dict[Place, Step]:
    """Return the steps of a plan that stand on one of the stories."""
    return {
        (module.key, step.id): step
        for module in plan.modules
        for step in module.steps
        if step.story in stories
    }


def step_at(plan: Structure, place: Place) -> Step | None:
    """Return the step of a plan at a place."""
    module = plan.module(place[0])
    return module.step(place[1]) if module else None


@dataclass(slots=True)
class Known:
    """What is known of one person's steps."""

    done: set[Place] = field(default_factory=set)
    settled: set[Place] = field(default_factory=set)  # done, or another story is there instead
    used: set[Place] = field(default_factory=set)
    swaps: dict[Place, int] = field(default_factory=dict)


def states_of(rows: list[Enrolment]) -> Mapping[int, Known]:
    """Return what is known of the steps of these enrolments; one query."""
    found: dict[int, Known] = defaultdict(Known)
    columns = ("enrolment_id", "module_key", "step", "done_at", "instead_module", "instead_step", "swaps")
    for pk, module, step, done, other_module, other_step, swaps in (
        StepState.objects.filter(enrolment__in=rows).order_by().values_list(*columns)
    ):
        known = found[pk]
        if done:
            known.done.add((module, step))
        if done or other_step:
            known.settled.add((module, step))
        if other_step:
            known.used.add((other_module, other_step))
            known.swaps[module, step] = swaps
    return found


def swapped_for(places: set[Place]) -> dict[int, list[Place]]:
    """Return who has one of these steps in the place of another that is not done: {enrolment: places}."""
    found: dict[int, list[Place]] = defaultdict(list)
    rows = StepState.objects.filter(
        instead_step__in={step for _module, step in places}, done_at=None
    ).order_by()
    columns = ("enrolment_id", "module_key", "step", "instead_module", "instead_step")
    for pk, module, step, other_module, other_step in rows.values_list(*columns):
        if (other_module, other_step) in places:
            found[pk].append((module, step))
    return found


# What takes the place


def newest_steps() -> list[tuple[UUID, Step]]:
    """Return the steps of every published module as they are now: (module key, step)."""
    from onboarding.structure import steps_of

    live = ModulePage.objects.live().order_by().values("translation_key")
    last = ModuleVersion.objects.filter(key__in=live).order_by().values("key").annotate(last=Max("pk"))
    rows = ModuleVersion.objects.filter(pk__in=last.values("last"))
    return [(row.key, step) for row in rows.order_by("key") for step in steps_of(row.graph)]


def twins_by_trait(ended: set[int], at: datetime | None = None) -> dict[tuple[str, int], list[Twin]]:
    """Return the steps that may stand in, by (kind, competency): published, their story free to be taught with."""
    candidates = [
        (key, step)
        for key, step in newest_steps()
        if step.story and step.competency and step.story not in ended
    ]
    free = set(
        teachable({step.story for _key, step in candidates if step.story}, at).values_list("pk", flat=True)
    )
    found: dict[tuple[str, int], list[Twin]] = defaultdict(list)
    for key, step in candidates:
        if step.story is not None and step.story in free and step.competency is not None:
            found[step.kind, step.competency].append(Twin(key, step.id, step.story))
    return found


def ending(
    each: Affected, twins: Mapping[tuple[str, int], list[Twin]], stories: set[int], at: datetime
) -> Event | None:
    """Return the one entry that settles every step of one person."""
    own = {(module.key, step.id) for module in each.structure.modules for step in module.steps}
    taken, settled = own | each.used, []
    for place, step in sorted(each.steps.items(), key=lambda pair: (str(pair[0][0]), str(pair[0][1]))):
        twin = substitute(each, place, step, twins, taken)
        if twin:
            taken.add((twin.module, twin.step))
        settled.append([*map(str, place), str(twin.module) if twin else "", str(twin.step) if twin else ""])
    if not settled:
        return None
    key = sha256(repr((settled, sorted(stories), sorted(each.swaps.values()))).encode()).hexdigest()[:32]
    return entry(each.enrolment, Verb.STORY_ENDED, f"ended:{key}", at=at, data={"steps": settled})


def substitute(
    each: Affected, place: Place, step: Step, twins: Mapping[tuple[str, int], list[Twin]], taken: set[Place]
) -> Twin | None:
    """Return a step of the same kind and competency that the person has not met; none after a chain of three."""
    if not step.required or step.competency is None or each.swaps.get(place, 0) >= LONGEST_CHAIN:
        return None
    fitting = twins.get((step.kind, step.competency), [])
    return next((twin for twin in fitting if (twin.module, twin.step) not in taken), None)


# Telling


def to_newcomers(events: list[Event], concerned: list[Affected], at: datetime) -> list[Notice]:
    """Return the notices to those whose plan changed."""
    people = {each.enrolment.pk: each.enrolment for each in concerned}
    return [
        notice(
            NoticeKind.STORY_GONE,
            f"gone:{event.uuid}",
            recipient=people[event.enrolment_id].employee.user,
            enrolment=people[event.enrolment_id],
            at=at,
        )
        for event in events
    ]


def to_authors(stories: set[int], at: datetime) -> list[Notice]:
    """Return the notices to the authors of modules that stand on these stories; once a day each."""
    keys = VersionStory.objects.filter(story_id__in=stories).order_by().values_list("version__key", flat=True)
    pages = ModulePage.objects.live().filter(translation_key__in=set(keys)).select_related("owner")
    return [
        notice(
            NoticeKind.AUTHOR,
            f"author:{page.translation_key}:{page.owner_id}:{at.date()}",
            recipient=page.owner,
            module_key=page.translation_key,
            at=at,
        )
        for page in pages
    ]


# Words of newcomers that repeat a story


def find_quotations(stories: set[int], at: datetime) -> int:
    """Put newcomers' words that repeat one of these stories into the queue; returns how many."""
    told = {pk: runs(text) for pk, text in texts_to_look_for(stories).items()}
    modules = VersionStory.objects.filter(story_id__in=stories).order_by().values("version__key")
    rows = Words.objects.filter(attempt__module_key__in=modules).exclude(text="").order_by()
    found = []
    for pk, text in rows.values_list("pk", "text").iterator():
        mine = runs(text)
        for story, theirs in told.items():
            if shared := len(mine & theirs):
                found.append(Quotation(words_id=pk, story_id=story, overlap=min(shared, 999), found_at=at))
    Quotation.objects.bulk_create(found, ignore_conflicts=True, batch_size=BATCH)
    return len(found)


@transaction.atomic
def decide(quotation: Quotation, state: Redaction, *, by: User | None = None) -> None:
    """A person says whether words repeat the client's: removed words are forgotten, the ledger keeps their digest."""
    require_hr(by)
    Quotation.objects.filter(pk=quotation.pk).update(state=state, decided_at=timezone.now(), decided_by=by)
    if state == Redaction.REMOVED:
        Words.objects.filter(pk=quotation.words_id).update(text="", forgotten_at=timezone.now())
