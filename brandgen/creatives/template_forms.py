"""What a browser sends about templates: documents, beginnings, owners."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from brandgen.accounts.models import Brand, User
from brandgen.compositor.formats import format_library
from brandgen.compositor.importing.errors import ImportedFileError
from brandgen.compositor.importing.kinds import HEAD_BYTES, find_kind
from brandgen.compositor.loading import MAX_BYTES
from brandgen.creatives.locking import find_owners
from brandgen.creatives.models import Template


class TemplateForm(forms.Form):
    """A template document: a file, or pasted."""

    name = forms.CharField(
        max_length=80,
        required=False,
        help_text="Empty for the name that the document or drawing gives itself.",
    )
    file = forms.FileField(
        required=False,
        label="Document or drawing",
        help_text=(
            "A JSON document of up to 512 kB; an SVG of up to 8 MB from Figma, "
            "Illustrator or Inkscape; a PDF as Illustrator, InDesign and Canva "
            "export it; a PSD of Photoshop; or a file of Figma's API."
        ),
    )
    page = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=9999,
        label="Page of a PDF",
        help_text="Empty for the first.",
    )
    source = forms.CharField(
        required=False,
        label="Or paste it here",
        max_length=MAX_BYTES,
        strip=False,
        widget=forms.Textarea(
            attrs={"rows": 10, "class": "mono", "spellcheck": "false"}
        ),
    )

    figma_link = forms.CharField(
        required=False,
        max_length=500,
        label="Or a link to a Figma file or frame",
        help_text="In Figma: Share, Copy link.",
    )
    figma_token = forms.CharField(
        required=False,
        max_length=200,
        label="Your personal access token of Figma",
        help_text="It goes to Figma for this once, and is not kept.",
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )

    def clean_file(self) -> "UploadedFile[Any] | None":
        """Refuse a file that is too large for what its content says it is."""
        file: UploadedFile[Any] | None = self.cleaned_data["file"]
        if file is None:
            return None
        try:
            kind = find_kind(file.read(HEAD_BYTES))
        except ImportedFileError as error:
            raise forms.ValidationError(str(error)) from error
        file.seek(0)
        noun, most = (kind.noun, kind.most_bytes) if kind else ("file", MAX_BYTES)
        if (file.size or 0) > most:
            raise forms.ValidationError(
                f"The {noun} has {file.size:,} bytes; {most:,} are allowed."
            )
        return file

    def clean(self) -> dict[str, Any]:
        """Take the file if there is one, else the text."""
        data = super().clean() or {}
        file = data.get("file")
        data["document"] = file.read() if file is not None else data.get("source", "")
        if data.get("figma_link") and not data["document"]:
            if not data.get("figma_token"):
                self.add_error("figma_token", "Figma gives files to its own only.")
        elif not data["document"] and not self.errors:
            raise forms.ValidationError("Choose a file or paste a document.")
        return data

    def refuse(self, message: str) -> None:
        """Say at the field that brought the document what is wrong with it."""
        data = self.cleaned_data
        field = "file" if data.get("file") else "source"
        is_linked = data.get("figma_link") and not data.get("document")
        self.add_error("figma_link" if is_linked else field, message)


class NewTemplateForm(forms.Form):
    """A template's beginning: its name, and blank formats or a copy."""

    name = forms.CharField(max_length=80)
    begin = forms.ModelChoiceField(
        Template.objects.none(),
        required=False,
        empty_label="A blank page",
        label="Begin with",
        help_text="A copy brings its formats, layers and slots.",
    )
    formats = forms.MultipleChoiceField(
        choices=[(key, one["label"]) for key, one in format_library().items()],
        required=False,
        initial=["instagram-square", "instagram-story", "facebook-link"],
        widget=forms.CheckboxSelectMultiple,
        label="Formats of a blank page",
        help_text="More, and sizes of your own, can be added in the editor.",
    )

    def __init__(self, *args: Any, brand: Brand, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        begin = self.fields["begin"]
        assert isinstance(begin, forms.ModelChoiceField)  # noqa: S101 - for mypy
        begin.queryset = Template.objects.of_brand(brand)

    def clean(self) -> dict[str, Any]:
        """Require a format where nothing is copied."""
        data = super().clean() or {}
        if "begin" in data and not data["begin"] and not data.get("formats"):
            self.add_error("formats", "Choose at least one format.")
        return data


class LockForm(forms.Form):
    """Who owns a template, and who may change it."""

    level = forms.ChoiceField(
        choices=Template.LockLevel.choices,
        widget=forms.RadioSelect,
        label="Who may change it",
    )
    owner = forms.ModelChoiceField(
        User.objects.none(), required=False, empty_label="Nobody"
    )

    def __init__(self, *args: Any, template: Template, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial = {"level": template.lock_level, "owner": template.owner_id}
        owner = self.fields["owner"]
        assert isinstance(owner, forms.ModelChoiceField)  # noqa: S101 - for mypy
        owner.queryset = find_owners(template.brand)

    def clean(self) -> dict[str, Any]:
        """Require an owner where only the owner may change it."""
        data = super().clean() or {}
        is_owners = data.get("level") == Template.LockLevel.OWNER_ONLY
        if is_owners and "owner" in data and not data["owner"]:
            self.add_error("owner", "Choose an owner, or nobody could change it.")
        return data
