"""Receipts of consent: what a narrator takes home, for machines after ISO/IEC TS 27560:2023 in terms of W3C's DPV 2,
and as a page to print.

A receipt holds no personal data but the member's code and the figure's name. The vocabularies are named by their
addresses and never fetched. A receipt names **every** receipt that it replaces, not only the last one, so that a lost
one breaks no chain (KantaraInitiative/consent-receipt-v-next#13), and for each purpose whether it was given or not
(the same, #14).
"""

from datetime import UTC, datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from consent.enums import Category, EventKind, Law, Purpose
from consent.models import Consent, ConsentEvent, Grant
from consent.querysets import is_paused
from consent.reports import state_of, with_states
from consent.texts.operator import operator

SCHEMA = "ISO/IEC TS 27560:2023"
# Another shape of receipts gets another number here, and other receipt ids with it.
VERSION = "1"
CONTEXT = {
    "dct": "http://purl.org/dc/terms/",
    "dpv": "https://w3id.org/dpv#",
    "dpv-27560": "https://w3id.org/dpv/schema/dpv-27560#",
    "eu-gdpr": "https://w3id.org/dpv/legal/eu/gdpr#",
    "loc": "https://w3id.org/dpv/loc#",
    "pd": "https://w3id.org/dpv/pd#",
    "schema": "https://schema.org/",
    "spdx": "http://spdx.org/rdf/terms#",
}
PURPOSES = {
    Purpose.READ: "dpv:CustomerRelationshipManagement",
    Purpose.TRAIN: "dpv:PersonnelOnboarding",
    Purpose.IDEAS: "dpv:ImproveExistingProductsAndServices",
    Purpose.PROMOTE: "dpv:PublicRelations",
}
DATA = {
    Category.WORDS: "pd:LifeHistory",
    Category.IMAGE: "pd:Picture",
    Category.VOICE: "pd:VoiceCommunicationRecording",
    Category.LIFE_EVENT: "pd:MedicalHealth",
}
STATUS = {
    EventKind.GIVEN: "dpv:ConsentGiven",
    EventKind.RENEWED: "dpv:RenewedConsentGiven",
    EventKind.EXPIRED: "dpv:ConsentExpired",
    EventKind.WITHDRAWN: "dpv:ConsentWithdrawn",
    EventKind.ERASED: "dpv:ConsentInvalidated",
}
RIGHTS = {
    Law.RU_152: ("152-ФЗ, 9(2)", "152-ФЗ, 14", "152-ФЗ, 20", "152-ФЗ, 21"),
    Law.GDPR: ("eu-gdpr:A7-3", "eu-gdpr:A15", "eu-gdpr:A16", "eu-gdpr:A17", "eu-gdpr:A18", "eu-gdpr:A20"),
}
# How data pass on: inside the company, outside of it.
PASSING = {False: "dpv:MakeAvailable", True: "dpv:Disseminate"}
AUTHORITY_152 = "Роскомнадзор"


def receipt_id(consent: Consent) -> str:
    """Return the receipt's identifier: the same at every asking, another for another consent or text."""
    return str(uuid5(NAMESPACE_URL, f"kb:receipt:{VERSION}:{consent.pk}:{consent.text.sha256}"))


def record_id(consent: Consent) -> str:
    """Return the identifier of the record behind a receipt."""
    return str(uuid5(NAMESPACE_URL, f"kb:record:{consent.pk}:{consent.text.sha256}"))


def predecessors(consent: Consent) -> list[Consent]:
    """Return every consent that this one replaces, the nearest first; a ring of them ends where it began."""
    found: list[Consent] = []
    seen = {consent.pk}
    while (pk := (found[-1] if found else consent).supersedes_id) and pk not in seen:
        seen.add(pk)
        found.append(Consent.objects.select_related("text").get(pk=pk))
    return found


def events_of(consent: Consent) -> list[ConsentEvent]:
    """Return what the ledger holds of this consent."""
    return list(ConsentEvent.objects.filter(consent_id=consent.pk).order_by("pk"))


