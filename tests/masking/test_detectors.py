"""Numbers and addresses: formats, check digits, and what only looks like them."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stories.masking.detectors import cards, contacts, papers, plates
from stories.masking.findings import Certainty, Finding


def texts(findings: Iterable[Finding]) -> list[str]:
    return [finding.text for finding in findings]


@pytest.mark.parametrize(
    "number",
    [
        "+7 912 345-67-89", "8 (495) 123-45-67", "89261234567", "8-800-555-35-35", "+7(903)7654321", "9161234567",
        "+375 29 123-45-67", "8\u00a0912\u00a0345\u00a067\u00a089",
    ],
)  # fmt: skip
def test_a_phone_is_found_as_people_write_it(number: str) -> None:
    assert texts(contacts.phones(f"Звоните {number}, жду.")) == [number]


@pytest.mark.parametrize("text", ["Домашний 45-67-89", "звоните 234-56-78 вечером", "наш телефон 234 56 78"])
def test_a_number_without_a_code_is_a_phone_where_the_text_says_so(text: str) -> None:
    assert len(texts(contacts.phones(text))) == 1


@pytest.mark.parametrize(
    "text",
    [
        "Договор от 22.11.2026", "с 2026-11-22 по 2026-12-01", "1 234 567 рублей", "заявка № 89261234567", "счёт 12345678", "квартира 12, дом 5",
        "№ 1234567", "12-11-2025", "стоит $1 250 000", "в 1998 2003 2008 годах",
    ],
)  # fmt: skip
def test_dates_sums_and_order_numbers_are_no_phones(text: str) -> None:
    assert texts(contacts.phones(text)) == []


@pytest.mark.parametrize(
    "number", ["(212) 555-0187", "415-555-0134", "+44 7700 900123", "020 7946 0958", "1-800-555-0199"]
)
def test_phones_from_elsewhere_are_found_in_english(number: str) -> None:
    assert texts(contacts.phones(f"call {number} now", "en")) == [number]


@pytest.mark.parametrize(
    "address",
    ["a@b.ru", "larisa.k+dom@mail.example.org", "Иван@почта.рф", "ivan (at) mail.ru", "ivan[собака]mail.ru"],
)
def test_an_address_is_found(address: str) -> None:
    assert texts(contacts.emails(f"Пишите на {address}.")) == [address]


@pytest.mark.parametrize("text", ["в 5 @ 10", "user@", "@home", "что at все"])
def test_a_sign_alone_is_no_address(text: str) -> None:
    assert texts(contacts.emails(text)) == []


@pytest.mark.parametrize(
    "number",
    ["4276 7975 4323 1948", "2202526018159083", "5469-7180-3340-1878", "371477889..."[:4] + "449635398431"],
)
def test_a_card_is_found_by_its_check_digit(number: str) -> None:
    fits = cards.luhn("".join(filter(str.isdigit, number)))
    assert bool(texts(cards.cards(f"Списали с {number} вчера"))) == fits


def test_a_card_with_a_slip_counts_only_where_it_is_called_a_card() -> None:
    assert texts(cards.cards("Заказ 4276 7975 4323 1949")) == []
    [finding] = cards.cards("С карты 4276 7975 4323 1949 списали")
    assert finding.certainty == Certainty.POSSIBLE


@given(st.text("0123456789", min_size=12, max_size=18))
def test_exactly_one_last_digit_fits_a_card(digits: str) -> None:
    assert sum(cards.luhn(digits + last) for last in "0123456789") == 1


@pytest.mark.parametrize(
    ("number", "fits"),
    [
        ("7707083893", True),
        ("7707083894", False),
        ("500100732259", True),
        ("500100732258", False),
        ("0000000000", False),
        ("123", False),
    ],
)
def test_a_taxpayer_number_has_its_check_digits(number: str, fits: bool) -> None:
    assert papers.inn_fits(number) is fits


@pytest.mark.parametrize(
    ("number", "fits"),
    [
        ("11223344595", True),
        ("11223344596", False),
        ("08765430300", True),
        ("00000000000", False),
        ("1122334459", False),
    ],
)
def test_an_insurance_number_has_its_control_number(number: str, fits: bool) -> None:
    assert papers.snils_fits(number) is fits


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ИНН 7707083893", ["7707083893"]), ("ИНН 7707083894, опечатка", ["7707083894"]), ("штрихкод 7707083894", []),
        ("код 500100732259", ["500100732259"]), ("код 500100732258", []),
    ],
)  # fmt: skip
def test_a_taxpayer_number_is_found_by_its_name_or_its_digits(text: str, found: list[str]) -> None:
    assert texts(papers.inns(text)) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("СНИЛС 112-233-445 95", 1),
        ("112 233 445 95", 1),
        ("11223344595", 1),
        ("прибор 112-233-445 96", 0),
        ("СНИЛС 112-233-445 96", 1),
    ],
)
def test_an_insurance_number_is_found(text: str, found: int) -> None:
    assert len(texts(papers.snilses(text))) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("паспорт 4510 123456", ["4510 123456"]), ("Паспорт 4510123456 выдан", ["4510123456"]), ("серия 45 10 № 123456", ["45 10 № 123456"]),
        ("45 10 123456", ["45 10 123456"]), ("45 60 123456", []), ("4510123456", []), ("00 10 123456", []), ("договор 4510-123456", []),
    ],
)  # fmt: skip
def test_a_passport_is_found(text: str, found: list[str]) -> None:
    assert texts(papers.passports(text)) == found


@pytest.mark.parametrize(
    "plate", ["А123ВС77", "а123вс 777", "К 456 МН 190", "M345OP78", "х001ам197", "а123вс"]
)
def test_a_plate_is_found_in_either_alphabet(plate: str) -> None:
    assert texts(plates.plates(f"Машина {plate} у подъезда")) == [plate]


@pytest.mark.parametrize(
    "text", ["Б123ВС77", "А000ВС77", "А123456", "А123ВС477", "дом А12ВС", "формула AB12"]
)
def test_what_no_plate_may_be_is_not_found(text: str) -> None:
    assert texts(plates.plates(text)) == []
