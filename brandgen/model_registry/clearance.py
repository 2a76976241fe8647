"""May what these weights made be used commercially by a brand? In one sentence.

An image keeps the identity of the model that made it, with its license as it was then.
The registry adds what a person has recorded since: a commercial license for the brand.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format

from brandgen.accounts.models import Brand, User
from brandgen.model_registry.catalog import CatalogError
from brandgen.model_registry.entries import Entry
from brandgen.model_registry.models import CommercialLicense, ModelState
from brandgen.model_registry.registry import find_entries, find_license


@dataclass(frozen=True)
class Weights:
    """Weights whose license forbids commercial use, as an image remembers them."""

    name: str
    family: str
    license_name: str
    adapter_key: str = ""
    """Its key in the registry, where it is an adapter; else empty."""
    is_adapter: bool = False

    @property
    def subject(self) -> str:
        """Begin a part of a sentence about them."""
        return f"the adapter {self.name} is" if self.is_adapter else _owner(self.name)


class Clearance:
    """What a brand has leave for on a day, read in a fixed number of questions."""

    def __init__(self, brand: Brand, *, on: date | None = None) -> None:
        self.brand = brand
        self.on = on or timezone.localdate()
        self.recorded = list(CommercialLicense.objects.of_brand(brand))

    @cached_property
    def entries(self) -> dict[str, Entry]:
        """The registry; without the installation's list where that can't be read."""
        try:
            return find_entries()
        except CatalogError:
            return {}

    @cached_property
    def adapters(self) -> dict[str, Entry]:
        """Each registered adapter by the SHA-256 of its file."""
        known = {key: entry for key, entry in self.entries.items() if entry.is_adapter}
        states = ModelState.objects.filter(key__in=known)
        return {
            sha256: known[state.key]
            for state in states
            for sha256 in state.sha256.values()
        } | {
            sha256: entry
            for entry in known.values()
            for sha256 in entry.sha256.values()
        }

    @cached_property
    def admin(self) -> str:
        """Whom to ask."""
        admins = User.objects.filter(is_superuser=True, is_active=True)
        first = admins.order_by("name", "id").first()
        return first.name if first else "an admin"

    def find_barred(self, identities: Iterable[Mapping[str, Any]]) -> list[Weights]:
        """Return the weights that made an image and that the brand has no leave for.

        Args:
            identities: `engine.protocol.ModelIdentity` as rows keep it.
        """
        found: dict[Weights, None] = {}
        for identity in identities:
            found |= dict.fromkeys(self._restricted(identity))
        return [weights for weights in found if not self._is_cleared(weights)]

    def explain(self, barred: Iterable[Weights]) -> str:
        """Say in one sentence why it is barred, and who can clear it."""
        barred = list(barred)
        unknown = [weights for weights in barred if not weights.license_name]
        reasons = " and ".join(self._reason(weights) for weights in unknown or barred)
        reasons = reasons[0].upper() + reasons[1:]
        if unknown:
            it = "it with its license" if len(unknown) == 1 else "them with licenses"
            return f"{reasons}; ask {self.admin} to add {it}."
        what = "a commercial license" if len(barred) == 1 else "commercial licenses"
        return f"{reasons}; ask {self.admin} to record {what} for {self.brand.name}."

    def _restricted(self, identity: Mapping[str, Any]) -> Iterable[Weights]:
        license_ = identity.get("license") or {}
        family = str(identity.get("family", ""))
        if not license_.get("is_commercial_use_allowed", False):
            name = str(identity.get("name") or "A model without a name")
            yield Weights(name, family, str(license_.get("name", "")))
        for adapter in identity.get("adapters") or ():
            yield from self._restricted_adapter(adapter, family)

    def _restricted_adapter(
        self, adapter: Mapping[str, Any], family: str
    ) -> Iterable[Weights]:
        entry = self.adapters.get(str(adapter.get("sha256", "")))
        if entry is None:
            # Not registered any more: what was said when it was used counts.
            name = str(adapter.get("name") or adapter.get("sha256", "")[:12])
            stated, key = str(adapter.get("license") or ""), str(adapter.get("key", ""))
            if not (stated and adapter.get("is_commercial_use_allowed") is True):
                yield Weights(name, family, stated, key, is_adapter=True)
        elif not entry.license.is_commercial_use_allowed:
            yield Weights(
                entry.name, entry.family, entry.license.name, entry.key, is_adapter=True
            )

    def _licenses_for(self, weights: Weights) -> list[CommercialLicense]:
        if not weights.license_name:
            return []
        return [
            row
            for row in self.recorded
            if row.is_adapter == weights.is_adapter
            and row.family == weights.family
            and row.license_name == weights.license_name
            and (not row.is_adapter or row.model_key == weights.adapter_key)
        ]

    def _is_cleared(self, weights: Weights) -> bool:
        return any(row.is_valid(on=self.on) for row in self._licenses_for(weights))

    def _reason(self, weights: Weights) -> str:
        ended = [row for row in self._licenses_for(weights) if not row.withdrawn_at]
        if ended:
            day = max(row.valid_until for row in ended if row.valid_until)
            return (
                f"{self.brand.name}’s commercial license for {weights.name} ran out on "
                f"{date_format(day, 'j F Y')}"
            )
        if not weights.license_name:
            return (
                f"{weights.subject} not in the registry of models, so nobody knows "
                "what it may be used for"
            )
        known = find_license(weights.license_name, self.entries)
        purpose = f"for {known.purpose}" if known else f"under {weights.license_name}"
        return f"{weights.subject} licensed {purpose}"


def _owner(name: str) -> str:
    return f"{name}’ weights are" if name.endswith("s") else f"{name}’s weights are"
