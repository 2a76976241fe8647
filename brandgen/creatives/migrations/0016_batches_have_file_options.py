from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("creatives", "0015_drawings_leave_notes"),
    ]

    operations = [
        migrations.AddField(
            model_name="batch",
            name="file_options",
            field=models.JSONField(
                blank=True, default=dict, help_text="creatives.file_options.FileOptions"
            ),
        ),
    ]
