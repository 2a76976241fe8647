"""Says in words what two to four pictures were made with, and where that differs."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from brandgen.accounts.models import Brand
from brandgen.generation.models import Decoding
from brandgen.generation.words import Facts, describe_inputs
from brandgen.library.models import Asset
from brandgen.presets.variables import read_variables

FEWEST, MOST = 2, 4
MOST_OFFERED = 24


@dataclass(frozen=True)
class Row:
    """One setting, with its words for each picture in turn."""

    label: str
    words: tuple[str, ...]


def find_assets(brand: Brand, ids: Sequence[UUID]) -> list[Asset]:
    """Return a brand's assets in the order asked for, each once, at most four."""
    assets = Asset.objects.of_brand(brand).in_bulk(ids[: MOST * 2])
    found = dict.fromkeys(assets[each] for each in ids if each in assets)
    return list(found)[:MOST]


def find_others(assets: Sequence[Asset]) -> list[Asset]:
    """Return what stands beside these: images of their contact sheets, newest last."""
    if not assets:
        return []
    sheets = Decoding.objects.filter(asset__in=assets).values("candidate__generation")
    return list(
        Asset.objects.filter(decodings__candidate__generation__in=sheets)
        .exclude(id__in=[asset.id for asset in assets])
        .order_by("created_at", "id")
        .distinct()[:MOST_OFFERED]
    )


def read_facts(assets: Sequence[Asset]) -> list[Facts]:
    """Say what each picture was made with, and what kind of file it is."""
    decodings = Decoding.objects.filter(asset__in=assets).select_related(
        "candidate__generation__preset_version__preset",
        "candidate__generation__brand_kit",
        "candidate__generation__source",
    )
    made_by: dict[UUID | None, Decoding] = {}
    for decoding in decodings.order_by("requested_at", "id"):
        made_by.setdefault(decoding.asset_id, decoding)
    return [_facts_of(asset, made_by.get(asset.id)) for asset in assets]


def split_rows(facts: Sequence[Facts]) -> tuple[list[Row], list[Row]]:
    """Gather facts to rows: those that differ, and those that are the same."""
    labels = dict.fromkeys(label for each in facts for label in each)
    rows = [
        Row(label, tuple(each.get(label, "") for each in facts)) for label in labels
    ]
    differing = [row for row in rows if len(set(row.words)) > 1]
    return differing, [row for row in rows if len(set(row.words)) == 1]


def _facts_of(asset: Asset, decoding: Decoding | None) -> Facts:
    facts = {"Kind": asset.get_kind_display()}
    if decoding is not None:
        facts |= _recipe_of(decoding)
    facts["Size"] = f"{asset.width_px} × {asset.height_px} px"
    facts["License"] = asset.license_name or "not stated"
    facts["File"] = asset.file_extension.upper()
    return facts


def _recipe_of(decoding: Decoding) -> Facts:
    candidate = decoding.candidate
    generation = candidate.generation
    version = generation.preset_version
    facts: Facts = {}
    if version is not None:
        facts["Preset"] = str(version)
        for variable in read_variables(version.variables):
            facts[variable.label] = str(generation.values.get(variable.name, ""))
    facts |= describe_inputs(generation)
    model = decoding.model_identity or candidate.model_identity
    return facts | {
        "What the model read": generation.prompt,
        "Avoided": generation.negative_prompt or "nothing",
        "Seed": str(candidate.seed),
        "Seed of the finish": str(decoding.seed),
        "Sketch": _words(generation.prior_steps, generation.prior_guidance_scale),
        "Finish": _words(decoding.steps, decoding.guidance_scale),
        "Model": f"{model.get('name', '')} {model.get('revision', '')}".strip(),
        "Computed on": f"{model.get('device', '')}, {model.get('dtype', '')}",
        "Brand kit": f"version {generation.brand_kit.version}",
    }


def _words(steps: int, guidance_scale: float) -> str:
    guidance = f"guidance {guidance_scale:g}" if guidance_scale > 1 else "not guided"
    return f"{steps} steps, {guidance}"