def receipt(consent: Consent) -> dict[str, Any]:
    """Return the receipt as JSON-LD. The same state of the ledger gives the same receipt."""
    events, grants = events_of(consent), list(with_states(consent.grants.all()))
    law = Law(consent.text.law)
    profile = "receipt-eu-gdpr" if law == Law.GDPR else "receipt"
    last = events[-1].at if events else consent.created_at
    return {
        "@context": CONTEXT,
        "@id": f"urn:uuid:{receipt_id(consent)}",
        "@type": "dpv:ConsentReceipt",
        "dct:identifier": receipt_id(consent),
        "dct:conformsTo": [SCHEMA, f"dpv-27560:{profile}"],
        "dct:hasVersion": VERSION,
        "dct:language": consent.text.language,
        "dct:issued": moment(consent.created_at),
        "dct:modified": moment(last),
        "dct:replaces": [f"urn:uuid:{receipt_id(older)}" for older in predecessors(consent)],
        "dpv:hasRecordOfActivity": record(consent, law, events, grants),
    }


def record(consent: Consent, law: Law, events: list[ConsentEvent], grants: list[Grant]) -> dict[str, Any]:
    """Return the record that the receipt is a copy of."""
    member, jurisdiction = consent.member, "loc:RU" if law != Law.GDPR else f"loc:{settings.KB_COUNTRY}"
    return {
        "@id": f"urn:uuid:{record_id(consent)}",
        "@type": "dpv:ConsentRecord",
        "dct:identifier": record_id(consent),
        "dct:conformsTo": [SCHEMA, f"dpv-27560:{'record-eu-gdpr' if law == Law.GDPR else 'record'}"],
        "dpv:hasDataSubject": {
            "@type": "dpv:DataSubject",
            "dct:identifier": member.code,
            "schema:alternateName": member.persona_name,
        },
        "dpv:hasDataController": controller(consent),
        "dpv:hasApplicableLaw": "eu-gdpr:GDPR" if law == Law.GDPR else consent.text.get_law_display(),
        "dpv:hasJurisdiction": jurisdiction,
        "dpv:hasAuthority": {"@type": "dpv:Authority", "schema:name": authority(law, consent.text.language)},
        "dpv:hasNotice": notice(consent),
        "dpv:hasProcess": [process(consent, purpose, grants, jurisdiction) for purpose in Purpose],
        "dpv:hasConsentStatus": [status(event) for event in events if event.kind in STATUS],
        "spdx:checksum": checksum(events[-1].hash) if events else None,
    }


def controller(consent: Consent) -> dict[str, Any]:
    """Return who processes, and how to reach it."""
    values = operator(consent.text.language)
    return {
        "@type": "dpv:DataController",
        "schema:name": consent.controller,
        "schema:address": values.get("operator_address", ""),
        "schema:contactPoint": values.get("dpo_contact", ""),
    }


def authority(law: Law, language: str) -> str:
    """Return whom one complains to."""
    return operator(language).get("authority", "") if law == Law.GDPR else AUTHORITY_152


def notice(consent: Consent) -> dict[str, Any]:
    """Return the text she agreed to, by its name and its digest."""
    text = consent.text
    return {
        "@type": "dpv:ConsentNotice",
        "dct:title": text.title,
        "dct:language": text.language,
        "dct:hasVersion": str(text.version),
        "spdx:checksum": checksum(text.sha256),
    }


def checksum(digest: str) -> dict[str, str]:
    """Return a SHA-256 as SPDX writes it."""
    return {
        "@type": "spdx:Checksum",
        "spdx:algorithm": "spdx:checksumAlgorithm_sha256",
        "spdx:checksumValue": digest,
    }


def process(consent: Consent, purpose: Purpose, grants: list[Grant], jurisdiction: str) -> dict[str, Any]:
    """Return one purpose: whether it was given, for which data, until when, and how it is taken back."""
    given = [grant for grant in grants if grant.purpose == purpose]
    outside = purpose == Purpose.PROMOTE
    with override(consent.text.language):
        return {
            "@type": "dpv:Process",
            "dpv:hasPurpose": {"@type": PURPOSES[purpose], "schema:name": str(purpose.label)},
            "dpv:hasConsentStatus": "dpv:ConsentGiven" if given else "dpv:ConsentRefused",
            "dpv:hasLegalBasis": legal_basis(consent, given),
            "dpv:hasPersonalData": [data_of(grant) for grant in given],
            "dpv:hasProcessing": ["dpv:Collect", "dpv:Store", "dpv:Use", PASSING[outside]],
            "dpv:hasStorageCondition": storage(consent, jurisdiction),
            "dpv:hasJurisdiction": jurisdiction,
            "dpv:hasRecipient": "dpv:ThirdParty" if outside and given else "dpv:DataController",
            "dpv:hasConsentControl": withdrawing(consent),
            "dpv:hasRight": list(RIGHTS.get(Law(consent.text.law), RIGHTS[Law.RU_152])),
        }  # fmt: skip


