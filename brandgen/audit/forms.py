"""Checks on what a browser asks of the trail."""

from django import forms

from brandgen.accounts.models import UserQuerySet
from brandgen.audit.services import Filters
from brandgen.lib.days import DayField


class FilterForm(forms.Form):
    """Person, action, subject and dates; every one may be left out."""

    actor = forms.ChoiceField(label="Person", required=False)
    action = forms.RegexField(
        r"^[a-z_.]{0,60}\Z",
        required=False,
        error_messages={"invalid": "Actions look like review.approved."},
        widget=forms.TextInput({"list": "actions", "placeholder": "review.approved"}),
    )
    subject = forms.CharField(
        label="About",
        max_length=200,
        required=False,
        widget=forms.TextInput({"placeholder": "Name, id or SHA-256"}),
    )
    since = DayField(required=False, widget=forms.DateInput({"type": "date"}))
    until = DayField(required=False, widget=forms.DateInput({"type": "date"}))

    def __init__(self, data: object, *, people: UserQuerySet) -> None:
        super().__init__(data, use_required_attribute=False)  # type: ignore[arg-type]
        names = [(str(person.id), person.name) for person in people.order_by("name")]
        self.fields["actor"] = forms.ChoiceField(
            label="Person", required=False, choices=[("", "Everybody"), *names]
        )

    def as_filters(self) -> Filters:
        """Return what was asked; a field that could not be read asks nothing."""
        self.full_clean()
        values = self.cleaned_data
        actor = values.get("actor")
        return Filters(
            actor=int(actor) if actor else None,
            action=values.get("action", ""),
            subject=values.get("subject", "").strip(),
            since=values.get("since"),
            until=values.get("until"),
        )
