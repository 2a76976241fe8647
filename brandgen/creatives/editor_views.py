"""The template editor: begin, change, look, save, and see what a version changes."""

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.http import require_POST, require_safe

from brandgen.accounts.access import Action
from brandgen.accounts.decorators import BrandRequest, brand_page
from brandgen.accounts.models import Brand
from brandgen.brands.models import BrandKit
from brandgen.compositor import (
    BrandStyleError,
    ImageSourceError,
    ModificationError,
    RenderOptionError,
    TemplateDocumentError,
    UnknownFormatError,
    document_schema,
)
from brandgen.compositor.formats import format_library
from brandgen.compositor.loading import MAX_BYTES
from brandgen.compositor.migrating import migrate
from brandgen.compositor.torture import list_cases
from brandgen.creatives import fixed_pictures
from brandgen.creatives.differences import Difference, compare
from brandgen.creatives.drafts import (
    StaleTemplateError,
    save_template_version,
    start_template,
)
from brandgen.creatives.drawings import find_report
from brandgen.creatives.editing import (
    Draft,
    describe,
    draw_draft,
    find_case,
    play_draft,
    read_draft,
    shapes_of,
)
from brandgen.creatives.fixed_pictures import find_fixed
from brandgen.creatives.forms import read_data, read_images, read_texts
from brandgen.creatives.kit_rules import find_foreign, find_painted
from brandgen.creatives.layer_locks import LayerLockedError
from brandgen.creatives.locking import TemplateLockedError, explain_lock
from brandgen.creatives.lookups import get_template
from brandgen.creatives.models import Template, TemplateVersion
from brandgen.creatives.picture_rules import find_lost
from brandgen.creatives.pictures import (
    example_images,
    list_collections,
    offer_pictures,
    seek_pictures,
)
from brandgen.creatives.printing import PrintError, room
from brandgen.creatives.services import TemplateError
from brandgen.creatives.template_forms import NewTemplateForm
from brandgen.creatives.wording import ANCHORS, FIELDS, LAYERS, VALUES
from brandgen.lib.storage import StorageError
from brandgen.library.models import Asset

MOST_PICTURES = 24
MOST_OF_A_COLLECTION = 12
MOST_FOUND = 48
LONGEST_SEARCH = 100


@brand_page(Action.MANAGE_TEMPLATES)
def new(request: BrandRequest) -> HttpResponse:
    """Begin a template, blank or as a copy, and open it in the editor."""
    form = NewTemplateForm(
        request.POST or None,
        brand=request.brand,
        initial={"begin": request.GET.get("copy", "")[:36]},
    )
    if request.method == "POST" and form.is_valid():
        try:
            version = start_template(
                brand=request.brand,
                name=form.cleaned_data["name"],
                formats=form.cleaned_data["formats"],
                copy_of=form.cleaned_data["begin"],
                by=request.user,
                at=timezone.now(),
            )
        except TemplateError as error:
            form.add_error("name", str(error))
        else:
            return redirect("creatives:edit", request.brand.slug, version.template_id)
    status = 422 if form.is_bound else 200
    return render(request, "creatives/new.html", {"form": form}, status=status)


@require_safe
@brand_page(Action.MANAGE_TEMPLATES)
def changes(request: BrandRequest, template_id: uuid.UUID) -> HttpResponse:
    """Show what a version changes against the one that was in use before it."""
    template = get_template(request, template_id)
    versions = list(template.versions.order_by("-version"))
    wanted = request.GET.get("version", "")
    version = next((v for v in versions if str(v.version) == wanted), None) or next(
        iter(versions), None
    )
    if version is None:
        return redirect("creatives:template", request.brand.slug, template.id)
    before = next(
        (v for v in versions if v.version < version.version and v.published_at), None
    )
    try:
        document, old = version.load(), before.load() if before else None
    except TemplateDocumentError as error:
        messages.error(request, str(error))
        return redirect("creatives:template", request.brand.slug, template.id)
    found = (
        compare(migrate(before.document), migrate(version.document)) if before else []
    )
    kit = BrandKit.objects.find_current(request.brand)
    context = {
        "template": template,
        "version": version,
        "before": before,
        "versions": versions,
        "places": _by_place(found),
        "count": len(found),
        "lost": find_lost(request.brand, document),
        "foreign": find_foreign(kit, document),
        "painted": find_painted(kit, document),
        "gone": fixed_pictures.find_lost(request.brand, document),
        "lock": explain_lock(template, request.user),
        "formats": [
            {
                "name": name,
                "shape": shape,
                "old": old.formats.get(name) if old else None,
            }
            for name, shape in document.formats.items()
        ],
    }
    return render(request, "creatives/changes.html", context)


