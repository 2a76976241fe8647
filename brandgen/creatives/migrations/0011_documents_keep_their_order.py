from django.db import migrations

from brandgen.lib.ordered_json import OrderedJSONField
from brandgen.lib.triggers import refuse_update

# SQLite rebuilds the table, so the rule of 0002 is taken off and put on again.
STAYS = refuse_update(
    name="published_template_stays",
    table="creatives_templateversion",
    when="OLD.published_at IS NOT NULL",
    message="A published template version never changes.",
)


class Migration(migrations.Migration):
    dependencies = [("creatives", "0010_fill_owners")]

    operations = [
        migrations.RunPython(STAYS.reverse_code, STAYS.code),
        migrations.AlterField(
            model_name="templateversion",
            name="document",
            field=OrderedJSONField(help_text="docs/reference/template.schema.json"),
        ),
        migrations.RunPython(STAYS.code, STAYS.reverse_code),
    ]
