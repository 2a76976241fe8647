"""Have the database hold what a refusal promises: the facts stay, a release is once."""

from django.db import migrations

from brandgen.lib.triggers import any_changed, refuse_update

FACTS = [
    "id",
    "brand_id",
    "kind",
    "prompt",
    "prompt_sha256",
    "filter",
    "reason",
    "subject_id",
    "preview",
    "requested_by_id",
    "refused_at",
]


class Migration(migrations.Migration):
    dependencies = [("safety", "0001_initial")]
    operations = [
        refuse_update(
            name="safety_refusal_frozen",
            table="safety_refusal",
            when=f"OLD.released_at IS NOT NULL OR {any_changed(FACTS)}",
            message="A refusal never changes. It can be judged, and released once.",
        ),
    ]
