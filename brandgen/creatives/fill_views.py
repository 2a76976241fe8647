"""The form of a template: fill it in, see every format and what checks say, make it."""

import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from brandgen.accounts.access import Action, may
from brandgen.accounts.decorators import BrandRequest, brand_page
from brandgen.accounts.models import Brand
from brandgen.brands.models import BrandKit
from brandgen.compositor import Document, Finding, Verdict
from brandgen.compositor.parts import flat_data
from brandgen.creatives.batches import request_batch
from brandgen.creatives.content import BatchError
from brandgen.creatives.cropping import crop_query
from brandgen.creatives.cut_views import FormCuts, cuts_context, find_form_cuts
from brandgen.creatives.estimates import estimate
from brandgen.creatives.file_choices import CHOICES
from brandgen.creatives.forms import (
    IMAGE,
    TEXT,
    USES_EXTENSIONS,
    FillForm,
    read_data,
    read_images,
    read_texts,
    text_name,
)
from brandgen.creatives.looks import as_data_url, find_bad
from brandgen.creatives.lookups import get_template, get_version, tell_unpublished
from brandgen.creatives.models import Batch, Template, TemplateVersion
from brandgen.creatives.pictures import Offer, offer_by_slot, read_id
from brandgen.creatives.rendering import Preview
from brandgen.creatives.versions import (
    Choice,
    UnpublishedError,
    choose_version,
    read_number,
    read_wanted,
)
from brandgen.creatives.views import CANT_PREVIEW, draw_filled
from brandgen.jobs.services import TooManyJobsError
from brandgen.lib.storage import StorageError
from brandgen.library.models import Asset

MOST_OFFERED = 48


@brand_page(Action.MAKE_CREATIVES)
def fill(request: BrandRequest, template_id: uuid.UUID) -> HttpResponse:
    """Fill a template's slots, see all formats, and make creatives."""
    template = get_template(request, template_id)
    choice = _choose(request, template)
    version = choice.version if choice else None
    if "draft" in request.GET and may(
        request.user, Action.MANAGE_TEMPLATES, request.brand
    ):
        choice = None
        version = template.find_newest()  # a designer looks as a marketer would
    if version is None:
        return tell_unpublished(request, template)
    document = version.load()
    wanted = request.POST.get("image") or request.GET.get("image", "")
    offers = _offered(request, document, wanted)
    form = FillForm(
        _read_post(request),
        brand=request.brand,
        document=document,
        offers=offers,
        initial={
            "name": template.name,
            **template.file_options,
            **_initial(wanted, offers),
            **_brought(request, document),
        },
    )
    # Whoever looked at another version looks at this one before it is made.
    is_look = any(name in request.POST for name in ("look", "move"))
    is_look = is_look or bool(choice and (choice.is_moved or choice.problem))
    if request.method == "POST" and not is_look and form.is_valid():
        batch = _make(request, version, form)
        if batch is not None:
            return redirect("creatives:batch", request.brand.slug, batch.id)
    is_refused = bool(form.is_bound and not is_look)
    if form.is_bound and not is_refused:
        # Only looking: what is missing yet is no mistake.
        form.errors.clear()
    shown = _shown_locale(request, document, form)
    data = form.data if form.is_bound else form.initial
    found = find_form_cuts(request, version, data, shown)
    context = {
        "template": template,
        "choice": choice,
        "version": version,
        "document": document,
        "form": form,
        "shown": shown,
        "previews": _previews(request, version, document, data, shown, found),
        "cuts_url": reverse("creatives:cuts", args=[request.brand.slug, version.id]),
        **cuts_context(request, document, found),
        "kit": BrandKit.objects.find_current(request.brand),
        "seconds": estimate(
            request.brand.id, creatives=1, pixels=0, file_type=Batch.FileType.JPEG
        ).seconds,
        "wanted": wanted,
        "unfit": _tell_unfit(request.brand, wanted, offers),
    }
    return render(
        request, "creatives/fill.html", context, status=422 if is_refused else 200
    )


def _choose(request: BrandRequest, template: Template) -> Choice | None:
    """Return the version that is asked for; the newest, with a word, if it is not."""
    data = request.POST if request.method == "POST" else request.GET
    seen = read_number(request.POST.get("seen_version", ""))
    try:
        return choose_version(template, read_wanted(data), seen=seen)
    except UnpublishedError:
        return None
    except BatchError as error:
        return replace(choose_version(template), problem=str(error))


def _read_post(request: HttpRequest) -> QueryDict | None:
    """Return what was sent; a button beside a preview can ask for extensions too."""
    if request.method != "POST":
        return None
    data = request.POST.copy()
    if data.get("look") == "extended":
        data[USES_EXTENSIONS] = "on"
    return data


