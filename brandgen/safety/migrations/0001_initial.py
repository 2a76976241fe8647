import uuid

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0002_sqlite_wal"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Policy",
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
                ("is_release_allowed", models.BooleanField(default=False)),
                (
                    "brand",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="safety_policy",
                        to="accounts.brand",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "policies",
            },
        ),
        migrations.CreateModel(
            name="Refusal",
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
                    "kind",
                    models.CharField(
                        choices=[("prompt", "Prompt"), ("image", "Picture")],
                        max_length=10,
                    ),
                ),
                ("prompt", models.TextField()),
                (
                    "prompt_sha256",
                    models.CharField(
                        max_length=64,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[0-9a-f]{64}\\Z", "Not a SHA-256 in hex."
                            )
                        ],
                    ),
                ),
                (
                    "filter",
                    models.CharField(
                        help_text="Dotted path, as configured", max_length=200
                    ),
                ),
                ("reason", models.CharField(max_length=400)),
                (
                    "subject_id",
                    models.CharField(
                        blank=True,
                        help_text="The decoding, where it was a picture",
                        max_length=64,
                    ),
                ),
                (
                    "request",
                    models.JSONField(
                        default=dict,
                        help_text="What to ask again with, where it was a prompt",
                    ),
                ),
                (
                    "preview",
                    models.BinaryField(
                        default=b"",
                        help_text="WebP, small and blurred",
                        max_length=65536,
                    ),
                ),
                ("refused_at", models.DateTimeField()),
                (
                    "judgement",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("right", "Rightly refused"),
                            ("wrong", "Refused by mistake"),
                        ],
                        max_length=10,
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=500)),
                ("judged_at", models.DateTimeField(null=True)),
                ("released_at", models.DateTimeField(null=True)),
                (
                    "brand",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="refusals",
                        to="accounts.brand",
                    ),
                ),
                (
                    "judged_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "released_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
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
            options={
                "ordering": ["-refused_at", "-id"],
                "indexes": [
                    models.Index(
                        fields=["brand", "-refused_at", "-id"], name="refusal_list"
                    ),
                    models.Index(
                        fields=["brand", "prompt_sha256"], name="refusal_prompt"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("kind", "image")),
                        fields=("subject_id", "filter"),
                        name="one_refusal_per_picture_and_filter",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("released_at", None),
                            ("judgement", "wrong"),
                            _connector="OR",
                        ),
                        name="only_a_mistake_is_released",
                    ),
                ],
            },
        ),
    ]
