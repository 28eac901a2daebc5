"""What the narrator's page, the law and erasure brought: the roles get the permissions of their models."""

from django.db import migrations

from kb_site import house


class Migration(migrations.Migration):
    """Only adds; nothing is undone on the way back."""

    dependencies = [
        ("kb_site", "0002_house"),
        ("club", "0002_forgetting"),
        ("consent", "0003_narrators_hand"),
        ("stories", "0002_readings"),
    ]

    operations = [migrations.RunPython(house.renew_roles, migrations.RunPython.noop)]
