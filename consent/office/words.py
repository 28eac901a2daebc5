"""How the office says how much time is left."""

from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from consent.demands import days_left
from consent.models import Demand
from consent.terms import BY_KEY, Rule


def left(days: int) -> str:
    """Say how many days are left or gone."""
    if days < 0:
        return ngettext("%(n)s day overdue", "%(n)s days overdue", -days) % {"n": -days}
    if days == 0:
        return _("due today")
    return ngettext("%(n)s day left", "%(n)s days left", days) % {"n": days}


def left_of(demand: Demand) -> str:
    """Say how much time a demand has, or that it is done and whether in time."""
    if demand.done_at is None:
        return left(days_left(demand))
    late = timezone.localtime(demand.done_at).date() > demand.due_on
    return _("done late") if late else _("done in time")


def rule_of(demand: Demand) -> Rule | None:
    """Return the rule by which a demand's term was counted; None if the table knows it no more."""
    return BY_KEY.get(demand.rule)


def article(demand: Demand) -> str:
    """Return the article that gives the term."""
    rule = rule_of(demand)
    return rule.article if rule else demand.rule


def term(demand: Demand) -> str:
    """Return the term in words."""
    rule = rule_of(demand)
    return rule.term if rule else ""


def is_late(demand: Demand, today: date | None = None) -> bool:
    """Whether the term of an open demand has run out."""
    return demand.done_at is None and days_left(demand, today) < 0
