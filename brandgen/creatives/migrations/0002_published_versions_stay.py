from django.db import migrations

from brandgen.lib.triggers import refuse_update


class Migration(migrations.Migration):
    dependencies = [("creatives", "0001_initial")]

    operations = [
        refuse_update(
            name="published_template_stays",
            table="creatives_templateversion",
            when="OLD.published_at IS NOT NULL",
            message="A published template version never changes.",
        )
    ]
