"""The torture test of a template version: tried by a job, kept, asked by publishing."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import datetime
from time import monotonic
from typing import Any

from brandgen.accounts.access import Action, require
from brandgen.accounts.models import User
from brandgen.brands.models import BrandKit
from brandgen.compositor import ImageSource, Verdict
from brandgen.compositor.torture import (
    REVISION,
    Cell,
    count_cells,
    list_cases,
    render_cell,
    run_torture,
)
from brandgen.creatives.models import TemplateVersion, TortureTest
from brandgen.creatives.rendering import fill_images
from brandgen.creatives.style import style_of
from brandgen.jobs.models import Job
from brandgen.jobs.services import enqueue

RUN_TORTURE = "brandgen.creatives.runner.run_torture"


class TemplateError(Exception):
    """A template can't be kept or published as it is. The message is fit to show.

    ``pointer`` is the JSON pointer to the place in the document, where there is one.
    """

    def __init__(self, message: str, *, pointer: str = "") -> None:
        super().__init__(message)
        self.pointer = pointer


class UntestedTemplateError(TemplateError):
    """The version, as it is now, was not tried yet."""


class TortureFailedError(TemplateError):
    """The torture test found what must not be published."""


class TortureWarningError(TemplateError):
    """The torture test found what somebody must look at before publishing."""


def get_kit(version: TemplateVersion) -> BrandKit:
    """Return the brand kit that a template is drawn with.

    Raises:
        TemplateError: the brand has none.
    """
    brand = version.template.brand
    kit = BrandKit.objects.find_current(brand)
    if kit is None:
        raise TemplateError(
            f"{brand.name} has no published brand kit. Publish one first."
        )
    return kit


def content_key(version: TemplateVersion, kit: BrandKit) -> str:
    """Return what a result depends on, as a SHA-256: document, kit and cases."""
    facts = {"document": version.document, "kit": kit.pk, "cases": REVISION}
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def find_test(version: TemplateVersion, kit: BrandKit | None) -> TortureTest | None:
    """Return the result for the version as it is now; None if it was not tried so."""
    if kit is None:
        return None
    return version.torture_tests.filter(content_key=content_key(version, kit)).first()


def find_job(version: TemplateVersion) -> Job | None:
    """Return the newest job that tries a version; None if there never was one."""
    jobs = Job.objects.filter(work=RUN_TORTURE, subject_id=str(version.pk))
    return jobs.order_by("-id").first()


def request_test(*, version: TemplateVersion, by: User, at: datetime) -> Job | None:
    """Queue the torture test of a version; None if its result is there already.

    Raises:
        PermissionDenied: the person may not change this brand's templates.
        TemplateError: the brand has no published brand kit.
        TooManyJobsError: the brand's queue is full.
    """
    require(by, Action.MANAGE_TEMPLATES, version.template.brand)
    if find_test(version, get_kit(version)) is not None:
        return None
    return enqueue(
        queue="render",
        work=RUN_TORTURE,
        subject_id=version.pk,
        title=f"Torture test of {version}",
        brand=version.template.brand,
        requested_by=by,
        at=at,
    )


def run_test(
    version: TemplateVersion,
    kit: BrandKit,
    *,
    on_cell: Callable[[Cell, int, int], None] = lambda cell, step, steps: None,
) -> dict[str, Any]:
    """Try a version in every case and format; return the fields of its result.

    Raises:
        TemplateDocumentError: this version of brandgen reads the document otherwise.
        StorageError: a file of the kit can't be read.
    """
    started = monotonic()
    document = version.load()
    style, images, steps = (
        style_of(kit),
        _pictures(version, kit),
        count_cells(document),
    )
    found, without_font = [], set()
    for step, cell in enumerate(run_torture(document, brand=style, images=images), 1):
        on_cell(cell, step, steps)
        if cell.lacks_font:
            without_font.add(cell.case.name)
        elif cell.verdict != Verdict.PASS:
            found.append(_as_json(cell))
    cases = list_cases(document)
    return {
        "report": {
            "cases": [
                {
                    "name": case.name,
                    "label": case.label,
                    "says": case.says,
                    "lacks_font": case.name in without_font,
                }
                for case in cases
            ],
            "cells": found,
        },
        "cell_count": steps,
        "fail_count": sum(cell["verdict"] == Verdict.FAIL for cell in found),
        "warn_count": sum(cell["verdict"] == Verdict.WARN for cell in found),
        "duration_s": monotonic() - started,
    }


def _as_json(cell: Cell) -> dict[str, Any]:
    """Return a cell as it is kept: boxes, in pixels, of the layers that are named."""
    boxes = cell.rendered.boxes if cell.rendered else {}
    places = {finding.place for finding in cell.findings}
    return {
        "case": cell.case.name,
        "format": cell.format,
        "verdict": cell.verdict,
        "findings": [asdict(finding) for finding in cell.findings],
        "boxes": {
            name: [round(v, 1) for v in (box.x, box.y, box.width, box.height)]
            for name, box in boxes.items()
            if name in places
        },
    }


def draw_cell(
    version: TemplateVersion, kit: BrandKit, case_name: str, format_name: str
) -> bytes | None:
    """Draw one picture of a test anew, as a JPEG; None if there is no such picture.

    Raises:
        TemplateError: these texts can't be drawn, and why.
        TemplateDocumentError: this version of brandgen reads the document otherwise.
        StorageError: a file of the kit can't be read.
    """
    document = version.load()
    case = next((c for c in list_cases(document) if c.name == case_name), None)
    if case is None or format_name not in document.formats:
        return None
    cell = render_cell(
        document,
        case,
        format_name,
        brand=style_of(kit),
        images=_pictures(version, kit),
    )
    if cell.rendered is None:
        raise TemplateError(cell.findings[0].message)
    return cell.rendered.data


def _pictures(version: TemplateVersion, kit: BrandKit) -> dict[str, ImageSource]:
    """Return a ground in the brand's colors for every slot, with the AI label due."""
    images = fill_images(version.load(), {}, kit)
    return {name: replace(image, is_ai_made=True) for name, image in images.items()}


def keep_test(
    version: TemplateVersion, key: str, fields: dict[str, Any], *, at: datetime
) -> TortureTest:
    """Keep a result in the place of older ones."""
    version.torture_tests.exclude(content_key=key).delete()
    test: TortureTest
    test, _ = version.torture_tests.update_or_create(
        content_key=key, defaults={**fields, "tested_at": at}
    )
    return test


def require_passed(version: TemplateVersion, *, despite_warnings: bool) -> None:
    """Let only what was tried and holds be published.

    Raises:
        UntestedTemplateError, TortureFailedError, TortureWarningError: why not.
        TemplateError: the brand has no published brand kit.
    """
    test = find_test(version, get_kit(version))
    if test is None:
        raise UntestedTemplateError(
            f"{version} was not tried yet with long texts, other languages and empty "
            "values. Run its torture test, then publish."
        )
    if test.fail_count:
        raise TortureFailedError(
            f"{test.fail_count} of {test.cell_count} pictures of the torture test "
            "fail. Look at them, change the template, then publish."
        )
    if test.warn_count and not despite_warnings:
        raise TortureWarningError(
            f"{test.warn_count} of {test.cell_count} pictures of the torture test have "
            "warnings. Look at them, then publish with them or change the template."
        )
