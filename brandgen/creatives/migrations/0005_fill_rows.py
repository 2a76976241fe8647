from django.db import migrations


def fill(apps, schema_editor):
    """Give every batch its one row, and every creative what is asked of it often."""
    Batch = apps.get_model("creatives", "Batch")
    BatchImage = apps.get_model("creatives", "BatchImage")
    for batch in Batch.objects.iterator():
        row = batch.rows.create(number=1, modifications=batch.modifications)
        BatchImage.objects.filter(batch=batch).update(row=row)
        for creative in batch.creatives.all():
            worst = {f["verdict"]: f["rule"] for f in creative.findings}
            rules = {
                f["rule"] for f in creative.findings if f["verdict"] in {"fail", "warn"}
            }
            creative.row = row
            if creative.asset_id:
                creative.state = "rendered"
                creative.verdict = next(
                    (v for v in ("fail", "warn") if v in worst), "pass"
                )
                creative.problems = f"|{'|'.join(sorted(rules))}|" if rules else ""
            creative.save()


def empty(apps, schema_editor):
    """Write the copy of single rows back; a batch of many keeps its first."""
    BatchImage = apps.get_model("creatives", "BatchImage")
    BatchRow = apps.get_model("creatives", "BatchRow")
    for row in BatchRow.objects.order_by("batch", "-number").iterator():
        row.batch.modifications = row.modifications
        row.batch.save()
        BatchImage.objects.filter(row=row).update(batch=row.batch)


class Migration(migrations.Migration):
    dependencies = [("creatives", "0004_batches_have_rows")]

    operations = [migrations.RunPython(fill, empty)]
