"""Data Integrity proofs of the suite eddsa-rdfc-2022: made and checked without a network.

W3C, Data Integrity EdDSA Cryptosuites 1.0, section 3.2: the SHA-256 of the canonical proof options and that of the
canonical document, one after the other, are signed with Ed25519. Canonical is what URDNA2015 makes of it.
"""

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pyld import jsonld

from onboarding.badges import multibase

Document = dict[str, Any]
SUITE = "eddsa-rdfc-2022"
CREDENTIALS = "https://www.w3.org/ns/credentials/v2"
BADGES = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
EXTENSIONS = "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json"
FOLDER = Path(__file__).with_name("contexts")
FILES = {
    CREDENTIALS: "credentials-v2.jsonld",
    BADGES: "ob-3.0.3.json",
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.2.json": "ob-3.0.2.json",
    EXTENSIONS: "ob-extensions.json",
}


class NotCanonical(ValueError):
    """A document cannot be made canonical: a context that is not kept here, or a term that none of them knows."""


@cache
def context(address: str) -> Document:
    """Return a context that is kept here."""
    return dict(json.loads((FOLDER / FILES[address]).read_text(encoding="utf-8")))


def load(address: str, options: Mapping[str, Any] | None = None) -> Document:
    """Answer pyld's question for a context; nothing is ever fetched."""
    if address not in FILES:
        raise NotCanonical(f"a context that is not kept here: {address[:100]}")
    return {
        "contentType": "application/ld+json",
        "contextUrl": None,
        "documentUrl": address,
        "document": context(address),
    }


def refuse(term: object) -> None:
    """A term that no context knows would be left out of what is signed, so anybody could add it afterwards."""
    raise NotCanonical(f"a term that none of its contexts knows: {str(term)[:60]}")


def canonical(document: Mapping[str, Any]) -> str:
    """Return the canonical N-Quads of a document; raises ``NotCanonical``."""
    options = {"algorithm": "URDNA2015", "format": "application/n-quads", "documentLoader": load}
    try:
        return str(jsonld.JsonLdProcessor(on_property_dropped=refuse).normalize(dict(document), options))
    except (jsonld.JsonLdError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise NotCanonical("the document is no JSON-LD that could be read") from error


def digest(document: Mapping[str, Any], options: Mapping[str, Any]) -> bytes:
    """Return what is signed. The proof's options are read with the document's own contexts."""
    named = {**options, "@context": document.get("@context")}
    parts = (canonical(named), canonical(document))
    return b"".join(hashlib.sha256(part.encode()).digest() for part in parts)


def signed(document: Document, key: Ed25519PrivateKey, method: str, created: str) -> Document:
    """Return a document with its proof; ``method`` is the address of the public key, ``created`` an RFC 3339 moment."""
    options = {
        "type": "DataIntegrityProof",
        "created": created,
        "verificationMethod": method,
        "cryptosuite": SUITE,
        "proofPurpose": "assertionMethod",
    }
    value = multibase.encoded(key.sign(digest(document, options)))
    return {**document, "proof": {**options, "proofValue": value}}


def is_signed_by(document: Mapping[str, Any], proof: Mapping[str, Any], public: bytes) -> bool:
    """Whether a proof of this suite fits a document without its proofs, and the key; raises ``NotCanonical``."""
    options = {name: value for name, value in proof.items() if name != "proofValue"}
    try:
        signature = multibase.decoded(str(proof.get("proofValue", "")))
        Ed25519PublicKey.from_public_bytes(public).verify(signature, digest(document, options))
    except NotCanonical:
        raise
    except (InvalidSignature, ValueError):
        return False
    return True
