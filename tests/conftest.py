"""What every test stands on: directories of its own, a database that comes back, nothing kept between tests.

The cast (a reader, a keeper, a marketer, …) and the factories are in ``tests/cast.py``.
"""

import os
import shutil
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path

import django
import pytest
from django.db import connection
from hypothesis import settings as hypothesis_settings
from pytest_django import DjangoDbBlocker

from tests import template
from tests.elasticsearch import shared

KEPT = ("KB_REQUIRE", "KB_CHROMIUM", "KB_TEST_")


def _isolate() -> Path:
    """Point the settings, which are not loaded yet, at a directory of this process; return that directory.

    Whatever the shell says of an install (``KB_…``, ``SEARCH_URL``) is forgotten, so that no test reads or
    writes anybody's data. Each xdist worker is a process and gets a directory of its own. ``DATABASE_URL``
    stays: Django makes its test database beside the one it names.
    """
    for name in [name for name in os.environ if name.startswith("KB_") and not name.startswith(KEPT)]:
        del os.environ[name]
    for name in [name for name in os.environ if name.startswith("SEARCH_")]:
        del os.environ[name]
    directory = Path(tempfile.mkdtemp(prefix="kb-tests-"))
    (directory / "data" / "static").mkdir(parents=True)  # whitenoise warns where nothing was collected
    os.environ["KB_DATA_DIR"] = str(directory / "data")
    os.environ["KB_MEDIA_ROOT"] = str(directory / "media")
    os.environ["DJANGO_SETTINGS_MODULE"] = "kb_site.settings"
    return directory


DIRECTORY = _isolate()
django.setup()  # earlier than pytest-django would: the cast imports models

# Machines under load are slow for reasons that are not bugs.
hypothesis_settings.register_profile("kb", deadline=None, print_blob=True)
hypothesis_settings.load_profile("kb")

pytest_plugins = ["tests.cast", "tests.elasticsearch.fixtures"]
BEGAN_RUN = shared.begin()


def pytest_unconfigure() -> None:
    if template.TEMPLATE:  # the same process goes on with the next run
        return
    shutil.rmtree(DIRECTORY, ignore_errors=True)
    if BEGAN_RUN:
        shared.end()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> None:
    """Use a copy of the template where there is one."""
    if name := template.database():
        connection.settings_dict["TEST"]["NAME"] = name


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Generator[None, None, None]:
    """Skip what this database is not meant for; shuffled as they are, long tests begin and the browser's follow.

    So no worker is left alone with a long test at the end, and mostly one of them opens a browser.
    """
    _skip_what_is_for_postgresql(items)
    yield
    items.sort(key=lambda item: (item.get_closest_marker("slow") is None, item.get_closest_marker("browser") is None))


def _skip_what_is_for_postgresql(items: list[pytest.Item]) -> None:
    from django.conf import settings

    if settings.DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
        return
    elsewhere = pytest.mark.skip(reason="runs on PostgreSQL: python -m tests.postgres -- pytest")
    for item in items:
        if item.get_closest_marker("postgres"):
            item.add_marker(elsewhere)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Let the test database come back to this state after each test that commits."""
    from tests.pristine import restored_after_commits, snapshots

    with django_db_blocker.unblock():
        kept = snapshots()
    with restored_after_commits(kept):
        yield


@pytest.fixture(scope="session", autouse=True)
def cheap_passwords(django_test_environment: None) -> Iterator[None]:
    """Hash passwords fast: their strength is Django's to test."""
    from django.test import override_settings

    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


@pytest.fixture(scope="session", autouse=True)
def every_portrait(django_test_environment: None) -> None:
    """Draw every medallion of a page at once, so that the same page is the same whenever it is asked for."""
    from club import portraits

    portraits.AT_ONCE = 1000


@pytest.fixture(autouse=True)
def empty_cache() -> None:
    """Keep nothing between tests: Wagtail caches the paths of sites, which the next test may not have."""
    from django.core.cache import caches
    from django.core.cache.backends.locmem import LocMemCache

    for cache in caches.all():
        if isinstance(cache, LocMemCache):
            cache.clear()


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Speak the language of the sources; a request still chooses its own."""
    from django.utils import translation

    with translation.override("en"):
        yield
