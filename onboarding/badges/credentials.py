"""Our own badges: what a credential says, who its issuer is, which keys are published, what is revoked.

A badge names no client, story or person: the holder is a salted digest of the number that HR gave.
"""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlsplit
from uuid import NAMESPACE_URL, uuid5

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from consent.narrator.registry import company_name
from onboarding.badges import multibase
from onboarding.badges.proofs import BADGES, CREDENTIALS, EXTENSIONS, signed
from onboarding.keys import badge_keys
from onboarding.models import Award, Revocation


def base_url() -> str:
    """Return where the site answers, without the last slash."""
    return str(settings.KB_BASE_URL).rstrip("/")


def issuer_id() -> str:
    """Return the issuer's did:web; its document is at ``/.well-known/did.json`` of this site."""
    return f"did:web:{quote(urlsplit(base_url()).netloc, safe='')}"


def public_key(key: Ed25519PrivateKey) -> str:
    """Return the multikey of a key's public half."""
    return multibase.multikey(key.public_key().public_bytes_raw())


def published_keys() -> list[str]:
    """Return the multikeys that the issuer publishes, those no longer used for signing too."""
    return [public_key(key) for key in badge_keys()]


def moment(at: datetime) -> str:
    """Return a moment as RFC 3339 in UTC, whole seconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def credential(award: Award) -> dict[str, Any]:
    """Return the signed badge of an award; made anew it is the same, byte for byte, while key and site are."""
    key = badge_keys()[0]
    method = f"{issuer_id()}#{public_key(key)}"
    return signed(unsigned(award), key, method, moment(award.made_at))


def unsigned(award: Award) -> dict[str, Any]:
    """Return what the badge says, in the holder's language."""
    with override(award.language):
        company = company_name() or _("Club of friends")
        said = _("Learning from clients' stories, first months at work.")
        criteria = _(
            "Went through every required step of the track: heard clients, decided, thought it over."
        )
    return {
        "@context": [CREDENTIALS, BADGES, EXTENSIONS],
        "id": award.uuid.urn,
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": award.title,
        "issuer": {"id": issuer_id(), "type": ["Profile"], "name": company, "url": base_url()},
        "validFrom": moment(award.made_at),
        "awardedDate": moment(award.awarded_at),
        "credentialSubject": {
            "type": ["AchievementSubject"],
            "identifier": [holder(award)],
            "licenseNumber": award.number,
            "achievement": {
                "id": achievement_id(award),
                "type": ["Achievement"],
                "name": award.title,
                "description": said,
                "criteria": {"narrative": criteria},
                "achievementType": "Certificate",
                "version": award.version.number,
                "inLanguage": award.language,
            },
        },
        "credentialStatus": {"id": list_address(), "type": "1EdTechRevocationList"},
    }


def holder(award: Award) -> dict[str, Any]:
    """Return who holds it: the digest of HR's number and a salt of this award alone."""
    text = f"{award.enrolment.employee.hr_id}{award.salt}"
    return {
        "type": "IdentityObject",
        "hashed": True,
        "identityHash": f"sha256${hashlib.sha256(text.encode()).hexdigest()}",
        "identityType": "sourcedId",
        "salt": award.salt,
    }


def achievement_id(award: Award) -> str:
    """Return what a track of one major version is called for ever."""
    return uuid5(NAMESPACE_URL, f"{award.version.key}/{award.version.major}").urn


def list_address() -> str:
    """Return where the list of revoked badges is."""
    return base_url() + reverse("proof:revoked")


def revocation_list() -> dict[str, Any]:
    """Return the list of revoked badges, by their ids; reasons stay in the house."""
    rows = Revocation.objects.order_by("pk").values_list("award__uuid", flat=True)
    return {
        "id": list_address(),
        "issuer": issuer_id(),
        "revokedCredential": [{"id": each.urn, "revoked": True} for each in rows],
    }


def did_document() -> Mapping[str, Any]:
    """Return the issuer's DID document (did:web), with its keys."""
    issuer = issuer_id()
    methods = [
        {"id": f"{issuer}#{key}", "type": "Multikey", "controller": issuer, "publicKeyMultibase": key}
        for key in published_keys()
    ]
    return {
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
        "id": issuer,
        "verificationMethod": methods,
        "assertionMethod": [each["id"] for each in methods],
    }