def _by_place(found: list[Difference]) -> dict[str, list[Difference]]:
    places: dict[str, list[Difference]] = {}
    for one in found:
        places.setdefault(one.place, []).append(one)
    return places


@require_safe
@brand_page(Action.MANAGE_TEMPLATES)
def edit(request: BrandRequest, template_id: uuid.UUID) -> HttpResponse:
    """Open a template in the editor: its draft, or what was published last."""
    template = get_template(request, template_id)
    version = template.find_newest()
    try:
        document = version.load() if version else None
    except TemplateDocumentError as error:
        messages.error(request, str(error))
        document = None
    if version is None or document is None:
        return redirect("creatives:template", request.brand.slug, template.id)
    kit = BrandKit.objects.find_current(request.brand)
    lock = explain_lock(template, request.user)
    context = {
        "template": template,
        "version": version,
        "published": template.find_published(),
        "kit": kit,
        "lock": lock,
        "notes": find_report(version),
        "setup": {
            "id": str(template.id),
            "base": version.mark,
            "version": version.version,
            "isDraft": version.published_at is None,
            "isLocked": bool(lock),
            "document": migrate(version.document),
            "formats": shapes_of(document),
            "library": format_library(),
            "schema": document_schema()["$defs"],
            "words": {
                "anchors": ANCHORS,
                "fields": FIELDS,
                "layers": LAYERS,
                "values": VALUES,
            },
            "brand": _describe_kit(kit),
            "pictures": _name(offer_pictures(request.brand, most=MOST_PICTURES)),
            "collections": _describe_collections(request.brand),
            "own": {
                name: _show(asset)
                for name, asset in find_fixed(request.brand, document).items()
            },
            "cases": [
                {"name": one.name, "label": one.label, "locale": one.locale}
                for one in list_cases(document)
            ],
            "urls": _urls(request, template),
        },
    }
    return render(request, "creatives/editor.html", context)


def _urls(request: BrandRequest, template: Template) -> dict[str, str]:
    def url(name: str) -> str:
        return reverse(f"creatives:{name}", args=[request.brand.slug, template.id])

    names = {
        "preview": "draft-preview",
        "play": "draft-play",
        "save": "draft",
        "back": "edit",
        "pictures": "pictures",
    }
    return {key: url(name) for key, name in names.items()}


def _describe_kit(kit: BrandKit | None) -> dict[str, Any]:
    """Give what layers may take of the brand: colors by role, fonts, logos."""
    tokens = kit.color_tokens().items() if kit else ()
    colors = {token: {"name": color.name, "hex": color.hex} for token, color in tokens}
    fonts: dict[str, list[int]] = {}
    for font in kit.fonts.all() if kit else ():
        fonts.setdefault(font.family, []).append(font.weight)
    logos = [logo.variant for logo in kit.logos.all()] if kit else []
    return {"colors": colors, "fonts": fonts, "logos": logos}


def _describe_collections(brand: Brand) -> list[dict[str, Any]]:
    """Give what slots may take pictures of, each with some to look at them with."""
    return [
        {"key": row.key, "name": row.name, "pictures": _name(newest)}
        for row, newest in list_collections(brand, most=MOST_OF_A_COLLECTION)
    ]


def _show(asset: Asset) -> dict[str, str]:
    """Give what a layer needs to always show a picture, and people to know it."""
    place = [asset.brand.slug, asset.id, "small"]
    return {
        "name": fixed_pictures.name_of(asset),
        "title": asset.title,
        "thumb": reverse("library:thumb", args=place),
    }


@require_safe
@brand_page(Action.MANAGE_TEMPLATES)
def pictures(request: BrandRequest, template_id: uuid.UUID) -> HttpResponse:
    """Answer with approved pictures for a layer that shall always show one."""
    get_template(request, template_id)
    text = request.GET.get("q", "")[:LONGEST_SEARCH]
    found = seek_pictures(request.brand, text, most=MOST_FOUND + 1)
    return JsonResponse(
        {
            "pictures": [_show(asset) for asset in found[:MOST_FOUND]],
            "more": len(found) > MOST_FOUND,
        }
    )


