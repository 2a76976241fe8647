from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("library", "0003_collections"),
    ]

    operations = [
        migrations.AlterField(
            model_name="rendition",
            name="size",
            field=models.CharField(
                choices=[
                    ("small", "320 px"),
                    ("large", "960 px"),
                    ("whole", "2400 px, of a PDF"),
                ],
                max_length=10,
            ),
        ),
    ]
