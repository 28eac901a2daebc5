"""What a version is, what a change of it means, and what keeps a module from being published."""

import json
from copy import deepcopy
from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction
from django.db.models import CASCADE, ProtectedError

from consent.services import withdraw
from onboarding import ledger
from onboarding.checking import decision_problems
from onboarding.compiling import change_of_module, compile_module
from onboarding.enums import Change
from onboarding.models import (
    Attempt,
    Event,
    LedgerClosed,
    ModulePage,
    ModuleText,
    ModuleVersion,
    NotReady,
    TrackVersion,
    VersionStory,
)
from onboarding.services.authoring import translate
from tests.factories import make_story, make_user
from tests.onboarding.making import (
    block,
    decision_step,
    listed,
    make_enrolment,
    make_module,
    make_track,
    option,
    quiz_step,
    read_step,
    republish,
    scene,
    task_step,
)


def change(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> str:
    """The class of the change between two lists of raw steps."""
    return change_of_module(compile_module(before), compile_module(after))


def test_the_class_of_a_change_is_computed_from_the_difference() -> None:
    steps = [decision_step(competency=1), quiz_step(), task_step(required=False)]
    reworded = deepcopy(steps)
    reworded[0]["value"]["title"] = "Other words"
    reworded[0]["value"]["scenes"][0]["value"]["options"][0]["value"]["text"] = "Other words"
    another_effect = deepcopy(steps)
    another_effect[0]["value"]["scenes"][0]["value"]["options"][0]["value"]["effect"] = -1
    another_key = deepcopy(steps)
    another_key[1]["value"]["questions"][0]["value"]["options"][1]["value"]["right"] = True
    optional = [*steps, task_step(required=False)]
    assert change(steps, reworded) == Change.PATCH
    assert change(steps, optional) == Change.MINOR
    assert change(steps, steps[:2]) == Change.MINOR
    assert change(steps, list(reversed(steps))) == Change.MINOR
    assert change(steps, [*steps, task_step()]) == Change.MAJOR
    assert change(steps, steps[1:]) == Change.MAJOR
    assert change(steps, another_effect) == Change.MAJOR
    assert change(steps, another_key) == Change.MAJOR


def test_a_graph_holds_no_word_of_its_steps() -> None:
    steps = [
        decision_step(competency=1),
        quiz_step(),
        block("reveal", story=7, episode=None, now="zyxkanarek"),
    ]
    text = json.dumps(compile_module(steps), ensure_ascii=False)
    for word in ("Ring", "waits", "yes", "Ёлка", "first", "zyxkanarek", "Step"):
        assert word not in text


@pytest.mark.parametrize(
    ("scenes", "says"),
    [
        ([scene("a", option("x", happened=True), option("y", rationale=""))], "does not say what follows"),
        ([scene("a", option("x", happened=True), option("y", effect=None))], "no effect"),
        ([scene("a", option("x"), option("y"))], "exactly one option"),
        ([scene("a", option("x", happened=True), option("y", happened=True))], "exactly one option"),
        ([scene("a", option("x", happened=True), option("y", next="b"))], "not there"),
        ([scene("a", option("x", happened=True), option("y")), scene("b", option("z"), option("w"))], "nothing leads"),
        ([scene("a", option("x", happened=True, next="b"), option("y")), scene("b", option("z", happened=True, next="b"), option("w", next="b"))], "never comes to an end"),
        ([scene("a", option("x", happened=True), option("y", next="b")), scene("b", option("z", happened=True), option("w"))], "not on the way"),
        ([scene("a", option("x", happened=True), option("y")), scene("a", option("z"), option("w"))], "same short name"),
    ],
)  # fmt: skip
def test_a_decision_that_does_not_hold_together_is_named(scenes: list[dict[str, Any]], says: str) -> None:
    assert says in " ".join(decision_problems({"scenes": listed(*scenes)}))


def test_a_decision_that_holds_together_has_no_problems() -> None:
    assert not list(decision_problems(decision_step(competency=1)["value"]))


@pytest.mark.django_db
def test_publishing_keeps_what_was_published() -> None:
    story = make_story()
    page = make_module(first := read_step(story), second := decision_step(story))
    track = make_track(page)
    enrolment = make_enrolment(track)
    version = ModuleVersion.objects.get(key=page.translation_key)
    assert (version.number, version.change) == ("1.0.0", Change.FIRST)
    assert set(VersionStory.objects.values_list("version", "story_id", "member_id")) == {
        (version.pk, story.pk, story.member_id)
    }

    republish(page, [first, second, task_step(required=False)])
    assert ModuleVersion.objects.latest("pk").number == "1.1.0"
    assert TrackVersion.objects.get().major == 1
    republish(page, [first, second, task_step()])
    assert ModuleVersion.objects.latest("pk").number == "2.0.0"
    assert TrackVersion.objects.latest("pk").number == "2.0.0", (
        "the track that holds the module has a new version too"
    )
    enrolment.refresh_from_db()
    assert enrolment.version.major == 1, "nobody inside is moved by it"
    assert make_enrolment(track).version.major == 2

    revision = ModuleText.objects.filter(version=version).get().revision
    with pytest.raises(ProtectedError), transaction.atomic():
        revision.delete()
    assert not page.permissions_for_user(make_user("administrator", is_superuser=True)).can_delete()


@pytest.mark.django_db
def test_what_newcomers_cannot_go_through_is_not_published() -> None:
    story = make_story()
    with pytest.raises(NotReady, match="required step"):
        make_module(task_step(required=False))
    with pytest.raises(NotReady, match="say what it trains"):
        make_module(read_step(story, competency=None))
    withdraw(member=story.member)
    with pytest.raises(NotReady, match="may not be used for teaching"):
        make_module(read_step(story))
    draft = make_module(publish=False)
    with pytest.raises(NotReady, match="not published yet"):
        make_track(draft)
    with pytest.raises(NotReady, match="stands in a track once"):
        make_track(*[make_module()] * 2)


@pytest.mark.django_db
def test_a_translation_shares_steps_and_must_have_the_same() -> None:
    page = make_module(step := task_step())
    translation = translate(page, "ru")
    assert translate(page, "ru") == translation
    other = deepcopy(step)
    other["value"]["title"] = "Шаг"
    translation.steps = json.dumps([other])
    translation.save_revision().publish()
    assert ModuleVersion.objects.filter(key=page.translation_key).count() == 1
    assert set(ModuleText.objects.values_list("language", flat=True)) == {"en", "ru"}
    with pytest.raises(NotReady, match="same steps"):
        republish(ModulePage.objects.get(pk=translation.pk), [other, task_step()])
    copy = page.copy(update_attrs={"slug": "a-copy"})
    assert copy.translation_key != page.translation_key, (
        "a copy is a module of its own, whatever its block ids"
    )


@pytest.mark.django_db
def test_the_ledger_refuses_to_change() -> None:
    make_enrolment(make_track(make_module()))
    event = Event.objects.get()
    with pytest.raises(LedgerClosed):
        event.save()
    with pytest.raises(LedgerClosed):
        event.delete()
    for model in (Event, Attempt):
        for statement in ("UPDATE {} SET enrolment_id = 1", "DELETE FROM {}"):
            if model is Attempt:
                continue
            with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement.format(model._meta.db_table))
    assert not list(ledger.differences())


def test_no_row_of_what_people_did_goes_with_content_or_people() -> None:
    """The walk over ``_meta`` that every other system of this kind fails."""
    content = {"TrackItem"}  # a line of a track page, part of the page itself
    cascades = [
        f"{model.__name__}.{field.name}"
        for model in apps.get_app_config("onboarding").get_models()
        if model.__name__ not in content
        for field in model._meta.concrete_fields
        if field.is_relation
        and field.remote_field.on_delete is CASCADE
        and not field.remote_field.parent_link
    ]
    assert not cascades
