"""Where a picture goes on to a template, and previews of templates."""

from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from brandgen.accounts.access import Action
from brandgen.accounts.decorators import BrandRequest, brand_page
from brandgen.brands.models import BrandKit
from brandgen.compositor import (
    BrandStyleError,
    Document,
    ImageSourceError,
    ModificationError,
    UnknownFormatError,
)
from brandgen.compositor.parts import Data, flat_data, preview_data
from brandgen.creatives.content import BatchError, refuse_banned_terms
from brandgen.creatives.extending import extend
from brandgen.creatives.forms import (
    USES_EXTENSIONS,
    read_data,
    read_images,
    read_texts,
)
from brandgen.creatives.lookups import get_version
from brandgen.creatives.models import Template, TemplateVersion
from brandgen.creatives.pictures import example_images
from brandgen.creatives.rendering import Preview, example_texts, render_preview
from brandgen.lib.storage import StorageError
from brandgen.library.models import Asset

CANT_PREVIEW = (
    BatchError,
    BrandStyleError,
    ImageSourceError,
    ModificationError,
    StorageError,
    UnknownFormatError,
)


@require_safe
@brand_page(Action.MAKE_CREATIVES)
def create(request: BrandRequest) -> HttpResponse:
    """Choose the template that a picture goes into; with one template, go on."""
    templates = list(Template.objects.of_brand(request.brand).published())
    query = urlencode({"image": request.GET["image"]}) if "image" in request.GET else ""
    if len(templates) == 1:
        url = reverse("creatives:fill", args=[request.brand.slug, templates[0].id])
        return redirect(f"{url}?{query}" if query else url)
    url = reverse("creatives:templates", args=[request.brand.slug])
    return redirect(f"{url}?{query}" if query else url)


@require_safe
@brand_page()
def preview(
    request: BrandRequest, version_id: int, format_name: str
) -> HttpResponseBase:
    """Draw one format of a template, small, with what the query fills in."""
    version = get_version(request, version_id)
    document, locale = version.load(), ""
    if "example" in request.GET:
        texts, images = example_texts(document), example_images(request.brand, document)
        values: Data = document.data
    else:
        asked = request.GET.get("locale", "")
        locale = asked if asked in document.locales else ""
        texts = read_texts(document, request.GET, locale)
        values = read_data(document, request.GET, locale)
        images = read_images(document, request.GET, brand=request.brand)
    try:
        preview = draw_filled(
            version,
            document,
            format_name,
            texts,
            images=images,
            locale=locale,
            uses_extensions=bool(request.GET.get(USES_EXTENSIONS)),
            data=values,
        )
    except CANT_PREVIEW as error:
        return refuse_preview(str(error))
    return answer_preview(preview.picture)


def draw_filled(
    version: TemplateVersion,
    document: Document,
    format_name: str,
    texts: Mapping[str, str],
    *,
    images: Mapping[str, Asset],
    locale: str,
    data: Data = MappingProxyType({}),
    uses_extensions: bool = False,
) -> Preview:
    """Draw one format with what somebody fills in, as the brand is today.

    What is needed and still missing shows the template's example. With extended
    pictures in the place of those that it cuts, where that is asked for.

    Raises:
        BatchError: the brand has no published kit, or the kit bans words of the copy.
        other errors of CANT_PREVIEW: it can't be drawn so.
    """
    brand = version.template.brand
    kit = BrandKit.objects.find_current(brand)
    if kit is None:
        raise BatchError(f"{brand.name} has no published brand kit.")
    refuse_banned_terms(kit, document, {**texts, **flat_data(data)})
    if uses_extensions:
        images = extend(document, kit, images, format_name, locale)
    return render_preview(
        version=version,
        kit=kit,
        format_name=format_name,
        modifications=texts,
        images=images,
        locale=locale,
        data=preview_data(document.parts, data),
    )


def answer_preview(data: bytes) -> HttpResponse:
    """Answer with a picture that a browser may keep for some minutes."""
    response = HttpResponse(data, content_type="image/jpeg")
    response["Cache-Control"] = "private, max-age=300"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def refuse_preview(reason: str) -> HttpResponse:
    """Say why there is no picture."""
    return HttpResponse(reason, status=422, content_type="text/plain; charset=utf-8")
