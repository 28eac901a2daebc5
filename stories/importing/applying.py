"""Writing what was planned: words, narrators, consents, approvals, new stories, changes."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group

from club.models import Member
from consent.enums import Method
from consent.erasing import tombstones
from consent.models import Approval, Consent, ConsentText
from consent.services import NewConsent, imported_text, permissions_for, record_approvals, record_consents
from search.services import enqueue
from stories.enums import BlockKind
from stories.importing.drafts import Draft
from stories.importing.mapping import StoryMap
from stories.importing.narrators import Narrators
from stories.importing.placing import NewStory, log_import, place, publish_drafts
from stories.importing.planning import Outcome, Step
from stories.importing.records import Raw
from stories.importing.words import Word, Words
from stories.models import ProductLine, StoryPage, Tag, Touchpoint
from stories.models.pages import WordingNotApproved

KIND = "story"


class Writer:
    """Applies steps; ``words`` and ``narrators`` are shared by all chunks of an import."""

    def __init__(self, mapping: StoryMap, words: Words, narrators: Narrators, at: datetime) -> None:
        self.mapping = mapping
        self.words = words
        self.narrators = narrators
        self.at = at
        self._texts: dict[str, ConsentText] = {}

    def apply(self, steps: Sequence[Step]) -> None:
        """Write a chunk, in the caller's transaction."""
        self._texts.clear()  # a transaction that failed may have taken one with it
        new = [step for step in steps if step.outcome == Outcome.NEW]
        touched = [step for step in steps if step.outcome in (Outcome.NEW, Outcome.CHANGED)]
        self._ensure_words([step.draft for step in touched])
        members = self.narrators.ensure([step.draft for step in new])
        members |= {step.draft.number: step.story.member for step in steps if step.story}
        # Before the pages: whoever listens to consent finds no story yet and asks for nothing twice.
        self._record_consents([step for step in steps if step.consent], members)
        self._record_approvals([step for step in steps if step.approve], members)
        self._place(new, members)
        for step in steps:
            if step.outcome == Outcome.CHANGED:
                self._change(step)
        self._publish([step for step in steps if step.outcome == Outcome.SAME and step.publish])

    def _ensure_words(self, drafts: Sequence[Draft]) -> None:
        self.words.ensure(
            tags=[word for draft in drafts for word in draft.tags],
            touchpoints=[word for draft in drafts for word in draft.touchpoints],
            product_lines=[word for draft in drafts for word in draft.product_lines],
        )

    def _record_consents(self, steps: Sequence[Step], members: dict[int, Member]) -> None:
        """Record what the rows prove; the same row is recorded once for one narrator."""
        pairs = [(members[step.draft.number], step.draft) for step in steps]
        known = set(
            Consent.objects.filter(member__in=[member.pk for member, _draft in pairs])
            .exclude(evidence_sha256="")
            .values_list("member_id", "evidence_sha256")
        )
        news = [
            self._consent(member, draft)
            for member, draft in pairs
            if (member.pk, draft.claim.sha256) not in known
        ]
        if news:
            record_consents(news)

    def _consent(self, member: Member, draft: Draft) -> NewConsent:
        term = self.at + timedelta(days=self.mapping.term_days) if self.mapping.term_days else None
        ends = [end for end in (term, draft.claim.until) if end]
        return NewConsent(
            member=member,
            text=self._text(draft.language),
            controller=settings.KB_COMPANY_NAME or "—",
            method=Method.IMPORTED,
            permissions=permissions_for(draft.claim.purposes, self.mapping.categories),
            valid_from=self.at,
            valid_until=min(ends) if ends else None,
            evidence_reference=draft.claim.evidence,
            evidence_sha256=draft.claim.sha256,
        )

    def _text(self, language: str) -> ConsentText:
        if language not in self._texts:
            self._texts[language] = imported_text(language)
        return self._texts[language]

    def _record_approvals(self, steps: Sequence[Step], members: dict[int, Member]) -> None:
        """Record the yes to each exact wording, once for one narrator."""
        wanted = {(members[step.draft.number].pk, step.draft.digest): step.draft for step in steps}
        approvals = [
            Approval(
                member_id=member,
                wording_sha256=digest,
                approved_at=self.at,
                method=Method.IMPORTED,
                evidence_reference=draft.claim.evidence,
            )
            for (member, digest), draft in wanted.items()
        ]
        if approvals:
            record_approvals(approvals)

    def _place(self, steps: Sequence[Step], members: dict[int, Member]) -> None:
        tags = Tag.objects.in_bulk(self._ids(steps, "tags"))
        touchpoints = Touchpoint.objects.in_bulk(self._ids(steps, "touchpoints"))
        lines = ProductLine.objects.in_bulk(self._ids(steps, "product_lines"))
        groups = {
            group.name: group
            for group in Group.objects.filter(name__in={n for s in steps for n in s.draft.audience})
        }
        news = []
        for step in steps:
            draft, member = step.draft, members[step.draft.number]
            new = NewStory(
                page=StoryPage(member=member, external_id=draft.external_id, **self._fields(draft)),
                publish=step.publish,
                tags=[tags[self.words.tags[word.slug]] for word in draft.tags],
                touchpoints=self._ordered(touchpoints, self.words.touchpoints, draft.touchpoints),
                product_lines=self._ordered(lines, self.words.product_lines, draft.product_lines),
                audience_groups=[groups[name] for name in draft.audience],
                log_data=_log_data(draft, member.pk),
            )
            news.append(new)
        place(news, at=self.at)
        enqueue(KIND, [new.page.pk for new in news if new.publish])

    def _ids(self, steps: Sequence[Step], name: str) -> set[int]:
        return {getattr(self.words, name)[word.slug] for step in steps for word in getattr(step.draft, name)}

    @staticmethod
    def _ordered(rows: dict[int, Any], ids: dict[str, int], words: Sequence[Word]) -> list[Any]:
        """Return the rows of words in the order in which the database gives them back."""
        order = rows[next(iter(rows))]._meta.ordering if rows else []
        found = [rows[ids[word.slug]] for word in words]
        return sorted(found, key=lambda row: tuple(getattr(row, name) for name in order))

    def _fields(self, draft: Draft) -> dict[str, Any]:
        return {
            "title": draft.title,
            "summary": draft.summary,
            "language": draft.language,
            "provenance": draft.provenance,
            "sensitivity": draft.sensitivity,
            "period_start": draft.start,
            "period_end": draft.end,
            "body": self._body(draft),
        }

    def _body(self, draft: Draft) -> list[Raw]:
        """Return the blocks with ids of touchpoints in place of their codes."""
        return [
            {
                **block,
                "value": {
                    **block["value"],
                    "touchpoint": self.words.touchpoints.get(block["value"]["touchpoint"]),
                },
            }
            if block["type"] == BlockKind.EPISODE
            else block
            for block in draft.blocks
        ]

    def _change(self, step: Step) -> None:
        """Make a revision of what the row says; fields that it does not speak of stay as people left them."""
        story = StoryPage.objects.get(pk=step.existing.pk)
        target = story.get_latest_revision_as_object() if story.live else story
        self._write(target, step.draft)
        if not story.live:
            target.save()
        revision = target.save_revision(clean=False, log_action=True)
        log_import(target, _log_data(step.draft, story.member_id), revision.pk, at=self.at)
        if step.publish:
            step.publish = _publish(revision)

    def _write(self, target: StoryPage, draft: Draft) -> None:
        fields = self._fields(draft)
        fields["body"] = with_known_ids(fields["body"], target.raw_body())
        columns = {"period_start": "period.start", "period_end": "period.end"}
        for name, value in fields.items():
            if columns.get(name, name) in draft.given:
                setattr(target, name, value)
        target.draft_title = target.title
        self._write_words(target, draft)

    def _write_words(self, target: StoryPage, draft: Draft) -> None:
        touchpoints = {self.words.touchpoints[word.slug] for word in draft.touchpoints}
        if "touchpoints" not in draft.given:
            touchpoints |= {word.pk for word in target.touchpoints.all()}
        target.touchpoints.set(Touchpoint.objects.filter(pk__in=touchpoints))
        if "tags" in draft.given:
            target.tags.set(list(Tag.objects.filter(slug__in=[word.slug for word in draft.tags])))
        if "product_lines" in draft.given:
            target.product_lines.set(
                ProductLine.objects.filter(slug__in=[word.slug for word in draft.product_lines])
            )
        if "audience" in draft.given:
            target.audience_groups.set(Group.objects.filter(name__in=draft.audience))

    def _publish(self, steps: Sequence[Step]) -> None:
        """Publish what an earlier import brought as drafts; together where nothing else goes on with them."""
        together = []
        for step in steps:
            story = step.existing
            if story.live or story.wording_sha256 != step.draft.digest or story.workflow_in_progress:
                step.publish = _publish(story.get_latest_revision())
            else:
                together.append(story)
        publish_drafts(together, at=self.at)
        enqueue(KIND, [story.pk for story in together])


