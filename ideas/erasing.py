"""The erasers of themes and ideas: a member's marked passages, voices given for her, what she was told.

Themes, ideas, decisions and scores are the company's own; an idea whose evidence goes says so from then on.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from club.models import Member
from consent.erasing import copies
from consent.erasing.registry import Case, RowsEraser, Word, exempt, register
from ideas.enums import CODEBOOKS
from ideas.models import CodedBlock, Coding, Decision, Departure, Highlight, Idea, LoopClosure, Support


class PassageEraser(RowsEraser):
    """Marked passages of her stories with everything that was said of them."""

    surface = "ideas.passages"
    label = _("marked passages, what they were coded with, memos")
    models = ("ideas.CodedBlock", "ideas.Highlight", "ideas.Coding", "ideas.Decision_overrules")

    def hers(self, case: Case) -> Q:
        """Passages of her stories, also of those that are another's by now."""
        return Q(story__member=case.member) | Q(story_id__in=case.of("pages"))

    def highlights(self, case: Case) -> QuerySet[Highlight]:
        """Her highlights."""
        return Highlight.objects.filter(self.hers(case)).order_by()

    def rows(self, case: Case) -> Iterable[QuerySet[Any]]:
        ids = self.highlights(case).values("pk")
        return (
            Decision.overrules.through.objects.filter(highlight_id__in=ids),
            Coding.objects.filter(highlight_id__in=ids),
            self.highlights(case),
            CodedBlock.objects.filter(self.hers(case)),
        )

    def words(self, case: Case) -> Iterable[Word]:
        for exact in self.highlights(case).values_list("exact", flat=True):
            yield "words", exact
        memos = Coding.objects.filter(highlight_id__in=self.highlights(case).values("pk"))
        for memo in memos.values_list("memo", flat=True):
            yield "words", memo

    def others(self, case: Case) -> Iterator[str]:
        rest = Coding.objects.exclude(highlight_id__in=self.highlights(case).values("pk")).order_by()
        yield from rest.exclude(memo="").values_list("memo", flat=True).iterator()

    def export(self, member: Member) -> Any:
        rows = Coding.objects.filter(highlight__story__member=member).select_related(
            "highlight", "theme", "idea"
        )
        return [
            {
                "passage": row.highlight.exact,
                "about": row.theme.label if row.theme else row.idea.title if row.idea else "",
                "memo": row.memo,
                "at": row.at.isoformat(),
            }
            for row in rows.order_by("pk")
        ]

    def erase(self, case: Case) -> None:
        """Delete them; ideas that stood on them keep their decisions and say that evidence is gone."""
        ids = self.highlights(case).values("pk")
        ideas = Coding.objects.filter(highlight_id__in=ids, idea__isnull=False).values("idea_id")
        Idea.objects.filter(pk__in=list(ideas.values_list("idea_id", flat=True))).update(
            evidence_lost_at=timezone.now()
        )
        super().erase(case)


class VoiceEraser(RowsEraser):
    """Voices that employees gave on her behalf, notes to her about what became of her words, her verdicts."""

    surface = "ideas.voices"
    label = _("voices given for her, what she was told and answered")
    models = ("ideas.Support", "ideas.LoopClosure")

    def rows(self, case: Case) -> Iterable[QuerySet[Any]]:
        return (Support.objects.filter(member=case.member), LoopClosure.objects.filter(member=case.member))

    def words(self, case: Case) -> Iterable[Word]:
        for draft in LoopClosure.objects.filter(member=case.member).values_list("draft", flat=True):
            yield "words", draft

    def others(self, case: Case) -> Iterator[str]:
        yield from LoopClosure.objects.exclude(member=case.member).values_list("draft", flat=True)

    def export(self, member: Member) -> Any:
        rows = LoopClosure.objects.filter(member=member).order_by("pk")
        return [
            {
                "note": row.draft,
                "told": row.told_at.isoformat() if row.told_at else None,
                "verdict": row.verdict,
            }
            for row in rows
        ]


HOUSE = "the company's own words about many clients; names nobody"
EXEMPT = {
    "ideas.Theme": HOUSE,
    "ideas.Idea": HOUSE,
    "ideas.Idea_themes": HOUSE,
    "ideas.Score": "an employee's marks for an idea",
    "ideas.Decision": HOUSE,
    "ideas.EmpathyCard": "an employee's own answers beside ids of stories",
    "ideas.Departure": "which file was taken out when; ids of people, so that it can be asked for again",
    "ideas.FollowUp": "what employees promised each other to do",
    "ideas.Merge": "which theme or idea went into which; ids",
}


@copies.listing
def files_with_her_words(member: Member) -> list[dict[str, Any]]:
    """Files taken out with passages of hers in them."""
    rows = Departure.objects.exclude(form__in=CODEBOOKS).order_by("pk")
    return [
        {"what": "passages", "at": at.date().isoformat(), "by": by, "format": form}
        for form, by, at, members in rows.values_list("form", "by_id", "at", "member_ids")
        if member.pk in members
    ]


def register_all() -> None:
    """Register the erasers of ideas; they lean on stories, so they go before them."""
    register(PassageEraser(), order=150)
    register(VoiceEraser(), order=151)
    exempt(EXEMPT)
