"""Reviews: what was learned comes back in another client's story. The worker makes cards and reminds, once each."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from club.models import User
from consent.enums import Purpose
from onboarding import ledger, spacing
from onboarding.enums import By, NoticeKind, Status, StepKind, Verb
from onboarding.models import (
    Draft,
    Enrolment,
    Event,
    ModuleState,
    ModuleText,
    ModuleVersion,
    Notice,
    ReviewCard,
    StepState,
)
from onboarding.progress import Place
from onboarding.scoring import Answer
from onboarding.services.endings import newest_steps
from onboarding.services.entries import entry
from onboarding.services.notices import notice, tell_all
from onboarding.spacing import Review
from onboarding.structure import Step, steps_of
from stories.querysets import members_of, visible

# Steps that can be asked again: moments of truth, not facts. The first is preferred.
KINDS = (StepKind.DECISION, StepKind.PREDICT)
LIMIT = 500
# Who learned it longer ago than a track lasts is not asked out of the blue.
LONG_AGO = timedelta(days=90)
# A mail about something else that leaves the same morning says it too; then this one is not needed.
AFTER_OTHERS = timedelta(minutes=10)


def run(at: datetime | None = None) -> int:
    """Make the cards of what was learned, and remind of what comes back. The worker's job; returns both together."""
    now = at or timezone.now()
    return learn(now) + remind(now)


# Cards


def learn(now: datetime, limit: int = LIMIT) -> int:
    """Make a card for every competency of modules that are done and were not looked at yet; returns how many."""
    made = 0
    while True:
        with transaction.atomic():
            rows = done_modules(limit)
            cards = list(cards_of(rows, now))
            ReviewCard.objects.bulk_create(cards, ignore_conflicts=True)
            ModuleState.objects.filter(pk__in=[row.pk for row in rows]).update(learned_at=now)
        made += len(cards)
        if len(rows) < limit:
            return made


def done_modules(limit: int) -> list[ModuleState]:
    """Return modules that are done and not looked at yet, held until the transaction ends."""
    rows = ModuleState.objects.filter(done_at__isnull=False, learned_at=None).order_by("done_at", "pk")
    return list(rows.select_related("enrolment__employee").select_for_update(of=("self",))[:limit])


def cards_of(rows: list[ModuleState], now: datetime) -> Iterable[ReviewCard]:
    """Yield the cards of what people did themselves in these modules; one of each competency and person."""
    trained = competencies_of(rows)
    people = [row.enrolment.employee_id for row in rows]
    known = set(
        ReviewCard.objects.filter(employee__in=people).order_by().values_list("employee_id", "competency_id")
    )
    for row in rows:
        person = row.enrolment.employee
        for competency in sorted(trained.get((row.enrolment_id, row.module_key), ())):
            if (
                row.done_at is None
                or row.done_at < now - LONG_AGO
                or (person.pk, competency) in known
                or person.has_left
            ):
                continue
            known.add((person.pk, competency))
            card = spacing.card_of(competency, row.done_at, ())
            yield ReviewCard(
                employee=person,
                enrolment=row.enrolment,
                competency_id=competency,
                learned_at=row.done_at,
                due_at=spacing.morning_of(card, person.time_zone),
            )


def competencies_of(rows: list[ModuleState]) -> Mapping[tuple[int, UUID], set[int]]:
    """Return what the steps that people did themselves train, by enrolment and module."""
    states = StepState.objects.filter(
        enrolment__in=[row.enrolment_id for row in rows],
        module_key__in={row.module_key for row in rows},
        by__in=(By.SELF, By.SUBSTITUTE),
    ).order_by()
    columns = ("enrolment_id", "module_key", "step", "instead_step", "version_id")
    done = list(states.values_list(*columns))
    graphs = dict(ModuleVersion.objects.filter(pk__in={row[-1] for row in done}).values_list("pk", "graph"))
    trains = {(pk, step.id): step.competency for pk, graph in graphs.items() for step in steps_of(graph)}
    found: dict[tuple[int, UUID], set[int]] = {}
    for pk, module, step, instead, version in done:
        competency = trains.get((version, instead or step)) or trains.get((version, step))
        if competency:
            found.setdefault((pk, module), set()).add(competency)
    return found


def reviews_of(card: ReviewCard) -> list[Review]:
    """Return every time that a card was asked again, as the ledger holds it."""
    rows = Event.objects.filter(enrolment=card.enrolment_id, verb=Verb.RECALLED).order_by("pk")
    return [
        Review(data["rating"], at)
        for data, at in rows.values_list("data", "occurred_at")
        if data["competency"] == card.competency_id
    ]


