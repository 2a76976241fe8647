from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("creatives", "0012_cells_take_extended_pictures"),
    ]

    operations = [
        migrations.AddField(
            model_name="feed",
            name="address",
            field=models.CharField(
                blank=True, help_text="Where it was fetched from", max_length=2000
            ),
        ),
    ]
