"""A small gold set: invented stories in two languages and what must find them."""

from collections.abc import Callable

import pytest

from search import services
from tests.search.conftest import Notes, ids

STORIES = {
    1: (
        "Три вечера у окна",
        "Диспетчер обещал мастера к семи. Три вечера я ждала у окна, горячей воды не было.",
    ),
    2: (
        "Кредит за сорок минут",
        "VIP клиент получил одобрение кредита в отделении, менеджер помог с документами.",
    ),
    3: ("Звонки на работу", "Коллекторы звонили моему работодателю каждый день, хотя долг был погашен."),
    4: ("Посылка без адреса", "Курьер потерял посылку, а служба доставки извинилась и вернула деньги."),
    5: ("Ёлка в подъезде", "Консьержка поставила ёлку, и дети подъезда наряжали её до полуночи."),
    6: ("Счёт за чужой свет", "Пришёл счёт за электричество соседей. Перерасчёт сделали за день."),
    7: ("They kept calling my employer", "A collector phoned my manager at work although the loan was paid."),
    8: ("A parcel in the rain", "The courier left the parcel outside and the books were soaked."),
    9: (
        "Refund in one hour",
        "I asked for a refund of the delivery fee and received the money within an hour.",
    ),
    10: ("The quiet branch manager", "She explained the mortgage twice and drew the payments on a napkin."),
    11: (
        "Leasing fee nobody mentioned",
        "A leasing fee appeared on the statement for the tires I purchased.",
    ),
    12: (
        "Broken lift, kind neighbours",
        "For a week the neighbours carried my groceries to the seventh floor.",
    ),
}


@pytest.fixture
def library(notes: Notes, index: Callable[..., None]) -> Notes:
    for number, (title, body) in STORIES.items():
        notes.add(number, title, body)
    for number in range(20, 60):
        notes.add(number, f"Заметка {number}", "Обычный день: работа, дом, магазин. An ordinary day at home.")
    index()
    return notes


ASKED = {
    "morphology": {
        "звонил работодателям": 3,
        "почему мне звонят на работу из-за погашенного долга": 3,
        "ждать мастера вечером у окон": 1,
        "елки": 5,
        "employers called": 7,
        "neighbour carrying groceries": 12,
    },
    "keywords": {"горячая вода": 1, "перерасчет": 6, "leasing fee": 11, "refund": 9},
    "typos": {
        "гарячая вада": 1,
        "работадателю звонели": 3,
        "курьр патерял пасылку": 4,
        "emploeyr calld": 7,
        "morgage explaned": 10,
    },
    "layout": {
        "ujhzxfz djlf": 1,
        "gththfcxtn": 6,
        "кугатв": 9,
        "vip rkbtyn": 2,
        "rhtlbn менеджер": 2,
    },
    "parts of words": {"электричеств": 6},
}


@pytest.mark.parametrize("sort", ASKED)
def test_it_puts_the_story_first(
    library: Notes, find: Callable[..., services.SearchResult], sort: str
) -> None:
    first = {typed: next(iter(ids(find(typed))), None) for typed in ASKED[sort]}
    assert first == ASKED[sort]


def test_a_clean_query_is_not_called_corrected(
    library: Notes, find: Callable[..., services.SearchResult]
) -> None:
    assert find("звонили моему работодателю").corrected is None


def test_a_repair_can_be_refused(library: Notes, find: Callable[..., services.SearchResult]) -> None:
    assert find("rkbtyn").corrected == "клиент"
    literal = find("rkbtyn", literal=True)
    assert (literal.corrected, literal.total) == (None, 0)


def test_nonsense_finds_nothing(library: Notes, find: Callable[..., services.SearchResult]) -> None:
    assert find("zzxxyyqq").total == 0
