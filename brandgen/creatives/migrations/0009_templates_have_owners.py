import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("creatives", "0008_versions_hold_collections"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="template",
            name="owner",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="template",
            name="lock_level",
            field=models.CharField(
                choices=[
                    ("team", "Everybody who may change templates"),
                    ("owner_only", "Its owner only"),
                    ("nobody", "Nobody, until it is unlocked"),
                ],
                default="team",
                max_length=20,
            ),
        ),
    ]
