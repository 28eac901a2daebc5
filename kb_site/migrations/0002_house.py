"""The empty house: roles with their permissions, the page tree, the story workflow."""

from django.db import migrations

from kb_site import house


class Migration(migrations.Migration):
    """Build it once; nothing is undone on the way back."""

    dependencies = [
        ("kb_site", "0001_initial"),
        ("club", "0001_initial"),
        ("consent", "0002_append_only"),
        ("stories", "0001_initial"),
        ("wagtailadmin", "0006_formstate"),
        ("wagtailcore", "0098_apitoken"),
        ("wagtaildocs", "0014_alter_document_file_size"),  # gives documents to every group there is: before ours
        ("wagtailimages", "0027_image_description"),
        ("wagtailusers", "0015_userprofile_keyboard_shortcuts"),
    ]

    operations = [migrations.RunPython(house.build, migrations.RunPython.noop)]
