from django.db import migrations


def fill(apps, schema_editor):
    """Give each template to whoever first saved or published a version of it."""
    Template = apps.get_model("creatives", "Template")
    for template in Template.objects.filter(owner=None).iterator():
        for version in template.versions.order_by("version"):
            if owner_id := version.saved_by_id or version.published_by_id:
                template.owner_id = owner_id
                template.save(update_fields=["owner"])
                break


class Migration(migrations.Migration):
    dependencies = [("creatives", "0009_templates_have_owners")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
