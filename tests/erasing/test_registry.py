"""Every model of the project is covered by an eraser or exempt by name: nothing of a member is forgotten by forgetting."""

import pytest
from django.apps import apps
from django.db import connection

from consent.erasing import registry
from consent.erasing.registry import BlankingEraser

BLANKING = [eraser for eraser in registry.erasers() if isinstance(eraser, BlankingEraser)]


def covered() -> dict[str, list[str]]:
    """Return the surfaces that cover each model."""
    found: dict[str, list[str]] = {}
    for eraser in registry.erasers():
        for label in eraser.models:
            found.setdefault(label, []).append(eraser.surface)
    return found


def labels() -> set[str]:
    return {model._meta.label for model in apps.get_models(include_auto_created=True)}


def test_every_model_is_covered_by_an_eraser_or_exempt_by_name() -> None:
    bare = labels() - set(covered()) - set(registry.exempted())
    assert not bare, f"write an eraser for {sorted(bare)}, or exempt them with a reason"


def test_no_model_is_both_covered_and_exempt() -> None:
    assert not set(covered()) & set(registry.exempted())


def test_no_model_is_named_that_is_not_there() -> None:
    elsewhere = {"wagtailsearch.SQLiteFTSIndexEntry"} if connection.vendor == "postgresql" else set()
    assert (set(covered()) | set(registry.exempted())) - labels() <= elsewhere


def test_every_exemption_says_why() -> None:
    assert all(len(reason) > 8 for reason in registry.exempted().values())


@pytest.mark.parametrize("eraser", BLANKING, ids=lambda eraser: eraser.surface)
def test_a_row_that_stays_gives_up_every_text_it_does_not_say_why_it_keeps(eraser: BlankingEraser) -> None:
    model = registry.model_of(eraser.models[0])
    assert model is not None
    texts = {column.name for column in registry.texts_of(model)}
    assert texts == (set(eraser.blanks) & texts) | set(eraser.keeps)


def test_surfaces_have_names_of_their_own_and_labels_for_the_act() -> None:
    surfaces = [eraser.surface for eraser in registry.erasers()]
    assert len(surfaces) == len(set(surfaces))
    assert all(str(eraser.label) for eraser in registry.erasers())
