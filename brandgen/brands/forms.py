"""One small form for each part of a brand kit."""

import re
from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from brandgen.brands.models import (
    BrandKit,
    Disclaimer,
    ImageryRule,
    Logo,
    PaletteColor,
)
from brandgen.engine.vocabulary import find_vocabulary
from brandgen.lib.colors import ColorError, parse_inks

LANGUAGE_LINE = re.compile(r"(?P<tag>[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}):(?P<text>.*)")
LONGEST_WORDING = 500


class WordsForm(forms.ModelForm):  # type: ignore[type-arg]
    """Tone of voice and legal lines."""

    class Meta:
        model = BrandKit
        fields = ("voice", "credit_line", "rights_line")
        widgets = {
            "voice": forms.Textarea(attrs={"rows": 4}),
            "rights_line": forms.Textarea(attrs={"rows": 2}),
        }
        help_texts = {
            "voice": "How the brand speaks, in a few sentences.",
            "credit_line": "Written into every file: Image: Northwind.",
            "rights_line": "Written into every file: © Northwind 2026.",
        }


class ColorForm(forms.ModelForm):  # type: ignore[type-arg]
    """A color of the palette."""

    class Meta:
        model = PaletteColor
        fields = (
            "name", "hex", "inks", "role", "share_percent", "prompt_name", "position",
        )  # fmt: skip
        labels = {
            "hex": "Color",
            "inks": "Color for print, CMYK",
            "share_percent": "Share of a layout, %",
            "prompt_name": "Word for the model",
            "position": "Place in the palette",
        }
        help_texts = {
            "inks": "Cyan, magenta, yellow and black in percent, as your style guide "
            "has them: 0 60 85 0. Else a print’s color profile decides.",
        }
        widgets = {
            "hex": forms.TextInput(
                attrs={"placeholder": "#0f4c5c", "autocomplete": "off"}
            ),
            "inks": forms.TextInput(
                attrs={"placeholder": "0 60 85 0", "autocomplete": "off"}
            ),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Checked by the model once it has been written the usual way.
        self.fields["hex"].validators = []
        self.fields["inks"].validators = []
        self.fields["share_percent"].max_value = 100  # type: ignore[attr-defined]
        if vocabulary := find_vocabulary(Path(settings.ENGINE_BUNDLE)):
            known = ", ".join(vocabulary.colors)
            self.fields["prompt_name"].help_text = f"The model in use knows {known}."

    def clean_hex(self) -> str:
        """Take what people paste: with or without #, short or long, in any case."""
        text = str(self.cleaned_data["hex"]).strip().lower().removeprefix("#")
        if len(text) == 3:
            text = "".join(digit * 2 for digit in text)
        if len(text) != 6 or set(text) - set("0123456789abcdef"):
            raise forms.ValidationError(
                f"The color is {self.cleaned_data['hex'][:20]!r}. Write # and six "
                "digits: #0f4c5c."
            )
        return f"#{text}"

    def clean_inks(self) -> str:
        """Write inks the same way however they were given: C0 M60 Y85 K0."""
        text = str(self.cleaned_data["inks"])
        if not text.strip():
            return ""
        try:
            return " ".join(f"{ink:g}" for ink in parse_inks(text))
        except ColorError as error:
            raise forms.ValidationError(str(error)) from error

    def clean_share_percent(self) -> int:
        """Keep a share within the whole."""
        share = int(self.cleaned_data["share_percent"])
        if share > 100:
            raise forms.ValidationError(f"The share is {share} %. Use 0 to 100.")
        return share


class RuleForm(forms.ModelForm):  # type: ignore[type-arg]
    """A do or a don't."""

    is_do = forms.TypedChoiceField(
        label="Kind",
        choices=[("yes", "Do"), ("no", "Don’t")],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )

    class Meta:
        model = ImageryRule
        fields = ("is_do", "text", "position")
        labels = {"position": "Place in the list"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["is_do"] = "no" if self.initial.get("is_do") is False else "yes"


class DisclaimerForm(forms.ModelForm):  # type: ignore[type-arg]
    """A text that creatives must bear, in several languages."""

    wordings = forms.CharField(
        label="Text",
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Creatives must bear it word for word. One language a line, with its "
        "tag before it: de: Nur solange der Vorrat reicht. A line without a tag is for "
        "every other language.",
    )
    triggers = forms.CharField(
        label="Required where the copy says",
        max_length=400,
        required=False,
        help_text="Words with commas between them: free, discount, %. Empty: always.",
    )
    smallest_px = forms.FloatField(
        label="Smallest size on a screen, px",
        min_value=4,
        max_value=40,
        initial=8,
        help_text="As seen on a phone, where a creative is 390 px wide.",
    )
    smallest_pt = forms.FloatField(
        label="Smallest size on paper, pt", min_value=3, max_value=72, initial=6
    )

    class Meta:
        model = Disclaimer
        fields = (
            "name", "wordings", "triggers", "smallest_px", "smallest_pt", "position",
        )  # fmt: skip
        labels = {"position": "Place in the list"}
        help_texts = {"name": "What people call it: Terms, Allergens."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = self.instance
        self.initial["wordings"] = "\n".join(
            f"{tag}: {text}" if tag else text
            for tag, text in (known.wordings or {}).items()
        )
        self.initial["triggers"] = ", ".join(known.triggers)

    def clean_wordings(self) -> dict[str, str]:
        """Read one text for each language."""
        return parse_wordings(self.cleaned_data["wordings"])

    def clean_triggers(self) -> list[str]:
        """Read words, each once."""
        words = str(self.cleaned_data["triggers"]).split(",")
        given = (" ".join(word.split()) for word in words)
        return list(dict.fromkeys(word for word in given if word))


class TermsForm(forms.Form):
    """Banned terms, several at once."""

    terms = forms.CharField(
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="One a line. Found in any disguise: CHEAP, ch34p, c h e a p.",
    )
    reason = forms.CharField(
        max_length=200,
        required=False,
        help_text="Told to whoever uses one: We say good value.",
    )


class FontForm(forms.Form):
    """A font file with its license."""

    file = forms.FileField(
        label="Font file",
        help_text="TTF, OTF or WOFF2, up to 20 MB.",
        widget=forms.FileInput(attrs={"accept": ".ttf,.otf,.woff2"}),
    )
    license_name = forms.CharField(
        label="License",
        max_length=120,
        help_text="What allows you to use it: SIL Open Font License 1.1.",
    )
    license_text = forms.CharField(
        label="License text",
        max_length=40_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="Empty takes what the font itself says.",
    )

    def clean_file(self) -> bytes:
        """Read the file, no further than allowed."""
        return read_upload(self.cleaned_data["file"])


class LogoForm(forms.Form):
    """A logo file with the room it needs."""

    variant = forms.ChoiceField(
        choices=Logo.Variant.choices,
        help_text="A variant that is there already is replaced.",
    )
    file = forms.FileField(
        label="Logo file",
        help_text="PNG with a transparent background, at least 64 px, better 1000.",
        widget=forms.FileInput(attrs={"accept": ".png,image/png"}),
    )
    clear_space_percent = forms.IntegerField(
        label="Clear space, % of its height", min_value=0, max_value=200, initial=25
    )
    smallest_width_px = forms.IntegerField(
        label="Smallest width, px", min_value=8, max_value=4000, initial=80
    )

    def clean_file(self) -> bytes:
        """Read the file, no further than allowed."""
        return read_upload(self.cleaned_data["file"])


class PublishForm(forms.Form):
    """What to say about a new version."""

    note = forms.CharField(
        label="What changed", max_length=200, help_text="For those who come later."
    )


def parse_wordings(text: str) -> dict[str, str]:
    """Read lines such as "de: Nur heute." to a text for each language.

    Raises:
        ValidationError: a language twice, a tag without text, or a text that is too
            long for any creative.
    """
    found: dict[str, str] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        tagged = LANGUAGE_LINE.fullmatch(line)
        tag, words = (tagged["tag"], tagged["text"].strip()) if tagged else ("", line)
        if tag in found:
            problem = f"“{tag}” twice" if tag else "two lines without a language tag"
            raise forms.ValidationError(
                f"There is {problem}. Write one line for each language: de: Nur heute."
            )
        if not words:
            raise forms.ValidationError(f"There is no text after “{tag}:”. Add it.")
        if len(words) > LONGEST_WORDING:
            raise forms.ValidationError(
                f"The text “{words[:40]}…” has {len(words)} characters. Use at most "
                f"{LONGEST_WORDING}."
            )
        found[tag] = words
    return found


def read_upload(file: "UploadedFile[Any]") -> bytes:
    """Return an upload's bytes.

    Raises:
        ValidationError: it is larger than MAX_UPLOAD_BYTES.
    """
    if (file.size or 0) > settings.MAX_UPLOAD_BYTES:
        raise forms.ValidationError(
            f"The file has {(file.size or 0) / 2**20:,.0f} MB. Use at most "
            f"{settings.MAX_UPLOAD_BYTES // 2**20} MB."
        )
    data: bytes = file.read()
    return data
