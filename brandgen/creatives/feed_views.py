"""Pages of feeds: bring a table, say what fills what, see what it makes, start."""

import uuid
from dataclasses import replace
from pathlib import PurePath
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.text import slugify
from django.views.decorators.http import require_POST, require_safe

from brandgen.accounts.access import Action
from brandgen.accounts.decorators import BrandRequest, brand_page
from brandgen.compositor import TemplateDocumentError
from brandgen.creatives import feeds as services
from brandgen.creatives.content import BatchError, require_kit
from brandgen.creatives.extending import extend
from brandgen.creatives.feed_forms import TableForm, read_plan
from brandgen.creatives.feed_page import build_page
from brandgen.creatives.lookups import get_template, tell_unpublished
from brandgen.creatives.models import Feed, Template
from brandgen.creatives.planning import Plan
from brandgen.creatives.rendering import render_preview
from brandgen.creatives.rows import read_rows
from brandgen.creatives.versions import choose_version, read_number, read_wanted
from brandgen.creatives.views import CANT_PREVIEW, answer_preview, refuse_preview
from brandgen.jobs.services import TooManyJobsError
from brandgen.lib.feeds import FeedError, Table
from brandgen.lib.spreadsheets import write_csv
from brandgen.lib.storage import StorageError

CANT_SHOW = (BatchError, StorageError, TemplateDocumentError)


def get_feed(request: BrandRequest, feed_id: uuid.UUID) -> Feed:
    """Return a feed of the brand of the page; 404 if there is none."""
    rows = Feed.objects.of_brand(request.brand).select_related(
        "brand", "template__brand", "uploaded_by"
    )
    return get_object_or_404(rows, id=feed_id)


@brand_page(Action.MAKE_CREATIVES)
def new_feed(request: BrandRequest, template_id: uuid.UUID) -> HttpResponse:
    """Bring a table whose rows fill a template."""
    template = get_template(request, template_id)
    version = template.find_published()
    if version is None:
        return tell_unpublished(request, template)
    like = find_like(request, template)
    is_sent, status = request.method == "POST", 200
    form = TableForm(request.POST, request.FILES) if is_sent else TableForm()
    if is_sent:
        if form.is_valid() and (feed := _bring(request, template, form, like)):
            return redirect("creatives:feed", request.brand.slug, feed.id)
        status = 422
    context = {
        "template": template,
        "form": form,
        "like": like,
        "most_rows": settings.FEED_MAX_ROWS,
        "most_mb": settings.FEED_MAX_BYTES // 2**20,
        "slots": version.document.get("slots", {}),
    }
    return render(request, "creatives/new_feed.html", context, status=status)


def find_like(request: BrandRequest, template: Template) -> Feed | None:
    """Return the feed that a new one is to be like; None if none is named."""
    try:
        feed_id = uuid.UUID(request.GET.get("like", ""))
    except ValueError:
        return None
    return Feed.objects.filter(template=template, id=feed_id).first()


def _bring(
    request: BrandRequest, template: Template, form: TableForm, like: Feed | None
) -> Feed | None:
    file, address = form.cleaned_data["file"], form.cleaned_data["address"]
    who: dict[str, Any] = {"by": request.user, "at": timezone.now(), "like": like}
    try:
        if address:
            return services.fetch_feed(template=template, address=address, **who)
        return services.upload_feed(
            template=template, file=file, file_name=file.name, **who
        )
    except (FeedError, BatchError, StorageError, TemplateDocumentError) as error:
        form.add_error("address" if address else "file", str(error))
        return None


@brand_page(Action.MAKE_CREATIVES)
def feed(request: BrandRequest, feed_id: uuid.UUID) -> HttpResponse:
    """Show what a feed makes; keep what was changed; start."""
    row = get_feed(request, feed_id)
    if request.method != "POST":
        return _show(request, row)
    try:
        before = Plan.from_json(row.plan)
        wanted = read_wanted(request.POST, before=before.version)
        document = choose_version(row.template, wanted).version.load()
        plan = read_plan(request.POST, document, row.columns, before=before)
        seen = request.POST.get("mark", "")
        services.save_plan(feed=row, plan=plan, seen=seen, by=request.user)
        if "start" in request.POST:
            batch = services.start_batch(
                feed=row,
                batch_id=_read_id(request.POST.get("batch", "")),
                by=request.user,
                at=timezone.now(),
                seen_version=read_number(request.POST.get("seen_version", "")),
            )
            return redirect("creatives:batch", request.brand.slug, batch.id)
    except services.StalePlanError as error:
        row.plan = plan.as_json()
        return _show(request, row, trouble=str(error), status=409)
    except (services.UnreadyFeedError, TooManyJobsError, *CANT_SHOW) as error:
        return _show(request, row, trouble=str(error), status=422)
    if "HX-Request" in request.headers:
        return _show(request, row)
    return redirect("creatives:feed", request.brand.slug, row.id)


