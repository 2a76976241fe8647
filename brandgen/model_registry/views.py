"""Pages of models for admins: what there is, whose it is, and whether it is whole."""

from pathlib import Path
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from brandgen.accounts.decorators import BrandRequest, admin_page
from brandgen.jobs.clock import db_now
from brandgen.jobs.services import TooManyJobsError
from brandgen.model_registry import services
from brandgen.model_registry.catalog import CatalogError
from brandgen.model_registry.entries import Entry
from brandgen.model_registry.forms import AddForm, LicenseForm
from brandgen.model_registry.lines import (
    bundle_in_use,
    find_drawing_workers,
    make_lines,
)
from brandgen.model_registry.models import CommercialLicense
from brandgen.model_registry.recognizing import NotRecognizedError, recognize
from brandgen.model_registry.registry import (
    find_entries,
    find_in_use,
    find_unregistered_adapters,
)

REFUSALS = (services.CannotFetchError, TooManyJobsError)
MOST_LICENSES = 50


@require_safe
@admin_page
def models(request: BrandRequest) -> HttpResponse:
    """List every model with its license, its files and who may use it commercially."""
    try:
        entries = find_entries()
    except CatalogError as error:
        return render(request, "model_registry/list.html", {"problem": str(error)})
    in_use = find_in_use(entries)
    context = {
        "lines": make_lines(entries, in_use=in_use, on=timezone.localdate()),
        "in_use": in_use,
        "bundle": bundle_in_use(),
        "workers": find_drawing_workers(at=db_now()),
        "unregistered": find_unregistered_adapters(entries),
    }
    return render(request, "model_registry/list.html", context)


@require_safe
@admin_page
def model(request: BrandRequest, model_key: str) -> HttpResponse:
    """Show one model: its license, its files, its jobs and commercial licenses."""
    entry = _get_entry(model_key)
    return render(request, "model_registry/model.html", _model_context(entry))


@require_safe
@admin_page
def work(request: BrandRequest, model_key: str) -> HttpResponse:
    """Return the part of a model's page that changes while a job is at work."""
    entry = _get_entry(model_key)
    response = render(request, "model_registry/_work.html", _model_context(entry))
    response["Cache-Control"] = "no-store"
    return response


@admin_page
def add(request: BrandRequest) -> HttpResponse:
    """Add weights that lie on the server, and have every byte read."""
    initial = {"path": request.GET.get("path", "").replace("\0", "")}
    form = AddForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            entry = _add(request, form)
        except (CatalogError, NotRecognizedError) as error:
            form.add_error("path", str(error))
        except services.CannotAddError as error:
            form.add_error(None, str(error))
        else:
            _ask(request, services.request_check, entry)
            return redirect("model_registry:model", entry.key)
    status = 422 if form.is_bound else 200
    return render(request, "model_registry/add.html", {"form": form}, status=status)


@require_POST
@admin_page
def check(request: BrandRequest, model_key: str) -> HttpResponse:
    """Queue the reading of every byte of a model."""
    _ask(request, services.request_check, _get_entry(model_key))
    return redirect("model_registry:model", model_key)


@require_POST
@admin_page
def fetch(request: BrandRequest, model_key: str) -> HttpResponse:
    """Queue the download of a model."""
    _ask(request, services.request_fetch, _get_entry(model_key))
    return redirect("model_registry:model", model_key)


@admin_page
def license_(request: BrandRequest, model_key: str) -> HttpResponse:
    """Record a commercial license of one brand for a model."""
    entry = _get_entry(model_key)
    initial = {"brand": request.GET.get("brand", "")}
    form = LicenseForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            row = services.record_license(
                entry=entry, **form.cleaned_data, by=request.user, at=timezone.now()
            )
        except services.LicenseError as error:
            form.add_error(None, str(error))
        else:
            messages.success(
                request, f"Recorded: what {entry.name} makes for {row.brand} may leave."
            )
            return redirect("model_registry:model", model_key)
    return render(
        request,
        "model_registry/license.html",
        {"form": form, "entry": entry},
        status=422 if form.is_bound else 200,
    )


@require_POST
@admin_page
def withdraw(request: BrandRequest, license_id: int) -> HttpResponse:
    """Say that a commercial license counts no more."""
    row = get_object_or_404(
        CommercialLicense.objects.select_related("brand"), id=license_id
    )
    if services.withdraw_license(
        license_=row,
        because=request.POST.get("because", "").replace("\0", ""),
        by=request.user,
        at=timezone.now(),
    ):
        messages.success(request, f"Withdrawn: {row}.")
    else:
        messages.info(request, f"{row} was withdrawn before.")
    return redirect("model_registry:model", row.model_key)


def _get_entry(key: str) -> Entry:
    try:
        entry = find_entries().get(key)
    except CatalogError as error:
        raise Http404(str(error)) from error
    if entry is None:
        raise Http404
    return entry


def _model_context(entry: Entry) -> dict[str, Any]:
    entries = {entry.key: entry}
    (line,) = make_lines(entries, in_use=find_in_use(entries), on=timezone.localdate())
    recorded = CommercialLicense.objects.select_related(
        "brand", "recorded_by", "withdrawn_by"
    ).for_entry(entry)
    jobs = services.find_jobs(entry)
    return {
        "line": line,
        "entry": entry,
        "state": line.state,
        "jobs": jobs,
        "is_working": any(not job.is_finished for job in jobs),
        "recorded": recorded[:MOST_LICENSES],
        "today": timezone.localdate(),
        "workers": find_drawing_workers(at=db_now()) if line.is_in_use else [],
    }


def _add(request: BrandRequest, form: AddForm) -> Entry:
    said = form.cleaned_data
    return services.add_model(
        found=recognize(Path(said["path"])),
        license=form.read_license(),
        key=said["key"],
        name=said["name"],
        family=said["family"],
        learned_tokens=tuple(said["learned_tokens"].split()),
        by=request.user,
        at=timezone.now(),
    )


def _ask(request: BrandRequest, service: Any, entry: Entry) -> None:
    try:
        job = service(entry=entry, by=request.user, at=timezone.now())
    except REFUSALS as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"Queued: {job.title}.")
