"""Gathers what a generation is given beside its words, from preset, kit and form."""

from collections.abc import Sequence
from uuid import UUID

from brandgen.accounts.models import Brand
from brandgen.brands.models import BrandKit
from brandgen.engine.protocol import Capability
from brandgen.generation.inputs import (
    AdapterInput,
    BoxInput,
    ColorInput,
    Inputs,
    PaletteInput,
    ReferenceInput,
)
from brandgen.library.models import Asset
from brandgen.model_registry.abilities import require
from brandgen.model_registry.adapters import Adapters
from brandgen.presets.engine_settings import EngineSettings

MOST_COLORS = 12


def gather_inputs(
    *,
    settings: EngineSettings,
    kit: BrandKit,
    references: Sequence[ReferenceInput] = (),
    text_boxes: Sequence[BoxInput] = (),
    layout: str = "",
) -> Inputs:
    """Put together what the form gives and what the preset and the kit add to it.

    Raises:
        AdapterUnavailableError: the preset names an adapter that can't be used.
    """
    return Inputs(
        references=tuple(references) or find_anchors(kit.brand, settings),
        palette=palette_of(kit, settings.palette_strength),
        text_boxes=tuple(text_boxes),
        layout=layout,
        adapters=find_adapters(settings),
    )


def find_adapters(settings: EngineSettings) -> tuple[AdapterInput, ...]:
    """Return the preset's adapters with what the registry says about them now.

    Raises:
        AdapterUnavailableError: one is not registered, or can't be used.
    """
    if not settings.adapters:
        return ()
    registered = Adapters()
    found = []
    for choice in settings.adapters:
        adapter = registered.get(choice.name)
        license_ = adapter.entry.license
        found.append(
            AdapterInput(
                name=adapter.entry.name,
                sha256=adapter.sha256,
                scale=choice.scale,
                key=choice.name,
                license=license_.name,
                is_commercial_use_allowed=license_.is_commercial_use_allowed,
            )
        )
    return tuple(found)


def find_anchors(brand: Brand, settings: EngineSettings) -> tuple[ReferenceInput, ...]:
    """Return the references that the preset pins; those that are gone are left out."""
    weights = {UUID(each.asset_id): each.weight for each in settings.anchors}
    return refer_to(brand, weights)


def refer_to(brand: Brand, weights: dict[UUID, float]) -> tuple[ReferenceInput, ...]:
    """Return references to a brand's own pictures, in the order given."""
    if not weights:
        return ()
    found = Asset.objects.of_brand(brand).in_bulk(list(weights))
    return tuple(
        ReferenceInput(str(id_), found[id_].sha256, weight)
        for id_, weight in weights.items()
        if id_ in found and weight > 0
    )


def palette_of(kit: BrandKit, strength: float) -> PaletteInput | None:
    """Return the kit's colors with their shares; None without strength or colors.

    Colors without a share count only where none has one: then all count alike.
    """
    rows = list(kit.colors.all()[:MOST_COLORS])
    if not strength or not rows:
        return None
    shared = [row for row in rows if row.share_percent] or rows
    whole = sum(row.share_percent for row in shared) or len(shared)
    colors = (
        ColorInput(row.hex, round((row.share_percent or 1) / whole, 4))
        for row in shared
    )
    return PaletteInput(strength, tuple(colors))


def require_abilities(inputs: Inputs) -> None:
    """Refuse inputs that the installed engine can't use, before anything is queued.

    Raises:
        UnsupportedError: the message says what it lacks.
    """
    if inputs.references:
        require(Capability.REFERENCES)
    if inputs.palette or inputs.text_boxes:
        require(Capability.COLOR_GUIDANCE)
    if inputs.adapters:
        require(Capability.ADAPTERS)
