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
            name="AddedModel",
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
                ("key", models.SlugField(max_length=60, unique=True)),
                ("name", models.CharField(max_length=120)),
                (
                    "kind",
                    models.CharField(
                        choices=[("model", "Model"), ("adapter", "Adapter")],
                        max_length=10,
                    ),
                ),
                ("family", models.CharField(max_length=80)),
                (
                    "folder",
                    models.CharField(
                        help_text="Of an adapter: the file", max_length=500
                    ),
                ),
                ("license_name", models.CharField(max_length=200)),
                ("license_url", models.CharField(blank=True, max_length=500)),
                ("license_purpose", models.CharField(max_length=200)),
                ("is_commercial_use_allowed", models.BooleanField()),
                ("are_derivatives_allowed", models.BooleanField()),
                ("learned_tokens", models.JSONField(default=list)),
                ("about", models.CharField(blank=True, max_length=500)),
                ("added_at", models.DateTimeField()),
                (
                    "added_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="ModelState",
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
                ("key", models.SlugField(max_length=60, unique=True)),
                ("folder", models.CharField(max_length=500)),
                (
                    "host",
                    models.CharField(
                        help_text="The machine that looked", max_length=120
                    ),
                ),
                (
                    "files",
                    models.JSONField(
                        default=dict,
                        help_text="Path to SHA-256 and size of what was found whole",
                    ),
                ),
                (
                    "revisions",
                    models.JSONField(
                        default=dict,
                        help_text="Repository to the commit that was fetched",
                    ),
                ),
                (
                    "problem",
                    models.CharField(
                        blank=True, help_text="Fit to show", max_length=500
                    ),
                ),
                ("checked_at", models.DateTimeField()),
                (
                    "checked_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["key"],
            },
        ),
        migrations.CreateModel(
            name="CommercialLicense",
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
                ("model_key", models.SlugField(max_length=60)),
                ("model_name", models.CharField(max_length=120)),
                ("family", models.CharField(max_length=80)),
                (
                    "license_name",
                    models.CharField(help_text="The one that it lifts", max_length=200),
                ),
                ("is_adapter", models.BooleanField(default=False)),
                ("holder", models.CharField(max_length=120)),
                ("reference", models.CharField(max_length=120)),
                ("valid_until", models.DateField(blank=True, null=True)),
                ("note", models.CharField(blank=True, max_length=500)),
                ("recorded_at", models.DateTimeField()),
                ("withdrawn_at", models.DateTimeField(null=True)),
                ("withdrawn_because", models.CharField(blank=True, max_length=500)),
                (
                    "brand",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="commercial_licenses",
                        to="accounts.brand",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "withdrawn_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-recorded_at", "-id"],
                "indexes": [
                    models.Index(
                        fields=["brand", "family", "license_name"],
                        name="commercial_license",
                    )
                ],
            },
        ),
    ]
