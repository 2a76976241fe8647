"""The page on which the rows of a batch become one file."""

import uuid
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from brandgen.accounts.decorators import BrandRequest, brand_page
from brandgen.audit.models import record
from brandgen.creatives.batch_views import get_batch
from brandgen.creatives.grid import Filter, Grid
from brandgen.creatives.joining import (
    KINDS,
    MOST,
    Joined,
    JoinError,
    find_pages,
    join_creatives,
)
from brandgen.creatives.models import Batch
from brandgen.creatives.printing import PrintError
from brandgen.lib.storage import StorageError


class JoinForm(forms.Form):
    """Which creatives become one file, and how."""

    format = forms.ChoiceField()
    locale = forms.ChoiceField(label="Language", required=False)
    kind = forms.ChoiceField(label="File", choices=list(KINDS.items()))
    seconds = forms.FloatField(
        initial=2, help_text="How long each is seen, of an animation."
    )
    loops = forms.IntegerField(
        label="Times shown", initial=0, help_text="Of an animation. 0 is forever."
    )

    def __init__(self, *args: Any, grid: Grid, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["format"].choices = grid.formats()  # type: ignore[attr-defined]
        tags = list(grid.locales())
        self.fields["locale"].choices = [(t, t or "—") for t in tags]  # type: ignore[attr-defined]
        if len(tags) < 2:
            self.fields["locale"].widget = forms.HiddenInput()
            self.fields["locale"].initial = next(iter(tags), "")
        for name, most in (("seconds", 60), ("loops", 1000)):
            self.fields[name].widget.attrs |= {"min": 0, "max": most, "step": "any"}


@require_safe
@brand_page()
def together(request: BrandRequest, batch_id: uuid.UUID) -> HttpResponse:
    """Choose what becomes one file; once that is chosen, answer with it."""
    row = get_batch(request, batch_id)
    grid = Grid(row, Filter.read(request.GET.dict()))
    is_asked = "kind" in request.GET
    form = JoinForm(
        request.GET if is_asked else None,
        grid=grid,
        initial={name: request.GET.get(name) for name in request.GET},
    )
    if is_asked and form.is_valid() and (joined := _join(row, form)):
        data = {"kind": form.cleaned_data["kind"], "is_marked": joined.is_marked}
        record(request.user, "batch.joined", row, at=timezone.now(), data=data)
        return _answer(row, form.cleaned_data["kind"], joined)
    context = {
        "batch": row,
        "form": form,
        "most": MOST,
        "pages": _find_shown(row, form)[:MOST],
    }
    status = 422 if form.errors else 200
    return render(request, "creatives/together.html", context, status=status)


def _find_shown(row: Batch, form: JoinForm) -> Any:
    choices: Any = form.fields["format"]
    first = next((name for name, _ in choices.choices), "")
    return find_pages(
        row,
        format_name=str(form["format"].value() or first),
        locale=str(form["locale"].value() or form.fields["locale"].initial or ""),
    )


def _join(row: Batch, form: JoinForm) -> Joined | None:
    chosen = form.cleaned_data
    try:
        return join_creatives(
            row,
            format_name=chosen["format"],
            locale=chosen["locale"],
            kind=chosen["kind"],
            seconds=chosen["seconds"],
            loops=chosen["loops"],
        )
    except JoinError as error:
        form.add_error(error.field or None, str(error))
    except (PrintError, StorageError) as error:
        form.add_error(None, str(error))
    return None


def _answer(row: Batch, kind: str, joined: Joined) -> HttpResponse:
    answer = HttpResponse(joined.data, content_type=joined.mime)
    mark = "_NOT-APPROVED" if joined.is_marked else ""
    name = f"{slugify(row.name)[:60] or 'batch'}{mark}.{kind}"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = "private, no-store"
    return answer
