"""Checking a badge, ours or anybody's, without a network: its shape, its dates, its signature.

What cannot be known offline is said by the caller: which keys the issuer publishes, and what is revoked.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone

from onboarding.badges import multibase
from onboarding.badges.proofs import CREDENTIALS, SUITE, NotCanonical, is_signed_by

BADGE_TYPES = {"OpenBadgeCredential", "AchievementCredential"}
BADGE_CONTEXT = "https://purl.imsglobal.org/spec/ob/v3p0/context"
# Where something of a kind must say so: path from the credential → type (Open Badges 3.0, sections B.1 and B.3).
TYPED = (
    (("issuer",), "Profile"),
    (("issuer", "otherIdentifier"), "IdentifierEntry"),
    (("issuer", "parentOrg"), "Profile"),
    (("credentialSubject",), "AchievementSubject"),
    (("credentialSubject", "source"), "Profile"),
    (("credentialSubject", "identifier"), "IdentityObject"),
    (("credentialSubject", "result"), "Result"),
    (("credentialSubject", "achievement"), "Achievement"),
    (("credentialSubject", "achievement", "creator"), "Profile"),
    (("credentialSubject", "achievement", "resultDescription"), "ResultDescription"),
    (("credentialSubject", "achievement", "alignment"), "Alignment"),
    (("evidence",), "Evidence"),
)
NEEDED = ("id", "issuer", "validFrom", "credentialSubject")
ACHIEVEMENT_NEEDS = ("id", "name", "description", "criteria")


def problems(
    credential: Any,
    *,
    at: datetime | None = None,
    keys: Iterable[str] | None = None,
    revoked: Iterable[str] = (),
) -> list[str]:
    """Return what is wrong with a badge, a sentence each; none: it is as good as its issuer.

    ``keys`` are the multikeys that its issuer is known to publish; without them the key that the proof names is taken.
    ``revoked`` are the ids of credentials on the issuer's list.
    """
    if not isinstance(credential, Mapping):
        return ["a badge is a JSON object"]
    found = [*shape(credential), *term(credential, at or timezone.now())]
    if credential.get("id") in set(revoked):
        found.append("its issuer has revoked it")
    return found or list(proof_problems(credential, keys))


def listed(value: Any) -> list[Any]:
    """Return a value that may be one or several as a list."""
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]


def shape(credential: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is not as Open Badges 3.0 writes it."""
    contexts = listed(credential.get("@context"))
    if contexts[:1] != [CREDENTIALS]:
        yield "its first context is not that of verifiable credentials 2.0"
    if not any(isinstance(each, str) and each.startswith(BADGE_CONTEXT) for each in contexts):
        yield "it has no context of Open Badges 3.0"
    kinds = {kind for kind in listed(credential.get("type")) if isinstance(kind, str)}
    if "VerifiableCredential" not in kinds or not kinds & BADGE_TYPES:
        yield "it does not say that it is an Open Badge"
    yield from (f"it has no {name}" for name in NEEDED if not credential.get(name))
    for path, kind in TYPED:
        for each in values(credential, path):
            if not isinstance(each, Mapping) or kind not in listed(each.get("type")):
                yield f"{'.'.join(path)} is no {kind}"
    for each in values(credential, ("credentialSubject", "achievement")):
        if isinstance(each, Mapping):
            yield from (f"its achievement has no {name}" for name in ACHIEVEMENT_NEEDS if not each.get(name))


def values(credential: Mapping[str, Any], path: tuple[str, ...]) -> list[Any]:
    """Return everything at a path; an issuer may be written as its address alone."""
    found: list[Any] = [credential]
    for name in path:
        inside = [each for each in found if isinstance(each, Mapping)]
        found = [value for each in inside for value in listed(each.get(name))]
    return [each for each in found if not (path == ("issuer",) and isinstance(each, str))]


def term(credential: Mapping[str, Any], at: datetime) -> Iterator[str]:
    """Yield what its dates say against it."""
    for name, said in (("validFrom", "it is not valid yet"), ("validUntil", "its time is over")):
        text = credential.get(name)
        if text is None:
            continue
        try:
            moment = datetime.fromisoformat(str(text))
        except ValueError:
            moment = None
        if moment is None or moment.tzinfo is None:
            yield f"{name} is no moment with a time zone"
        elif (moment > at) if name == "validFrom" else (moment <= at):
            yield said


def proof_problems(credential: Mapping[str, Any], keys: Iterable[str] | None) -> Iterator[str]:
    """Yield why no proof of it holds; one that does is enough, others may be of suites we do not know."""
    proofs = [each for each in listed(credential.get("proof")) if isinstance(each, Mapping)]
    known = [each for each in proofs if each.get("cryptosuite") == SUITE]
    if not known:
        yield f"it has no proof of the suite {SUITE}"
        return
    document = {name: value for name, value in credential.items() if name != "proof"}
    said = [proof_problem(document, each, keys) for each in known]
    if all(said):
        yield from sorted(set(said))


def proof_problem(document: Mapping[str, Any], proof: Mapping[str, Any], keys: Iterable[str] | None) -> str:
    """Return what is wrong with one proof, empty if nothing."""
    if proof.get("type") != "DataIntegrityProof" or proof.get("proofPurpose") != "assertionMethod":
        return "its proof was not made to assert anything"
    try:
        key = key_of(str(proof.get("verificationMethod", "")), document)
        public = multibase.public_bytes(key)
    except ValueError as error:
        return f"the key of its proof cannot be used: {error}"
    if keys is not None and key not in set(keys):
        return "the key of its proof is not one that the issuer publishes"
    try:
        fits = is_signed_by(document, proof, public)
    except NotCanonical as error:
        return str(error)
    return "" if fits else "its signature does not fit"


def key_of(method: str, document: Mapping[str, Any]) -> str:
    """Return the multikey that a verification method names; raises ``ValueError``.

    A did:key is its own key. Of a did:web or a web address the part before ``#`` must be the issuer.
    """
    if method.startswith("did:key:"):
        return method.removeprefix("did:key:").partition("#")[0]
    if not method.startswith(("did:web:", "https://", "http://")):
        raise ValueError("its address is of no kind that is known")
    owner, _hash, key = method.partition("#")
    issuer = document.get("issuer")
    name = issuer.get("id") if isinstance(issuer, Mapping) else issuer
    if owner != name:
        raise ValueError("it is not the issuer's")
    return key
