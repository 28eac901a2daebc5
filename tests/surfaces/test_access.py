"""Every address of the site × the cast: the outcome is the one in the table, and nothing ever breaks."""

import gc
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tests.surfaces.access import CAST, OWN, WAGTAIL, line_for, row
from tests.surfaces.addresses import Address, addresses, furnish

pytestmark = pytest.mark.django_db
As = Callable[[str], Client]


def status(client: Client, url: str) -> int:
    """Ask, read the answer to its end, return its status."""
    response = client.get(url, headers={"Accept-Language": "en"})
    if response.streaming:
        b"".join(response.streaming_content)
    return int(response.status_code)


def outcomes(client: Client, values: dict[str, Any]) -> dict[Address, int]:
    """Ask for every address."""
    client.raise_request_exception = False
    return {address: status(client, address.url(values)) for address in addresses()}


def allowed(address: Address, who: str) -> tuple[int, ...]:
    found = (row(address.name) or {}).get(who, ())
    return found if isinstance(found, tuple) else (found,)


def test_every_address_has_a_row() -> None:
    missing = [line_for(address.name) for address in addresses() if row(address.name) is None]
    assert not missing, "\n".join(missing)


def test_every_row_has_an_address() -> None:
    names = {address.name for address in addresses()}
    assert not set(OWN) - names
    from fnmatch import fnmatchcase

    assert not [pattern for pattern, _row in WAGTAIL if not any(fnmatchcase(name, pattern) for name in names)]


def test_every_row_speaks_of_the_whole_cast() -> None:
    rows = [*OWN.values(), *(found for _pattern, found in WAGTAIL)]
    assert all(set(found) == set(CAST) for found in rows)


def test_an_address_without_a_row_is_told_which_line_to_add() -> None:
    assert row("ideas:brand_new") is None
    assert '"ideas:brand_new": ' in line_for("ideas:brand_new")


@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")  # Wagtail's image preview leaves its buffer open
@pytest.mark.parametrize("who", CAST)
def test_each_person_gets_what_the_table_says(as_: As, who: str) -> None:
    values = furnish()
    found = outcomes(as_(who), values)
    gc.collect()
    wrong = [
        f"{address.name} ({address.url(values)}): {got}, the table says {allowed(address, who)}"
        for address, got in found.items()
        if got not in allowed(address, who)
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("who", CAST)
def test_the_demonstration_opens_one_more_address_to_a_click_and_no_other(as_: As, who: str, settings: Any) -> None:
    settings.KB_DEMO = True
    client, values = as_(who), furnish()
    client.raise_request_exception = False
    own = [address for address in addresses() if address.name in OWN]
    found = {address.name: status(client, address.url(values)) for address in own}
    assert found["demo_login"] == 405
    assert not [address.name for address in own if found[address.name] not in (*allowed(address, who), 405)]


@pytest.mark.parametrize("who", ["reader", "administrator", "anonymous"])
def test_nothing_breaks_where_nothing_is(as_: As, who: str) -> None:
    client = as_(who)
    client.raise_request_exception = False
    values = {**furnish(), **dict.fromkeys(("pk", "page_id", "image_id", "parent_page_id", "revision_id"), 999_999), "slug": "nothing",
              "name": "nothing.webp"}  # fmt: skip
    own = [address for address in addresses() if address.name in OWN]
    assert not [address.name for address in own if status(client, address.url(values)) >= 500]
