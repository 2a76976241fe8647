"""Pages of the library: the gallery, an asset, its file, and the way in for uploads."""

from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from brandgen.accounts.access import Action, find_actions
from brandgen.accounts.decorators import BrandRequest, brand_page
from brandgen.audit.models import Entry
from brandgen.brands.models import BrandKit
from brandgen.lib.images import ImageError
from brandgen.lib.storage import StorageError
from brandgen.library import focal, history, lineage, media, services
from brandgen.library import gallery as galleries
from brandgen.library.forms import (
    DescribeForm,
    FiltersForm,
    FocalPointForm,
    UploadForm,
)
from brandgen.library.models import Asset, Collection, Rendition

TABS = ("details", "lineage", "history", "uses")


def get_asset(request: BrandRequest, asset_id: UUID) -> Asset:
    """Return an asset of the brand of the page; 404 if there is none."""
    assets = Asset.objects.of_brand(request.brand).select_related(
        "created_by", "brand", "brand_kit"
    )
    return get_object_or_404(assets, id=asset_id)


@require_safe
@brand_page()
def gallery(request: BrandRequest) -> HttpResponse:
    """Show the assets that the filters keep, page by page."""
    collections = list(Collection.objects.of_brand(request.brand))
    filters = FiltersForm(request.GET, collections=collections).to_filters()
    page = galleries.get_page(
        filters.of_brand(request.brand),
        after=galleries.Key.find(request.GET.get("after", "")),
        before=galleries.Key.find(request.GET.get("before", "")),
    )
    facets = galleries.count_facets(request.brand, filters)
    here = request.GET.urlencode()
    actions = find_actions(request.user, request.brand)
    context = {
        "filters": filters,
        "facets": facets,
        "page": page,
        "newer_url": page.newer and f"?{filters.query(before=page.newer)}",
        "older_url": page.older and f"?{filters.query(after=page.older)}",
        "library_query": filters.query(view="", state=()),
        "all_query": filters.query(view="all"),
        "all_url": f"?{filters.query(view='all')}",
        "back": urlencode({"back": here}) if here else "",
        "may_upload": Action.UPLOAD in actions,
        "may_submit": Action.SUBMIT in actions,
        "may_export": Action.EXPORT in actions,
        "may_collect": Action.COLLECT in actions,
        "collections": collections,
    }
    return render(request, "library/gallery.html", context)


@brand_page(Action.UPLOAD)
def upload(request: BrandRequest) -> HttpResponse:
    """Take a picture from outside; on any problem keep the form as it was filled in."""
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method != "POST":
        return _upload_page(request, {"form": UploadForm()})
    if not form.is_valid():
        return _upload_page(request, {"form": form}, status=422)
    kit = BrandKit.objects.find_current(request.brand)
    if kit is None:
        form.add_error(
            None, "Publish the brand kit first; every picture names its kit."
        )
        return _upload_page(request, {"form": form}, status=422)
    good = form.cleaned_data
    at = timezone.now()
    try:
        asset = services.ingest_upload(
            brand=request.brand,
            brand_kit=kit,
            file=good["file"],
            title=good["title"],
            source_type=good["source_type"],
            license_name=good["license_name"],
            is_commercial_use_allowed=good["is_commercial_use_allowed"],
            alt_text=good["alt_text"],
            uploaded_by=request.user,
            at=at,
        )
    except ImageError as error:
        form.add_error("file", str(error))
        return _upload_page(request, {"form": form}, status=422)
    except StorageError as error:
        return _upload_page(request, {"form": form, "problem": str(error)}, status=503)
    if asset.created_at == at:
        messages.success(request, f"“{asset.title}” is in the library as a draft.")
    else:
        messages.info(request, f"This picture was here already: “{asset.title}”.")
    return redirect("library:asset", request.brand.slug, asset.id)


def _upload_page(
    request: BrandRequest, context: dict[str, object], status: int = 200
) -> HttpResponse:
    context["max_mb"] = settings.MAX_UPLOAD_BYTES >> 20
    context["max_bytes"] = settings.MAX_UPLOAD_BYTES
    context["max_megapixels"] = settings.MAX_IMAGE_PIXELS // 1_000_000
    return render(request, "library/upload.html", context, status=status)


