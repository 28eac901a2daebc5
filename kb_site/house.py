"""Building the empty house in a migration: roles with their permissions, the page tree, the story workflow.

Works on the historical models that a migration hands over, and only ever adds.
"""

from typing import Any

from django.conf import settings
from django.contrib.auth.management import create_permissions
from django.contrib.contenttypes.management import create_contenttypes
from django.utils.translation import gettext as _
from django.utils.translation import override

from kb_site.roles import ROLES, Role

APPS = (
    "wagtailadmin",
    "wagtailcore",
    "wagtailimages",
    "wagtailusers",
    "club",
    "consent",
    "stories",
    "onboarding",
    "search",
    "wagtailsearchpromotions",
    "ideas",
    "kb_site",
    "auth",
)
STORY_PERMISSIONS = ("add_page", "change_page", "publish_page", "lock_page", "unlock_page")
IMAGE_PERMISSIONS = ("add_image", "change_image", "choose_image")


def make_permissions(apps: Any) -> None:
    """Create the permissions of all apps now: Django does so only after the last migration."""
    from django.apps import apps as installed

    for label in APPS:
        config = installed.get_app_config(label)
        create_contenttypes(config, verbosity=0, apps=apps)
        create_permissions(config, verbosity=0, apps=apps)


def permission(apps: Any, name: str) -> Any:
    """Return the permission ``app.codename``."""
    app, codename = name.split(".")
    return apps.get_model("auth", "Permission").objects.get(content_type__app_label=app, codename=codename)


def make_roles(apps: Any, shelf: Any) -> None:
    """Create the groups with their permissions; Wagtail's own two groups go."""
    Group = apps.get_model("auth", "Group")
    Group.objects.filter(name__in=("Editors", "Moderators"), user=None).delete()
    for role in ROLES:
        group, _created = Group.objects.get_or_create(name=role.name)
        group.permissions.add(*permissions_of(apps, role))
        if role.edits_stories:
            let_edit(apps, group, shelf)


def permissions_of(apps: Any, role: Role) -> list[Any]:
    """Return the permissions of a role; those of models that a later migration makes come with ``renew_roles``."""
    rows = apps.get_model("auth", "Permission").objects.filter(content_type__app_label__in=APPS)
    if role.everything:
        return list(rows)
    named = {f"{row.content_type.app_label}.{row.codename}": row for row in rows.select_related("content_type")}
    return [named[name] for name in role.permissions if name in named]


def renew_roles(apps: Any, schema_editor: Any) -> None:
    """Give the roles what models made since then brought; takes nothing away that an administrator gave."""
    make_permissions(apps)
    for role in ROLES:
        group = apps.get_model("auth", "Group").objects.filter(name=role.name).first()
        if group is not None:
            group.permissions.add(*permissions_of(apps, role))


def let_edit(apps: Any, group: Any, shelf: Any) -> None:
    """Let a group write and publish stories and handle their pictures."""
    PagePermission = apps.get_model("wagtailcore", "GroupPagePermission")
    CollectionPermission = apps.get_model("wagtailcore", "GroupCollectionPermission")
    Collection = apps.get_model("wagtailcore", "Collection")
    for codename in STORY_PERMISSIONS:
        PagePermission.objects.get_or_create(
            group=group, page_id=shelf.pk, permission=permission(apps, f"wagtailcore.{codename}")
        )
    for codename in IMAGE_PERMISSIONS:
        CollectionPermission.objects.get_or_create(
            group=group,
            collection=Collection.objects.get(depth=1),
            permission=permission(apps, f"wagtailimages.{codename}"),
        )


def make_tree(apps: Any) -> Any:
    """Create home page, shelf of stories and site; returns the shelf. Wagtail's welcome page goes."""
    Page = apps.get_model("wagtailcore", "Page")
    Site = apps.get_model("wagtailcore", "Site")
    ContentType = apps.get_model("contenttypes", "ContentType")
    Locale = apps.get_model("wagtailcore", "Locale")
    Site.objects.all().delete()
    Page.objects.filter(depth__gt=1).delete()
    locale = Locale.objects.first()
    root = Page.objects.get(depth=1)

    def put(
        model: str, app: str, path: str, depth: int, title: str, slug: str, url_path: str, children: int
    ) -> Any:
        content_type, _created = ContentType.objects.get_or_create(app_label=app, model=model.lower())
        return apps.get_model(app, model).objects.create(
            title=title, draft_title=title, slug=slug, content_type=content_type, path=path, depth=depth,
            numchild=children, url_path=url_path, live=True, show_in_menus=False, locale=locale,
        )  # fmt: skip

    home = put("HomePage", "kb_site", "00010001", 2, _("Club of friends"), "home", "/home/", 1)
    shelf = put("StoryIndexPage", "stories", "000100010001", 3, _("Stories"), "stories", "/home/stories/", 0)
    Page.objects.filter(pk=root.pk).update(numchild=1)
    Site.objects.create(
        hostname="localhost",
        port=80,
        root_page_id=home.pk,
        is_default_site=True,
        site_name=_("Club of friends"),
    )
    return shelf


def make_workflow(apps: Any, shelf: Any) -> None:
    """Create the story workflow: a second reader, then the narrator's approval; nothing else publishes a story."""
    Workflow = apps.get_model("wagtailcore", "Workflow")
    WorkflowPage = apps.get_model("wagtailcore", "WorkflowPage")
    WorkflowTask = apps.get_model("wagtailcore", "WorkflowTask")
    ContentType = apps.get_model("contenttypes", "ContentType")
    Group = apps.get_model("auth", "Group")
    Workflow.objects.filter(name="Moderators approval").delete()
    apps.get_model("wagtailcore", "GroupApprovalTask").objects.all().delete()
    workflow = Workflow.objects.create(name=_("Publishing a story"))
    readers = apps.get_model("stories", "SecondReaderTask").objects.create(
        name=_("Second reader"), content_type=_type(ContentType, "secondreadertask")
    )
    readers.groups.set(Group.objects.filter(name__in=("Story keeper", "Administrator")))
    approval = apps.get_model("stories", "ConsentTask").objects.create(
        name=_("The narrator's approval"), content_type=_type(ContentType, "consenttask")
    )
    for order, task in enumerate((readers, approval)):
        WorkflowTask.objects.create(workflow=workflow, task_id=task.pk, sort_order=order)
    WorkflowPage.objects.create(workflow=workflow, page_id=shelf.pk)


def _type(ContentType: Any, model: str) -> Any:
    return ContentType.objects.get_or_create(app_label="stories", model=model)[0]


def build(apps: Any, schema_editor: Any) -> None:
    """Build the empty house; its first names are in the language of the install."""
    with override(settings.LANGUAGE_CODE):
        make_permissions(apps)
        shelf = make_tree(apps)
        make_roles(apps, shelf)
        make_workflow(apps, shelf)
