"""Words with a fixed meaning in consent."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Purpose(TextChoices):
    """What a story may be used for."""

    READ = "read", _("employees read it")
    TRAIN = "train", _("it teaches newcomers")
    IDEAS = "ideas", _("its passages support ideas")
    PROMOTE = "promote", _("it may leave the company")


# The purposes inside the company; leaving it is a separate document in law (152-ФЗ art. 10.1).
INTERNAL_PURPOSES = (Purpose.READ, Purpose.TRAIN, Purpose.IDEAS)


class Category(TextChoices):
    """What of the narrator may be shown."""

    WORDS = "words", _("words")
    IMAGE = "image", _("image")
    VOICE = "voice", _("voice")
    LIFE_EVENT = "life_event", _("family and health")


class Credit(TextChoices):
    """How the narrator is named."""

    FULL_NAME = "full_name", _("full name")
    FIRST_NAME = "first_name", _("first name")
    INITIALS = "initials", _("initials")
    PSEUDONYM = "pseudonym", _("figure's name")


class Method(TextChoices):
    """How the consent was given."""

    PAPER = "paper", _("on paper")
    E_SIGNATURE = "e_signature", _("electronic signature")
    LINK_CODE = "link_code", _("own link and code")
    RECORDED = "recorded", _("recorded talk")
    IMPORTED = "imported", _("imported record")


class Law(TextChoices):
    """The law that a consent text answers to."""

    RU_152 = "152-fz", "152-ФЗ"
    GDPR = "gdpr", "GDPR"
    OTHER = "other", _("another")


class EventKind(TextChoices):
    """What happened, in the ledger's words."""

    REQUESTED = "requested", _("asked")
    GIVEN = "given", _("given")
    RENEWED = "renewed", _("renewed")
    REFUSED = "refused", _("refused")
    EXPIRED = "expired", _("expired")
    WITHDRAWN = "withdrawn", _("withdrawn")
    PAUSED = "paused", _("paused")
    RESUMED = "resumed", _("pause ended")
    REVOKED = "revoked", _("approval taken back")
    APPROVED = "approved", _("wording approved")
    ERASED = "erased", _("erased")


# Events after which the grant or the approval they name no longer holds. Expiry is not among them: it is read
# from the dates at every call and the event only notes it.
ENDING_EVENTS = (EventKind.WITHDRAWN, EventKind.REVOKED, EventKind.ERASED)
# The latest of these says whether a narrator has put everything of hers on pause.
PAUSE_EVENTS = (EventKind.PAUSED, EventKind.RESUMED)


class GrantState(TextChoices):
    """State of a grant at a moment, computed, never stored."""

    VALID = "valid", _("valid")
    EXPIRING = "expiring", _("expires soon")
    FUTURE = "future", _("not yet")
    EXPIRED = "expired", _("expired")
    PAUSED = "paused", _("paused")
    WITHDRAWN = "withdrawn", _("withdrawn")


class Channel(TextChoices):
    """How something passes between a narrator and the company."""

    MAIL = "mail", _("by e-mail")
    PAPER = "paper", _("on paper")
    LINK = "link", _("on her own page")
    TALK = "talk", _("in a talk")


class SuggestionState(TextChoices):
    """What became of a change that a narrator asked for."""

    OPEN = "open", _("waiting for an answer")
    APPLIED = "applied", _("taken into the story")
    DECLINED = "declined", _("answered without a change")


class LetterKind(TextChoices):
    """What a letter is about."""

    ASK = "ask", _("a story to read and to decide about")
    FRESH_LINK = "fresh_link", _("a fresh link")
    RECEIPT = "receipt", _("a receipt of consent")
    ENDING = "ending", _("a consent that ends soon")
    DEMAND = "demand", _("a demand to be answered")


class LetterState(TextChoices):
    """Where a letter is."""

    WAITING = "waiting", _("waiting")
    SENT = "sent", _("sent")
    DROPPED = "dropped", _("not sent")
    FAILED = "failed", _("failed")


class DemandKind(TextChoices):
    """What a narrator may demand."""

    WITHDRAW = "withdraw", _("take the consent back")
    STOP = "stop", _("stop showing it outside the company")
    CORRECT = "correct", _("correct what is wrong")
    COPY = "copy", _("a copy of everything about her")
    ERASE = "erase", _("erase everything about her")


class TextScope(TextChoices):
    """What a consent text is about; distribution outside the company is a document of its own in law."""

    INTERNAL = "internal", _("use inside the company")
    DISTRIBUTION = "distribution", _("distribution outside the company")
