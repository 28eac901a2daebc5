"""The database refuses to change the words of a text which somebody has agreed to."""

from django.db import migrations

from consent import text_triggers


class Migration(migrations.Migration):
    """Install the trigger on SQLite or PostgreSQL."""

    dependencies = [("consent", "0004_forgetting")]

    operations = [
        migrations.RunPython(
            lambda apps, editor: text_triggers.create(editor.connection),
            lambda apps, editor: text_triggers.drop(editor.connection),
        )
    ]
