"""An approval's evidence may be emptied when its narrator is forgotten; everything else of the ledgers stays closed."""

from django.db import migrations

from consent import triggers


def close_again(apps, editor):
    """Put the triggers in their present form."""
    triggers.drop(editor.connection)
    triggers.create(editor.connection)


class Migration(migrations.Migration):
    """Install the triggers anew."""

    dependencies = [("consent", "0003_narrators_hand")]

    operations = [migrations.RunPython(close_again, migrations.RunPython.noop)]