def _brought(request: HttpRequest, document: Document) -> dict[str, Any]:
    """Return what the address fills in: one comes back with it from extending."""
    listed = {"formats": document.formats, "locales": document.locales}
    brought: dict[str, Any] = {
        name: [value for value in request.GET.getlist(name) if value in known]
        for name, known in listed.items()
        if name in request.GET
    }
    options = tuple(choice.name for choice in CHOICES)
    fields = (TEXT, IMAGE, "name", "file_type", USES_EXTENSIONS, *options)
    return brought | {
        name: value for name, value in request.GET.items() if name.startswith(fields)
    }


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


def _shown_locale(request: HttpRequest, document: Document, form: FillForm) -> str:
    """Return the language that the previews are drawn in."""
    asked = request.POST.get("locale", "")
    if asked in document.locales:
        return asked
    return next(iter(form["locales"].value() or ()), "") if document.locales else ""


def _previews(
    request: BrandRequest,
    version: TemplateVersion,
    document: Document,
    data: Mapping[str, Any],
    locale: str,
    found: FormCuts,
) -> list[dict[str, Any]]:
    """Return each format with the addresses of its preview for what is filled in."""
    said = read_texts(document, data, locale)
    said |= flat_data(read_data(document, data, locale))
    query = {text_name(name): text for name, text in said.items()}
    chosen = read_images(document, data, brand=request.brand)
    for name, asset in chosen.items():
        field = IMAGE + name
        query |= {field: str(asset.id), **crop_query(asset, field)}
    if locale:
        query["locale"] = locale
    if data.get(USES_EXTENSIONS):
        query[USES_EXTENSIONS] = "on"
    previews = []
    for name, shape in document.formats.items():
        place = [request.brand.slug, version.id, name]
        src = f"{reverse('creatives:preview', args=place)}?{urlencode(query)}"
        look_url = reverse("creatives:look", args=place)
        previews.append(
            {
                "name": name,
                "shape": shape,
                "src": src,
                "url": look_url,
                "cuts": found.formats.get(name, []),
            }
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
            localized=form.localized(),
            data=form.values(),
            formats=data["formats"],
            locales=data.get("locales", ()),
            name=data["name"],
            file_type=data["file_type"],
            file_options=form.file_options.options,
            uses_extensions=data[USES_EXTENSIONS],
            by=request.user,
            at=timezone.now(),
        )
    except BatchError as error:
        form.add_error(form.field_of(error.slot), str(error))
    except (TooManyJobsError, StorageError) as error:
        form.add_error(None, str(error))
    return None


@require_POST
@brand_page(Action.MAKE_CREATIVES)
def look(request: BrandRequest, version_id: int, format_name: str) -> HttpResponse:
    """Draw one format with what the form holds, and say what the checks found.

    The answer is JSON: a picture and a list of findings, or a problem and its field.
    """
    version = get_version(request, version_id)
    document, locale = version.load(), request.POST.get("locale", "")
    if locale and locale not in document.locales:
        return _refuse(f"The template has no language {locale!r}. Reload the page.")
    texts = read_texts(document, request.POST, locale)
    values = read_data(document, request.POST, locale)
    images = read_images(document, request.POST, brand=request.brand)
    try:
        preview = draw_filled(
            version,
            document,
            format_name,
            texts,
            images=images,
            locale=locale,
            uses_extensions=bool(request.POST.get(USES_EXTENSIONS)),
            data=values,
        )
    except CANT_PREVIEW as error:
        return _refuse(error, field=_field_of(error, request, locale))
    bad = find_bad(preview, document, texts, images, data=values)
    return JsonResponse(_tell(preview, bad))


def _field_of(error: Exception, request: HttpRequest, locale: str) -> str:
    """Name the field that an error speaks of: a language's own, where it is filled."""
    slot = getattr(error, "slot", "")
    if not slot:
        return ""
    own = text_name(slot, locale)
    return own if request.POST.get(own, "").strip() else text_name(slot)


def _refuse(problem: object, *, field: str = "") -> HttpResponse:
    return JsonResponse({"problem": str(problem), "field": field}, status=422)


def _tell(preview: Preview, bad: list[Finding]) -> dict[str, Any]:
    return {
        "picture": as_data_url(preview),
        "errors": sum(finding.verdict == Verdict.FAIL for finding in bad),
        "warnings": sum(finding.verdict == Verdict.WARN for finding in bad),
        "findings": render_to_string("creatives/_findings.html", {"findings": bad}),
    }
