"""Models of consent, one concept a module: texts → consents → grants → approvals → the ledger."""

from consent.models.approvals import Approval
from consent.models.consents import Consent
from consent.models.events import ConsentEvent, LedgerClosed
from consent.models.grants import Grant
from consent.models.texts import ConsentText

__all__ = ["Approval", "Consent", "ConsentEvent", "ConsentText", "Grant", "LedgerClosed"]
