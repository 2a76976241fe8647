"""Pages of destinations: add, change, test, switch off, delete."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from brandgen.accounts.access import Action
from brandgen.accounts.decorators import BrandRequest, brand_page
from brandgen.exports import services
from brandgen.exports.destinations import KINDS, Kind
from brandgen.exports.destinations.protocol import DestinationError
from brandgen.exports.forms import DestinationForm
from brandgen.exports.models import Destination
from brandgen.lib.secrets_box import SecretsError


@brand_page(Action.MANAGE_DESTINATIONS)
def choose_kind(request: BrandRequest) -> HttpResponse:
    """Ask what kind of destination is to be added."""
    return render(request, "exports/kinds.html", {"kinds": KINDS.values()})


@brand_page(Action.MANAGE_DESTINATIONS)
def add(request: BrandRequest, kind: str) -> HttpResponse:
    """Add a destination, and try it at once."""
    if kind not in KINDS:
        raise Http404
    return _edit(request, KINDS[kind], None)


@brand_page(Action.MANAGE_DESTINATIONS)
def edit(request: BrandRequest, destination_id: uuid.UUID) -> HttpResponse:
    """Change a destination, and try it at once."""
    row = _get(request, destination_id)
    if row.kind not in KINDS:
        raise Http404
    return _edit(request, KINDS[row.kind], row)


def _edit(request: BrandRequest, kind: Kind, row: Destination | None) -> HttpResponse:
    try:
        form = DestinationForm(
            request.POST or None, kind=kind.name, brand=request.brand, destination=row
        )
    except DestinationError as error:
        messages.error(request, str(error))
        return redirect("exports:kinds", request.brand.slug)
    if request.method == "POST" and form.is_valid():
        try:
            saved = services.save_destination(
                brand=request.brand,
                kind=kind.name,
                name=form.cleaned_data["name"],
                values=form.config_values(),
                is_production=form.cleaned_data["is_production"],
                by=request.user,
                at=timezone.now(),
                destination=row,
            )
        except SecretsError as error:
            form.add_error(None, str(error))
        else:
            return _check(request, saved, saved_too=True)
    return render(
        request,
        "exports/destination.html",
        {"form": form, "kind": kind, "destination": row},
        status=422 if form.is_bound else 200,
    )


@require_POST
@brand_page(Action.MANAGE_DESTINATIONS)
def check(request: BrandRequest, destination_id: uuid.UUID) -> HttpResponse:
    """Try a destination with a few bytes."""
    return _check(request, _get(request, destination_id))


def _check(
    request: BrandRequest, row: Destination, *, saved_too: bool = False
) -> HttpResponse:
    saved = "Saved. " if saved_too else ""
    if services.check_destination(destination=row, by=request.user, at=timezone.now()):
        messages.success(request, f"{saved}{row.name} works.")
    else:
        messages.error(request, f"{saved}{row.name} does not work: {row.check_error}")
    return redirect("exports:exports", request.brand.slug)


@require_POST
@brand_page(Action.MANAGE_DESTINATIONS)
def switch(request: BrandRequest, destination_id: uuid.UUID) -> HttpResponse:
    """Switch a destination on or off."""
    row = _get(request, destination_id)
    is_on = request.POST.get("on") == "1"
    services.set_destination_enabled(
        destination=row, is_enabled=is_on, by=request.user, at=timezone.now()
    )
    messages.success(request, f"{row.name} is {'on' if is_on else 'off'} now.")
    return redirect("exports:exports", request.brand.slug)


@require_POST
@brand_page(Action.MANAGE_DESTINATIONS)
def delete(request: BrandRequest, destination_id: uuid.UUID) -> HttpResponse:
    """Delete a destination that was never used."""
    row = _get(request, destination_id)
    name = row.name
    try:
        services.delete_destination(destination=row, by=request.user, at=timezone.now())
    except services.DestinationInUseError as error:
        messages.error(request, str(error))
        return redirect("exports:destination", request.brand.slug, row.id)
    messages.success(request, f"{name} is deleted.")
    return redirect("exports:exports", request.brand.slug)


def _get(request: BrandRequest, destination_id: uuid.UUID) -> Destination:
    rows = Destination.objects.of_brand(request.brand).select_related("brand")
    return get_object_or_404(rows, id=destination_id)