def _publish(revision: Any) -> bool:
    """Publish a revision; False where it holds words that the narrator has not approved."""
    try:
        revision.publish()
    except WordingNotApproved:
        return False
    return True


def _log_data(draft: Draft, member_id: int) -> dict[str, Any]:
    """What the log keeps of a row: digests and numbers, nothing of the narrator's."""
    data: dict[str, Any] = {
        "fingerprint": draft.fingerprint, "key": draft.key, "member": member_id, "row": draft.number,
    }  # fmt: skip
    if draft.member_key:  # a mark by which the source's key is known again after its owner was forgotten
        data["narrator"] = tombstones.digest(tombstones.NARRATOR, draft.member_key)
    return {**data, "spoken": list(draft.spoken)} if draft.masked else data


def with_known_ids(new: Sequence[Raw], old: Sequence[Raw]) -> list[Raw]:
    """Return the new blocks under the ids of those they continue: what points at a block still does.

    A block continues the old one with the same content, or else the next of its kind that nobody continues.
    """
    left = [block for block in old if block.get("id")]
    result: list[Raw] = [dict(block) for block in new]
    waiting = []
    for block in result:
        twin = next(
            (each for each in left if (each["type"], each["value"]) == (block["type"], block["value"])), None
        )
        if twin:
            block["id"] = twin["id"]
            left.remove(twin)
        else:
            waiting.append(block)
    for block in waiting:
        heir = next((each for each in left if each["type"] == block["type"]), None)
        if heir:
            block["id"] = heir["id"]
            left.remove(heir)
    return result
