"""What an index on the server is, and how a document is written into it.

Text fields hold tokens made by ``search.analysis`` and are split at spaces only. They are left out of the source: hits
bring back a key, and texts are read through the gate.
"""

import hashlib
import json
from typing import Any

from search import analysis
from search.documents import Document
from search.engines.keys import FOREVER, key, newest
from search.enums import Purpose

CODE_LIMIT = 255  # a longer token would be split in two
RESULT_WINDOW = 20_000  # deeper than the deepest page

TOKENS: dict[str, dict[str, Any]] = {
    "stems": {"index_options": "positions"},
    "title": {"index_options": "freqs"},
    "lead": {"index_options": "freqs"},
    "grams": {"index_options": "freqs"},
    "prefixes": {"index_options": "docs", "norms": False},
    "codes": {"index_options": "docs"},
}
KEYWORDS = ("kind", "audience", "state", "person")

SETTINGS: dict[str, Any] = {
    "number_of_shards": 1,  # scores of one shard are those of the whole index
    "auto_expand_replicas": "0-1",
    "refresh_interval": "-1",  # while it is being built; every write of ours refreshes by itself afterwards
    "max_result_window": RESULT_WINDOW,
}
# What a finished index is given.
IN_USE = {"refresh_interval": "1s"}


def documents_mapping() -> dict[str, Any]:
    """The mapping of the index of documents; a field it does not name is refused, but for facets."""
    fields: dict[str, Any] = {
        name: {"type": "text", "analyzer": "whitespace", **options} for name, options in TOKENS.items()
    }
    fields |= {name: {"type": "keyword"} for name in KEYWORDS}
    fields |= {name: {"type": "long"} for name in ("newest", *_window_fields())}
    fields["sketch"] = {"type": "keyword", "index": False, "doc_values": False}
    fields["facets"] = {"type": "object", "dynamic": "true"}
    return {
        "dynamic": "strict",
        "date_detection": False,
        "_source": {"excludes": list(TOKENS)},
        "dynamic_templates": [{"facet": {"path_match": "facets.*", "mapping": {"type": "keyword"}}}],
        "properties": fields,
    }


def words_mapping() -> dict[str, Any]:
    """The mapping of the index of words, one entry for each word with its stem."""
    return {"dynamic": "strict", "properties": {name: {"type": "keyword"} for name in ("word", "stem")}}


def version() -> str:
    """A short hash of mapping and analysis; an index of another version is not read."""
    fields = json.dumps([documents_mapping(), words_mapping(), SETTINGS, "words, order"], sort_keys=True)
    return hashlib.sha256(f"{fields}\n{analysis.signature()}".encode()).hexdigest()[:12]


def entry(document: Document, analysed: analysis.Analysed) -> dict[str, Any]:
    """What is written for a document, always as a whole; ``ValueError`` if it has an unknown purpose."""
    fields: dict[str, Any] = {name: getattr(analysed, name) for name in TOKENS if name != "codes"}
    name = key(document.kind, document.object_id)
    fields |= {
        "codes": " ".join(code for code in analysed.codes if len(code) <= CODE_LIMIT),
        "kind": document.kind,
        "state": f"{name}:{document.fingerprint}",
        "person": document.person or None,
        "audience": list(document.audience),
        "sketch": analysed.sketch,
        "facets": {facet: list(values) for facet, values in document.facets.items() if values},
        "newest": newest(document.kind, document.date, document.object_id),
    }
    for purpose, window in document.visible.items():
        fields[f"from_{Purpose(purpose)}"] = window.start
        fields[f"until_{Purpose(purpose)}"] = FOREVER if window.until is None else window.until
    return fields


def _window_fields() -> list[str]:
    return [f"{edge}_{purpose}" for purpose in Purpose for edge in ("from", "until")]
