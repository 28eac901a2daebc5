"""Awards, what was taken back of them, statements for other systems."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

from onboarding import triggers


class Migration(migrations.Migration):
    dependencies = [
        ("onboarding", "0002_append_only"),
    ]

    operations = [
        migrations.CreateModel(
            name="Award",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("token", models.CharField(max_length=32, unique=True)),
                ("number", models.CharField(max_length=20, unique=True, verbose_name="number")),
                ("edition", models.PositiveSmallIntegerField(default=1)),
                ("title", models.CharField(max_length=255, verbose_name="track")),
                ("language", models.CharField(max_length=5, verbose_name="language")),
                ("salt", models.CharField(max_length=32)),
                ("awarded_at", models.DateTimeField(verbose_name="finished at")),
                ("made_at", models.DateTimeField(verbose_name="made at")),
                (
                    "enrolment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="awards",
                        to="onboarding.enrolment",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="onboarding.trackversion",
                        verbose_name="version",
                    ),
                ),
            ],
            options={
                "verbose_name": "award",
                "verbose_name_plural": "awards",
                "ordering": ["-awarded_at", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="Revocation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reason", models.CharField(max_length=300, verbose_name="reason")),
                ("actor_id", models.BigIntegerField(null=True)),
                ("at", models.DateTimeField(verbose_name="when")),
                (
                    "award",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="revocation",
                        to="onboarding.award",
                    ),
                ),
            ],
            options={
                "verbose_name": "award taken back",
                "verbose_name_plural": "awards taken back",
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="Statement",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(unique=True)),
                ("body", models.JSONField()),
                (
                    "state",
                    models.CharField(
                        choices=[("waiting", "waits"), ("sent", "sent"), ("parked", "given up")],
                        default="waiting",
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                ("send_at", models.DateTimeField()),
                ("lease", models.UUIDField(null=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="attempts")),
                ("sent_at", models.DateTimeField(null=True)),
                ("last_error", models.CharField(blank=True, max_length=80, verbose_name="last error")),
                (
                    "enrolment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="statements",
                        to="onboarding.enrolment",
                    ),
                ),
            ],
            options={
                "verbose_name": "statement",
                "verbose_name_plural": "statements",
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="Telling",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("is_behind", models.BooleanField(default=True)),
                (
                    "enrolment",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="telling",
                        to="onboarding.enrolment",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="award",
            constraint=models.UniqueConstraint(
                fields=("enrolment", "edition"), name="onboarding_award_edition"
            ),
        ),
        migrations.AddIndex(
            model_name="statement",
            index=models.Index(
                condition=models.Q(("state", "waiting")), fields=["send_at"], name="onboarding_statement_due"
            ),
        ),
        migrations.AddIndex(
            model_name="statement",
            index=models.Index(fields=["state"], name="onboarding_statement_state"),
        ),
        migrations.AddIndex(
            model_name="telling",
            index=models.Index(
                condition=models.Q(("is_behind", True)),
                fields=["enrolment"],
                name="onboarding_telling_behind",
            ),
        ),
        migrations.RunPython(
            lambda apps, editor: triggers.close_revocations(editor.connection),
            migrations.RunPython.noop,
        ),
    ]
