from django.db import migrations

from brandgen.lib.triggers import refuse_update


class Migration(migrations.Migration):
    dependencies = [("exports", "0001_initial")]

    operations = [
        refuse_update(
            name="receipt_stays",
            table="exports_receipt",
            when="OLD.id IS NOT NULL",
            message="A receipt never changes.",
        )
    ]
