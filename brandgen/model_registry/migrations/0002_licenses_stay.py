"""Have the database hold what a commercial license promises: it stays as recorded."""

from django.db import migrations

from brandgen.lib.triggers import any_changed, refuse_update

FACTS = [
    "id",
    "brand_id",
    "model_key",
    "model_name",
    "family",
    "license_name",
    "is_adapter",
    "holder",
    "reference",
    "valid_until",
    "note",
    "recorded_by_id",
    "recorded_at",
]


class Migration(migrations.Migration):
    dependencies = [("model_registry", "0001_initial")]
    operations = [
        refuse_update(
            name="model_registry_license_frozen",
            table="model_registry_commerciallicense",
            when=f"OLD.withdrawn_at IS NOT NULL OR {any_changed(FACTS)}",
            message="A commercial license never changes. It can be withdrawn once.",
        ),
    ]
