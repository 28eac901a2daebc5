"""Anything may happen in any order: what is shown stays what a plain model of the rules says.

Hypothesis plays the house: consents given, run out, paused and taken back, words written, approved, published, copied,
moved, restored and hidden, the index drained, lost or not. After every step the gate, the pages, the listing and the search are held to a model in plain
Python. ``KB_TEST_MACHINE=examples,steps`` plays longer games.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial, wraps
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.db import transaction
from django.test import Client, override_settings
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from wagtail.models import Locale, Revision

from club.models import Member, User
from consent.endings import path, read
from consent.enums import Category, Purpose
from consent.erasing.replaying import remembered, replay
from consent.models import Approval
from consent.services import expire, pause, resume, revoke_approval, withdraw
from kb_site.models import HomePage
from search.engines import get_engine
from search.engines.base import EngineUnavailable
from search.models import Outbox
from search.services import Query, drain, rebuild, reconcile, search
from stories.documents import StorySource
from stories.models import StoryPage
from stories.models.pages import WordingNotApproved
from stories.querysets import visible
from tests.factories import approve, episode, give, make_member, make_story, make_user

EXAMPLES, STEPS = (int(number) for number in os.environ.get("KB_TEST_MACHINE", "25,15").split(","))
NOON = datetime(2026, 3, 2, 9, tzinfo=UTC)
PURPOSES = st.sets(st.sampled_from([Purpose.READ, Purpose.TRAIN, Purpose.IDEAS]), min_size=1)
CATEGORIES = st.sampled_from([(Category.WORDS,), (Category.WORDS, Category.IMAGE), (Category.IMAGE,)])
HOURS = st.integers(1, 6)
WORDS = st.sampled_from(["lantern", "harbour", "saddle"])
AUDIENCES = st.sampled_from([None, "Mentor", "HR lead"])


@dataclass
class Permit:
    """A grant in the model."""

    purpose: Purpose
    category: Category
    start: datetime
    until: datetime | None
    ended: bool = False

    def holds(self, purpose: Purpose, at: datetime) -> bool:
        wanted = (self.purpose, self.category) == (purpose, Category.WORDS)
        return wanted and not self.ended and self.start <= at and (self.until is None or at < self.until)


@dataclass
class Teller:
    """A narrator in the model."""

    row: Member
    permits: list[Permit] = field(default_factory=list)
    paused: bool = False
    approved: set[str] = field(default_factory=set)  # the words she stands behind

    def withdraws(self, purpose: Purpose | None) -> None:
        for permit in self.permits:
            permit.ended = permit.ended or purpose in (None, permit.purpose)

    def rests(self, paused: bool) -> None:
        self.paused = paused

    def approved_no_more(self, words: str) -> None:
        self.approved.discard(words)


@dataclass
class Told:
    """A story in the model: the words of the draft and of what is published, and whom it is for."""

    pk: int
    teller: Teller
    draft: str
    slug: str
    shown: str | None = None
    live: bool = False
    audience: str | None = None
    draft_audience: str | None = None
    aliases: list[Told] = field(default_factory=list)
    versions: dict[str, tuple[int, str | None]] = field(default_factory=dict)  # words → revision, audience
    translated: bool = False
    gone: bool = False  # told after the backup that was restored

    def open_to(self, groups: set[str], purpose: Purpose, at: datetime) -> bool:
        granted = not self.teller.paused and any(permit.holds(purpose, at) for permit in self.teller.permits)
        invited = self.audience is None or self.audience in groups
        return self.live and self.shown in self.teller.approved and granted and invited


@dataclass
class Backup:
    """The house as it was: a savepoint of the database, the model's values, and every ending that came after."""

    savepoint: str
    told: dict[int, Told]
    tellers: dict[int, Teller]
    endings: list[Callable[[], None]] = field(default_factory=list)


def there(rule_of: Callable[..., Any]) -> Callable[..., Any]:
    """Leave a story alone that a restored backup has not."""

    @wraps(rule_of)
    def guarded(self: House, told: Told, *more: Any, **drawn: Any) -> Any:
        if told.gone:  # rules that make a story give it back, the others nothing
            return told if rule_of.__annotations__["return"] == "Told" else None
        return rule_of(self, told, *more, **drawn)

    return guarded


