"""Says what an image was made from, and what it inherits from that."""

from brandgen.engine.protocol import ModelLicense
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


def rights_of(license_: ModelLicense, parents: Parents) -> tuple[str, bool]:
    """Return the license of an image and whether it may be used commercially.

    It inherits the model's license and those of all pictures that it was made from.
    """
    names = dict.fromkeys(
        [license_.name, *(parent.license_name for parent, _ in parents)]
    )
    is_commercial = license_.is_commercial_use_allowed and all(
        parent.is_commercial_use_allowed for parent, _ in parents
    )
    return "; ".join(filter(None, names))[:200], is_commercial
