"""Pages of batches: the list, the grid to look through, and what one does with it."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Iterator
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.handlers.asgi import ASGIRequest
from django.db import connection
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    StreamingHttpResponse,
)
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.views.decorators.http import require_POST, require_safe

from brandgen.accounts.access import Action, find_actions, may
from brandgen.accounts.decorators import BrandRequest, brand_page
from brandgen.audit.models import record
from brandgen.compositor.parts import flat_data
from brandgen.creatives import steering, submitting
from brandgen.creatives.batches import find_jobs
from brandgen.creatives.estimates import time_left_s
from brandgen.creatives.file_options import FileOptions
from brandgen.creatives.grid import MOST_CELLS, PAGE, Filter, Grid, read_position
from brandgen.creatives.models import Batch, BatchRow, Creative, Feed
from brandgen.creatives.zips import stream_zip
from brandgen.jobs.services import TooManyJobsError
from brandgen.library.models import Asset
from brandgen.review.services import CannotSubmitError

LISTED = 40
LISTED_FEEDS = 8
AN_EXPORT = 1000
"""Files that one export takes."""
IN_AN_ADDRESS = 100


def get_batch(request: BrandRequest, batch_id: uuid.UUID) -> Batch:
    """Return a batch of the brand of the page; 404 if there is none."""
    rows = Batch.objects.of_brand(request.brand).select_related(
        "brand", "brand_kit", "template_version__template", "requested_by", "feed"
    )
    return get_object_or_404(rows, id=batch_id)


@require_safe
@brand_page()
def batches(request: BrandRequest) -> HttpResponse:
    """List batches, the newest first."""
    rows = (
        Batch.objects.of_brand(request.brand)
        .with_counts()
        .select_related("template_version__template", "requested_by")
        .order_by("-requested_at", "-id")
    )
    context: dict[str, Any] = {"batches": rows[:LISTED]}
    if may(request.user, Action.MAKE_CREATIVES, request.brand):
        feeds = Feed.objects.of_brand(request.brand).unused()
        context["feeds"] = feeds.select_related("template", "uploaded_by")[
            :LISTED_FEEDS
        ]
    return render(request, "creatives/batches.html", context)


@require_safe
@brand_page()
def batch(request: BrandRequest, batch_id: uuid.UUID) -> HttpResponse:
    """Show the grid of a batch, as its creatives come."""
    row = get_batch(request, batch_id)
    grid = Grid(row, Filter.read(request.GET.dict()))
    start = read_position(request.GET.get("start", ""), most=grid.total)
    rows = list(row.rows.prefetch_related("images__asset")[:2])
    context = {
        **_progress(request, row, grid),
        "cells": grid.cells(start, PAGE),
        "start": start,
        "page": PAGE,
        "newer_url": start and f"?{grid.filter.query(start=str(max(0, start - PAGE)))}",
        "older_url": start + PAGE < grid.total
        and f"?{grid.filter.query(start=str(start + PAGE))}",
        "rules": grid.rules(),
        "formats": grid.formats(),
        "locales": grid.locales(),
        "states": Asset.State.choices,
        "row_count": row.rows.count(),
        "extended_count": _count_extended(row),
        "options": FileOptions.from_json(row.file_options).describe(),
        "only_row": rows[0] if len(rows) == 1 else None,
        "texts": label_texts(row, rows[0], "") if len(rows) == 1 else [],
    }
    return render(request, "creatives/batch.html", context)


@require_safe
@brand_page()
def progress(request: BrandRequest, batch_id: uuid.UUID) -> HttpResponse:
    """Return the part of the page that changes by itself.

    Once all is rendered, also the filter by finding.
    """
    row = get_batch(request, batch_id)
    grid = Grid(row, Filter.read(request.GET.dict()))
    context = _progress(request, row, grid)
    if not context["is_moving"]:
        context |= {"is_update": True, "rules": grid.rules()}
    return render(request, "creatives/_progress.html", context)


@require_safe
@brand_page()
def cells(request: BrandRequest, batch_id: uuid.UUID) -> HttpResponse:
    """Return some cells of the grid, for the page to put in place while it scrolls."""
    row = get_batch(request, batch_id)
    grid = Grid(row, Filter.read(request.GET.dict()))
    start = read_position(request.GET.get("start", ""), most=10**7)
    count = read_position(request.GET.get("count", ""), most=MOST_CELLS) or PAGE
    context = {
        "batch": row,
        "cells": grid.cells(start, count),
        "start": start,
        "grid": grid,
        **find_rights(request),
    }
    return render(request, "creatives/_cells.html", context)


def find_rights(request: BrandRequest) -> dict[str, bool]:
    """Return what a person may do with creatives, as pages ask."""
    actions = find_actions(request.user, request.brand)
    return {
        "may_make": Action.MAKE_CREATIVES in actions,
        "may_submit": Action.SUBMIT in actions,
        "may_export": Action.EXPORT in actions,
        "may_extend": Action.GENERATE in actions,
    }


def _progress(request: BrandRequest, row: Batch, grid: Grid) -> dict[str, Any]:
    whole = Grid(row, Filter()).counts
    waiting = whole["waiting"]
    jobs = find_jobs(row) if waiting else []
    is_moving = any(not job.is_finished for job in jobs)
    return {
        "batch": row,
        "grid": grid,
        "whole": whole,
        "waiting": waiting,
        "done": whole["all"] - waiting,
        "is_moving": is_moving,
        "is_stalled": bool(waiting and not is_moving and row.state == Batch.State.OPEN),
        "stalled_by": next((job.error for job in jobs if job.error), ""),
        "left_s": time_left_s(row, waiting) if is_moving else None,
        **find_rights(request),
    }


def _count_extended(row: Batch) -> int:
    """Count the creatives that take an extended picture."""
    if not row.uses_extensions:
        return 0
    extended = row.creatives.filter(extended_images__is_used=True)
    return extended.distinct().count()


def label_texts(batch: Batch, row: BatchRow, locale: str) -> list[tuple[str, str]]:
    """Return a row's copy with what people call each slot, then its data."""
    slots = batch.template_version.document.get("slots", {})
    texts = [
        (slots.get(name, {}).get("label") or name, text)
        for name, text in row.texts_in(locale).items()
    ]
    data = flat_data(row.data_in(locale)).items()
    return texts + [(key, value) for key, value in data if value]