class House(RuleBasedStateMachine):
    """The product and the model, side by side."""

    stories = Bundle("stories")

    def __init__(self) -> None:
        super().__init__()
        self.clock = time_machine.travel(NOON, tick=False)
        self.time = self.clock.start()
        self.folder = Path(tempfile.mkdtemp(prefix="kb-machine-"))
        self.settings = override_settings(
            SEARCH_URL="embedded", SEARCH_INDEX_DIR=self.folder / "index", KB_DATA_DIR=self.folder
        )
        self.settings.enable()
        self.block = transaction.atomic()
        self.block.__enter__()
        self.told: list[Told] = []
        self.backup: Backup | None = None
        self.number, self.turn = 0, False

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.block.__exit__(None, None, None)
        self.settings.disable()
        self.clock.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    @initialize(target=stories)
    def open_the_doors(self) -> Told:
        """Two employees, one of them a mentor, and a first story that both may read."""
        self.people: dict[str, tuple[User, set[str], Client]] = {}
        for role, group in (("reader", "Reader"), ("mentor", "Mentor")):
            user, client = make_user(role), Client()
            client.force_login(user, backend="club.backends.EmployeeBackend")
            self.people[role] = (user, {group}, client)
        rebuild()
        return self.tell("lantern", again=False)

    # What people do to stories that are there

    @rule(target=stories, word=WORDS, again=st.booleans())
    def tell(self, word: str, again: bool) -> Told:
        """The straight road: written, consented, approved, published."""
        told = self.write(word, again)
        self.give(told, {Purpose.READ, Purpose.TRAIN}, (Category.WORDS,), 0, None)
        self.approve(told)
        self.publish(told)
        return told

    @rule(target=stories, word=WORDS, again=st.booleans())
    def begin(self, word: str, again: bool) -> Told:
        """A draft and nothing more."""
        return self.write(word, again)

    def write(self, word: str, again: bool) -> Told:
        """A new draft, of a new narrator or of the last one."""
        self.number += 1
        teller = self.told[-1].teller if again and self.told else Teller(make_member())
        title = f"The {word} {self.number}x"
        story = make_story(teller.row, publish=False, title=title, slug=f"story-{self.number}", body=[episode(happened=word)])
        told = Told(story.pk, teller, title, story.slug)
        self.told.append(told)
        return told

    @rule(told=stories, purposes=PURPOSES, categories=CATEGORIES, delay=st.integers(0, 2), hours=st.none() | HOURS)
    @there
    def give(self, told: Told, purposes: set[Purpose], categories: tuple[Category, ...], delay: int, hours: int | None) -> None:
        start = self.now() + timedelta(hours=delay)
        until = None if hours is None else start + timedelta(hours=hours)
        give(told.teller.row, purposes=tuple(sorted(purposes)), categories=categories, start=start, until=until)
        told.teller.permits += [Permit(purpose, each, start, until) for purpose in purposes for each in categories]

    @rule(told=stories, purpose=st.none() | st.sampled_from([Purpose.READ, Purpose.TRAIN]))
    @there
    def withdraw(self, told: Told, purpose: Purpose | None) -> None:
        withdraw(member=told.teller.row, purpose=purpose)
        self.ends(partial(told.teller.withdraws, purpose))

    @rule(told=stories)
    @there
    def pause(self, told: Told) -> None:
        pause(member=told.teller.row)
        self.ends(partial(told.teller.rests, True))

    @rule(told=stories)
    @there
    def resume(self, told: Told) -> None:
        resume(member=told.teller.row)
        self.ends(partial(told.teller.rests, False))

    @rule(told=stories)
    @there
    def approve(self, told: Told) -> None:
        approve(self.latest(told))
        told.teller.approved.add(told.draft)

    @rule(told=stories)
    @there
    def take_back(self, told: Told) -> None:
        """The narrator takes her yes to the latest words back."""
        digest = self.latest(told).digest()
        for approval in Approval.objects.filter(member=told.teller.row, wording_sha256=digest):
            revoke_approval(approval=approval)
        self.ends(partial(told.teller.approved_no_more, told.draft))

    @rule(told=stories)
    @there
    def publish(self, told: Told) -> None:
        """Publish the latest revision; it goes through only with the narrator's yes."""
        revision = StoryPage.objects.get(pk=told.pk).get_latest_revision()
        if told.draft not in told.teller.approved:
            with pytest.raises(WordingNotApproved):
                revision.publish()
            return
        revision.publish()
        self.now_shows(told, told.draft, told.draft_audience)
        told.versions[told.draft] = (revision.pk, told.draft_audience)

    def now_shows(self, told: Told, words: str, audience: str | None) -> None:
        """What publishing does: the page and all its aliases show these words to this audience."""
        for each in (told, *told.aliases):
            each.shown, each.live, each.audience = words, True, audience

    @rule(told=stories, which=st.integers(0, 3))
    @there
    def restore(self, told: Told, which: int) -> None:
        """Publish an earlier revision again; it needs the narrator's yes as much as a new one."""
        if not told.versions:
            return
        words, (revision_id, audience) = list(told.versions.items())[which % len(told.versions)]
        revision = Revision.objects.get(pk=revision_id)
        if words not in told.teller.approved:
            with pytest.raises(WordingNotApproved):
                revision.publish()
            return
        revision.publish()
        self.now_shows(told, words, audience)

    @rule(target=stories, told=stories, live=st.booleans())
    @there
    def copy(self, told: Told, live: bool) -> Told:
        """A copy made past the closed screens: the same owner decides over it."""
        self.number += 1
        attributes = {"slug": f"story-{self.number}"}
        return self.copied(told, StoryPage.objects.get(pk=told.pk).copy(update_attrs=attributes, keep_live=live), live)

    @rule(target=stories, told=stories)
    @there
    def translate(self, told: Told) -> Told:
        """A page of another language with the same translation key; once a story."""
        self.number += 1
        locale, _created = Locale.objects.get_or_create(language_code="en")
        attributes = {"slug": f"story-{self.number}", "locale": locale}
        told.translated, again = True, told.translated
        page = StoryPage.objects.get(pk=told.pk)
        return self.copied(told, page.copy(update_attrs=attributes, reset_translation_key=again or page.locale_id == locale.pk), True)

    def copied(self, told: Told, page: Any, live: bool) -> Told:
        shown, draft = (told.shown, told.draft)
        made = Told(page.pk, told.teller, draft, page.slug, shown, told.live and live, told.audience, told.draft_audience)
        self.told.append(made)
        return made

    @rule(told=stories)
    @there
    def alias(self, told: Told) -> None:
        """A mirror page; it follows whatever its source shows."""
        self.number += 1
        page = StoryPage.objects.get(pk=told.pk).create_alias(update_slug=f"story-{self.number}")
        made = Told(page.pk, told.teller, told.draft, page.slug, told.shown, told.live, told.audience, told.draft_audience)
        told.aliases.append(made)
        self.told.append(made)

    @rule(told=stories)
    @there
    def move(self, told: Told) -> None:
        """To another place in the tree."""
        StoryPage.objects.get(pk=told.pk).move(HomePage.objects.get(), "last-child")

    @rule(told=stories, word=WORDS)
    @there
    def rewrite(self, told: Told, word: str) -> None:
        """New words of the narrator, as a draft."""
        self.number += 1
        story = self.latest(told)
        story.title = told.draft = f"The {word} {self.number}x"
        story.save_revision()

    @rule(told=stories)
    @there
    def comment(self, told: Told) -> None:
        """New words of the company's own, as a draft: the narrator need not be asked again."""
        self.number += 1
        story = self.latest(told)
        story.body = [*((block.block_type, block.value) for block in story.body), ("warning", f"Warning {self.number}")]
        story.save_revision()

    @rule(told=stories)
    @there
    def rename(self, told: Told) -> None:
        """Another address of the published story."""
        self.number += 1
        story = self.latest(told)
        story.slug = told.slug = f"story-{self.number}"
        story.save_revision()
        StoryPage.objects.filter(pk=told.pk).update(slug=story.slug)

    @rule(told=stories, audience=AUDIENCES)
    @there
    def invite(self, told: Told, audience: str | None) -> None:
        """Another audience, published at once if her words may be."""
        story = self.latest(told)
        story.audience_groups.set(Group.objects.filter(name=audience))
        story.save_revision()
        told.draft_audience = audience
        self.publish(told)

    @rule(told=stories)
    @there
    def unpublish(self, told: Told) -> None:
        StoryPage.objects.get(pk=told.pk).unpublish()
        for each in (told, *told.aliases):
            each.live = False

    @rule(told=stories)
    @there
    def save_again(self, told: Told) -> None:
        """Save what is stored once more; nothing changes."""
        StoryPage.objects.get(pk=told.pk).save()

    # What time and the worker do

    @rule(hours=HOURS)
    def wait(self, hours: int) -> None:
        self.time.shift(timedelta(hours=hours))

    @rule()
    def work(self) -> None:
        expire()
        reconcile()
        drain()
        assert not Outbox.objects.exists()

    @rule()
    def rebuild(self) -> None:
        rebuild()

    @rule()
    def lose_the_index(self) -> None:
        """The engine dies: pages go on, searches answer from the database."""
        shutil.rmtree(self.folder / "index", ignore_errors=True)

    @rule()
    def warm_every_cache(self) -> None:
        """Everybody reads everything there is to read, twice."""
        for _user, _groups, client in self.people.values():
            for _turn in range(2):
                for told in self.told[-3:]:
                    client.get(f"/stories/{told.slug}/")
                client.get("/search/?q=lantern")

    # The machine breaks, and an older state of it is brought back

    @rule()
    def back_up(self) -> None:
        tellers = {id(told.teller): deepcopy(told.teller) for told in self.told}
        kept = {id(told): replace(told, versions=dict(told.versions), aliases=list(told.aliases)) for told in self.told}
        self.backup = Backup(transaction.savepoint(), kept, tellers)

    @rule()
    def bring_the_backup_back(self) -> None:
        """What was given and told since is lost; what was taken back since stays taken back."""
        if self.backup is None:
            return
        backup, self.backup = self.backup, None
        endings, marks = remembered()
        journal = read(path())
        transaction.savepoint_rollback(backup.savepoint)
        replay([*journal.endings, *endings], {*marks, *journal.marks})
        rebuild()
        self.remember(backup)

    def remember(self, backup: Backup) -> None:
        """Bring the model back to the backup, then let every later ending happen to it again."""
        for told in [each for each in self.told if id(each) not in backup.told]:
            told.gone = True
            self.told.remove(told)
        for told in self.told:
            vars(told).update({**vars(backup.told[id(told)]), "teller": told.teller})
        for teller in {id(told.teller): told.teller for told in self.told}.values():
            was = backup.tellers[id(teller)]
            teller.permits, teller.paused, teller.approved = was.permits, was.paused, was.approved
        for ending in backup.endings:
            ending()

    def ends(self, ending: Callable[[], None]) -> None:
        """Let an ending happen to the model, and keep it for after a restored backup."""
        ending()
        if self.backup is not None:
            self.backup.endings.append(ending)

    # What must hold

    @invariant()
    def everyone_sees_what_the_rules_say(self) -> None:
        self.time.shift(timedelta(milliseconds=1))  # no two things happen at the same moment
        if not self.told:
            return
        known, self.turn = self.known(), not self.turn
        for user, groups, client in self.people.values():
            user = User.objects.get(pk=user.pk)
            for purpose in (Purpose.READ, Purpose.TRAIN, Purpose.PROMOTE):
                assert set(visible(user, purpose).values_list("pk", flat=True)) == self.allowed(groups, purpose), purpose
            allowed = self.allowed(groups, Purpose.READ)
            self.check_search(user, allowed, known)
            if ("Mentor" in groups) is self.turn:  # pages cost most: the two take turns
                self.check_pages(client, allowed)

    def check_search(self, user: User, allowed: set[int], known: set[int]) -> None:
        """Nothing hidden is found or counted; nothing allowed is missing of what the index has learned."""
        words = dict(StoryPage.objects.filter(pk__in=allowed).values_list("pk", "plain_text"))
        for text in ("", "lantern"):
            wanted = {told.pk for told in self.told if told.pk in allowed and text in f"{told.shown} {words[told.pk]}"}
            result = search(user, Query(text, size=50, literal=True))
            found = {hit.object_id for hit in result.hits}
            assert wanted & known <= found <= wanted
            assert result.total == len(found)

    def check_pages(self, client: Client, allowed: set[int]) -> None:
        for told in self.told[-2:]:
            response = client.get(f"/stories/{told.slug}/")
            assert response.status_code == (200 if told.pk in allowed else 404)
            assert told.pk not in allowed or str(told.shown).encode() in response.content.replace(b"\xc2\xa0", b" ")
        assert client.get("/").context["total"] == len(allowed)

    # The model's help

    def now(self) -> datetime:
        return datetime.now(UTC)

    def latest(self, told: Told) -> StoryPage:
        found: Any = StoryPage.objects.get(pk=told.pk).get_latest_revision_as_object()
        return found

    def allowed(self, groups: set[str], purpose: Purpose) -> set[int]:
        return {told.pk for told in self.told if told.open_to(groups, purpose, self.now())}

    def known(self) -> set[int]:
        """The stories of which the index has learned the present state, and that no pending change keeps out."""
        try:
            indexed = get_engine().reader().fingerprints().get("story", {})
        except EngineUnavailable:
            indexed = {}
        waiting = set(Outbox.objects.values_list("object_id", flat=True))
        return {pk for pk, fingerprint in StorySource().fingerprints() if indexed.get(pk) == fingerprint} - waiting


@pytest.mark.slow
@pytest.mark.django_db
def test_no_sequence_of_events_shows_what_may_not_be_shown() -> None:
    game = settings(
        max_examples=EXAMPLES,
        stateful_step_count=STEPS,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        derandomize="KB_TEST_MACHINE" not in os.environ,
    )
    run_state_machine_as_test(House, settings=game)
