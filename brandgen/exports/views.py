"""Pages of exports: what went where, what is on its way, and what was held back."""

import uuid
from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from brandgen.accounts.access import Action, may
from brandgen.accounts.decorators import BrandRequest, brand_page
from brandgen.exports import services
from brandgen.exports.forms import ExportForm
from brandgen.exports.models import Destination, Export, ExportItem
from brandgen.exports.pages import page_of
from brandgen.jobs.models import Job
from brandgen.jobs.services import TooManyJobsError
from brandgen.library.models import Asset

PAGE_SIZE = 25
MOST_OFFERED = 60


@require_safe
@brand_page()
def exports(request: BrandRequest) -> HttpResponse:
    """List exports, the newest first, beside the destinations with their health."""
    rows = (
        Export.objects.of_brand(request.brand)
        .with_counts()
        .select_related("destination", "requested_by")
        .prefetch_related("items")
    )
    page = page_of(rows, after=request.GET.get("after", ""), size=PAGE_SIZE)
    destinations = Destination.objects.of_brand(request.brand).select_related("brand")
    return render(
        request,
        "exports/list.html",
        {
            "page": page,
            "destinations": destinations,
            "may_export": may(request.user, Action.EXPORT, request.brand),
            "may_manage": may(request.user, Action.MANAGE_DESTINATIONS, request.brand),
        },
    )


@brand_page(Action.EXPORT)
def request_export(request: BrandRequest) -> HttpResponse:
    """Choose pictures and a destination, see what will happen, and export."""
    data = request.POST if request.method == "POST" else request.GET
    chosen = _chosen_assets(request, data.getlist("asset"))
    destinations = Destination.objects.of_brand(request.brand).enabled()
    first = destinations.first()
    form = ExportForm(
        request.POST or None,
        brand=request.brand,
        initial={"destination": first, "folder": request.GET.get("folder", "")},
    )
    destination = first
    if form.is_bound and form.is_valid():
        destination = form.cleaned_data["destination"]
        if "look" not in request.POST:
            export = _make(request, chosen, destination, form.cleaned_data["folder"])
            if export is not None:
                return redirect("exports:export", request.brand.slug, export.id)
    plan = destination and services.plan_export(
        assets=chosen,
        destination=destination,
        folder=form.cleaned_data.get("folder", "") if form.is_bound else "",
    )
    offered = Asset.objects.of_brand(request.brand).approved()
    context = {
        "form": form,
        "plan": plan,
        "chosen": chosen,
        "offered": offered.exclude(id__in=[a.id for a in chosen])[:MOST_OFFERED],
        "destinations": destinations,
        "may_manage": may(request.user, Action.MANAGE_DESTINATIONS, request.brand),
    }
    is_refused = form.is_bound and "look" not in request.POST
    return render(
        request, "exports/request.html", context, status=422 if is_refused else 200
    )


def _make(
    request: BrandRequest, assets: list[Asset], destination: Destination, folder: str
) -> Export | None:
    try:
        return services.request_export(
            assets=assets,
            destination=destination,
            folder=folder,
            by=request.user,
            at=timezone.now(),
        )
    except (services.ExportError, TooManyJobsError) as error:
        messages.error(request, str(error))
        return None


def _chosen_assets(request: BrandRequest, ids: list[str]) -> list[Asset]:
    """Return the brand's assets of these ids; what is no id is passed over.

    Many may come in one field, joined by commas: a form takes 2,000 fields.
    """
    known = []
    for text in ",".join(ids).split(",")[: services.MOST_FILES + 1]:
        try:
            known.append(uuid.UUID(text))
        except ValueError:
            continue
    rows = Asset.objects.of_brand(request.brand).filter(id__in=known)
    return list(rows.select_related("brand"))


@require_safe
@brand_page()
def export(request: BrandRequest, export_id: uuid.UUID) -> HttpResponse:
    """Show one export: every file with its state and receipt."""
    return render(request, "exports/export.html", _export_context(request, export_id))


@require_safe
@brand_page()
def progress(request: BrandRequest, export_id: uuid.UUID) -> HttpResponse:
    """Return the part of the page that changes by itself."""
    return render(
        request, "exports/_progress.html", _export_context(request, export_id)
    )


def _export_context(request: BrandRequest, export_id: uuid.UUID) -> dict[str, object]:
    row = _get(request, export_id)
    items = list(row.items.select_related("asset", "receipt").order_by("path"))
    by_state = {
        state: [item for item in items if item.state == state]
        for state in ExportItem.State
    }
    job = services.find_job(row)
    delivered = len(by_state[ExportItem.State.DONE])
    leaving = len(items) - len(by_state[ExportItem.State.HELD])
    return {
        "export": row,
        "items": items,
        "delivered": delivered,
        "leaving": leaving,
        "held": by_state[ExportItem.State.HELD],
        "failed": by_state[ExportItem.State.FAILED],
        "waiting": by_state[ExportItem.State.WAITING],
        "job": job,
        "is_moving": job is not None and not job.is_finished,
        "next_try_at": _next_try_at(job),
        "may_export": may(request.user, Action.EXPORT, request.brand),
    }


def _next_try_at(job: Job | None) -> datetime | None:
    """Return when a job that rests goes on; None if it does not rest."""
    is_resting = job and job.state == Job.State.WAITING
    return (
        job.not_before
        if job and is_resting and job.not_before > timezone.now()
        else None
    )


@require_POST
@brand_page(Action.EXPORT)
def retry(request: BrandRequest, export_id: uuid.UUID) -> HttpResponse:
    """Try again what was not delivered."""
    row = _get(request, export_id)
    if services.retry_export(export=row, by=request.user, at=timezone.now()):
        messages.success(request, "Trying again.")
    else:
        messages.info(request, "There is nothing left to deliver.")
    return redirect("exports:export", request.brand.slug, row.id)


@require_POST
@brand_page(Action.EXPORT)
def finish(request: BrandRequest, export_id: uuid.UUID) -> HttpResponse:
    """Close an export without what the destination refuses."""
    row = _get(request, export_id)
    if services.finish_without_failed(export=row, by=request.user, at=timezone.now()):
        messages.success(request, "The rest is closed with its manifest.")
    return redirect("exports:export", request.brand.slug, row.id)


@require_POST
@brand_page(Action.EXPORT)
def again(request: BrandRequest, export_id: uuid.UUID) -> HttpResponse:
    """Export what was held back, as things stand now."""
    row = _get(request, export_id)
    try:
        row = services.export_held_again(export=row, by=request.user, at=timezone.now())
    except (services.ExportError, TooManyJobsError) as error:
        messages.error(request, str(error))
    return redirect("exports:export", request.brand.slug, row.id)


def _get(request: BrandRequest, export_id: uuid.UUID) -> Export:
    rows = Export.objects.of_brand(request.brand).select_related(
        "destination__brand", "requested_by", "brand"
    )
    return get_object_or_404(rows, id=export_id)
