"""Words with a fixed meaning in learning."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class StepKind(TextChoices):
    """Kinds of steps; their values are the names of the blocks."""

    READ = "read_story", _("Read a story")
    PREDICT = "predict_loyalty", _("Predict the line of loyalty")
    DECISION = "decision", _("Decide at a moment of truth")
    REVEAL = "reveal", _("Hear the client")
    WHY = "why_bad", _("Why was it so?")
    MISSING = "what_was_missing", _("What was missing?")
    QUIZ = "quiz", _("Questions")
    MATERIAL = "material", _("Read on")
    MEET = "meet", _("Meet somebody")
    TASK = "task", _("Do something")
    ACKNOWLEDGE = "acknowledge", _("Read and confirm")
    SURVEY = "survey", _("Tell us")


# Steps that stand on a client's story; when it is taken back they are replaced or waived.
STORY_KINDS = (
    StepKind.READ,
    StepKind.PREDICT,
    StepKind.DECISION,
    StepKind.REVEAL,
    StepKind.WHY,
    StepKind.MISSING,
)
REFLECTIONS = (StepKind.WHY, StepKind.MISSING)


class QuestionKind(TextChoices):
    """Kinds of questions; their values are the names of the blocks."""

    SINGLE = "single", _("One answer")
    MULTIPLE = "multiple", _("Several answers")
    ORDER = "order", _("Put in order")
    NUMERIC = "numeric", _("A number")
    SHORT = "short", _("A few words")


class Phase(TextChoices):
    """Where in the first months a module belongs, in order."""

    BEFORE = "before", _("Before day one")
    DAY = "day", _("Day one")
    WEEK = "week", _("First week")
    MONTH = "month", _("First month")
    NINETY = "ninety", _("By day ninety")


class Unlock(TextChoices):
    """When a module opens."""

    FREE = "free", _("at once")
    IN_ORDER = "in_order", _("after the required modules before it")
    ON_DAY = "on_day", _("on its day")


class Change(TextChoices):
    """What a new version does to people inside; computed from the difference, never chosen."""

    FIRST = "first", _("first version")
    PATCH = "patch", _("wording only")
    MINOR = "minor", _("steps added or reordered")
    MAJOR = "major", _("what is required or right changed")


class Source(TextChoices):
    """How somebody came onto a track."""

    RULE = "rule", _("by a rule")
    MANUAL = "manual", _("by hand")
    FILE = "file", _("from a file")
    API = "api", _("by the interface of HR")


class Status(TextChoices):
    """Where an enrolment stands."""

    INVITED = "invited", _("invited")
    BEFORE = "preboarding", _("before day one")
    ACTIVE = "active", _("learning")
    COMPLETED = "completed", _("finished")
    SUSPENDED = "suspended", _("paused")
    LEFT = "left", _("left")


# Whoever is inside: reminders go to them, reports count them as still learning.
INSIDE = (Status.INVITED, Status.BEFORE, Status.ACTIVE)


class Verb(TextChoices):
    """What can happen to an enrolment: the entries of the ledger."""

    ENROLLED = "enrolled", _("enrolled")
    OPENED = "opened", _("opened")
    ANSWERED = "answered", _("answered")
    REVIEWED = "reviewed", _("reviewed")
    CONFIRMED = "confirmed", _("confirmed")
    WAIVED = "waived", _("waived")
    STORY_ENDED = "story_ended", _("a story ended")
    SUSPENDED = "suspended", _("paused")
    RESUMED = "resumed", _("resumed")
    LEFT = "left", _("left")
    START_MOVED = "start_moved", _("start moved")
    DUE_MOVED = "due_moved", _("due date moved")
    MOVED = "moved", _("moved to a new version")
    REGRADED = "regraded", _("regraded")
    RECALLED = "recalled", _("came back to it")
    PULSE = "pulse", _("told how it goes")
    UNAIDED = "unaided", _("met a client alone")


class By(TextChoices):
    """What satisfied a step."""

    SELF = "self", _("done")
    SUBSTITUTE = "substitute", _("done in another story")
    WAIVED = "waived", _("waived")


class With(TextChoices):
    """Whom a newcomer meets."""

    MENTOR = "mentor", _("the mentor")
    MANAGER = "manager", _("the manager")
    HOST = "host", _("a club host")
    CLIENT = "client", _("a client")


class Confirm(TextChoices):
    """Who says that a task or a meeting is done."""

    SELF = "self", _("the newcomer")
    MENTOR = "mentor", _("the mentor")


class Verdict(TextChoices):
    """What a reviewer says of a reflection."""

    ACCEPTED = "accepted", _("accepted")
    REDO = "redo", _("please think again")


class NoticeKind(TextChoices):
    """What people are told by mail; the first four are about a due date, in the order in which they come."""

    SOON = "soon", _("a module is due soon")
    DUE = "due", _("a module is due today")
    OVERDUE = "overdue", _("a module is overdue")
    MENTOR = "mentor", _("a newcomer needs the mentor")
    MANAGER = "manager", _("a newcomer needs the manager")
    INVITED = "invited", _("welcome")
    STORY_GONE = "story_gone", _("a story was taken back")
    AUTHOR = "author", _("a module needs another story")
    REVIEW = "review", _("a reflection waits")
    REVIEWED = "reviewed", _("a reflection was read")
    NEW_VERSION = "new_version", _("a track has a new version")
    RECALL = "recall", _("something learned comes back")
    PLAN = "plan", _("dates of a plan changed")
    ASKED = "asked", _("a mentor asks for one's words")
    PULSE = "pulse", _("a survey of two questions")


class NoticeState(TextChoices):
    """What became of a notice."""

    WAITING = "waiting", _("waits")
    SENT = "sent", _("sent")
    DROPPED = "dropped", _("not needed any more")
    FAILED = "failed", _("could not be sent")


class EntryKind(TextChoices):
    """What stands in a calendar; nothing of it names a story, a client or a module."""

    DUE = "due", _("Learning: a module is due")
    MEETING = "meeting", _("Learning: a meeting")
    REVIEW = "review", _("Learning: something comes back")
    TO_READ = "to_read", _("Learning: a reflection waits to be read")


class Asking(TextChoices):
    """What became of the question whether one's words may become an idea."""

    ASKED = "asked", _("asked")
    AGREED = "agreed", _("agreed")
    DECLINED = "declined", _("declined")


class Redaction(TextChoices):
    """What a person decided about words that quote a story which was taken back."""

    OPEN = "open", _("to be decided")
    REMOVED = "removed", _("removed")
    KEPT = "kept", _("kept: not the client's words")


class Delivery(TextChoices):
    """What became of a statement for another system."""

    WAITING = "waiting", _("waits")
    SENT = "sent", _("sent")
    PARKED = "parked", _("given up")
