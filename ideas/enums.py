"""Words with a fixed meaning in themes and ideas."""

from django.db.models import IntegerChoices, TextChoices
from django.utils.translation import gettext_lazy as _


class ThemeKind(TextChoices):
    """What a theme says about the company."""

    STRENGTH = "strength", _("Strength")
    WEAKNESS = "weakness", _("Weakness")
    NEED = "need", _("Need")


class ThemeState(TextChoices):
    """Where the company stands towards a theme."""

    OPEN = "open", _("Open")
    WATCHING = "watching", _("Watching")
    ANSWERED = "answered", _("Answered")


class Colour(TextChoices):
    """The few colours a code may carry in files and lists; pages never tell themes apart by colour alone."""

    MOSS = "#0b5a47", _("moss")
    SKY = "#1a5c9e", _("sky")
    RUST = "#a33d0b", _("rust")
    PLUM = "#6b3a74", _("plum")
    OCHRE = "#7a5a00", _("ochre")
    SLATE = "#46504a", _("slate")


class AnchorState(TextChoices):
    """How sure we are that a highlight lies where a person laid it."""

    ANCHORED = "anchored", _("in its place")
    SHIFTED = "shifted", _("moved with the text")
    NEEDS_REVIEW = "needs_review", _("changed: look again")
    ORPHANED = "orphaned", _("its passage is gone")


# Only these serve as evidence.
STANDING = (AnchorState.ANCHORED, AnchorState.SHIFTED)


class Origin(TextChoices):
    """Who proposed a coding; a person has accepted every one of them."""

    PERSON = "person", _("a person")
    SUGGESTED = "suggested", _("proposed by similar passages")
    IMPORTED = "imported", _("a file")


class Importance(IntegerChoices):
    """How much a passage matters for its theme or idea."""

    PASSING = 0, _("said in passing")
    USEFUL = 1, _("useful")
    STRONG = 2, _("strong")
    KEY = 3, _("the key passage")


class IdeaKind(TextChoices):
    """The four kinds of ideas that clients' scenarios hold."""

    PRODUCT = "product", _("Product")
    SERVICE = "service", _("Service")
    ADVERTISING = "advertising", _("Advertising")
    PROMOTION = "promotion", _("Promotion")


class IdeaState(TextChoices):
    """Where an idea stands."""

    NOTED = "noted", _("Noted")
    REVIEW = "review", _("Under review")
    PLANNED = "planned", _("Planned")
    IN_PROGRESS = "in_progress", _("In progress")
    SHIPPED = "shipped", _("Shipped")
    DECLINED = "declined", _("Declined")
    PARKED = "parked", _("Parked")
    MERGED = "merged", _("Merged")


BOARD = (
    IdeaState.NOTED,
    IdeaState.REVIEW,
    IdeaState.PLANNED,
    IdeaState.IN_PROGRESS,
    IdeaState.SHIPPED,
)
ASIDE = (IdeaState.DECLINED, IdeaState.PARKED, IdeaState.MERGED)
# What a person may do with an idea next; states that need a decision are in DECIDED.
MOVES: dict[str, tuple[IdeaState, ...]] = {
    IdeaState.NOTED: (IdeaState.REVIEW, IdeaState.PARKED, IdeaState.DECLINED),
    IdeaState.REVIEW: (IdeaState.NOTED, IdeaState.PLANNED, IdeaState.PARKED, IdeaState.DECLINED),
    IdeaState.PLANNED: (IdeaState.REVIEW, IdeaState.IN_PROGRESS, IdeaState.PARKED, IdeaState.DECLINED),
    IdeaState.IN_PROGRESS: (IdeaState.PLANNED, IdeaState.SHIPPED, IdeaState.PARKED, IdeaState.DECLINED),
    IdeaState.SHIPPED: (IdeaState.IN_PROGRESS,),
    IdeaState.DECLINED: (IdeaState.NOTED,),
    IdeaState.PARKED: (IdeaState.NOTED, IdeaState.REVIEW),
    IdeaState.MERGED: (),
}
# Reached only by a decision with its reason.
DECIDED = (IdeaState.PLANNED, IdeaState.SHIPPED, IdeaState.DECLINED, IdeaState.PARKED)


class Criterion(TextChoices):
    """What an idea is scored by: three parts of RICE (reach is counted, not guessed) and the four-part card."""

    IMPACT = "impact", _("Impact")
    CONFIDENCE = "confidence", _("Confidence")
    EFFORT = "effort", _("Effort")
    ORGANISATIONAL = "organisational", _("Organisational")
    METHODICAL = "methodical", _("Methodical")
    TECHNICAL = "technical", _("Technical")
    ECONOMIC = "economic", _("Economic")


RICE = (Criterion.IMPACT, Criterion.CONFIDENCE, Criterion.EFFORT)
SCORECARD = (Criterion.ORGANISATIONAL, Criterion.METHODICAL, Criterion.TECHNICAL, Criterion.ECONOMIC)


class Verdict(TextChoices):
    """What a narrator says when she is told what became of her words."""

    YES = "yes", _("yes, that is what I meant")
    PARTLY = "partly", _("partly")
    NO = "no", _("no, that is not it")


class FileForm(TextChoices):
    """Forms in which codes and passages leave the house."""

    QDC = "qdc", _("Codebook for analysis programs (QDC)")
    CODES_CSV = "csv", _("Codebook as a table (CSV)")
    QDPX = "qdpx", _("Project with coded passages (QDPX)")
    JSONLD = "jsonld", _("Web annotations (JSON-LD)")
    EVIDENCE_CSV = "evidence-csv", _("Table of evidence (CSV)")
    EVIDENCE_XLSX = "evidence-xlsx", _("Table of evidence (XLSX)")


# Hold the company's words only.
CODEBOOKS = (FileForm.QDC, FileForm.CODES_CSV)


class Direction(TextChoices):
    """What a planned change does to what clients have now."""

    AUTO = "auto", _("Read it from the words")
    GIVES = "gives", _("It gives or repairs something")
    TAKES = "takes", _("It takes something away or limits it")


class Side(TextChoices):
    """What a planned change would do to somebody who told an episode."""

    HURT = "hurt", _("Would hurt")
    PLEASE = "please", _("Would please")
    OPEN = "open", _("Touched: read and judge")
