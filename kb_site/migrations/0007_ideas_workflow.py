"""Ideas under review go through a workflow of one step, the empathy card."""

from typing import Any

from django.conf import settings
from django.db import migrations
from django.utils.translation import gettext as _
from django.utils.translation import override

from kb_site import house


def make_workflow(apps: Any, schema_editor: Any) -> None:
    """Create the workflow and give it to ideas; a second time changes nothing."""
    house.renew_roles(apps, schema_editor)
    model = apps.get_model
    content_types = model("contenttypes", "ContentType").objects
    idea, _is_new = content_types.get_or_create(app_label="ideas", model="idea")
    if model("wagtailcore", "WorkflowContentType").objects.filter(content_type=idea).exists():
        return
    with override(settings.LANGUAGE_CODE):
        workflow = model("wagtailcore", "Workflow").objects.create(name=_("Approving an idea"))
        task = model("ideas", "EmpathyCardTask").objects.create(
            name=_("Empathy card"),
            content_type=content_types.get_or_create(app_label="ideas", model="empathycardtask")[0],
        )
    model("wagtailcore", "WorkflowTask").objects.create(workflow=workflow, task_id=task.pk, sort_order=0)
    model("wagtailcore", "WorkflowContentType").objects.create(content_type=idea, workflow=workflow)


class Migration(migrations.Migration):
    """Only adds; nothing is undone on the way back."""

    dependencies = [("kb_site", "0006_onboarding"), ("ideas", "0003_help")]

    operations = [migrations.RunPython(make_workflow, migrations.RunPython.noop)]
