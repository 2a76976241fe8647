"""Finds what a fidelity test has measured."""

from dataclasses import dataclass

from brandgen.engine.fidelity import Fidelity, measure
from brandgen.generation.making import read_pixels
from brandgen.generation.models import Decoding, Generation


@dataclass(frozen=True)
class FidelityResult:
    """What was measured, and on which image."""

    measured: Fidelity
    decoding: Decoding


def find_result(generation: Generation) -> FidelityResult | None:
    """Measure a finished fidelity test; None for all else, and while it is not done.

    Raises:
        StorageError: a picture can't be read.
    """
    if generation.operation != Generation.Operation.RECONSTRUCT:
        return None
    source = generation.read_inputs().source
    decoding = (
        Decoding.objects.filter(candidate__generation=generation, asset__isnull=False)
        .select_related("asset")
        .order_by("requested_at", "id")
        .first()
    )
    if source is None or decoding is None or decoding.asset is None:
        return None
    before = read_pixels(source.pixels_sha256)
    return FidelityResult(measure(before, read_pixels(decoding.asset.sha256)), decoding)