def differences() -> Iterable[str]:
    """Yield every card that is not what the ledger comes to."""
    for card in ReviewCard.objects.select_related("employee").order_by("pk"):
        reviews = reviews_of(card)
        again = spacing.card_of(card.competency_id, card.learned_at, reviews)
        if (card.number, card.due_at) != (len(reviews), spacing.morning_of(again, card.employee.time_zone)):
            yield f"card {card.pk}: its row is not what the ledger says"


# What stands there


@dataclass(frozen=True, slots=True)
class Candidate:
    """A step that could be asked: published, its story free to be taught with to this person."""

    place: Place
    step: Step
    story: int
    member: int
    languages: frozenset[str]


def own_cards(user: User) -> QuerySet[ReviewCard]:
    """Return the cards that are this person's own."""
    rows = ReviewCard.objects.filter(employee__user=user, employee__has_left=False)
    return rows.exclude(enrolment__status=Status.LEFT).select_related("employee", "enrolment__version")


def due_for(user: User, at: datetime | None = None) -> list[ReviewCard]:
    """Return one's cards that have come back and for which there is another story; each knows its step."""
    cards = list(own_cards(user).filter(due_at__lte=at or timezone.now()))
    return [card for card in placed(cards, user) if card.step]


def placed(cards: list[ReviewCard], user: User) -> list[ReviewCard]:
    """Choose a step for each card that has none that still may be shown; keeps the choice."""
    if not cards:
        return []
    found = candidates({card.competency_id for card in cards}, user)
    met = Met(cards[0].employee_id)
    for card in cards:
        mine = [each for each in found if each.step.competency == card.competency_id]
        own = [each for each in mine if card.employee.language in each.languages]
        mine = own or mine  # in her own language, if there is any
        if any(each.place == (card.module_key, card.step) for each in mine):
            continue
        chosen = choose(card, mine, met)
        card.module_key, card.step = chosen.place if chosen else (None, None)
        ReviewCard.objects.filter(pk=card.pk).update(module_key=card.module_key, step=card.step)
    return cards


def candidates(competencies: Collection[int], user: User) -> list[Candidate]:
    """Return the steps that train one of these, whose story this person may be taught with at this moment."""
    steps = [
        ((key, step.id), step)
        for key, step in newest_steps()
        if step.kind in KINDS and step.competency in competencies and step.story
    ]
    stories = {step.story for _place, step in steps if step.story}
    free = set(visible(user, Purpose.TRAIN).filter(pk__in=stories).values_list("pk", flat=True))
    members, spoken = members_of(free), languages_of({place[0] for place, _step in steps})
    return [
        Candidate(place, step, step.story, members[step.story], spoken.get(place[0], frozenset()))
        for place, step in steps
        if step.story in members and step.story in free
    ]


def languages_of(keys: Collection[UUID]) -> dict[UUID, frozenset[str]]:
    """Return the languages that each module speaks."""
    found: dict[UUID, set[str]] = {}
    rows = ModuleText.objects.filter(version__key__in=keys).order_by()
    for key, language in rows.values_list("version__key", "language").distinct():
        found.setdefault(key, set()).add(language)
    return {key: frozenset(languages) for key, languages in found.items()}


class Met:
    """The stories one person has met, and in which order: in her tracks and in reviews."""

    def __init__(self, employee: int) -> None:
        rows = StepState.objects.filter(enrolment__employee=employee, seen_at__isnull=False).order_by(
            "seen_at"
        )
        columns = ("module_key", "step", "instead_module", "instead_step", "seen_at")
        places: list[tuple[Place, datetime]] = []
        for module, step, other_module, other_step, at in rows.values_list(*columns):
            places.append(((module, step), at))
            if other_module and other_step:
                places.append(((other_module, other_step), at))
        again = Event.objects.filter(enrolment__employee=employee, verb=Verb.RECALLED).order_by("pk")
        for module, step, at in again.values_list("module_key", "step", "occurred_at"):
            if module and step:
                places.append(((module, step), at))
        self.when = self.by_story(places)

    def by_story(self, places: list[tuple[Place, datetime]]) -> dict[int, datetime]:
        """Return when each story was met last; every version of a module that was met counts."""
        keys = {key for (key, _step), _at in places}
        stories: dict[Place, set[int]] = {}
        for key, graph in ModuleVersion.objects.filter(key__in=keys).order_by().values_list("key", "graph"):
            for step in steps_of(graph):
                if step.story:
                    stories.setdefault((key, step.id), set()).add(step.story)
        found: dict[int, datetime] = {}
        for place, at in places:
            for story in stories.get(place, ()):
                found[story] = max(at, found.get(story, at))
        return found


