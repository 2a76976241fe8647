import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from brandgen.lib.triggers import refuse_update

# SQLite rebuilds the table, so the rule of 0002 is taken off and put on again.
STAYS = refuse_update(
    name="published_template_stays",
    table="creatives_templateversion",
    when="OLD.published_at IS NOT NULL",
    message="A published template version never changes.",
)


class Migration(migrations.Migration):
    dependencies = [
        ("creatives", "0006_rows_are_needed"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunPython(STAYS.reverse_code, STAYS.code),
        migrations.AddField(
            model_name="templateversion",
            name="revision",
            field=models.PositiveIntegerField(
                default=0, help_text="How often it changed"
            ),
        ),
        migrations.AddField(
            model_name="templateversion",
            name="saved_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="templateversion",
            name="saved_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.RunPython(STAYS.code, STAYS.reverse_code),
    ]
