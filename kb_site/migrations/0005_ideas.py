"""Themes and ideas: the roles get the permissions of their models."""

from django.db import migrations

from kb_site import house


class Migration(migrations.Migration):
    """Only adds; nothing is undone on the way back."""

    dependencies = [("kb_site", "0004_finding"), ("ideas", "0001_initial")]

    operations = [migrations.RunPython(house.renew_roles, migrations.RunPython.noop)]
