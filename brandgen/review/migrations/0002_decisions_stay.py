"""Have the database hold what a decision promises: it stays, or is withdrawn once."""

from django.db import migrations

from brandgen.lib.triggers import any_changed, refuse_update

ANSWER = [
    "id",
    "review_id",
    "reviewer_id",
    "verdict",
    "reason",
    "comment",
    "sha256",
    "decided_at",
]


class Migration(migrations.Migration):
    dependencies = [("review", "0001_initial")]
    operations = [
        refuse_update(
            name="review_decision_frozen",
            table="review_decision",
            when=f"OLD.withdrawn_at IS NOT NULL OR {any_changed(ANSWER)}",
            message="A decision never changes. It can be withdrawn once.",
        ),
    ]
