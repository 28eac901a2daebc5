"""Synonyms, promoted results and reports of searches: the story keepers get their permissions."""

from django.db import migrations

from kb_site import house


class Migration(migrations.Migration):
    """Only adds; nothing is undone on the way back."""

    dependencies = [
        ("kb_site", "0003_roles"),
        ("search", "0002_finding"),
        ("wagtailsearchpromotions", "0005_switch_query_model"),
    ]

    operations = [migrations.RunPython(house.renew_roles, migrations.RunPython.noop)]
