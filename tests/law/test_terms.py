"""The table of rules: how long the law gives for each demand, and by which article."""

from datetime import UTC, date, datetime

import pytest

from consent.enums import DemandKind, Law
from consent.terms import BY_KEY, RULES, Unit, due_on, rule_of

WEDNESDAY = datetime(2026, 11, 18, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "law", "count", "unit", "article", "last"),
    [
        ("stop", "152-fz", 3, Unit.WORKING_DAYS, "10.1(14)", "2026-11-23"),
        ("withdraw", "152-fz", 10, Unit.WORKING_DAYS, "21(5.1)", "2026-12-02"),
        ("copy", "152-fz", 10, Unit.WORKING_DAYS, "20(1)", "2026-12-02"),
        ("correct", "152-fz", 7, Unit.WORKING_DAYS, "20(3)", "2026-11-27"),
        ("erase", "152-fz", 30, Unit.DAYS, "21(5)", "2026-12-18"),
        ("stop", "gdpr", 1, Unit.MONTHS, "12(3)", "2026-12-18"),
        ("withdraw", "gdpr", 1, Unit.MONTHS, "7(3)", "2026-12-18"),
        ("copy", "gdpr", 1, Unit.MONTHS, "15", "2026-12-18"),
        ("correct", "gdpr", 1, Unit.MONTHS, "16", "2026-12-18"),
        ("erase", "gdpr", 1, Unit.MONTHS, "17", "2026-12-18"),
    ],
)
def test_each_demand_has_its_term(
    kind: str, law: str, count: int, unit: Unit, article: str, last: str
) -> None:
    rule, day = due_on(DemandKind(kind), Law(law), WEDNESDAY)
    assert (rule.count, rule.unit, day.isoformat()) == (count, unit, last)
    assert article in rule.article


def test_every_demand_has_a_rule_under_every_law_of_the_table() -> None:
    assert len(BY_KEY) == len(RULES) == len(DemandKind) * 2
    assert all(len(rule.key) <= 40 for rule in RULES)


@pytest.mark.parametrize("house", ["152-fz", "gdpr"])
def test_another_law_goes_by_the_law_of_the_house(house: str, settings: object) -> None:
    settings.KB_LAW = house
    assert rule_of(DemandKind.COPY, Law.OTHER).law == house


def test_the_day_of_receipt_is_the_local_one() -> None:
    late = datetime(2026, 11, 18, 22, 30, tzinfo=UTC)  # half past one of the 19th in Moscow
    assert due_on(DemandKind.STOP, Law.RU_152, late)[1] == date(2026, 11, 24)


def test_a_term_is_said_in_words() -> None:
    assert rule_of(DemandKind.STOP, Law.RU_152).term == "3 working days"
    assert rule_of(DemandKind.ERASE, Law.RU_152).term == "30 days"
    assert rule_of(DemandKind.COPY, Law.GDPR).term == "1 month"
