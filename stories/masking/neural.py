"""The neural net of natasha (slovnet), an optional extra: finds names that no dictionary knows.

Only the tagger and its vectors are used, straight from the package's data: importing ``natasha`` itself pulls in
pymorphy2, which does not run on current Pythons.
"""

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from stories.masking.findings import Certainty, Finding, Form, Kind, Part, Role
from stories.masking.morphology import reading


def installed() -> bool:
    """Whether the extra is here."""
    return all(find_spec(name) for name in ("natasha", "slovnet", "navec"))


@cache
def _tagger() -> Any:
    """Load the tagger, once: about a second and 100 MB."""
    # By name: an optional extra is no import of the product's.
    vectors, models = import_module("navec"), import_module("slovnet")
    spec = find_spec("natasha")
    if spec is None or spec.origin is None:
        raise LookupError("the extra `names` is not installed")
    data = Path(spec.origin).parent / "data"
    tagger = models.NER.load(str(data / "model" / "slovnet_ner_news_v1.tar"))
    tagger.navec(vectors.Navec.load(str(data / "emb" / "navec_news_v1_1B_250K_300d_100q.tar")))
    return tagger


def names(text: str) -> Iterator[Finding]:
    """Yield what the net takes for persons; nothing where it is not installed."""
    if not installed():
        return
    for span in _tagger()(text).spans:
        if span.type == "PER":
            words = text[span.start : span.stop]
            known = reading(words.lower().split()[-1])
            forms = known.forms or (Form(Role.GIVEN, words.lower()),)
            part = Part(span.start, span.stop, words, forms[0].role, forms)
            yield Finding(span.start, span.stop, Kind.NAME, words, Certainty.POSSIBLE, parts=(part,))
