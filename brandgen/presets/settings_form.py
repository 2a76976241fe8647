"""The part of the preset editor that says how the engine is asked."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms

from brandgen.accounts.models import Brand
from brandgen.engine.requests import MOST_REFERENCES
from brandgen.library.models import Asset
from brandgen.model_registry.adapters import Adapters
from brandgen.model_registry.entries import Entry
from brandgen.presets.engine_settings import (
    SCHEDULES,
    EngineSettings,
    EngineSettingsError,
    read_engine_settings,
    read_size,
)
from brandgen.presets.formats import describe_size, size_groups, write_size

MOST_OFFERED = 24
ADAPTER = "adapter_"
NOT_REGISTERED = (
    "It is not in the registry of models any more. Ask an admin to add it again."
)


class SizeField(forms.CharField):
    """A format, sent as 512x640, read as width and height in px."""

    widget = forms.Select

    def offer(self, usual: tuple[int, int]) -> None:
        """List the formats, with the usual one among them, chosen."""
        groups: list[Any] = size_groups()
        value = write_size(usual)
        if not any(value == each for _, choices in groups for each, _ in choices):
            groups = [("Usual", [(value, describe_size(usual))]), *groups]
        self.widget.choices = groups
        self.initial = value

    def to_python(self, value: Any) -> Any:
        """Read the sides.

        Raises:
            ValidationError: not two sides that the model can draw.
        """
        text = super().to_python(value)
        if not text:
            return text
        try:
            return read_size(text)
        except EngineSettingsError as error:
            raise forms.ValidationError(str(error)) from error


class PictureCheckboxes(forms.CheckboxSelectMultiple):
    """Check boxes that pages draw as pictures: an option carries its asset."""

    assets: Mapping[str, Asset] = {}

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> Any:
        """Add the asset to what the page is told of an option."""
        option = super().create_option(name, value, *args, **kwargs)
        option["asset"] = self.assets.get(str(value))
        return option


def offer_assets(
    field: forms.MultipleChoiceField, brand: Brand, *, chosen: list[str]
) -> None:
    """Let a field choose among a brand's pictures: the chosen, then the approved."""
    assets = Asset.objects.of_brand(brand).exclude(state=Asset.State.REJECTED)
    kept = list(assets.in_bulk(chosen).values()) if chosen else []
    usable = assets.exclude(kind=Asset.Kind.CREATIVE)
    newest = [*usable.approved()[:MOST_OFFERED]]
    if len(newest) < MOST_OFFERED:
        drafts = usable.filter(state__in=Asset.EDITABLE)
        newest += drafts[: MOST_OFFERED - len(newest)]
    offered = {str(asset.id): asset for asset in [*kept, *newest]}
    field.choices = [(key, asset.title) for key, asset in offered.items()]
    field.widget.assets = offered


@dataclass(frozen=True)
class AdapterOffer:
    """An adapter as the editor shows it."""

    key: str
    entry: Entry | None
    """None where the registry does not have it any more."""
    lack: str
    """Why it can't be chosen; empty where it can."""

    @property
    def name(self) -> str:
        """What people call it."""
        return self.entry.name if self.entry else self.key


