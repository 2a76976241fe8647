import uuid

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def json(default, help_text):
    return models.JSONField(default=default, help_text=help_text)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_sqlite_wal"),
        ("creatives", "0003_torture_tests"),
        ("library", "0002_frozen_assets"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            "template",
            "feed_sources",
            models.JSONField(
                blank=True,
                default=dict,
                help_text="Which column of a feed filled what, the last time",
            ),
        ),
        migrations.CreateModel(
            name="Feed",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "name",
                    models.CharField(
                        help_text="The file's, or written by hand", max_length=120
                    ),
                ),
                ("kind", models.CharField(max_length=20)),
                (
                    "sha256",
                    models.CharField(
                        help_text="lib.feeds.pack",
                        max_length=64,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[0-9a-f]{64}\\Z", "Not a SHA-256 in hex."
                            )
                        ],
                    ),
                ),
                ("columns", models.JSONField(default=list)),
                ("row_count", models.PositiveIntegerField()),
                ("plan", json(dict, "creatives.planning.Plan")),
                (
                    "next_batch",
                    models.UUIDField(
                        default=uuid.uuid4,
                        help_text="Id of the batch that comes of it: two tabs make one",
                    ),
                ),
                ("uploaded_at", models.DateTimeField()),
                (
                    "brand",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="feeds",
                        to="accounts.brand",
                    ),
                ),
                (
                    "template",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="feeds",
                        to="creatives.template",
                    ),
                ),
                (
                    "uploaded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={"ordering": ["-uploaded_at", "-id"]},
        ),
        migrations.AddField(
            "batch",
            "feed",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="batches",
                to="creatives.feed",
            ),
        ),
        migrations.AddField("batch", "plan", json(dict, "The feed's, as it was then")),
        migrations.AddField(
            "batch",
            "state",
            models.CharField(
                choices=[
                    ("open", "Open"),
                    ("paused", "Paused"),
                    ("cancelled", "Cancelled"),
                ],
                default="open",
                max_length=20,
            ),
        ),
        migrations.AddField(
            "batch",
            "round",
            models.PositiveIntegerField(
                default=0,
                help_text="Counts up with every start: jobs of old rounds are stale",
            ),
        ),
        migrations.CreateModel(
            name="BatchRow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                (
                    "number",
                    models.PositiveIntegerField(
                        help_text="As the spreadsheet numbers it"
                    ),
                ),
                ("label", models.CharField(blank=True, max_length=60)),
                ("modifications", json(dict, "Slot name to text")),
                ("localized", json(dict, "Locale to modifications")),
                ("data", json(dict, "What bindings name: part by name")),
                (
                    "batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rows",
                        to="creatives.batch",
                    ),
                ),
            ],
            options={
                "ordering": ["batch", "number"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("batch", "number"), name="one_row_a_number"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="BatchSubmission",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                ("creative_ids", models.JSONField(default=list)),
                ("message", models.CharField(blank=True, max_length=500)),
                ("requested_at", models.DateTimeField()),
                (
                    "batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="submissions",
                        to="creatives.batch",
                    ),
                ),
                (
                    "requested_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.AddField(
            "batchimage",
            "row",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="creatives.batchrow",
            ),
        ),
        migrations.AddField(
            "creative",
            "row",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="creatives",
                to="creatives.batchrow",
            ),
        ),
        migrations.AddField(
            "creative",
            "locale",
            models.CharField(blank=True, default="", max_length=20),
            preserve_default=False,
        ),
        migrations.AddField(
            "creative",
            "chunk",
            models.PositiveIntegerField(default=0, help_text="Which job renders it"),
        ),
        migrations.AddField(
            "creative",
            "state",
            models.CharField(
                choices=[
                    ("waiting", "Waiting"),
                    ("rendered", "Rendered"),
                    ("failed", "Failed"),
                    ("left_out", "Left out"),
                ],
                default="waiting",
                max_length=20,
            ),
        ),
        migrations.AddField(
            "creative",
            "content_key",
            models.CharField(
                blank=True,
                default="",
                help_text="SHA-256 of all that its file is made of",
                max_length=64,
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            "creative",
            "verdict",
            models.CharField(
                blank=True,
                default="",
                help_text="Of its worst finding",
                max_length=10,
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            "creative",
            "problems",
            models.CharField(
                blank=True,
                default="",
                help_text="Rules that warn or fail: |a|b|",
                max_length=300,
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            "creative",
            "error",
            models.CharField(
                blank=True, default="", help_text="Fit to show", max_length=500
            ),
            preserve_default=False,
        ),
        migrations.AlterField(
            "creative", "position", models.PositiveIntegerField(default=0)
        ),
        # So that this can be taken back: what goes in 0006 may be missing meanwhile.
        migrations.AlterField(
            "batch", "modifications", json(dict, "Slot name to text")
        ),
        migrations.AlterField(
            "batchimage",
            "batch",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="images",
                to="creatives.batch",
            ),
        ),
    ]
