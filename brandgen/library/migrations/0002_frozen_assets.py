"""Have the database hold what an asset promises: its file is for ever."""

from django.db import migrations

from brandgen.lib.triggers import any_changed, refuse_update

BYTES = [
    "id",
    "brand_id",
    "brand_kit_id",
    "kind",
    "sha256",
    "mime",
    "size_bytes",
    "width_px",
    "height_px",
    "digital_source_type",
    "preset_name",
    "prompt",
    "created_by_id",
    "created_at",
]
JUDGED = ["title", "alt_text", "focal_x", "focal_y"]


class Migration(migrations.Migration):
    dependencies = [("library", "0001_initial")]
    operations = [
        refuse_update(
            name="library_asset_bytes_frozen",
            table="library_asset",
            when=any_changed(BYTES),
            message="The file and the origin of an asset never change.",
        ),
        refuse_update(
            name="library_asset_approved_frozen",
            table="library_asset",
            when=f"OLD.approved_at IS NOT NULL AND ({any_changed(JUDGED)})",
            message="An approved asset never changes.",
        ),
    ]
