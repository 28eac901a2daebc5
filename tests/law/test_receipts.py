"""Receipts hold what ISO/IEC TS 27560:2023 requires, in terms of the Data Privacy Vocabulary, and nobody's name."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from club.models import Member
from club.services import record_identity
from consent.enums import Category, EventKind, Purpose
from consent.models import Consent, ConsentEvent, ConsentText
from consent.receipts import CONTEXT, receipt, receipt_context, receipt_id
from consent.services import NewConsent, expire, give_consent, permissions_for, withdraw
from tests.factories import give, make_member

pytestmark = pytest.mark.django_db
As = Callable[[str], Client]
Installed = Callable[..., ConsentText]

# The required fields of the technical specification, section by section, and where a receipt holds them.
RECORD = "dpv:hasRecordOfActivity"
PROCESS = f"{RECORD}/dpv:hasProcess/*"
REQUIRED = {
    "receipt: schema version": "dct:conformsTo",
    "receipt: identifier": "dct:identifier",
    "record: schema version": f"{RECORD}/dct:conformsTo",
    "record: identifier": f"{RECORD}/dct:identifier",
    "record: PII principal": f"{RECORD}/dpv:hasDataSubject/dct:identifier",
    "processing: privacy notice": f"{RECORD}/dpv:hasNotice/dct:title",
    "processing: language": f"{RECORD}/dpv:hasNotice/dct:language",
    "processing: purpose": f"{PROCESS}/dpv:hasPurpose/@type",
    "processing: PII information": f"{PROCESS}/dpv:hasPersonalData",
    "processing: PII controller": f"{RECORD}/dpv:hasDataController/schema:name",
    "processing: storage location": f"{PROCESS}/dpv:hasStorageCondition/dpv:hasLocation",
    "processing: retention period": f"{PROCESS}/dpv:hasStorageCondition/dpv:hasDuration",
    "processing: jurisdiction": f"{RECORD}/dpv:hasJurisdiction",
    "processing: recipients": f"{PROCESS}/dpv:hasRecipient",
    "processing: withdrawal": f"{PROCESS}/dpv:hasConsentControl/schema:description",
    "party: address": f"{RECORD}/dpv:hasDataController/schema:address",
    "party: contact": f"{RECORD}/dpv:hasDataController/schema:contactPoint",
    "party: role": f"{RECORD}/dpv:hasDataController/@type",
    "event: time": f"{RECORD}/dpv:hasConsentStatus/*/dct:date",
    "event: entity": f"{RECORD}/dpv:hasConsentStatus/*/dpv:isIndicatedBy",
    "event: state": f"{RECORD}/dpv:hasConsentStatus/*/@type",
    "event: validity": f"{PROCESS}/dpv:hasStorageCondition/dct:valid",
}


def at(value: Any, path: str) -> Iterator[Any]:
    """Yield what lies at a path; ``*`` goes into every item of a list."""
    step, _slash, rest = path.partition("/")
    found = list(value) if step == "*" else [value[step]]
    for each in found:
        yield from at(each, rest) if rest else [each]


def terms(value: Any) -> Iterator[str]:
    """Yield every name with a prefix, key or value."""
    if isinstance(value, dict):
        for key, each in value.items():
            if key != "@context":
                yield from [key] if key[0] != "@" else []
                yield from terms(each)
    elif isinstance(value, list):
        for each in value:
            yield from terms(each)
    elif isinstance(value, str) and re.fullmatch(r"[a-z0-9-]+:[A-Za-z0-9_-]+", value):
        yield value


def consent_to(text: ConsentText, member: Member | None = None, **fields: Any) -> Consent:
    """A consent to a text, to reading words and family."""
    return give_consent(
        NewConsent(
            **{
                "member": member or make_member(persona_name="The Gardener"),
                "text": text,
                "controller": "Warm House",
                "method": "paper",
                "permissions": permissions_for([Purpose.READ], [Category.WORDS, Category.LIFE_EVENT]),
                "valid_from": timezone.now(),
                "evidence_reference": "binder 7, Anna Petrovna",
                "conditions": "Not before my sister Olga dies",
                **fields,
            }
        )
    )


@pytest.mark.parametrize("field", REQUIRED)
@pytest.mark.parametrize("law", ["152-fz", "gdpr"])
def test_a_receipt_has_every_required_field(law: str, field: str, installed: Installed) -> None:
    made = receipt(consent_to(installed(law=law)))
    found = list(at(made, REQUIRED[field]))
    assert found and all(each not in ("", None) for each in found)


def test_every_prefix_is_named_in_the_context(installed: Installed) -> None:
    made = receipt(consent_to(installed(law="gdpr")))
    prefixes = {term.split(":")[0] for term in terms(made)} - {"urn", "schema"}
    assert prefixes <= set(CONTEXT)
    assert "schema" in CONTEXT


def test_it_survives_json_and_is_the_same_at_every_asking(installed: Installed) -> None:
    consent = consent_to(installed())
    assert json.loads(json.dumps(receipt(consent))) == receipt(Consent.objects.get(pk=consent.pk))


def test_its_number_is_of_this_consent_and_this_text(installed: Installed) -> None:
    text = installed()
    one, other = consent_to(text), consent_to(text)
    assert UUID(receipt_id(one)).version == 5
    assert len({receipt_id(one), receipt_id(other), receipt(one)[RECORD]["dct:identifier"]}) == 3


def test_it_says_of_every_purpose_whether_it_was_given(installed: Installed) -> None:
    made = receipt(consent_to(installed()))
    statuses = [each["dpv:hasConsentStatus"] for each in made[RECORD]["dpv:hasProcess"]]
    assert statuses == ["dpv:ConsentGiven", *["dpv:ConsentRefused"] * 3]


def test_special_data_are_named_as_such(installed: Installed) -> None:
    first = receipt(consent_to(installed(law="gdpr")))[RECORD]["dpv:hasProcess"][0]
    assert [each["@type"] for each in first["dpv:hasPersonalData"]] == [
        ["pd:LifeHistory"],
        ["pd:MedicalHealth", "dpv:SpecialCategoryPersonalData"],
    ]
    assert first["dpv:hasLegalBasis"] == "eu-gdpr:A9-2-a"


def test_it_proves_text_and_ledger_by_their_digests(installed: Installed) -> None:
    consent = consent_to(installed())
    made = receipt(consent)[RECORD]
    last = ConsentEvent.objects.order_by("pk").last()
    assert made["dpv:hasNotice"]["spdx:checksum"]["spdx:checksumValue"] == consent.text.sha256
    assert made["spdx:checksum"]["spdx:checksumValue"] == last.hash
    assert made["dpv:hasConsentStatus"][-1]["spdx:checksum"]["spdx:checksumValue"] == last.hash


def test_a_withdrawal_stands_in_it(installed: Installed) -> None:
    consent = consent_to(installed())
    withdraw(member=consent.member, category=Category.WORDS)
    made = receipt(consent)[RECORD]
    assert made["dpv:hasConsentStatus"][-1]["@type"] == "dpv:ConsentWithdrawn"
    states = [each["schema:status"] for each in made["dpv:hasProcess"][0]["dpv:hasPersonalData"]]
    assert states == ["withdrawn", "valid"]


def test_the_end_of_a_term_stands_in_it_as_what_the_company_noted(installed: Installed) -> None:
    now = timezone.now()
    consent = consent_to(
        installed(), valid_from=now - timezone.timedelta(days=9), valid_until=now - timezone.timedelta(days=1)
    )
    expire()
    last = receipt(consent)[RECORD]["dpv:hasConsentStatus"][-1]
    assert (last["@type"], last["dpv:isIndicatedBy"]) == ("dpv:ConsentExpired", "dpv:DataController")


def test_it_names_every_receipt_it_replaces(installed: Installed) -> None:
    member, text = make_member(), installed()
    first = consent_to(text, member)
    second = consent_to(text, member, supersedes=first)
    third = consent_to(text, member, supersedes=second)
    assert receipt(first)["dct:replaces"] == []
    assert receipt(third)["dct:replaces"] == [f"urn:uuid:{receipt_id(each)}" for each in (second, first)]
    assert receipt(third)[RECORD]["dpv:hasConsentStatus"][0]["@type"] == "dpv:RenewedConsentGiven"


def test_a_ring_of_consents_ends(installed: Installed) -> None:
    first = consent_to(installed())
    second = consent_to(installed(), first.member, supersedes=first)
    Consent.objects.filter(pk=first.pk).update(supersedes=second)
    assert len(receipt(second)["dct:replaces"]) == 1


def test_nothing_personal_is_in_it_but_code_and_figure(installed: Installed, as_: As) -> None:
    member = make_member(persona_name="The Gardener")
    record_identity(
        member=member,
        data={
            "full_name": "Anna Petrovna",
            "phone": "+7 999",
            "email": "anna@x.example",
            "address": "Elm street",
        },
        by=None,
    )
    consent = consent_to(installed(language="en"), member)
    page = as_("dpo").get(reverse("consent_register:receipt", args=[consent.pk])).content.decode()
    for said in (json.dumps(receipt(consent), ensure_ascii=False), page):
        assert member.code in said and "The Gardener" in said
        for secret in ("Anna", "+7 999", "anna@", "Elm street", "Olga", "binder 7"):
            assert secret not in said


def test_the_page_shows_what_the_receipt_says(installed: Installed, as_: As) -> None:
    consent = consent_to(installed(language="en"))
    url = reverse("consent_register:receipt", args=[consent.pk])
    page = as_("story_keeper").get(url).content.decode()
    for part in (receipt_id(consent), consent.text.sha256, receipt_context(consent)["ledger_hash"], "not allowed",
                 "Lev Zimin", "Conditions were set", "Warm House"):  # fmt: skip
        assert part in page


def test_the_data_are_a_file(installed: Installed, as_: As) -> None:
    consent = consent_to(installed())
    answer = as_("dpo").get(reverse("consent_register:receipt", args=[consent.pk]) + "?format=json")
    assert answer["Content-Type"] == "application/ld+json"
    assert consent.member.code not in answer["Content-Disposition"]
    assert json.loads(answer.content) == receipt(consent)


def test_a_receipt_of_an_old_text_without_elements_is_made_too() -> None:
    consent = give(make_member())
    assert receipt(consent)[RECORD]["dpv:hasNotice"]["dct:title"] == "Consent"
    assert [event["@type"] for event in receipt(consent)[RECORD]["dpv:hasConsentStatus"]] == [
        "dpv:ConsentGiven"
    ] * 3
    assert EventKind.GIVEN in {event.kind for event in receipt_context(consent)["events"]}