@require_safe
@brand_page()
def download(request: BrandRequest, batch_id: uuid.UUID) -> HttpResponseBase:
    """Answer with the approved creatives that the filter keeps; with all if so asked.

    Whoever sees a creative may download it, one by one or together.
    """
    row, at = get_batch(request, batch_id), timezone.now()
    rows = Filter.read(request.GET.dict()).cells(row)
    rows = rows.filter(state=Creative.State.RENDERED)
    if "all" not in request.GET:
        rows = rows.filter(asset__state=Asset.State.APPROVED)
    ids = list(rows.order_by("position", "id").values_list("id", flat=True))
    if not ids:
        messages.error(request, "Nothing that the filter keeps can be downloaded yet.")
        return redirect("creatives:batch", request.brand.slug, row.id)
    record(request.user, "batch.downloaded", row, at=at, data={"creatives": len(ids)})
    pieces = stream_zip(ids, at=timezone.localtime(at))
    is_async = isinstance(request, ASGIRequest)
    answer = StreamingHttpResponse(
        _in_threads(pieces) if is_async else pieces, content_type="application/zip"
    )
    name = slugify(row.name)[:60] or "batch"
    answer["Content-Disposition"] = f'attachment; filename="{name}.zip"'
    answer["Cache-Control"] = "private, no-store"
    return answer


