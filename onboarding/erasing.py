"""The erasers of learning: which versions stood on her stories, and words of newcomers that repeat them."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from club.models import Member
from consent.erasing.registry import BlankingEraser, Case, RowsEraser, Traces, exempt, register
from onboarding.models import (
    Draft,
    Quotation,
    ReflectionReview,
    Revocation,
    StepFeedback,
    VersionStory,
    Words,
)
from onboarding.quoting import quoting
from stories.erasing import own_pages
from stories.querysets import texts_to_look_for


class IndexEraser(RowsEraser):
    """Which steps of which versions stood on her stories, and where newcomers repeated them."""

    surface = "onboarding.index"
    label = _("steps of learning that stood on her stories")
    models = ("onboarding.VersionStory", "onboarding.Quotation")

    def rows(self, case: Case) -> Iterable[QuerySet[Any]]:
        return (
            VersionStory.objects.filter(member_id=case.member.pk),
            VersionStory.objects.filter(story_id__in=case.of("pages")),
            Quotation.objects.filter(story_id__in=case.of("pages")),
        )


class QuotingEraser(BlankingEraser):
    """Words of newcomers that repeat hers: emptied; that somebody wrote something stays counted."""

    trace = ""
    column = "text"

    def traces(self, member: Member) -> Traces:
        """Look now, while her words are there to compare with."""
        texts = texts_to_look_for(own_pages(member)).values()
        return {self.trace: quoting(self.candidates(), texts)}

    def candidates(self) -> Iterable[tuple[int, str]]:
        """Return (id, text) of every row that could repeat her."""
        rows = self.manager().exclude(**{self.column: ""}).order_by()
        return rows.values_list("pk", self.column).iterator()

    def manager(self) -> QuerySet[Any]:
        """All rows of the surface."""
        raise NotImplementedError

    def all_rows(self, case: Case) -> QuerySet[Any]:
        return self.manager().filter(pk__in=case.of(self.trace))


class WordsEraser(QuotingEraser):
    """Answers in newcomers' own words."""

    surface = "onboarding.words"
    label = _("newcomers' words that repeat hers")
    models = ("onboarding.Words",)
    trace = "learning_words"
    blanks = {"text": ""}
    keeps = {"field": "the name of a field of a form", "sha256": "the digest that the ledger holds"}

    def manager(self) -> QuerySet[Any]:
        return Words.objects.all()


class ReviewEraser(QuotingEraser):
    """What mentors said of them."""

    surface = "onboarding.reviews"
    label = _("mentors' words that repeat hers")
    models = ("onboarding.ReflectionReview",)
    trace = "learning_reviews"
    column = "comment"
    blanks = {"comment": ""}
    keeps = {"marks": "numbers by criterion", "verdict": "accepted or not"}

    def manager(self) -> QuerySet[Any]:
        return ReflectionReview.objects.all()


class FeedbackEraser(QuotingEraser):
    """What newcomers told the authors."""

    surface = "onboarding.feedback"
    label = _("words to authors that repeat hers")
    models = ("onboarding.StepFeedback",)
    trace = "learning_feedback"
    blanks = {"text": ""}
    keeps: dict[str, str] = {}

    def manager(self) -> QuerySet[Any]:
        return StepFeedback.objects.all()


class RevocationEraser(QuotingEraser):
    """Why awards were taken back."""

    surface = "onboarding.revocations"
    label = _("reasons given for taking an award back that repeat hers")
    models = ("onboarding.Revocation",)
    trace = "learning_revocations"
    column = "reason"
    blanks = {"reason": ""}
    keeps: dict[str, str] = {}

    def manager(self) -> QuerySet[Any]:
        return Revocation.objects.all()


class DraftEraser(RowsEraser):
    """Unfinished answers that repeat her."""

    surface = "onboarding.drafts"
    label = _("unfinished answers that repeat hers")
    models = ("onboarding.Draft",)

    def traces(self, member: Member) -> Traces:
        texts = texts_to_look_for(own_pages(member)).values()
        rows = (
            (pk, " ".join(map(str, data.values()))) for pk, data in Draft.objects.values_list("pk", "data")
        )
        return {"learning_drafts": quoting(rows, texts)}

    def rows(self, case: Case) -> Iterable[QuerySet[Any]]:
        return (Draft.objects.filter(pk__in=case.of("learning_drafts")),)


EXEMPT = {
    "onboarding.Competency": "the company's words for what is trained",
    "onboarding.LearningIndexPage": "the company's own page",
    "onboarding.ModulePage": "the company's words; points at stories by number",
    "onboarding.TrackPage": "the company's own page",
    "onboarding.TrackItem": "the order of modules in a track",
    "onboarding.ModuleVersion": "ids, kinds and keys; no words",
    "onboarding.ModuleText": "which revision of a module speaks which language",
    "onboarding.TrackVersion": "ids of modules; no words",
    "onboarding.Employee": "an employee",
    "onboarding.AssignmentRule": "the company's rule",
    "onboarding.Enrolment": "an employee's learning",
    "onboarding.StepState": "an employee's learning; ids and moments",
    "onboarding.ModuleState": "an employee's learning; ids and days",
    "onboarding.CohortMove": "how many people were moved",
    "onboarding.Event": "the ledger: ids and numbers",
    "onboarding.Attempt": "the ledger: ids and numbers",
    "onboarding.ReviewCard": "what an employee has learned, by number",
    "onboarding.CalendarKey": "the hash of an employee's secret",
    "onboarding.CalendarEntry": "an employee's days; no text",
    "onboarding.MentorKey": "the hash of an employee's secret",
    "onboarding.MentorEntry": "an employee's days; no text",
    "onboarding.HrToken": "the hash of a secret of HR's own system",
    "onboarding.AskedWords": "whether an employee said yes; the words lie elsewhere",
    "onboarding.Notice": "who was told that something waits; no text",
    "onboarding.Award": "an employee's award: numbers, and the company's title of a track",
    "onboarding.Statement": "ids, numbers and labels of ours; nobody is named",
    "onboarding.Telling": "whether a ledger was followed",
}


def register_all() -> None:
    """Register the erasers of learning; they look at stories, so they go before them."""
    erasers = (
        IndexEraser(),
        WordsEraser(),
        ReviewEraser(),
        FeedbackEraser(),
        DraftEraser(),
        RevocationEraser(),
    )
    for order, eraser in enumerate(erasers, start=150):
        register(eraser, order=order)
    exempt(EXEMPT)
