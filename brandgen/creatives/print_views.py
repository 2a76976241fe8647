"""A creative for a printer: what its inks are, and its PDF."""

import uuid
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from brandgen.accounts.decorators import BrandRequest, brand_page
from brandgen.audit.models import record
from brandgen.creatives import printing
from brandgen.creatives.file_options import FileOptions
from brandgen.creatives.models import Creative
from brandgen.lib.findings import Verdict
from brandgen.lib.storage import StorageError

STORAGE = "Storage does not answer now. Try again in a moment."


class PrintForm(forms.Form):
    """How the PDF is written."""

    color = forms.ChoiceField(
        label="Color",
        required=False,
        help_text="Ask the printer which profile: it belongs to their paper and press.",
    )
    marks = forms.BooleanField(label="Crop marks", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = self.fields["color"]
        choices.choices = printing.find_colors()  # type: ignore[attr-defined]


@require_safe
@brand_page()
def print_page(request: BrandRequest, creative_id: uuid.UUID) -> HttpResponse:
    """Choose colors and marks; with colors chosen, say what was found about them."""
    one = _get_creative(request, creative_id)
    options = FileOptions.from_json(one.batch.file_options)
    form = PrintForm(
        request.GET if "color" in request.GET else None,
        initial={"color": options.profile, "marks": options.has_marks},
    )
    context: dict[str, Any] = {
        "creative": one,
        "batch": one.batch,
        "form": form,
        "paper": printing.measure_paper(one),
    }
    if one.asset and form.is_valid() and form.cleaned_data["color"]:
        context |= _check(one, form)
    return render(request, "creatives/print.html", context)


def _check(one: Creative, form: PrintForm) -> dict[str, Any]:
    try:
        printed = printing.render_print(
            one,
            color=form.cleaned_data["color"],
            has_marks=form.cleaned_data["marks"],
        )
    except printing.PrintError as error:
        return {"error": str(error)}
    except StorageError:
        return {"error": STORAGE}
    found = sorted(printed.findings, key=lambda f: f.verdict == Verdict.PASS)
    return {"findings": found, "size_bytes": len(printed.data), "is_checked": True}


@require_safe
@brand_page()
def print_file(request: BrandRequest, creative_id: uuid.UUID) -> HttpResponse:
    """Answer with the PDF; whoever sees a creative may download it."""
    one = _get_creative(request, creative_id)
    form = PrintForm(request.GET)
    back = reverse("creatives:print", args=[request.brand.slug, one.id])
    if not form.is_valid():
        return redirect(f"{back}?{request.GET.urlencode()}")
    choice = form.cleaned_data
    try:
        printed = printing.render_print(
            one, color=choice["color"], has_marks=choice["marks"]
        )
    except (printing.PrintError, StorageError) as error:
        is_ours = isinstance(error, printing.PrintError)
        messages.error(request, str(error) if is_ours else STORAGE)
        return redirect(
            f"{back}?{urlencode({'marks': 'on'} if choice['marks'] else {})}"
        )
    is_marked = bool(one.asset and not one.asset.is_approved)
    record(
        request.user,
        "creative.downloaded_for_print",
        one,
        at=timezone.now(),
        brand=request.brand,
        data={"profile": choice["color"], "is_marked": is_marked},
    )
    response = HttpResponse(printed.data, content_type="application/pdf")
    name = _file_name(one, choice["color"], is_marked=is_marked)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response


def _file_name(one: Creative, color: str, *, is_marked: bool) -> str:
    words = [slugify(str(one))[:80], slugify(color)[:40] or "rgb"]
    if is_marked:
        words.append("NOT-APPROVED")
    return f"{'_'.join(word for word in words if word)}.pdf"


def _get_creative(request: BrandRequest, creative_id: uuid.UUID) -> Creative:
    rows = Creative.objects.of_brand(request.brand).select_related(
        "asset", "batch__template_version__template", "batch__brand_kit__brand", "row"
    )
    return get_object_or_404(rows, id=creative_id)
