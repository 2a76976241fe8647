"""Pages of collections: all of them, one, and putting pictures into one."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from brandgen.accounts.access import Action, may
from brandgen.accounts.decorators import BrandRequest, brand_page
from brandgen.library import collections as services
from brandgen.library import gallery
from brandgen.library.forms import CollectForm, CollectionForm
from brandgen.library.models import Asset, Collection

MOST_AT_ONCE = 200


@brand_page()
def collections(request: BrandRequest) -> HttpResponse:
    """Show all collections with some of their pictures; POST makes one."""
    form = CollectionForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.create_collection(
                brand=request.brand,
                name=form.cleaned_data["name"],
                by=request.user,
                at=timezone.now(),
            )
        except services.CollectionError as error:
            form.add_error("name", str(error))
        else:
            messages.success(request, f"{made} is there. Put pictures into it.")
            return redirect("library:collection", request.brand.slug, made.id)
    rows = Collection.objects.of_brand(request.brand)
    context = {
        "collections": rows.with_counts().with_covers(),
        "form": form,
        "may_collect": may(request.user, Action.COLLECT, request.brand),
    }
    status = 422 if form.is_bound else 200
    return render(request, "library/collections.html", context, status=status)


@require_safe
@brand_page()
def collection(request: BrandRequest, collection_id: UUID) -> HttpResponse:
    """Show the pictures of one collection, page by page."""
    row = _get(request, collection_id)
    filters = gallery.Filters(is_all=True, collection=row)
    assets = filters.of_brand(request.brand)
    page = gallery.get_page(
        assets,
        after=gallery.Key.find(request.GET.get("after", "")),
        before=gallery.Key.find(request.GET.get("before", "")),
    )
    context = {
        "collection": row,
        "filters": filters,
        "page": page,
        "total": assets.count(),
        "templates": row.find_templates(),
        "newer_url": page.newer and f"?before={page.newer}",
        "older_url": page.older and f"?after={page.older}",
        "form": CollectionForm(initial={"name": row.name}),
        "may_collect": may(request.user, Action.COLLECT, request.brand),
    }
    return render(request, "library/collection.html", context)


@require_POST
@brand_page(Action.COLLECT)
def rename(request: BrandRequest, collection_id: UUID) -> HttpResponse:
    """Give a collection another name."""
    row = _get(request, collection_id)
    try:
        services.rename_collection(
            collection=row,
            name=request.POST.get("name", ""),
            by=request.user,
            at=timezone.now(),
        )
    except services.CollectionError as error:
        messages.error(request, str(error))
    return redirect("library:collection", request.brand.slug, row.id)


@require_POST
@brand_page(Action.COLLECT)
def remove(request: BrandRequest, collection_id: UUID) -> HttpResponse:
    """Take the chosen pictures out of a collection."""
    row = _get(request, collection_id)
    count = services.remove_from_collection(
        collection=row,
        assets=_read_assets(request, request.POST.getlist("asset")),
        by=request.user,
        at=timezone.now(),
    )
    messages.success(request, f"{count} taken out of {row}. They stay in the library.")
    return redirect("library:collection", request.brand.slug, row.id)


@require_POST
@brand_page(Action.COLLECT)
def delete(request: BrandRequest, collection_id: UUID) -> HttpResponse:
    """Delete a collection; its pictures stay."""
    row = _get(request, collection_id)
    try:
        services.delete_collection(collection=row, by=request.user, at=timezone.now())
    except services.CollectionInUseError as error:
        messages.error(request, str(error))
        return redirect("library:collection", request.brand.slug, row.id)
    messages.success(request, f"{row} is deleted. Its pictures stay in the library.")
    return redirect("library:collections", request.brand.slug)


@brand_page(Action.COLLECT)
def collect(request: BrandRequest) -> HttpResponse:
    """Put chosen pictures into a collection that one chooses or names."""
    given = request.POST if request.method == "POST" else request.GET
    assets = _read_assets(request, given.getlist("asset"))
    if not assets:
        messages.info(request, "No picture was chosen. Tick some, then try again.")
        return redirect("library:gallery", request.brand.slug)
    form = CollectForm(
        request.POST if request.method == "POST" else None, brand=request.brand
    )
    if request.method == "POST" and form.is_valid():
        at = timezone.now()
        try:
            row = form.cleaned_data["collection"]
            if form.cleaned_data["name"]:
                row = services.create_collection(
                    brand=request.brand,
                    name=form.cleaned_data["name"],
                    by=request.user,
                    at=at,
                )
            count = services.add_to_collection(
                collection=row, assets=assets, by=request.user, at=at
            )
        except services.CollectionError as error:
            form.add_error("name", str(error))
        else:
            words = f"{count} put into {row}."
            if count < len(assets):
                words += f" {len(assets) - count} lay in it already."
            messages.success(request, words)
            return redirect("library:collection", request.brand.slug, row.id)
    context = {"assets": assets, "form": form}
    status = 422 if form.is_bound else 200
    return render(request, "library/collect.html", context, status=status)


def _read_assets(request: BrandRequest, texts: list[str]) -> list[Asset]:
    """Return the assets of the brand that were chosen; what is no id is left out."""
    ids = []
    for text in texts[:MOST_AT_ONCE]:
        try:
            ids.append(UUID(text))
        except ValueError:
            continue
    rows = Asset.objects.of_brand(request.brand).select_related("brand")
    return list(rows.filter(id__in=ids))


def _get(request: BrandRequest, collection_id: UUID) -> Collection:
    rows = Collection.objects.of_brand(request.brand).select_related("brand")
    return get_object_or_404(rows, id=collection_id)
