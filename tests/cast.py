"""The cast of all tests: one person of each role, and a client signed in as each."""

from collections.abc import Callable

import pytest
from django.test import Client

from club.models import User
from kb_site import roles
from tests.factories import make_user

PEOPLE = (*roles.KEYS, "outsider", "superuser")


@pytest.fixture
def person(db: None) -> Callable[[str], User]:
    """Return a function that makes the employee of a role key, ``outsider`` or ``superuser``, once a test."""
    made: dict[str, User] = {}

    def get(key: str) -> User:
        if key not in made:
            role = key if key in roles.KEYS else None
            made[key] = make_user(role, is_superuser=key == "superuser", is_staff=key == "superuser")
        return made[key]

    return get


@pytest.fixture
def reader(person: Callable[[str], User]) -> User:
    return person("reader")


@pytest.fixture
def keeper(person: Callable[[str], User]) -> User:
    return person("story_keeper")


@pytest.fixture
def outsider(person: Callable[[str], User]) -> User:
    return person("outsider")


@pytest.fixture
def superuser(person: Callable[[str], User]) -> User:
    return person("superuser")


@pytest.fixture
def as_(person: Callable[[str], User]) -> Callable[[str], Client]:
    """Return a function that gives a client signed in as a role key; ``anonymous`` is nobody."""

    def get(key: str) -> Client:
        client = Client()
        if key != "anonymous":
            client.force_login(person(key), backend="club.backends.EmployeeBackend")
        return client

    return get
