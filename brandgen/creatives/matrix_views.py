"""The page on which pictures and copy variants are put together by hand."""

import uuid
from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone

from brandgen.accounts.access import Action
from brandgen.accounts.decorators import BrandRequest, brand_page
from brandgen.compositor import Document
from brandgen.creatives.content import BatchError
from brandgen.creatives.feed_views import find_like
from brandgen.creatives.feeds import BY_HAND, load_table
from brandgen.creatives.grid import read_position
from brandgen.creatives.lookups import get_template, tell_unpublished
from brandgen.creatives.matrix import (
    MOST_VARIANTS,
    Matrix,
    make_matrix_feed,
    read_matrix,
    text_keys,
)
from brandgen.creatives.models import Template
from brandgen.creatives.pictures import offer_by_slot, read_id
from brandgen.lib.storage import StorageError
from brandgen.library.models import Asset

OFFERED = 96
LONGEST_TEXT = 2000


@brand_page(Action.MAKE_CREATIVES)
def matrix(request: BrandRequest, template_id: uuid.UUID) -> HttpResponse:
    """Choose several pictures, write several variants, and go on to what they make."""
    template = get_template(request, template_id)
    version = template.find_published()
    if version is None:
        return tell_unpublished(request, template)
    document = version.load()
    if request.method == "POST":
        given, problem = _read(request.POST, document), ""
        if "add" not in request.POST:
            try:
                feed = make_matrix_feed(
                    template=template,
                    variants=given.variants,
                    images=_find_chosen(request, given),
                    by=request.user,
                    at=timezone.now(),
                )
                return redirect("creatives:feed", request.brand.slug, feed.id)
            except (BatchError, StorageError) as error:
                problem = str(error)
    else:
        given, problem = _begin(request, template, document), ""
    context = {
        "template": template,
        "problem": problem,
        "slots": _slots(request, document, given),
        "variants": _variants(document, given),
        "count": len(given.variants),
        "may_add": len(given.variants) < MOST_VARIANTS,
    }
    status = 422 if problem else 200
    return render(request, "creatives/matrix.html", context, status=status)


def _begin(request: BrandRequest, template: Template, document: Document) -> Matrix:
    """Return what an older feed was made of, or two variants to write."""
    like = find_like(request, template)
    if like is not None and like.kind == BY_HAND:
        return read_matrix(document, load_table(like))
    return Matrix([{}, {}])


def _read(data: QueryDict, document: Document) -> Matrix:
    count = max(1, read_position(data.get("count", ""), most=MOST_VARIANTS))
    keys = [
        key for locale in ("", *document.locales) for key in text_keys(document, locale)
    ]
    variants = [
        {key: text for key in keys if (text := _text(data, f"v{number}-{key}"))}
        for number in range(count)
    ]
    if "add" in data and count < MOST_VARIANTS:
        variants.append({})
    pictures = {slot: data.getlist(f"i-{slot}") for slot in document.image_slots}
    return Matrix(variants, pictures)


def _text(data: QueryDict, name: str) -> str:
    return data.get(name, "").replace("\0", "").strip()[:LONGEST_TEXT]


def _find_chosen(request: BrandRequest, given: Matrix) -> dict[str, list[Asset]]:
    """Return the brand's pictures that were chosen, fit or not, by slot."""
    ids = {id_ for some in given.pictures.values() for id_ in map(read_id, some) if id_}
    found = Asset.objects.of_brand(request.brand).in_bulk(list(ids))
    return {
        slot: [found[id_] for id_ in map(read_id, some) if id_ in found]
        for slot, some in given.pictures.items()
    }


def _slots(
    request: BrandRequest, document: Document, given: Matrix
) -> list[dict[str, Any]]:
    chosen = {id_ for ids in given.pictures.values() for id_ in ids}
    offers = offer_by_slot(request.brand, document, most=OFFERED, chosen=chosen)
    return [
        {
            "name": slot,
            "label": document.slots[slot].label or slot,
            "is_needed": document.slots[slot].required,
            "offer": offer,
            "chosen": set(given.pictures.get(slot, ())),
        }
        for slot, offer in offers.items()
    ]


def _variants(document: Document, given: Matrix) -> list[list[dict[str, Any]]]:
    """Return each variant as groups of fields: for all languages, then for each."""

    def fields(variant: Any, locale: str) -> list[dict[str, Any]]:
        found = []
        for key in text_keys(document, locale):
            slot = document.worded[key.partition("@")[0]]
            value = variant.get(key, "")
            found.append({"key": key, "slot": slot, "value": value})
        return found

    groups = {"": "", **{t: one.label or t for t, one in document.locales.items()}}
    return [
        [
            {"label": label, "fields": some, "own": any(f["value"] for f in some)}
            for locale, label in groups.items()
            if (some := fields(variant, locale))
        ]
        for variant in given.variants
    ]
