"""Fields of the embedded index and the way a document is written into them.

Text fields hold tokens made by ``search.analysis`` and are split at spaces only. No text is stored: hits
bring back a key, and texts are read through the gate.
"""

import hashlib
from importlib.metadata import version as installed
from typing import Any

import tantivy

from search import analysis
from search.documents import Document, Window
from search.engines.keys import FOREVER, OWN_FIELDS, key, lot, newest, person_number
from search.enums import Purpose

TOKENS = {
    "stems": "position",
    "title": "freq",
    "lead": "freq",
    "grams": "freq",
    "prefixes": "basic",
    "codes": "basic",
}
KEYS = ("audience", "state")


def document_schema() -> tantivy.Schema:
    """Schema of the index of documents."""
    builder = tantivy.SchemaBuilder()
    for name, option in TOKENS.items():
        builder.add_text_field(name, tokenizer_name="whitespace", index_option=option)
    for name in KEYS:
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("key", stored=True, tokenizer_name="raw", index_option="basic")
    for name in OWN_FIELDS.values():
        builder.add_text_field(name, fast=True, tokenizer_name="raw", index_option="basic")
    builder.add_json_field("facets", fast=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("sketch", stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_unsigned_field("newest", indexed=True, fast=True)
    builder.add_unsigned_field("lot", indexed=True)
    builder.add_unsigned_field("people", fast=True)
    for purpose in Purpose:
        builder.add_integer_field(f"from_{purpose}", indexed=True, fast=True)
        builder.add_integer_field(f"until_{purpose}", indexed=True, fast=True)
    return builder.build()


def word_schema() -> tantivy.Schema:
    """Schema of the index of words, one entry for each word with its stem."""
    builder = tantivy.SchemaBuilder()
    for name in ("word", "stem"):
        builder.add_text_field(name, stored=True, tokenizer_name="raw", index_option="basic")
    return builder.build()


def version() -> str:
    """A short hash of schema, analysis and engine; an index of another version is not read."""
    fields = repr(
        (
            TOKENS,
            KEYS,
            tuple(Purpose),
            sorted(OWN_FIELDS),
            "json facets, stored key and sketch, words, lots, people",
        )
    )
    series = ".".join(installed("tantivy").split(".")[:2])
    return hashlib.sha256(f"{fields}\n{series}\n{analysis.signature()}".encode()).hexdigest()[:12]


def entry(document: Document, analysed: analysis.Analysed, schema: tantivy.Schema) -> tantivy.Document:
    """What is written for a document; ``ValueError`` if it does not fit the schema."""
    fields: dict[str, Any] = {name: getattr(analysed, name) for name in TOKENS if name != "codes"}
    name = key(document.kind, document.object_id)
    fields |= {
        "codes": " ".join(analysed.codes),
        "key": name,
        "kind": document.kind,
        "state": f"{name}:{document.fingerprint}",
        "person": document.person,
        "audience": list(document.audience),
        "sketch": analysed.sketch,
        "facets": {facet: list(values) for facet, values in document.facets.items() if values},
        "lot": lot(document.kind, document.object_id),
        "newest": newest(document.kind, document.date, document.object_id),
    }
    if document.person:
        fields["people"] = person_number(document.person)
    for purpose, window in document.visible.items():
        fields |= _window(purpose, window)
    return tantivy.Document.from_dict(fields, schema)


def _window(purpose: str, window: Window) -> dict[str, int]:
    return {
        f"from_{Purpose(purpose)}": window.start,
        f"until_{Purpose(purpose)}": FOREVER if window.until is None else window.until,
    }
