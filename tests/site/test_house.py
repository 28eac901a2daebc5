"""The empty house as the migrations build it, and the commands that say it is in order."""

import os
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.core.management import call_command
from wagtail.models import Collection, GroupPagePermission, Page, Site, Workflow, WorkflowPage

from kb_site.models import HomePage
from kb_site.roles import KEYS, ROLES
from onboarding.models import LearningIndexPage
from stories.models import StoryIndexPage

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)
def test_every_role_is_a_group_with_its_permissions(role: Any) -> None:
    group = Group.objects.get(name=role.name)
    has = {
        f"{p.content_type.app_label}.{p.codename}" for p in group.permissions.select_related("content_type")
    }
    assert set(role.permissions) <= has
    if not role.everything:
        assert has == set(role.permissions)


def test_there_are_no_other_groups() -> None:
    assert (
        set(Group.objects.values_list("name", flat=True))
        == {role.name for role in ROLES}
        == set(KEYS.values())
    )


def test_only_keepers_and_administrators_edit_stories() -> None:
    shelf = StoryIndexPage.objects.get()
    editors = GroupPagePermission.objects.values_list("group__name", "page_id").distinct()
    learning = LearningIndexPage.objects.get()
    assert set(editors) == {
        ("Story keeper", shelf.pk),
        ("Administrator", shelf.pk),
        ("HR lead", learning.pk),
        ("Administrator", learning.pk),
    }
    handlers = Collection.objects.get(depth=1).group_permissions.values_list("group__name", flat=True)
    assert set(handlers) == {"Story keeper", "Administrator"}


def test_the_tree_is_whole() -> None:
    assert [list(found) for found in Page.find_problems()] == [[], [], [], [], []]
    home, shelf = HomePage.objects.get(), StoryIndexPage.objects.get()
    assert home.get_parent().is_root()
    assert shelf.get_parent().pk == home.pk
    assert LearningIndexPage.objects.get().get_parent().pk == home.pk
    assert Page.objects.count() == 4
    assert Site.objects.get(is_default_site=True).root_page_id == home.pk


def test_the_shelf_takes_stories_only() -> None:
    assert [model.__name__ for model in StoryIndexPage.allowed_subpage_models()] == ["StoryPage"]
    assert not StoryIndexPage.can_create_at(HomePage.objects.get())
    assert not HomePage.can_create_at(Page.objects.get(depth=1))


def test_the_workflow_hangs_on_the_shelf_and_ends_with_the_narrator() -> None:
    [workflow] = Workflow.objects.filter(workflow_pages__isnull=False)
    assert [task.specific._meta.model_name for task in workflow.tasks] == ["secondreadertask", "consenttask"]
    assert list(WorkflowPage.objects.values_list("workflow", "page")) == [
        (workflow.pk, StoryIndexPage.objects.get().pk)
    ]


def test_models_and_migrations_agree() -> None:
    call_command("makemigrations", check=True, dry_run=True, stdout=StringIO())


def test_the_project_checks_without_a_word() -> None:
    call_command("check", fail_level="WARNING", stderr=StringIO())


def manage(directory: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command of a new install in ``directory``."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KB_")}
    environment |= {
        "KB_DATA_DIR": str(directory / "data"),
        "KB_MEDIA_ROOT": str(directory / "media"),
        **variables,
    }
    (directory / "data" / "static").mkdir(parents=True, exist_ok=True)
    command = [
        sys.executable,
        "-W",
        "error::RuntimeWarning",
        str(settings.BASE_DIR / "manage.py"),
        *arguments,
    ]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)


def test_a_deployment_under_https_has_no_warnings(tmp_path: Path) -> None:
    found = manage(tmp_path, "check", "--deploy", "--fail-level", "WARNING",
                   KB_HTTPS="1", KB_BASE_URL="https://club.example", KB_ALLOWED_HOSTS="club.example")  # fmt: skip
    assert found.returncode == 0, found.stderr
    assert "no issues" in found.stdout
    assert "silenced" not in found.stdout.replace("(0 silenced)", "")


def test_a_bad_setting_stops_the_start_with_a_sentence(tmp_path: Path) -> None:
    found = manage(tmp_path, "check", KB_LANGUAGE="klingon")
    assert found.returncode != 0
    assert "KB_LANGUAGE must be one of ru, en" in found.stderr
