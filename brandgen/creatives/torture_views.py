"""Pages of the torture test: run it, watch it, see what breaks and where."""

from typing import Any

from django.contrib import messages
from django.core.cache import cache
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from brandgen.accounts.access import Action
from brandgen.accounts.decorators import BrandRequest, brand_page
from brandgen.brands.models import BrandKit
from brandgen.compositor import Document, TemplateDocumentError
from brandgen.compositor.layers import each_layer
from brandgen.compositor.torture import NOT_DRAWN
from brandgen.creatives import torture
from brandgen.creatives.lookups import get_version
from brandgen.creatives.models import TemplateVersion, TortureTest
from brandgen.jobs.services import TooManyJobsError
from brandgen.lib.storage import StorageError

PICTURE_LIVES_S = 3600
VERDICTS = ("fail", "warn")


@brand_page(Action.MANAGE_TEMPLATES)
def torture_test(request: BrandRequest, version_id: int) -> HttpResponse:
    """Show what came of trying a version; POST tries it."""
    version = get_version(request, version_id)
    if request.method == "POST":
        start_test(request, version)
        return redirect("creatives:torture", request.brand.slug, version.id)
    return render(request, "creatives/torture.html", _context(request, version))


@require_safe
@brand_page(Action.MANAGE_TEMPLATES)
def progress(request: BrandRequest, version_id: int) -> HttpResponse:
    """Return the part of the page that changes by itself."""
    version = get_version(request, version_id)
    return render(request, "creatives/_torture.html", _context(request, version))


@require_safe
@brand_page(Action.MANAGE_TEMPLATES)
def cell(
    request: BrandRequest, version_id: int, case: str, format_name: str
) -> HttpResponse:
    """Draw one picture of the test, as the test did."""
    version = get_version(request, version_id)
    try:
        kit = torture.get_kit(version)
        key = f"torture:{torture.content_key(version, kit)}:{case}:{format_name}"
        data = cache.get(key)
        if data is None:
            data = torture.draw_cell(version, kit, case, format_name)
            cache.set(key, data, PICTURE_LIVES_S)
    except (torture.TemplateError, TemplateDocumentError, StorageError) as error:
        return HttpResponse(str(error), status=422, content_type="text/plain")
    if data is None:
        raise Http404
    response = HttpResponse(data, content_type="image/jpeg")
    # The address stays the same when the draft changes.
    response["Cache-Control"] = "private, no-cache"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def start_test(request: BrandRequest, version: TemplateVersion) -> None:
    """Queue the test of a version, and tell what stands against it."""
    try:
        torture.request_test(version=version, by=request.user, at=timezone.now())
    except (torture.TemplateError, TooManyJobsError) as error:
        messages.error(request, str(error))


def _context(request: BrandRequest, version: TemplateVersion) -> dict[str, Any]:
    kit = BrandKit.objects.find_current(request.brand)
    test = torture.find_test(version, kit)
    job = torture.find_job(version)
    problem, document = "", None
    try:
        document = version.load()
    except TemplateDocumentError as error:
        problem = str(error)
    context = {
        "template": version.template,
        "version": version,
        "kit": kit,
        "test": test,
        "job": job if job and (test is None or not job.is_finished) else None,
        "problem": problem,
        "is_newest": version == version.template.find_newest(),
        "was_changed": test is None and version.torture_tests.exists(),
    }
    if test is not None and document is not None:
        context |= _result(test, document)
    return context


def _result(test: TortureTest, document: Document) -> dict[str, Any]:
    """Return the overview, cases by formats, and the cells with findings, worst first.

    A cell's marks are the boxes of the layers that are named, in pixels of the format.
    """
    labels = {
        layer.id: layer.label or layer.id for _, layer, _ in each_layer(document.layers)
    }
    cases = {case["name"]: case for case in test.report["cases"]}
    cells = []
    for found in test.report["cells"]:
        shape = document.formats[found["format"]]
        findings = [
            finding | {"layer": labels.get(finding["place"], "")}
            for finding in found["findings"]
        ]
        cells.append(
            found
            | {
                "id": f"{found['case']}-{found['format']}",
                "case": cases[found["case"]],
                "shape": shape,
                "label": shape.label or found["format"],
                "findings": findings,
                "marks": list(found["boxes"].values()),
                "is_drawn": not any(f["rule"] == NOT_DRAWN for f in found["findings"]),
            }
        )
    by_place = {(one["case"]["name"], one["format"]): one for one in cells}
    rows = [
        {
            "case": case,
            "cells": [by_place.get((case["name"], name)) for name in document.formats],
        }
        for case in test.report["cases"]
    ]
    without_font = [case for case in test.report["cases"] if case["lacks_font"]]
    left_out = len(without_font) * len(document.formats)
    return {
        "rows": rows,
        "formats": [s.label or name for name, s in document.formats.items()],
        "cells": sorted(cells, key=lambda one: VERDICTS.index(one["verdict"])),
        "without_font": without_font,
        "left_out_count": left_out,
        "pass_count": test.cell_count - left_out - test.fail_count - test.warn_count,
    }
