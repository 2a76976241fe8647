"""The page that removes a picture's background: look, correct by marks, keep."""

import json
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from brandgen.accounts.access import Action
from brandgen.accounts.decorators import BrandRequest, brand_page
from brandgen.compositor.cutouts import CutOutError
from brandgen.compositor.marks import MarkError, read_marks
from brandgen.jobs.models import Job
from brandgen.jobs.services import TooManyJobsError
from brandgen.lib.storage import StorageError
from brandgen.library import cutouts
from brandgen.library.cutting import RUN_CUTOUT
from brandgen.library.forms import CutoutForm, MarkedBoxForm
from brandgen.library.models import Asset

MOST_SHOWN = 6


@brand_page(Action.UPLOAD)
def cutout(request: BrandRequest, asset_id: UUID) -> HttpResponse:
    """Show the page; POST adds a box, takes back a mark, or queues the cut-out."""
    asset = _get_asset(request, asset_id)
    act = request.POST.get("act", "")
    form = CutoutForm(request.POST if request.method == "POST" else None)
    box = MarkedBoxForm(request.POST if act == "box" else None)
    if request.method != "POST":
        return _page(request, asset, marks=[], box=box)
    if not form.is_valid():
        problem = " ".join(str(each) for each in form.errors["marks"])
        return _page(request, asset, marks=[], box=box, problem=problem)
    marks = form.cleaned_data["marks"]
    if act == "box":
        if box.is_valid():
            marks, box = [*marks, box.mark], MarkedBoxForm()
        return _page(request, asset, marks=marks, box=box)
    if act == "undo":
        return _page(request, asset, marks=marks[:-1], box=box)
    try:
        cutouts.request_cutout(
            asset=asset,
            marks=marks,
            requested_by=request.user,
            at=timezone.now(),
        )
    except (cutouts.CutoutRefusedError, TooManyJobsError) as error:
        return _page(request, asset, marks=marks, box=box, problem=str(error))
    messages.success(request, "The cut-out is on its way: it will be a draft.")
    return redirect("library:cutout", request.brand.slug, asset.id)


@require_POST
@brand_page(Action.UPLOAD)
def cutout_preview(request: BrandRequest, asset_id: UUID) -> HttpResponse:
    """Answer with a small picture without its background, or say what is wrong."""
    asset = _get_asset(request, asset_id)
    try:
        marks = read_marks(json.loads(request.POST.get("marks") or "[]"))
        data = cutouts.preview_cutout(asset=asset, marks=marks)
    except (
        CutOutError,
        MarkError,
        ValueError,
        RecursionError,
        cutouts.CutoutRefusedError,
    ) as error:
        is_ours = isinstance(
            error, CutOutError | MarkError | cutouts.CutoutRefusedError
        )
        words = str(error) if is_ours else "The marks can’t be read."
        return HttpResponse(words, status=422, content_type="text/plain")
    except StorageError as error:
        return HttpResponse(str(error), status=503, content_type="text/plain")
    return HttpResponse(data, content_type="image/webp")


def _get_asset(request: BrandRequest, asset_id: UUID) -> Asset:
    assets = Asset.objects.of_brand(request.brand).select_related("brand", "brand_kit")
    return get_object_or_404(assets, id=asset_id)


def _page(
    request: BrandRequest,
    asset: Asset,
    *,
    marks: list[Any],
    box: MarkedBoxForm,
    problem: str = "",
) -> HttpResponse:
    lack = ""
    try:
        cutouts.require_cuttable(asset)
    except cutouts.CutoutRefusedError as error:
        lack = str(error)
    made = list(asset.cutouts.select_related("asset")[:MOST_SHOWN])
    jobs = Job.objects.filter(
        work=RUN_CUTOUT, subject_id__in=[str(one.id) for one in made]
    )
    by_subject = {job.subject_id: job for job in jobs.order_by("id")}
    context = {
        "asset": asset,
        "marks": marks,
        "marks_json": json.dumps([mark.as_json() for mark in marks]),
        "box": box,
        "lack": lack,
        "problem": problem,
        "made": [(one, by_subject.get(str(one.id))) for one in made],
    }
    status = 422 if problem or box.errors else 200
    return render(request, "library/cutout.html", context, status=status)
