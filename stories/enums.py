"""Words with a fixed meaning in stories."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Provenance(TextChoices):
    """How near the narrator was to what she tells."""

    LIVED = "lived", _("lived it")
    WITNESSED = "witnessed", _("saw it")
    HEARD = "heard", _("heard of it")


class Sensitivity(TextChoices):
    """Whether a reader is warned before the text."""

    NORMAL = "normal", _("normal")
    SENSITIVE = "sensitive", _("hard to read: warn first")


class Outcome(TextChoices):
    """Where the loyalty stands at the end of a story against its beginning."""

    RISING = "rising", _("loyalty rose")
    FLAT = "flat", _("loyalty stayed")
    FALLING = "falling", _("loyalty fell")


class Verdict(TextChoices):
    """What a teaching case shows."""

    BAD = "bad", _("why was it bad?")
    GOOD = "good", _("why was it good?")


class BlockKind(TextChoices):
    """Kinds of blocks of a story's body."""

    EPISODE = "episode", _("Episode")
    NARRATIVE = "narrative", _("Narrative")
    QUOTE = "quote", _("Quote")
    PHOTO = "photo", _("Photo")
    CASE = "case", _("Teaching case")
    WARNING = "warning", _("Content warning")
    RESPONSE = "response", _("What we changed")


# Blocks that hold the narrator's own words and pictures: they are what she approves.
NARRATOR_BLOCKS = (BlockKind.EPISODE, BlockKind.NARRATIVE, BlockKind.QUOTE, BlockKind.PHOTO)
