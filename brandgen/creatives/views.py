"""Pages of creatives: fill a template, and see it in every format."""

import uuid
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from brandgen.accounts.access import Action, may
from brandgen.accounts.decorators import BrandRequest, brand_page
from brandgen.accounts.models import Brand
from brandgen.brands.models import BrandKit
from brandgen.compositor import (
    BrandStyleError,
    Document,
    ImageSourceError,
    ModificationError,
    UnknownFormatError,
)
from brandgen.creatives.batches import request_batch
from brandgen.creatives.content import (
    BannedCopyError,
    BatchError,
    refuse_banned_terms,
)
from brandgen.creatives.forms import (
    IMAGE,
    TEXT,
    FillForm,
    read_images,
    read_texts,
)
from brandgen.creatives.models import Batch, Template, TemplateVersion
from brandgen.creatives.pictures import (
    Offer,
    example_images,
    offer_by_slot,
    read_id,
)
from brandgen.creatives.rendering import example_texts, render_preview
from brandgen.jobs.services import TooManyJobsError
from brandgen.lib.storage import StorageError
from brandgen.library.models import Asset

MOST_OFFERED = 48
CANT_PREVIEW = (
    BannedCopyError,
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


@brand_page(Action.MAKE_CREATIVES)
def fill(request: BrandRequest, template_id: uuid.UUID) -> HttpResponse:
    """Fill a template's slots, see all formats, and make creatives."""
    template = get_object_or_404(
        Template.objects.of_brand(request.brand), id=template_id
    )
    version = template.find_published()
    if "draft" in request.GET and may(
        request.user, Action.MANAGE_TEMPLATES, request.brand
    ):
        version = template.find_newest()  # a designer looks as a marketer would
    if version is None:
        messages.error(request, f"{template.name} is not published yet.")
        return redirect("creatives:template", request.brand.slug, template.id)
    document = version.load()
    wanted = request.POST.get("image") or request.GET.get("image", "")
    offers = _offered(request, document, wanted)
    form = FillForm(
        request.POST or None,
        brand=request.brand,
        document=document,
        offers=offers,
        initial={"name": template.name, **_initial(wanted, offers)},
    )
    if request.method == "POST" and "look" not in request.POST and form.is_valid():
        batch = _make(request, version, form)
        if batch is not None:
            return redirect("creatives:batch", request.brand.slug, batch.id)
    is_refused = bool(form.is_bound and "look" not in request.POST)
    if form.is_bound and not is_refused:
        # Only looking: what is missing yet is no mistake.
        form.errors.clear()
    context = {
        "template": template,
        "version": version,
        "form": form,
        "previews": _previews(request, version, document, form),
        "kit": BrandKit.objects.find_current(request.brand),
        "wanted": wanted,
        "unfit": _tell_unfit(request.brand, wanted, offers),
    }
    return render(
        request, "creatives/fill.html", context, status=422 if is_refused else 200
    )


def _offered(
    request: BrandRequest, document: Document, wanted: str
) -> dict[str, Offer]:
    """Return the newest pictures for each slot, after those that are chosen already."""
    chosen = read_images(document, request.POST or request.GET, brand=request.brand)
    ids = [wanted, *(asset.id for asset in chosen.values())]
    return offer_by_slot(request.brand, document, most=MOST_OFFERED, chosen=ids)


def _initial(wanted: str, offers: Mapping[str, Offer]) -> dict[str, Any]:
    """Return what is chosen at first: what was brought, or where there is but one."""
    for slot, offer in offers.items():
        if wanted in offer.by_id:
            return {IMAGE + slot: wanted}
    slot, first = next(iter(offers.items()), ("", None))
    if first is None or len(first.assets) != 1:
        return {}
    return {IMAGE + slot: str(first.assets[0].id)}


def _tell_unfit(brand: Brand, wanted: str, offers: Mapping[str, Offer]) -> str:
    """Say why no slot takes the picture that somebody brought; nothing if one does."""
    id_ = read_id(wanted)
    if id_ is None or not offers or any(wanted in o.by_id for o in offers.values()):
        return ""
    asset = Asset.objects.of_brand(brand).approved().filter(id=id_).first()
    return next(iter(offers.values())).rule.explain(asset) if asset else ""


def _previews(
    request: BrandRequest, version: TemplateVersion, document: Document, form: FillForm
) -> list[dict[str, Any]]:
    """Return each format with the address of its preview for what is filled in."""
    data = form.data if form.is_bound else form.initial
    names = [TEXT + name for name in read_texts(document, data)]
    names += [IMAGE + n for n in read_images(document, data, brand=request.brand)]
    query = urlencode({name: data[name] for name in names})
    previews = []
    for name, shape in document.formats.items():
        url = reverse("creatives:preview", args=[request.brand.slug, version.id, name])
        previews.append(
            {"name": name, "shape": shape, "url": url, "src": f"{url}?{query}"}
        )
    return previews


def _make(
    request: BrandRequest, version: TemplateVersion, form: FillForm
) -> Batch | None:
    data = form.cleaned_data
    try:
        return request_batch(
            template_version=version,
            images=read_images(form.document, data, brand=request.brand),
            modifications=form.texts(),
            formats=data["formats"],
            name=data["name"],
            file_type=data["file_type"],
            by=request.user,
            at=timezone.now(),
        )
    except BatchError as error:
        form.add_error(form.field_of(error.slot), str(error))
    except (TooManyJobsError, StorageError) as error:
        form.add_error(None, str(error))
    return None


@require_safe
@brand_page()
def preview(
    request: BrandRequest, version_id: int, format_name: str
) -> HttpResponseBase:
    """Draw one format of a template, small, with what the query fills in."""
    version = get_object_or_404(
        TemplateVersion.objects.of_brand(request.brand), id=version_id
    )
    document = version.load()
    if "example" in request.GET:
        texts, images = example_texts(document), example_images(request.brand, document)
    else:
        texts = read_texts(document, request.GET)
        images = read_images(document, request.GET, brand=request.brand)
    return _draw(request, version, format_name, texts, images)


def _draw(
    request: BrandRequest,
    version: TemplateVersion,
    format_name: str,
    texts: dict[str, str],
    images: dict[str, Asset],
) -> HttpResponse:
    kit = BrandKit.objects.find_current(request.brand)
    if kit is None:
        return refuse_preview(f"{request.brand.name} has no published brand kit.")
    try:
        refuse_banned_terms(kit, version.load(), texts)
        data = render_preview(
            version=version,
            kit=kit,
            format_name=format_name,
            modifications=texts,
            images=images,
        )
    except CANT_PREVIEW as error:
        return refuse_preview(str(error))
    return answer_preview(data)


def answer_preview(data: bytes) -> HttpResponse:
    """Answer with a picture that a browser may keep for some minutes."""
    response = HttpResponse(data, content_type="image/jpeg")
    response["Cache-Control"] = "private, max-age=300"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def refuse_preview(reason: str) -> HttpResponse:
    """Say why there is no picture."""
    return HttpResponse(reason, status=422, content_type="text/plain; charset=utf-8")
