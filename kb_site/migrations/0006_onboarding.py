"""Learning moves in: a shelf for tracks and modules, who edits it, both languages, permissions of its models."""

from django.db import migrations

from kb_site import learning_house


class Migration(migrations.Migration):
    """Only adds; nothing is undone on the way back."""

    dependencies = [
        ("kb_site", "0005_ideas"),
        ("onboarding", "0002_append_only"),
    ]

    operations = [migrations.RunPython(learning_house.build, migrations.RunPython.noop)]
