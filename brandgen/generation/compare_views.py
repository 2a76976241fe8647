"""The page that holds pictures against each other."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from brandgen.accounts.decorators import BrandRequest, brand_page
from brandgen.generation import compare
from brandgen.library.models import Asset

MODES = {
    "side": ("Side by side", "s"),
    "slider": ("Slider", "l"),
    "difference": ("Difference", "d"),
}


@require_safe
@brand_page()
def page(request: BrandRequest) -> HttpResponse:
    """Show two to four pictures beside or over each other, and how they differ."""
    assets = compare.find_assets(request.brand, _read_ids(request))
    is_pair = len(assets) == compare.FEWEST
    asked = request.GET.get("mode", "side")
    mode = asked if asked in MODES and is_pair else "side"
    differing, same = compare.split_rows(compare.read_facts(assets))
    context = {
        "assets": [(asset, _without(assets, asset, mode)) for asset in assets],
        "pair": assets if is_pair else None,
        "mode": mode,
        "modes": [
            (name, label, key, _query(assets, name))
            for name, (label, key) in MODES.items()
        ],
        "swap_query": _query(assets[::-1], mode),
        "others": [
            (other, _query([*assets[: compare.MOST - 1], other], "side"))
            for other in compare.find_others(assets)
        ],
        "differing": differing,
        "same": same,
        "is_enough": len(assets) >= compare.FEWEST,
    }
    return render(request, "generation/compare.html", context)


def _read_ids(request: BrandRequest) -> list[UUID]:
    ids = []
    for text in request.GET.getlist("asset")[: compare.MOST * 2]:
        try:
            ids.append(UUID(text))
        except ValueError:
            continue
    return ids


def _query(assets: list[Asset], mode: str) -> str:
    named = [("asset", str(asset.id)) for asset in assets]
    return urlencode([*named, ("mode", mode)])


def _without(assets: list[Asset], asset: Asset, mode: str) -> str:
    return _query([other for other in assets if other != asset], mode)
