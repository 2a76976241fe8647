"""The page of one creative."""

import uuid
from collections.abc import Iterator
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from brandgen.accounts.decorators import BrandRequest, brand_page
from brandgen.compositor import TemplateDocumentError
from brandgen.compositor.parts import flat_data
from brandgen.creatives.batch_views import find_rights, label_texts
from brandgen.creatives.cropping import crop_query
from brandgen.creatives.cuts import CellPicture, describe_pictures
from brandgen.creatives.file_options import FileOptions
from brandgen.creatives.forms import IMAGE, USES_EXTENSIONS, text_name
from brandgen.creatives.models import BatchImage, Creative
from brandgen.lib.findings import Verdict
from brandgen.lib.storage import StorageError


@require_safe
@brand_page()
def cell(request: BrandRequest, creative_id: uuid.UUID) -> HttpResponse:
    """Show one creative large, with what was found; a part of a page if so asked."""
    rows = Creative.objects.of_brand(request.brand).select_related(
        "asset", "batch__template_version__template", "batch__brand_kit__brand", "row"
    )
    one = get_object_or_404(rows, id=creative_id)
    good = [found for found in one.findings if found["verdict"] == Verdict.PASS]
    context = {
        "creative": one,
        "good": good,
        "passed": f"{len(good)} check{'s' if len(good) > 1 else ''} passed",
        "bad": [found for found in one.findings if found not in good],
        "batch": one.batch,
        "pictures": _describe_pictures(one),
        "remake_url": _remake_url(one),
        "options": FileOptions.from_json(one.batch.file_options).describe(),
        "texts": label_texts(one.batch, one.row, one.locale),
        **find_rights(request),
    }
    page = "creatives/_cell.html" if "part" in request.GET else "creatives/cell.html"
    return render(request, page, context)


def _describe_pictures(one: Creative) -> list[CellPicture]:
    """Return the pictures of a cell; only their names where no more can be told."""
    try:
        return describe_pictures(one)
    except (StorageError, TemplateDocumentError):
        images = one.row.images.select_related("asset")
        return [CellPicture(image.asset) for image in images]


def _query_of(image: BatchImage) -> Iterator[tuple[str, str]]:
    field = IMAGE + image.slot
    yield field, str(image.asset_id)
    yield from crop_query(image.picture, field).items()


def _remake_url(one: Creative) -> str:
    """Return where the batch of a cell is made again, with extended pictures."""
    batch, row = one.batch, one.row
    slug = batch.template_version.template.brand.slug
    if batch.feed_id:
        return reverse("creatives:feed", args=[slug, batch.feed_id])
    query = [
        *((text_name(slot), text) for slot, text in row.modifications.items()),
        *((text_name(key), value) for key, value in flat_data(row.data).items()),
        *(
            (text_name(slot, tag), text)
            for tag, texts in row.localized.items()
            for slot, text in texts.items()
        ),
        *(
            pair
            for image in row.images.select_related("asset")
            for pair in _query_of(image)
        ),
        ("name", batch.name),
        ("file_type", batch.file_type),
        *batch.file_options.items(),
        ("formats", one.format),
        (USES_EXTENSIONS, "on"),
        *((("locales", one.locale),) if one.locale else ()),
    ]
    url = reverse("creatives:fill", args=[slug, batch.template_version.template_id])
    return f"{url}?{urlencode(query)}"
