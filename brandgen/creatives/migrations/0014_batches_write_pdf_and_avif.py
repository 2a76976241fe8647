from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("creatives", "0013_feeds_have_addresses"),
    ]

    operations = [
        migrations.AlterField(
            model_name="batch",
            name="file_type",
            field=models.CharField(
                choices=[
                    ("jpeg", "JPEG"),
                    ("png", "PNG"),
                    ("webp", "WebP"),
                    ("avif", "AVIF"),
                    ("pdf", "PDF"),
                ],
                default="jpeg",
                max_length=10,
            ),
        ),
    ]
