import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("creatives", "0005_fill_rows"),
        ("library", "0002_frozen_assets"),
    ]

    operations = [
        migrations.RemoveConstraint("batchimage", "one_image_a_slot"),
        migrations.RemoveConstraint("creative", "one_creative_per_format"),
        migrations.AlterField(
            "batchimage",
            "row",
            models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="images",
                to="creatives.batchrow",
            ),
        ),
        migrations.RemoveField("batchimage", "batch"),
        migrations.RemoveField("batch", "modifications"),
        migrations.AlterField(
            "creative",
            "row",
            models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="creatives",
                to="creatives.batchrow",
            ),
        ),
        migrations.AddConstraint(
            "batchimage",
            models.UniqueConstraint(fields=("row", "slot"), name="one_image_a_slot"),
        ),
        migrations.AddConstraint(
            "creative",
            models.UniqueConstraint(
                fields=("row", "format", "locale"), name="one_creative_per_cell"
            ),
        ),
        migrations.AddConstraint(
            "creative",
            models.CheckConstraint(
                condition=~models.Q(state="rendered") | models.Q(asset__isnull=False),
                name="rendered_into_an_asset",
            ),
        ),
        migrations.AddIndex(
            "creative",
            models.Index(fields=["batch", "position"], name="creative_grid"),
        ),
        migrations.AddIndex(
            "creative",
            models.Index(fields=["batch", "chunk", "state"], name="creative_chunk"),
        ),
        migrations.AddIndex(
            "creative",
            models.Index(fields=["content_key"], name="creative_content"),
        ),
    ]
