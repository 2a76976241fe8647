"""A generation says for how long it is guided and how its steps are spread."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("generation", "0002_operations_and_inputs")]
    operations = [
        migrations.AddField(
            model_name="generation",
            name="guidance_until",
            field=models.FloatField(default=1.0, help_text="Share of the steps"),
        ),
        migrations.AddField(
            model_name="generation",
            name="schedule",
            field=models.CharField(
                choices=[("even", "Even"), ("tuned", "Tuned, 29 steps")],
                default="even",
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            model_name="generation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("guidance_until__gte", 0), ("guidance_until__lte", 1)
                ),
                name="guided_for_a_share_of_the_steps",
            ),
        ),
    ]