async def _in_threads(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Yield what a generator yields that asks the database, without blocking."""

    def step() -> bytes | None:
        try:
            return next(pieces, None)
        finally:
            connection.close()

    while (piece := await asyncio.to_thread(step)) is not None:
        yield piece


@require_safe
@brand_page(Action.EXPORT)
def export(request: BrandRequest, batch_id: uuid.UUID) -> HttpResponse:
    """Hand the approved creatives that the filter keeps on to an export."""
    row = get_batch(request, batch_id)
    cells = Filter.read(request.GET.dict()).cells(row)
    approved = cells.filter(
        state=Creative.State.RENDERED, asset__state=Asset.State.APPROVED
    )
    ids = [str(id_) for id_ in approved.values_list("asset_id", flat=True)]
    ids = list(dict.fromkeys(ids))
    if 0 < len(ids) <= IN_AN_ADDRESS:
        query = urlencode([("asset", id_) for id_ in ids])
        return redirect(
            f"{reverse('exports:request', args=[request.brand.slug])}?{query}"
        )
    parts = [
        {
            "first": start + 1,
            "last": min(start + AN_EXPORT, len(ids)),
            "ids": ",".join(ids[start : start + AN_EXPORT]),
        }
        for start in range(0, len(ids), AN_EXPORT)
    ]
    context = {"batch": row, "count": len(ids), "parts": parts}
    return render(request, "creatives/export.html", context)


@require_POST
@brand_page(Action.MAKE_CREATIVES)
def steer(request: BrandRequest, batch_id: uuid.UUID) -> HttpResponse:
    """Pause a batch, go on with it, or give up what is not rendered."""
    row, at = get_batch(request, batch_id), timezone.now()
    steps = {
        "pause": (steering.pause_batch, "Paused. What is rendered stays."),
        "resume": (steering.resume_batch, "Rendering goes on."),
        "cancel": (steering.cancel_batch, "Stopped. What is rendered stays."),
    }
    step = steps.get(request.POST.get("do", ""))
    if step is None:
        messages.error(request, "Nothing was changed.")
        return _back(request, row)
    try:
        if step[0](batch=row, by=request.user, at=at):
            messages.success(request, step[1])
        else:
            messages.info(request, "There is nothing left to render.")
    except TooManyJobsError as error:
        messages.error(request, str(error))
    return _back(request, row)


@require_POST
@brand_page(Action.SUBMIT)
def submit(request: BrandRequest, batch_id: uuid.UUID) -> HttpResponse:
    """Send creatives to review: those chosen, or all passing that the filter keeps."""
    row = get_batch(request, batch_id)
    if "all" in request.POST:
        kept = Filter.read(request.POST.dict()).cells(row)
        chosen = Creative.objects.submittable().filter(id__in=kept.values("id"))
    else:
        chosen = row.creatives.filter(id__in=_chosen(request))
    creatives = list(chosen.select_related("asset__brand", "batch__brand"))
    try:
        count = submitting.submit_creatives(
            creatives=creatives,
            by=request.user,
            at=timezone.now(),
            message=request.POST.get("message", ""),
        )
    except (
        submitting.BlockedCreativeError,
        CannotSubmitError,
        TooManyJobsError,
    ) as error:
        messages.error(request, str(error) if creatives else "Nothing was chosen.")
    else:
        is_later = count > submitting.SUBMIT_AT_ONCE
        messages.success(
            request,
            f"{count:,} are on their way to review; that takes about a minute."
            if is_later
            else f"{count:,} sent to review. They stay here with their state.",
        )
    return _back(request, row)


@require_POST
@brand_page(Action.MAKE_CREATIVES)
def leave_out(request: BrandRequest, batch_id: uuid.UUID) -> HttpResponse:
    """Leave creatives out of a batch, or put them back."""
    row, ids, at = get_batch(request, batch_id), _chosen(request), timezone.now()
    try:
        if "back" in request.POST:
            count = steering.put_back(
                batch=row, creative_ids=ids, by=request.user, at=at
            )
            said = f"{count:,} put back."
        else:
            count = steering.leave_out(
                batch=row, creative_ids=ids, by=request.user, at=at
            )
            said = f"{count:,} left out. They stand under “Left out”."
        messages.success(request, said if count else "Nothing was chosen.")
    except TooManyJobsError as error:
        messages.error(request, str(error))
    return _back(request, row)


def _chosen(request: HttpRequest) -> list[uuid.UUID]:
    """Return the ids that were sent, one by one or joined with commas."""
    ids = []
    for text in ",".join(request.POST.getlist("creative")).split(","):
        try:
            ids.append(uuid.UUID(text))
        except ValueError:
            continue
    return ids[:20_000]


def _back(request: BrandRequest, batch: Batch) -> HttpResponse:
    """Return to the page with the filter that it had."""
    query = Filter.read(request.POST.dict()).query()
    url = reverse("creatives:batch", args=[request.brand.slug, batch.id])
    return redirect(f"{url}?{query}" if query else url)
