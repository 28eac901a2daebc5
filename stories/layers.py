"""What other apps lay over the reading page; they register in their ``apps.py``, stories know no more.

A *layer* is for those with its permission: it may draw blocks anew and add to the page. A *part* is for every reader:
rows that come along in the one query for the story's words, so that the page costs no query more.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from django.http import HttpRequest

from stories.models import StoryPage
from stories.querysets import Reader


class Layer(Protocol):
    """Something that people with a permission see on a story."""

    permission: str

    def add(self, request: HttpRequest, story: StoryPage, context: dict[str, Any]) -> None:
        """Change the page's context; ``blocks`` may get ``coded`` (in place of their text) and ``aside``."""


@dataclass(frozen=True, slots=True)
class Part:
    """Rows for every reader: ``sql`` gives SQL of six columns (kind, id, slug, text, text, order) and its parameters.

    ``make`` turns the columns after the kind into what the template draws under the name of the kind.
    """

    kind: str
    sql: Callable[[int, datetime], tuple[str, Sequence[Any]]]
    make: Callable[..., Any]


_layers: list[Layer] = []
_parts: dict[str, Part] = {}


def register_layer(layer: Layer) -> None:
    """Lay something over stories for those with its permission."""
    _layers.append(layer)


def register_part(part: Part) -> None:
    """Show every reader something more of a story; registering a kind again replaces it."""
    _parts[part.kind] = part


def layers_of(user: Reader) -> list[Layer]:
    """Return the layers that this person sees."""
    return [layer for layer in _layers if user.has_perm(layer.permission)]


def parts() -> dict[str, Part]:
    """Return all parts by kind."""
    return _parts