def _name(assets: list[Asset]) -> list[dict[str, str]]:
    return [{"id": str(asset.id), "title": asset.title} for asset in assets]


@require_POST
@brand_page(Action.MANAGE_TEMPLATES)
def draft(request: BrandRequest, template_id: uuid.UUID) -> HttpResponse:
    """Keep the document as the draft, unless somebody else changed it meanwhile."""
    template = get_template(request, template_id)
    try:
        version = save_template_version(
            template=template,
            source=request.POST.get("document", ""),
            base=request.POST.get("base", ""),
            by=request.user,
            at=timezone.now(),
        )
    except StaleTemplateError as error:
        newest = error.newest
        theirs = {"problem": str(error), **(_state(newest) if newest else {})}
        if newest is not None:
            theirs["document"] = newest.document
        return JsonResponse(theirs, status=409)
    except TemplateLockedError as error:
        return _refuse(error, status=403)
    except LayerLockedError as error:
        told = {"problem": str(error), "pointer": error.pointer}
        more = {"layer": error.layer, "lock": error.lock}
        return JsonResponse(told | more, status=422)
    except TemplateError as error:
        return _refuse(error, pointer=error.pointer)
    return JsonResponse(_state(version))


def _state(version: TemplateVersion) -> dict[str, Any]:
    saved_at = version.saved_at or version.created_at
    return {
        "base": version.mark,
        "version": version.version,
        "isDraft": version.published_at is None,
        "savedAt": date_format(timezone.localtime(saved_at), "TIME_FORMAT"),
    }


@require_POST
@brand_page(Action.MANAGE_TEMPLATES)
def draft_preview(request: BrandRequest, template_id: uuid.UUID) -> HttpResponse:
    """Draw a document as it is being changed; nothing is kept."""
    get_template(request, template_id)

    def draw(draft: Draft) -> HttpResponse:
        drawn = draw_draft(draft, scale=_read_scale(request))
        return JsonResponse(describe(drawn, request.brand))

    return _answer_drawn(request, draw)


@require_POST
@brand_page(Action.MANAGE_TEMPLATES)
def draft_play(request: BrandRequest, template_id: uuid.UUID) -> HttpResponse:
    """Draw how a document moves as it is being changed: an animated WebP."""
    get_template(request, template_id)

    def draw(draft: Draft) -> HttpResponse:
        with room():
            rendered = play_draft(draft)
        return HttpResponse(rendered.data, content_type=rendered.mime)

    return _answer_drawn(request, draw)


def _answer_drawn(
    request: BrandRequest, draw: Callable[[Draft], HttpResponse]
) -> HttpResponse:
    """Answer with what is drawn of the document that was sent, or with the problem."""
    source = request.POST.get("document", "")
    kit = BrandKit.objects.find_current(request.brand)
    if kit is None:
        name = request.brand.name
        return _refuse(f"{name} has no published brand kit. Publish one first.")
    try:
        if len(source) > MAX_BYTES:  # before it is looked up among those read lately
            raise TemplateError(f"{len(source)} bytes; {MAX_BYTES} are allowed.")
        document = read_draft(source)
        return draw(
            Draft(
                document=document,
                kit=kit,
                case=find_case(document, request.POST.get("case", "")),
                format_name=request.POST.get("format", ""),
                locale=request.POST.get("locale", ""),
                texts=read_texts(document, request.POST),
                images={
                    **example_images(request.brand, document),
                    **read_images(document, request.POST, brand=request.brand),
                },
                data=read_data(document, request.POST),
            )
        )
    except TemplateError as error:
        return _refuse(error, pointer=error.pointer)
    except ModificationError as error:
        return _refuse(error, pointer=f"/slots/{error.slot}")
    except (
        BrandStyleError,
        ImageSourceError,
        PrintError,
        RenderOptionError,
        UnknownFormatError,
        StorageError,
    ) as error:
        return _refuse(error)


def _read_scale(request: HttpRequest) -> float:
    try:
        scale = float(request.POST.get("scale", ""))
    except ValueError:
        return 0.5
    return scale if 0 < scale <= 1 else 0.5


def _refuse(problem: object, *, pointer: str = "", status: int = 422) -> HttpResponse:
    return JsonResponse({"problem": str(problem), "pointer": pointer}, status=status)
