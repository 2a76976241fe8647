"""A generation may begin from a picture, and keeps what it was given."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("generation", "0001_initial"),
        ("library", "0002_frozen_assets"),
        ("presets", "0001_initial"),
    ]
    operations = [
        migrations.AddField(
            model_name="generation",
            name="inputs",
            field=models.JSONField(
                default=dict,
                help_text="See generation.inputs.Inputs: pictures by their hash",
            ),
        ),
        migrations.AddField(
            model_name="generation",
            name="operation",
            field=models.CharField(
                choices=[
                    ("draw", "Drawn"),
                    ("vary", "Varied"),
                    ("inpaint", "An area changed"),
                    ("outpaint", "Extended"),
                    ("upscale", "Enlarged"),
                    ("reconstruct", "Fidelity test"),
                ],
                default="draw",
                max_length=20,
            ),
        ),
        migrations.AddField(
            model_name="generation",
            name="source",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="derivations",
                to="library.asset",
            ),
        ),
        migrations.AlterField(
            model_name="generation",
            name="preset_version",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="generations",
                to="presets.presetversion",
            ),
        ),
        migrations.AddConstraint(
            model_name="generation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("operation", "draw"),
                        ("preset_version__isnull", False),
                        ("source", None),
                    ),
                    models.Q(
                        models.Q(("operation", "draw"), _negated=True),
                        ("source__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="drawn_by_a_preset_or_from_a_picture",
            ),
        ),
    ]
