"""The gate: the only road to story text, media, counts, suggestions, excerpts and exports.

``visible(user, purpose, at)`` reads the consent ledger's rows at every call: live ∧ wording approved ∧ grant in force
at ``at`` for ``purpose`` ∧ audience. Nothing here is cached.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, Exists, Expression, F, OuterRef, Q, QuerySet
from django.db.models.sql.compiler import SQLCompiler
from django.utils import timezone

from club.models import User
from consent.enums import Category, Purpose
from consent.expressions import Approved, ApprovedOn, Granted, GrantedUntil, Paused
from consent.models import Grant
from consent.querysets import ended
from stories.models import ImageUse, StoryImage, StoryPage

Reader = User | AnonymousUser
READ = "stories.read_storypage"


def cleared_q(purpose: Purpose, at: datetime) -> Q:
    """Live, in its term, approved word for word, and granted for the purpose: the half of the gate about the story."""
    return Q(
        Q(expire_at__isnull=True) | Q(expire_at__gt=at),
        Approved("member_id", "wording_sha256", at),
        Granted("member_id", purpose, at),
        live=True,
    )


def audience_q(user: Reader) -> Q:
    """The half of the gate about the reader: the story is for everyone or for one of her groups."""
    if user.is_superuser:
        return Q()
    return Q(InAudience("pk", user.pk))


class InAudience(Expression):
    """Whether a story is for everyone or for a group of this user; SQL written once, as in ``consent.expressions``."""

    conditional = True
    template = (
        "(NOT EXISTS (SELECT 1 FROM stories_storypage_audience_groups w WHERE w.storypage_id = {story}) "
        "OR EXISTS (SELECT 1 FROM stories_storypage_audience_groups w "
        "JOIN club_user_groups m ON m.group_id = w.group_id WHERE w.storypage_id = {story} AND m.user_id = %s))"
    )

    def __init__(self, story: str, user_id: int | None) -> None:
        super().__init__(output_field=BooleanField())
        self.story: Any = F(story)  # Django resolves it in place
        self.user_id = user_id

    def get_source_expressions(self) -> list[Any]:
        return [self.story]

    def set_source_expressions(self, exprs: Any) -> None:
        [self.story] = exprs

    def as_sql(  # type: ignore[override]  # a list of parameters, as Django itself returns
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra: Any
    ) -> tuple[str, list[Any]]:
        return self.template.format(story=compiler.compile(self.story)[0]), [self.user_id]


def may_read(user: Reader) -> bool:
    """Whether this person reads stories at all."""
    return user.is_authenticated and user.is_active and user.has_perm(READ)


def visible(user: Reader, purpose: Purpose = Purpose.READ, at: datetime | None = None) -> QuerySet[StoryPage]:
    """Return the stories this user may meet for this purpose at this moment (now, when not given)."""
    if not may_read(user):
        return StoryPage.objects.none()
    return StoryPage.objects.filter(cleared_q(purpose, at or timezone.now()), audience_q(user))


def teachable(ids: Iterable[int], at: datetime | None = None) -> QuerySet[StoryPage]:
    """Return those stories that newcomers may be taught with at this moment (now, when not given).

    For people who write modules: stories meant for some groups only are not among them.
    """
    cleared = cleared_q(Purpose.TRAIN, at or timezone.now())
    return StoryPage.objects.filter(cleared, InAudience("pk", None), pk__in=list(ids))


def members_of(ids: Iterable[int]) -> dict[int, int]:
    """Return whose stories these are: ``{story id: member id}``; no words."""
    return dict(StoryPage.objects.filter(pk__in=list(ids)).order_by().values_list("pk", "member_id"))


def texts_to_look_for(ids: Iterable[int]) -> dict[int, str]:
    """Return the words of stories that were taken back, so that other places can be searched for them.

    Shown to nobody: the caller keeps only where it found them.
    """
    rows = StoryPage.objects.filter(pk__in=list(ids)).order_by()
    columns = rows.values_list("pk", "title", "summary", "plain_text")
    return {pk: f"{title}\n{summary}\n{text}" for pk, title, summary, text in columns}


def for_index(ids: Iterable[int] | None = None) -> QuerySet[StoryPage]:
    """Return published stories for the search index only; what of them may be found is what ``clearances`` says."""
    stories = StoryPage.objects.filter(live=True)
    return stories if ids is None else stories.filter(pk__in=list(ids))


def visible_images(
    user: Reader, purpose: Purpose = Purpose.READ, at: datetime | None = None
) -> QuerySet[StoryImage]:
    """Return the pictures this user may see: of visible stories, under image grants of narrator and person shown."""
    at = at or timezone.now()
    stories = visible(user, purpose, at).filter(Granted("member_id", purpose, at, Category.IMAGE))
    uses = ImageUse.objects.filter(image_id=OuterRef("pk"), story_id__in=stories.values("pk"))
    owner_agrees = Q(member__isnull=True) | Q(Granted("member_id", purpose, at, Category.IMAGE))
    return StoryImage.objects.filter(owner_agrees, Exists(uses))


def with_terms(stories: QuerySet[StoryPage], at: datetime | None = None) -> QuerySet[StoryPage]:
    """Annotate the consent line: ``read_until``, ``may_train``, ``may_promote``, ``may_show``, ``approved_on``."""
    at = at or timezone.now()
    return stories.annotate(
        read_until=read_until(at),
        may_train=Granted("member_id", Purpose.TRAIN, at),
        may_promote=Granted("member_id", Purpose.PROMOTE, at),
        may_show=Granted("member_id", Purpose.READ, at, Category.IMAGE),
        approved_on=ApprovedOn("member_id", "wording_sha256", at),
    )


def read_until(at: datetime) -> GrantedUntil:
    """The moment until which the narrator lets employees read; null where she set no end."""
    return GrantedUntil("member_id", Purpose.READ, at)


@dataclass(frozen=True, slots=True)
class Term:
    """A span of time: from ``start`` up to, not including, ``until`` (None: without end)."""

    start: datetime
    until: datetime | None

    def holds(self, at: datetime) -> bool:
        """Whether the moment lies in the span."""
        return self.start <= at and (self.until is None or at < self.until)


def clearances(ids: Iterable[int] | None = None, at: datetime | None = None) -> dict[int, dict[str, Term]]:
    """Return for every live and approved story the term of each purpose: the one in force, or the next to come.

    A story that nobody may meet now or later is not among them. What the search index is told; shape
    ``{story id: {purpose: Term}}``. The gate is asked again when hits are loaded.
    """
    at = at or timezone.now()
    stories = StoryPage.objects.filter(
        Q(expire_at__isnull=True) | Q(expire_at__gt=at),
        Approved("member_id", "wording_sha256", at),
        live=True,
    )
    if ids is not None:
        stories = stories.filter(pk__in=list(ids))
    rows = list(stories.order_by().values_list("pk", "member_id", "expire_at"))
    terms = member_terms({member for _, member, _ in rows} if ids is not None else None, at)
    return {
        pk: {purpose: _cut(term, expiry) for purpose, term in terms[member].items()}
        for pk, member, expiry in rows
        if terms.get(member)
    }


def _cut(term: Term, expiry: datetime | None) -> Term:
    if expiry is None or (term.until is not None and term.until <= expiry):
        return term
    return Term(term.start, expiry)


def member_terms(members: Iterable[int] | None, at: datetime) -> Mapping[int, dict[str, Term]]:
    """Return for each member the term of each purpose for her words: ``{member id: {purpose: Term}}``."""
    grants = Grant.objects.filter(
        Q(valid_until__isnull=True) | Q(valid_until__gt=at),
        ~Q(Paused("member_id")),
        category=Category.WORDS,
    )
    if members is not None:
        grants = grants.filter(member_id__in=list(members))
    found: dict[int, dict[str, list[Term]]] = defaultdict(lambda: defaultdict(list))
    rows = (
        grants.exclude(ended("grant"))
        .order_by()
        .values_list("member_id", "purpose", "valid_from", "valid_until")
    )
    for member, purpose, start, until in rows:
        found[member][purpose].append(Term(start, until))
    return {
        member: {purpose: _current_or_next(terms, at) for purpose, terms in purposes.items()}
        for member, purposes in found.items()
    }


def _current_or_next(terms: list[Term], at: datetime) -> Term:
    """Of several grants, the one in force that lasts longest; without one, the first to begin."""
    current = [term for term in terms if term.holds(at)]
    if current:
        return max(current, key=lambda term: (term.until is None, term.until or at))
    return min(terms, key=lambda term: term.start)
