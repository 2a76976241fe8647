"""Everything that assets were made from, and which weights made it."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from brandgen.generation.models import Decoding
from brandgen.library.models import Asset, AssetParent


@dataclass(frozen=True)
class Origins:
    """Some assets with all their ancestors, read in a handful of questions."""

    parents: Mapping[UUID, set[UUID]]
    assets: Mapping[UUID, Asset]
    identities: Mapping[UUID, list[dict[str, Any]]]
    """Of each generated image the models that sketched and finished it."""

    def walk(self, asset_id: UUID) -> Iterator[Asset]:
        """Go through an asset and everything that it was made from, each once."""
        seen, waiting = {asset_id}, [asset_id]
        while waiting:
            current = waiting.pop()
            yield self.assets[current]
            more = self.parents.get(current, set()) - seen
            seen |= more
            waiting += sorted(more)


def find_origins(assets: Collection[Asset]) -> Origins:
    """Read the ancestors of assets, one question for each generation of them."""
    parents: dict[UUID, set[UUID]] = defaultdict(set)
    seen = {asset.id for asset in assets}
    last = set(seen)
    while last:
        links = AssetParent.objects.filter(asset__in=last)
        last = set()
        for child, parent in links.values_list("asset", "parent"):
            parents[child].add(parent)
            last.add(parent)
        last -= seen
        seen |= last
    known = {asset.id: asset for asset in assets}
    known |= Asset.objects.in_bulk(seen - known.keys())
    return Origins(parents, known, _find_identities(seen))


def _find_identities(ids: Collection[UUID]) -> dict[UUID, list[dict[str, Any]]]:
    """Read which models and adapters sketched and finished each image."""
    found: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    rows = Decoding.objects.filter(asset__in=ids).values_list(
        "asset",
        "model_identity",
        "candidate__model_identity",
        "candidate__generation__inputs",
    )
    for asset_id, decoder, prior, inputs in rows:
        adapters = inputs.get("adapters") or prior.get("adapters") or []
        found[asset_id] += [decoder or {}, prior | {"adapters": adapters}]
    return found
