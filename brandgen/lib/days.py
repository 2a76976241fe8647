"""A day as a browser sends it."""

from datetime import date

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator

FIRST, LAST = date(1970, 1, 2), date(2999, 12, 30)
"""What every database and time zone can turn into moments, the day after included."""


class DayField(forms.DateField):
    """A date within years that can be searched."""

    default_validators = [
        MinValueValidator(FIRST, f"Choose a day from {FIRST:%Y} on."),
        MaxValueValidator(LAST, f"Choose a day up to {LAST:%Y}."),
    ]