@require_safe
@brand_page()
def asset(request: BrandRequest, asset_id: UUID) -> HttpResponse:
    """Show one picture and everything that is known about it."""
    one = get_asset(request, asset_id)
    actions = find_actions(request.user, request.brand)
    tab = request.GET.get("tab", "")
    tab = tab if tab in TABS else TABS[0]
    back = urlencode(parse_qsl(request.GET.get("back", "")[:2000]))
    context = {
        "asset": one,
        "tab": tab,
        "back": urlencode({"back": back}) if back else "",
        "back_query": f"?{back}" if back else "",
        "may_edit": one.is_editable and Action.UPLOAD in actions,
        "may_submit": one.is_submittable and Action.SUBMIT in actions,
        "may_archive": Action.UPLOAD in actions,
        "may_make": Action.MAKE_CREATIVES in actions,
        "may_export": Action.EXPORT in actions,
        "may_collect": Action.COLLECT in actions,
        "recipe": lineage.find_recipe(one),
    }
    if tab == "details":
        context["collections"] = one.collections.all()
        context["describe_form"] = DescribeForm(
            initial={"title": one.title, "alt_text": one.alt_text}
        )
        context["focal_words"] = focal.explain(one)
        context["focal_form"] = FocalPointForm(
            initial={"x": round(one.focal_x * 100), "y": round(one.focal_y * 100)}
        )
    elif tab == "lineage":
        context["ancestors"] = lineage.find_ancestors(one)
        context["children"] = lineage.find_children(one)
    elif tab == "history":
        context["events"] = history.tell(Entry.objects.about(one)[:200])
    else:
        context["placements"] = lineage.find_placements(one)
        context["export_items"] = one.export_items.select_related(
            "export__destination"
        ).order_by("-export__requested_at")[:50]
        context["children"] = lineage.find_children(one)
    return render(request, "library/asset.html", context)


@require_safe
@brand_page()
def file(request: BrandRequest, asset_id: UUID) -> HttpResponseBase:
    """Answer with the asset's own file, to look at or to keep.

    What people keep of a creative that is not approved says so.
    """
    one = get_asset(request, asset_id)
    is_download = "download" in request.GET
    if is_download and one.is_marked_outside:
        return media.answer_marked_copy(request, one)
    return media.answer_file(
        request,
        sha256=one.sha256,
        mime=one.mime,
        name=f"{media.file_name(one)}.{one.file_extension}",
        size_bytes=one.size_bytes,
        is_download=is_download,
    )


@require_safe
@brand_page()
def thumb(request: BrandRequest, asset_id: UUID, size: str) -> HttpResponseBase:
    """Answer with a small copy; make it first where it is missing."""
    if size not in Rendition.Size.values:
        raise Http404
    copies = Rendition.objects.filter(asset__brand=request.brand, asset=asset_id)
    rendition = copies.filter(size=size).first()
    if rendition is None:
        try:
            services.ensure_rendition(
                asset=get_asset(request, asset_id), size=Rendition.Size(size)
            )
        except StorageError as error:
            return HttpResponse(f"{error}\n", status=503, content_type="text/plain")
        rendition = get_object_or_404(copies, size=size)
    return media.answer_file(
        request,
        sha256=rendition.sha256,
        mime="image/webp",
        name=f"{rendition.sha256[:12]}-{size}.webp",
    )


@require_POST
@brand_page(Action.UPLOAD)
def describe(request: BrandRequest, asset_id: UUID) -> HttpResponse:
    """Change title and description."""
    one = get_asset(request, asset_id)
    form = DescribeForm(request.POST)
    if form.is_valid():
        title, alt_text = form.cleaned_data["title"], form.cleaned_data["alt_text"]
        try:
            services.describe_asset(
                asset=one,
                title=title,
                alt_text=alt_text,
                by=request.user,
                at=timezone.now(),
            )
            messages.success(request, "Saved.")
        except services.FrozenAssetError as error:
            messages.error(request, str(error))
    else:
        text = " ".join(str(one) for errors in form.errors.values() for one in errors)
        messages.error(request, f"Nothing was saved. {text}")
    return redirect("library:asset", request.brand.slug, one.id)


@require_POST
@brand_page(Action.UPLOAD)
def focal_point(request: BrandRequest, asset_id: UUID) -> HttpResponse:
    """Say what must stay in the picture when it is cropped."""
    one = get_asset(request, asset_id)
    form = FocalPointForm(request.POST)
    if form.is_valid():
        try:
            services.set_focal_point(
                asset=one,
                focal_x=form.cleaned_data["x"] / 100,
                focal_y=form.cleaned_data["y"] / 100,
                by=request.user,
                at=timezone.now(),
            )
            messages.success(request, "Crops will keep that point in the picture.")
        except services.FrozenAssetError as error:
            messages.error(request, str(error))
    else:
        messages.error(request, "The focal point needs two numbers from 0 to 100.")
    return redirect("library:asset", request.brand.slug, one.id)


@require_POST
@brand_page(Action.UPLOAD)
def archive(request: BrandRequest, asset_id: UUID) -> HttpResponse:
    """Put an asset away."""
    one = get_asset(request, asset_id)
    try:
        services.archive_assets(assets=[one], by=request.user, at=timezone.now())
        messages.success(request, f"“{one.title}” is archived. Restore undoes that.")
    except services.FrozenAssetError as error:
        messages.error(request, str(error))
    return redirect("library:asset", request.brand.slug, one.id)


@require_POST
@brand_page(Action.UPLOAD)
def restore(request: BrandRequest, asset_id: UUID) -> HttpResponse:
    """Bring an asset back from the archive."""
    one = get_asset(request, asset_id)
    try:
        services.restore_assets(assets=[one], by=request.user, at=timezone.now())
        state = one.get_state_display().lower()
        messages.success(request, f"“{one.title}” is {state} again.")
    except services.FrozenAssetError as error:
        messages.error(request, str(error))
    return redirect("library:asset", request.brand.slug, one.id)
