"""Models of learning. Imports point one way: competencies, pages, versions, people, enrolments, events, proof."""

from onboarding.models.competencies import Competency
from onboarding.models.enrolments import CohortMove, Draft, Enrolment, ModuleState, StepState
from onboarding.models.events import (
    Attempt,
    Event,
    LedgerClosed,
    Quotation,
    ReflectionReview,
    StepFeedback,
    Words,
)
from onboarding.models.mentoring import MentorEntry, MentorKey
from onboarding.models.notices import Notice
from onboarding.models.pages import LearningIndexPage, ModulePage, NotReady, TrackItem, TrackPage
from onboarding.models.people import AssignmentRule, Employee
from onboarding.models.practice import AskedWords, CalendarEntry, CalendarKey, HrToken, ReviewCard
from onboarding.models.proof import Award, Revocation, Statement, Telling
from onboarding.models.versions import ModuleText, ModuleVersion, TrackVersion, VersionStory

__all__ = [
    "AskedWords",
    "AssignmentRule",
    "Attempt",
    "Award",
    "CalendarEntry",
    "CalendarKey",
    "CohortMove",
    "Competency",
    "Draft",
    "Employee",
    "Enrolment",
    "Event",
    "HrToken",
    "LearningIndexPage",
    "LedgerClosed",
    "MentorEntry",
    "MentorKey",
    "ModulePage",
    "ModuleState",
    "ModuleText",
    "ModuleVersion",
    "NotReady",
    "Notice",
    "Quotation",
    "ReflectionReview",
    "ReviewCard",
    "Revocation",
    "Statement",
    "StepFeedback",
    "StepState",
    "Telling",
    "TrackItem",
    "TrackPage",
    "TrackVersion",
    "VersionStory",
    "Words",
]
