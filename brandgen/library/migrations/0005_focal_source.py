"""Note what the focal point of an asset is on; an approved asset keeps that too."""

from importlib import import_module

from django.db import migrations, models

from brandgen.lib.triggers import any_changed, refuse_update

frozen = import_module("brandgen.library.migrations.0002_frozen_assets")
SOURCES = [
    ("", "nobody looked"),
    ("person", "a person"),
    ("face", "a face"),
    ("saliency", "what stands out"),
    ("center", "the center"),
    ("extended", "the picture that it extends"),
    ("set", "set by a person"),
]


def lift(rule: migrations.RunPython) -> migrations.RunPython:
    return migrations.RunPython(rule.reverse_code, rule.code)


class Migration(migrations.Migration):
    dependencies = [("library", "0004_pdfs_are_drawn_whole")]
    # SQLite rebuilds the table, which drops its triggers: so they are taken off before,
    # and put on again after, on every database.
    operations = [
        *(lift(rule) for rule in reversed(frozen.Migration.operations)),
        migrations.AddField(
            model_name="asset",
            name="focal_source",
            field=models.CharField(
                blank=True, choices=SOURCES, default="", max_length=12
            ),
        ),
        migrations.AddConstraint(
            model_name="asset",
            constraint=models.CheckConstraint(
                condition=models.Q(focal_source__in=[one for one, _ in SOURCES]),
                name="focal_source_known",
            ),
        ),
        frozen.Migration.operations[0],
        refuse_update(
            name="library_asset_approved_frozen",
            table="library_asset",
            when="OLD.approved_at IS NOT NULL AND "
            f"({any_changed([*frozen.JUDGED, 'focal_source'])})",
            message="An approved asset never changes.",
        ),
    ]