def _read_id(text: str) -> uuid.UUID:
    """Read the id of the batch to come; one that nobody saw if it is none."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return uuid.uuid4()


def _show(
    request: BrandRequest, row: Feed, *, trouble: str = "", status: int = 200
) -> HttpResponse:
    context: dict[str, Any] = {
        "feed": row,
        "trouble": trouble,
        "may_delete": not row.batches.exists(),
    }
    try:
        context |= build_page(
            row,
            request.GET,
            seen_version=read_number(request.POST.get("seen_version", "")),
        )
    except CANT_SHOW as error:
        context["trouble"] = trouble or str(error)
        status = max(status, 422)
    # htmx puts no other answer in place.
    status = 200 if "HX-Request" in request.headers else status
    return render(request, "creatives/feed.html", context, status=status)


@require_POST
@brand_page(Action.MAKE_CREATIVES)
def delete(request: BrandRequest, feed_id: uuid.UUID) -> HttpResponse:
    """Delete a table that nothing was made of."""
    row = get_feed(request, feed_id)
    try:
        services.delete_feed(feed=row, by=request.user, at=timezone.now())
    except services.FeedInUseError as error:
        messages.error(request, str(error))
        return redirect("creatives:feed", request.brand.slug, row.id)
    except services.StalePlanError:
        pass  # it is gone, as was wanted
    messages.success(request, f"The table {row.name} is deleted.")
    return redirect("creatives:batches", request.brand.slug)


@require_safe
@brand_page(Action.MAKE_CREATIVES)
def problems(request: BrandRequest, feed_id: uuid.UUID) -> HttpResponse:
    """Answer with everything that is wrong with a feed, as CSV."""
    row = get_feed(request, feed_id)
    try:
        reading = services.read_feed_rows(row)
    except CANT_SHOW as error:
        messages.error(request, str(error))
        return redirect("creatives:feed", request.brand.slug, row.id)
    lines = [
        (found.row or "", found.where, found.value, found.message)
        for found in reading.problems
    ]
    head = ("row", "where", "value", "problem")
    answer = HttpResponse(write_csv([head, *lines]), content_type="text/csv")
    name = slugify(PurePath(row.name).stem)[:60] or "table"
    answer["Content-Disposition"] = f'attachment; filename="{name}-problems.csv"'
    answer["Cache-Control"] = "private, no-store"
    return answer


@require_safe
@brand_page(Action.MAKE_CREATIVES)
def feed_preview(
    request: BrandRequest, feed_id: uuid.UUID, number: int, format_name: str
) -> HttpResponse:
    """Draw one row of a feed in one format, small."""
    row = get_feed(request, feed_id)
    locale = request.GET.get("locale", "")
    try:
        version = services.choose_for(row).version
        kit, document = require_kit(version), version.load()
        table = services.load_table(row)
        plan = replace(Plan.from_json(row.plan), rules=(), rows_out="")
        some = tuple(line for line in table.rows if line.number == number)
        one = Table(table.kind, table.columns, some)
        reading = read_rows(one, plan, document=document, kit=kit)
        if not reading.fillings:
            reasons = [problem.message for problem in reading.problems]
            return refuse_preview((reasons or ["There is no such row."])[0])
        filling = reading.fillings[0]
        images = filling.images
        if plan.uses_extensions:
            images = extend(document, kit, images, format_name, locale)
        preview = render_preview(
            version=version,
            kit=kit,
            format_name=format_name,
            modifications=filling.texts_in(locale),
            images=images,
            locale=locale,
            data=filling.data_in(locale),
        )
    except (*CANT_PREVIEW, *CANT_SHOW) as error:
        return refuse_preview(str(error))
    return answer_preview(preview.picture)
