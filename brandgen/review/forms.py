"""What browsers send to the review pages."""

from django import forms

from brandgen.review.models import Decision


class DecisionForm(forms.Form):
    """One answer, to the file that was seen."""

    verdict = forms.ChoiceField(choices=Decision.Verdict.choices)
    reason = forms.ChoiceField(
        choices=Decision.Reason.choices, required=False, widget=forms.RadioSelect
    )
    comment = forms.CharField(
        max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    seen_sha256 = forms.RegexField(r"^[0-9a-f]{64}\Z", widget=forms.HiddenInput)


class SubmitForm(forms.Form):
    """A word to the reviewers."""

    message = forms.CharField(
        label="Message to the reviewers",
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What it is for, and what to look at.",
    )
