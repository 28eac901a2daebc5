"""The database refuses to change or delete what the ledger of learning holds."""

from django.db import migrations

from onboarding import triggers


class Migration(migrations.Migration):
    """Install the triggers on SQLite or PostgreSQL."""

    dependencies = [("onboarding", "0001_initial")]

    operations = [
        migrations.RunPython(
            lambda apps, editor: triggers.create(editor.connection),
            lambda apps, editor: triggers.drop(editor.connection),
        )
    ]