def choose(card: ReviewCard, mine: list[Candidate], met: Met) -> Candidate | None:
    """Return a step in another client's story: one she has not met; else the one she met longest ago.

    Never the client whom she met last for it, so a review is never the same story twice in a row.
    """
    members = {each.story: each.member for each in mine}
    owners = {**members_of(set(met.when)), **members}
    last_story = max(
        (story for story in met.when if story in members), key=lambda story: met.when[story], default=None
    )
    last = owners.get(last_story) if last_story else None
    known = {owners[story] for story in met.when if story in owners}

    def rank(each: Candidate) -> tuple[bool, bool, float, int, str]:
        at = met.when.get(each.story)
        order = sha256(f"{card.pk}:{card.number}:{each.step.id}".encode()).hexdigest()
        kind = KINDS.index(StepKind(each.step.kind))
        return at is not None, each.member in known, at.timestamp() if at else 0.0, kind, order

    return min((each for each in mine if each.member != last), key=rank, default=None)


# Answering


@transaction.atomic
def recall(
    card: ReviewCard, what: Step, version_id: int, answer: Answer, *, by: User, at: datetime | None = None
) -> bool:
    """Write what came of a review into the ledger and set the next; False if it was not due (any more)."""
    now = at or timezone.now()
    [row] = ledger.lock([card.enrolment_id])
    card = ReviewCard.objects.select_for_update(of=("self",)).select_related("employee").get(pk=card.pk)
    if card.due_at > now or card.module_key is None or card.step != what.id:
        return False
    reviews = reviews_of(card)
    before = spacing.card_of(card.competency_id, card.learned_at, reviews)
    rating = spacing.rating_of(what.kind, answer.response, answer.score)
    data = {
        "card": card.pk,
        "competency": card.competency_id,
        "rating": int(rating),
        "expected": spacing.expected(before, now),
        "kind": what.kind,
        "response": answer.response,
        "score": answer.score,
        "loyalty": answer.loyalty,
    }
    place = (card.module_key, card.step)
    key = f"recall:{card.pk}:{card.number}"
    ledger.append(
        [entry(row, Verb.RECALLED, key, at=now, by=by, place=place, version_id=version_id, data=data)]
    )
    Draft.objects.filter(enrolment=row, module_key=place[0], step=place[1]).delete()
    after = spacing.card_of(card.competency_id, card.learned_at, [*reviews, Review(int(rating), now)])
    card.number += 1
    card.due_at = spacing.morning_of(after, card.employee.time_zone)
    card.module_key = card.step = None
    card.is_offered = False
    card.save(update_fields=["number", "due_at", "module_key", "step", "is_offered"])
    return True


def last_of(card: ReviewCard) -> Event | None:
    """Return the last review of a card."""
    rows = Event.objects.filter(enrolment=card.enrolment_id, verb=Verb.RECALLED, data__card=card.pk)
    return rows.order_by("-pk").first()


# Reminding


def remind(now: datetime) -> int:
    """Tell people that something came back: one mail a day at most, and once for each time. Returns how many."""
    with transaction.atomic():
        rows = ReviewCard.objects.filter(Q(told_for=None) | Q(told_for__lt=F("due_at")), due_at__lte=now)
        rows = rows.select_related("employee__user", "enrolment").order_by("pk")
        cards = list(rows.select_for_update(of=("self",))[:LIMIT])
        found = list(told_now(cards, now))
        tell_all(found)
        ReviewCard.objects.bulk_update(cards, ["told_for", "is_offered"], batch_size=200)
    return len(found)


def told_now(cards: list[ReviewCard], now: datetime) -> Iterable[Notice]:
    """Yield a notice for each person who has a card that can be shown."""
    by_person: dict[int, list[ReviewCard]] = {}
    for card in cards:
        card.told_for = card.due_at
        by_person.setdefault(card.employee_id, []).append(card)
    for mine in by_person.values():
        person = mine[0].employee
        if (
            person.user is None
            or person.has_left
            or mine[0].enrolment.status in (Status.LEFT, Status.SUSPENDED)
        ):
            continue
        offered = [card for card in placed(mine, person.user) if card.step]
        for card in offered:
            card.is_offered = True
        if offered:
            first: Enrolment = offered[0].enrolment
            day = max(card.due_at for card in offered).date()
            made = notice(
                NoticeKind.RECALL, f"recall:{person.pk}:{day}", recipient=person.user, enrolment=first, at=now
            )
            made.send_at = now + AFTER_OTHERS
            yield made
