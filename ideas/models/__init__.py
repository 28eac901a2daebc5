"""Models of themes and ideas; each module knows only those named before it."""

from ideas.models.themes import Theme

from ideas.models.highlights import CodedBlock, Highlight  # isort: skip
from ideas.models.ideas import Decision, EmpathyCard, FollowUp, Idea, Score, Support  # isort: skip
from ideas.models.approval import EmpathyCardTask  # isort: skip
from ideas.models.codings import Coding  # isort: skip
from ideas.models.merges import Merge  # isort: skip
from ideas.models.loops import LoopClosure  # isort: skip
from ideas.models.departures import Departure  # isort: skip
from ideas.models.refusals import Refusal  # isort: skip
from ideas.models.premortems import Finding, Premortem  # isort: skip

__all__ = [
    "CodedBlock",
    "Coding",
    "Decision",
    "Departure",
    "EmpathyCard",
    "EmpathyCardTask",
    "Finding",
    "FollowUp",
    "Highlight",
    "Idea",
    "LoopClosure",
    "Merge",
    "Premortem",
    "Refusal",
    "Score",
    "Support",
    "Theme",
]
