"""Says what an image was made from, and what it inherits from that."""

from collections.abc import Sequence

from brandgen.engine.protocol import ModelLicense
from brandgen.generation.inputs import AdapterInput
from brandgen.generation.models import Generation
from brandgen.library.models import Asset
from brandgen.provenance.xmp import SourceType

Parents = list[tuple[Asset, str]]

# Terms of https://cv.iptc.org/newscodes/digitalsourcetype/
DRAWN: SourceType = "trainedAlgorithmicMedia"
MIXED: SourceType = "compositeWithTrainedAlgorithmicMedia"


def find_parents(generation: Generation) -> Parents:
    """Return the pictures that it began from or looked at, each with its role."""
    parents: Parents = []
    if generation.source is not None:
        parents.append((generation.source, "source"))
    ids = [each.asset_id for each in generation.read_inputs().references]
    found = Asset.objects.filter(brand=generation.brand_id).in_bulk(ids) if ids else {}
    return parents + [(asset, "reference") for asset in found.values()]


def source_type_of(generation: Generation) -> SourceType:
    """Say how an image came to be: drawn by a model, or a picture with such parts."""
    source = generation.source
    if source is None or generation.operation == Generation.Operation.VARY:
        return DRAWN
    return DRAWN if source.digital_source_type == DRAWN else MIXED


def rights_of(
    license_: ModelLicense, parents: Parents, adapters: Sequence[AdapterInput] = ()
) -> tuple[str, bool]:
    """Return the license of an image and whether it may be used commercially.

    It inherits the model's license, those of the adapters on it and those of all
    pictures that it was made from.
    """
    allowed = {license_.name: license_.is_commercial_use_allowed}
    for name, is_allowed in (
        *((each.license, each.is_commercial_use_allowed) for each in adapters),
        *((each.license_name, each.is_commercial_use_allowed) for each, _ in parents),
    ):
        allowed[name] = allowed.get(name, True) and is_allowed
    return "; ".join(filter(None, allowed))[:200], all(allowed.values())
