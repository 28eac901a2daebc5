"""Models of consent, one concept a module: texts → consents → grants → approvals → the ledger → what stands on it."""

from consent.models.approvals import Approval
from consent.models.consents import Consent
from consent.models.demands import Demand
from consent.models.erasures import ErasureRun, ErasureStep, Tombstone
from consent.models.events import ConsentEvent, LedgerClosed
from consent.models.grants import Grant
from consent.models.knocks import Knock
from consent.models.letters import Letter
from consent.models.links import ApprovalLink
from consent.models.reminders import Reminder
from consent.models.suggestions import Suggestion
from consent.models.texts import ConsentText

__all__ = [
    "Approval",
    "ApprovalLink",
    "Consent",
    "ConsentEvent",
    "ConsentText",
    "Demand",
    "ErasureRun",
    "ErasureStep",
    "Grant",
    "Knock",
    "LedgerClosed",
    "Letter",
    "Reminder",
    "Suggestion",
    "Tombstone",
]
