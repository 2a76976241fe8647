"""Pictures that a template always shows: approved ones of the library, by their id."""

import uuid
from dataclasses import dataclass

from brandgen.accounts.models import Brand
from brandgen.compositor import Document
from brandgen.compositor.layers import ImageLayer, each_layer
from brandgen.library.models import Asset

PREFIX = "asset-"


@dataclass(frozen=True)
class LostPicture:
    """A layer whose picture can't be used; `pointer` leads to where it is named."""

    pointer: str
    layer_id: str
    layer: str
    """What people call the layer."""
    message: str


class FixedPictureError(Exception):
    """A picture that the template always shows can't be used. Fit to show."""


def name_of(asset: Asset) -> str:
    """Return what a template's document calls a picture of the library."""
    return f"{PREFIX}{asset.id.hex}"


def find_fixed(brand: Brand, document: Document) -> dict[str, Asset]:
    """Return the pictures that a document always shows, by name, as far as they exist.

    Asks only where there are any.
    """
    ids = {name: id_ for name in document.fixed_images if (id_ := _read(name))}
    if not ids:
        return {}
    rows = Asset.objects.of_brand(brand).filter(id__in=ids.values())
    rows = rows.select_related("brand")
    found = {row.id: row for row in rows}
    return {name: found[id_] for name, id_ in ids.items() if id_ in found}


def require_fixed(brand: Brand, document: Document) -> dict[str, Asset]:
    """Return the pictures that a document always shows, all of them approved.

    Raises:
        FixedPictureError: says which is not, and what to do.
    """
    found = find_fixed(brand, document)
    for name in document.fixed_images:
        if problem := _explain(found.get(name)):
            raise FixedPictureError(
                f"{problem} The template always shows it: publish the template with "
                "another picture."
            )
    return found


def find_lost(brand: Brand, document: Document) -> list[LostPicture]:
    """List the layers whose pictures are not approved ones of the library."""
    found = find_fixed(brand, document)
    lost: dict[str, LostPicture] = {}
    for layers in (document.layers, *document.layouts.values()):
        for pointer, layer, _ in each_layer(layers):
            if not isinstance(layer, ImageLayer) or layer.image is None:
                continue
            if problem := _explain(found.get(layer.image)):
                name = layer.label or layer.id
                message = f"{problem} Choose another, or let the form ask for one."
                place = f"{pointer}/image"
                lost.setdefault(place, LostPicture(place, layer.id, name, message))
    return list(lost.values())


def _explain(asset: Asset | None) -> str:
    """Say why a picture can't be used; nothing where it can."""
    if asset is None:
        return "The library does not have the picture that always stands here."
    if asset.state != Asset.State.APPROVED:
        state = asset.get_state_display().lower()
        return f"“{asset.title}” is {state}, and creatives take approved pictures only."
    return ""


def _read(name: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(name.removeprefix(PREFIX)) if name.startswith(PREFIX) else None
    except ValueError:
        return None
