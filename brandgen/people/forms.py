"""Checks on what a browser sends about people."""

from typing import Any

from django import forms

from brandgen.accounts.models import BrandQuerySet, Membership


class InviteForm(forms.Form):
    """Who is let into which brand, to do what."""

    name = forms.CharField(max_length=80, widget=forms.TextInput({"autofocus": True}))
    email = forms.EmailField(label="E-mail", max_length=200)
    role = forms.ChoiceField(
        choices=Membership.Role.choices,
        widget=forms.RadioSelect,
        initial=Membership.Role.MARKETER,
    )
    title = forms.CharField(
        max_length=40,
        required=False,
        help_text="What they are called in this brand: Legal, Agency, Intern.",
    )

    def __init__(self, *args: Any, brands: BrandQuerySet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["brand"] = forms.ModelChoiceField(brands, empty_label=None)


class MembershipForm(forms.Form):
    """A member's role and title."""

    role = forms.ChoiceField(choices=Membership.Role.choices)
    title = forms.CharField(max_length=40, required=False)
