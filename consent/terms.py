"""By when the law wants a demand done: a table of rules, and the last day of a term counted by it."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import TextChoices
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from consent import calendar
from consent.enums import DemandKind, Law
from consent.texts import default_law


class Unit(TextChoices):
    """What a term is counted in."""

    WORKING_DAYS = "working_days", _("working days")
    DAYS = "days", _("days")
    MONTHS = "months", _("months")


COUNTING = {
    Unit.WORKING_DAYS: calendar.working_days_after,
    Unit.DAYS: calendar.calendar_days_after,
    Unit.MONTHS: calendar.months_after,
}


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the table: what the law wants done, by which article, and how long it gives."""

    law: Law
    kind: DemandKind
    count: int
    unit: Unit
    article: str
    wanted: str | Promise

    @property
    def key(self) -> str:
        """The name under which a demand remembers its rule."""
        return f"{self.law.value}:{self.kind.value}"

    @property
    def term(self) -> str:
        """The term in words."""
        forms = {
            Unit.WORKING_DAYS: ngettext("%(n)s working day", "%(n)s working days", self.count),
            Unit.DAYS: ngettext("%(n)s day", "%(n)s days", self.count),
            Unit.MONTHS: ngettext("%(n)s month", "%(n)s months", self.count),
        }
        return forms[self.unit] % {"n": self.count}

    def due_on(self, received_on: date) -> date:
        """Return the last day of the term for what came in on a day."""
        return COUNTING[self.unit](received_on, self.count, calendar.country_of(self.law))


RULES = (
    Rule(Law.RU_152, DemandKind.STOP, 3, Unit.WORKING_DAYS, "152-ФЗ, 10.1(14)",
         _("distribution outside the company stops")),
    Rule(Law.RU_152, DemandKind.WITHDRAW, 10, Unit.WORKING_DAYS, "152-ФЗ, 21(5.1)", _("processing stops")),
    Rule(Law.RU_152, DemandKind.CORRECT, 7, Unit.WORKING_DAYS, "152-ФЗ, 20(3), 21(2)", _("what is wrong is put right")),
    Rule(Law.RU_152, DemandKind.COPY, 10, Unit.WORKING_DAYS, "152-ФЗ, 14(3), 20(1)", _("a copy is handed over")),
    Rule(Law.RU_152, DemandKind.ERASE, 30, Unit.DAYS, "152-ФЗ, 21(5)", _("the data are destroyed")),
    Rule(Law.GDPR, DemandKind.STOP, 1, Unit.MONTHS, "GDPR, 12(3), 21", _("distribution outside the company stops")),
    Rule(Law.GDPR, DemandKind.WITHDRAW, 1, Unit.MONTHS, "GDPR, 7(3), 12(3)", _("processing stops")),
    Rule(Law.GDPR, DemandKind.CORRECT, 1, Unit.MONTHS, "GDPR, 12(3), 16", _("what is wrong is put right")),
    Rule(Law.GDPR, DemandKind.COPY, 1, Unit.MONTHS, "GDPR, 12(3), 15, 20", _("a copy is handed over")),
    Rule(Law.GDPR, DemandKind.ERASE, 1, Unit.MONTHS, "GDPR, 12(3), 17", _("the data are erased")),
)  # fmt: skip
BY_KEY = {rule.key: rule for rule in RULES}


def rule_of(kind: DemandKind, law: Law) -> Rule:
    """Return the rule for a demand; a law without rules of its own goes by the house's law."""
    law = default_law() if law == Law.OTHER else law
    return BY_KEY[f"{law.value}:{kind.value}"]


def due_on(kind: DemandKind, law: Law, received_at: datetime) -> tuple[Rule, date]:
    """Return the rule and the last day, local time, for a demand that came in at a moment."""
    rule = rule_of(DemandKind(kind), Law(law))
    return rule, rule.due_on(timezone.localtime(received_at).date())
