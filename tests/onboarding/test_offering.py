"""“I would…”: an idea only after the newcomer's yes, by her mentor or who notes ideas, never with a client's words."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from consent.services import withdraw
from ideas.models import Idea
from onboarding.models import AskedWords, Notice, Words
from onboarding.services import offering
from tests.factories import episode, make_story, make_user
from tests.onboarding.making import decision_step, make_employee, make_enrolment, make_module, make_track
from tests.onboarding.test_learning import TOLD, signed_in, url

pytestmark = pytest.mark.django_db
SAID = "I would put a bench where people wait, zyxkanarek"


class World:
    """A newcomer who wrote what she would do."""

    def __init__(self) -> None:
        self.story = make_story(body=[episode(happened=TOLD), episode(loyalty=2)])
        self.step = decision_step(self.story)
        self.module = make_module(self.step)
        self.mentor = make_user("mentor", email="m@warm-house.example")
        self.user = make_user("newcomer", email="n@warm-house.example")
        track = make_track(self.module)
        self.row = make_enrolment(track, make_employee(self.user, mentor=self.mentor, name="Anna"))
        self.client = signed_in(self.user)
        form = {
            "token": "t",
            "scene": self.step["value"]["scenes"][0]["id"],
            "option": "other",
            "other": SAID,
        }
        self.client.post(url(self.row, self.module, self.step), form)
        self.words = Words.objects.get(text=SAID)

    def page(self, user: Any) -> str:
        return signed_in(user).get(reverse("onboarding:answers")).content.decode()


def test_her_words_become_an_idea_after_her_yes_and_leave_it_after_her_no() -> None:
    world = World()
    marketer = make_user("marketer")
    assert "zyxkanarek" in world.page(world.mentor)
    for user in (
        marketer,
        make_user("mentor"),
        make_user("hr_lead"),
        make_user("administrator", is_superuser=True),
    ):
        assert "zyxkanarek" not in world.page(user), "nobody but her mentor before she said yes"
    address = reverse("onboarding:answer", args=[world.words.pk])
    assert signed_in(marketer).post(address, {"do": "idea"}).status_code == 404
    for _twice in range(2):
        signed_in(world.mentor).post(address, {"do": "ask"})
    assert Notice.objects.filter(kind="asked", recipient=world.user).count() == 1
    signed_in(world.mentor).post(address, {"do": "idea"})
    assert not Idea.objects.exists(), "asked is not agreed"
    with pytest.raises(PermissionDenied):
        offering.answer(world.words, yes=True, named=True, by=world.mentor)
    with pytest.raises(PermissionDenied):
        offering.ask(world.words, by=marketer)

    said = reverse("onboarding:said")
    assert "may it become an idea?" in world.client.get(said).content.decode()
    world.client.post(said, {"pk": world.words.pk, "do": "unnamed"})
    shown = world.page(marketer)
    assert "zyxkanarek" in shown and "Anna" not in shown
    for user in (marketer, world.mentor, marketer):
        assert signed_in(user).post(address, {"do": "idea"}).status_code == 302
    idea = Idea.objects.get()
    assert SAID in idea.statement and "Anna" not in idea.statement and idea.created_by == marketer
    assert AskedWords.objects.get().idea_id == idea.pk

    world.client.post(said, {"pk": world.words.pk, "do": "no"})
    idea.refresh_from_db()
    assert "zyxkanarek" not in idea.statement + idea.title
    assert "zyxkanarek" not in world.page(marketer)
    for pk in ("x", "9" * 30, "0"):
        assert world.client.post(said, {"pk": pk, "do": "no"}).status_code == 404
    assert (
        signed_in(make_user("newcomer")).post(said, {"pk": world.words.pk, "do": "named"}).status_code == 404
    )


def test_a_mentor_makes_one_too_with_her_name_if_she_likes_but_not_of_a_clients_words() -> None:
    world = World()
    offering.answer(world.words, yes=True, named=True, by=world.user)
    idea = offering.make_idea(world.words, by=world.mentor)
    assert "Anna" in idea.statement and idea == offering.make_idea(world.words, by=world.mentor)
    again = {"token": "u", "scene": world.step["value"]["scenes"][0]["id"], "option": "other"}
    address = url(world.row, world.module, world.step)
    world.client.post(address, {**again, "other": f"She said: {TOLD}, so I would go there"})
    quoting = Words.objects.exclude(pk=world.words.pk).get()
    offering.answer(quoting, yes=True, named=False, by=world.user)
    with pytest.raises(ValidationError, match="repeat the client"):
        offering.make_idea(quoting, by=world.mentor)
    with pytest.raises(PermissionDenied):
        offering.make_idea(world.words, by=world.user)
    withdraw(member=world.story.member)
    assert "counted the trams" not in world.page(world.mentor) + world.page(make_user("marketer"))
    assert "counted the trams" not in world.client.get(reverse("onboarding:said")).content.decode()