class SettingsForm(forms.Form):
    """Size, steps, guidance, colors, adapters and pinned references of a preset."""

    size = SizeField(label="Usual format")
    prior_steps = forms.IntegerField(label="Prior steps", min_value=1, max_value=100)
    prior_guidance_scale = forms.FloatField(
        label="Prior guidance", min_value=0, max_value=20
    )
    guided_percent = forms.IntegerField(
        label="Guided steps, %",
        min_value=0,
        max_value=100,
        required=False,
        help_text="The first share of the steps; the others cost half. 100 is usual.",
    )
    schedule = forms.ChoiceField(
        label="Steps are spread",
        choices=list(SCHEDULES.items()),
        required=False,
        help_text="Tuned spends most of its 29 steps where the layout is decided.",
    )
    decoder_steps = forms.IntegerField(
        label="Decoder steps", min_value=1, max_value=100
    )
    decoder_guidance_scale = forms.FloatField(
        label="Decoder guidance", min_value=0, max_value=20
    )
    palette_percent = forms.IntegerField(
        label="Pull to the brand’s colors, %",
        min_value=0,
        max_value=100,
        required=False,
        help_text="0 leaves colors to the words; 100 is the strongest pull that keeps "
        "the composition. Shares are those of the brand kit.",
    )
    anchors = forms.MultipleChoiceField(
        label="Pinned references",
        required=False,
        widget=PictureCheckboxes,
        help_text="Their look is borrowed where a marketer gives no picture.",
    )

    PLAIN = (
        "size",
        "prior_steps",
        "prior_guidance_scale",
        "guided_percent",
        "schedule",
        "decoder_steps",
        "decoder_guidance_scale",
    )

    def offer_settings(self, settings: EngineSettings, brand: Brand) -> None:
        """Start with these settings, and list what the brand may choose from."""
        self.initial.update(settings.as_json())
        size = (settings.width_px, settings.height_px)
        self.initial["guided_percent"] = round(settings.guidance_until * 100)
        self.initial["palette_percent"] = round(settings.palette_strength * 100)
        size_field = self.fields["size"]
        assert isinstance(size_field, SizeField)  # noqa: S101 - declared above
        size_field.offer(size)
        chosen = [anchor.asset_id for anchor in settings.anchors]
        self.initial["anchors"] = chosen
        anchors = self.fields["anchors"]
        assert isinstance(anchors, forms.MultipleChoiceField)  # noqa: S101
        offer_assets(anchors, brand, chosen=chosen)
        self._offer_adapters(settings)

    def _offer_adapters(self, settings: EngineSettings) -> None:
        scales = {each.name: each.scale for each in settings.adapters}
        registered = Adapters().by_key
        self.offers = [
            AdapterOffer(key, each.entry, each.lack) for key, each in registered.items()
        ]
        self.offers += [
            AdapterOffer(key, None, NOT_REGISTERED)
            for key in scales
            if key not in registered
        ]
        for offer in self.offers:
            is_chosen = offer.key in scales
            attributes = {"step": "0.1", "placeholder": "off"}
            if offer.lack:
                attributes["aria-describedby"] = f"id_{ADAPTER}{offer.key}-lack"
            self.fields[f"{ADAPTER}{offer.key}"] = forms.FloatField(
                label=offer.name,
                min_value=-2,
                max_value=2,
                required=False,
                initial=scales.get(offer.key),
                # What is chosen can be taken out, whatever became of it.
                disabled=bool(offer.lack) and not is_chosen,
                widget=forms.NumberInput(attrs=attributes),
            )

    def clean_anchors(self) -> list[str]:
        """Refuse more references than an engine looks at."""
        chosen: list[str] = self.cleaned_data["anchors"]
        if len(chosen) > MOST_REFERENCES:
            raise forms.ValidationError(
                f"You chose {len(chosen)} references. Use at most {MOST_REFERENCES}."
            )
        return chosen

    def clean(self) -> dict[str, Any]:
        """Check what only all settings together can tell."""
        cleaned = super().clean() or {}
        for offer in self.offers:
            field = f"{ADAPTER}{offer.key}"
            if offer.lack and cleaned.get(field) is not None:
                self.add_error(field, f"{offer.lack} Empty its scale.")
        if not self.errors:
            try:
                read_engine_settings(self.engine_settings)
            except EngineSettingsError as error:
                self.add_error(None, str(error))
        return cleaned

    @property
    def engine_settings(self) -> dict[str, Any]:
        """The settings as a preset version keeps them."""
        cleaned = self.cleaned_data
        width_px, height_px = cleaned["size"]
        guided, pull = cleaned["guided_percent"], cleaned["palette_percent"]
        adapters = [
            {"name": offer.key, "scale": scale}
            for offer in self.offers
            if (scale := cleaned.get(f"{ADAPTER}{offer.key}")) is not None
        ]
        return {
            "width_px": width_px,
            "height_px": height_px,
            "prior_steps": cleaned["prior_steps"],
            "prior_guidance_scale": cleaned["prior_guidance_scale"],
            "guidance_until": 1.0 if guided is None else guided / 100,
            "schedule": cleaned["schedule"] or "even",
            "decoder_steps": cleaned["decoder_steps"],
            "decoder_guidance_scale": cleaned["decoder_guidance_scale"],
            "palette_strength": (pull or 0) / 100,
            "adapters": adapters,
            "anchors": [{"asset_id": each} for each in cleaned["anchors"]],
        }

    @property
    def setting_fields(self) -> list[forms.BoundField]:
        """Size, steps and guidance."""
        return [self[name] for name in self.PLAIN]

    @property
    def adapter_fields(self) -> list[tuple[AdapterOffer, forms.BoundField]]:
        """Each adapter with the field for its scale; empty where there is none."""
        return [(offer, self[f"{ADAPTER}{offer.key}"]) for offer in self.offers]
