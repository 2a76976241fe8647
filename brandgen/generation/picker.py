"""The presets of a brand as cards, with what was made with them."""

from dataclasses import dataclass, field

from django.db.models import Count, Q

from brandgen.accounts.models import Brand
from brandgen.generation.models import Decoding
from brandgen.library.models import Asset
from brandgen.presets.models import Preset, PresetVersion

EXAMPLES = 3
LOOK_BACK = 200
FEWEST_DECIDED = 3
State = Asset.State


@dataclass
class PresetCard:
    """One preset with example pictures and how its pictures fared."""

    preset: Preset
    version: PresetVersion
    examples: list[Asset] = field(default_factory=list)
    made: int = 0
    approved: int = 0
    decided: int = 0

    @property
    def approval_percent(self) -> int | None:
        """How many of those decided were approved; None while too few were."""
        if self.decided < FEWEST_DECIDED:
            return None
        return round(100 * self.approved / self.decided)


def preset_cards(brand: Brand) -> list[PresetCard]:
    """List the presets that may be used now, with their best pictures first."""
    versions = PresetVersion.objects.filter(
        preset__brand=brand,
        preset__archived_at=None,
        published_at__isnull=False,
    ).select_related("preset")
    newest: dict[object, PresetCard] = {}
    for version in versions.order_by("preset__name", "version"):
        newest[version.preset_id] = PresetCard(version.preset, version)
    _count_decisions(newest)
    _add_examples(brand, newest)
    return list(newest.values())


def _count_decisions(cards: dict[object, PresetCard]) -> None:
    path = "candidate__generation__preset_version__preset"
    states = [State.APPROVED, State.CHANGES_REQUESTED, State.REJECTED]
    rows = (
        Decoding.objects.filter(**{f"{path}__in": list(cards)}, asset__isnull=False)
        .order_by()
        .values_list(path)
        .annotate(
            made=Count("id"),
            approved=Count("id", filter=Q(asset__state=State.APPROVED)),
            decided=Count("id", filter=Q(asset__state__in=states)),
        )
    )
    for preset_id, made, approved, decided in rows:
        card = cards[preset_id]
        card.made, card.approved, card.decided = made, approved, decided


def _add_examples(brand: Brand, cards: dict[object, PresetCard]) -> None:
    decodings = (
        Decoding.objects.filter(candidate__generation__brand=brand)
        .exclude(asset=None)
        .exclude(asset__state__in=[State.ARCHIVED, State.REJECTED])
        .select_related("asset", "candidate__generation__preset_version__preset")
        .order_by("-requested_at")
    )
    found: dict[object, list[Asset]] = {}
    for decoding in decodings[:LOOK_BACK]:
        preset = decoding.candidate.generation.preset
        if decoding.asset is not None and preset is not None and preset.pk in cards:
            found.setdefault(preset.pk, []).append(decoding.asset)
    for key, assets in found.items():
        assets.sort(key=lambda asset: asset.state != State.APPROVED)
        cards[key].examples = assets[:EXAMPLES]