def legal_basis(consent: Consent, given: list[Grant]) -> str:
    """Return the legal basis; consent to special data is explicit by what it is."""
    special = any(grant.category == Category.LIFE_EVENT for grant in given)
    if consent.text.law == Law.GDPR:
        return "eu-gdpr:A9-2-a" if special else "eu-gdpr:A6-1-a"
    return "dpv:ExplicitlyExpressedConsent" if special else "dpv:Consent"


def data_of(grant: Grant) -> dict[str, Any]:
    """Return one category of data with the state of its permission."""
    category = Category(grant.category)
    kinds = [DATA[category]]
    if category == Category.LIFE_EVENT:
        kinds.append("dpv:SpecialCategoryPersonalData")
    return {
        "@type": kinds,
        "schema:name": str(category.label),
        "dpv:hasNecessity": "dpv:Optional",
        "schema:creditText": str(grant.get_credit_display()),
        "dct:valid": period(grant.valid_from, grant.valid_until),
        "schema:status": state_of(grant).value,
    }


def storage(consent: Consent, jurisdiction: str) -> dict[str, Any]:
    """Return where the data lie and how long."""
    duration = consent.valid_until - consent.valid_from if consent.valid_until else None
    return {
        "@type": "dpv:StorageCondition",
        "dpv:hasLocation": jurisdiction,
        "dpv:hasDuration": f"P{duration.days}D" if duration else "dpv:UntilEventDuration",
        "dct:valid": period(consent.valid_from, consent.valid_until),
    }


def withdrawing(consent: Consent) -> dict[str, Any]:
    """Return how consent is taken back."""
    contact = operator(consent.text.language).get("dpo_contact", "")
    way = _("Through your own link, by telephone or by letter, on any day.")
    return {
        "@type": "dpv:WithdrawConsent",
        "schema:description": f"{way} {contact}".strip(),
        "dpv:isExercisedAt": contact,
    }


def status(event: ConsentEvent) -> dict[str, Any]:
    """Return one event of the ledger, with its digest there."""
    return {
        "@type": STATUS[EventKind(event.kind)],
        "dct:date": moment(event.at),
        "dpv:isIndicatedBy": "dpv:DataSubject" if event.kind != EventKind.EXPIRED else "dpv:DataController",
        "dpv:hasPurpose": PURPOSES[Purpose(event.purpose)],
        "dpv:hasPersonalData": DATA[Category(event.category)],
        "spdx:checksum": checksum(event.hash),
    }


def period(start: datetime, end: datetime | None) -> str:
    """Return a term as an interval of ISO 8601; ``..`` is no end."""
    return f"{moment(start)}/{moment(end) if end else '..'}"


def moment(at: datetime) -> str:
    """Return a moment in UTC, to the second."""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def receipt_context(consent: Consent) -> dict[str, Any]:
    """Return what the page to print shows; the narrator's page and the admin draw the same."""
    grants = list(with_states(consent.grants.order_by("pk")))
    for grant in grants:
        grant.state = state_of(grant)  # type: ignore[attr-defined]  # labelled for the template
    events = [event for event in events_of(consent) if event.kind in STATUS]
    return {
        "consent": consent,
        "member": consent.member,
        "text": consent.text,
        "receipt_id": receipt_id(consent),
        "schema": SCHEMA,
        "replaces": [receipt_id(older) for older in predecessors(consent)],
        "lines": [(purpose, [g for g in grants if g.purpose == purpose]) for purpose in Purpose],
        "events": events,
        "ledger_hash": events[-1].hash if events else "",
        "paused": is_paused(consent.member_id),
        "operator": operator(consent.text.language),
        "authority": authority(Law(consent.text.law), consent.text.language),
        "printed_on": timezone.localdate(),
    }
