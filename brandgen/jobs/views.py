"""Pages and addresses of jobs inside one brand."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.handlers.asgi import ASGIRequest
from django.db import connection
from django.http import (
    HttpResponse,
    HttpResponseBase,
    JsonResponse,
    StreamingHttpResponse,
)
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from brandgen.accounts.access import Action, may
from brandgen.accounts.decorators import BrandRequest, brand_page
from brandgen.jobs import progress
from brandgen.jobs.models import Job
from brandgen.jobs.services import request_cancel

MAY_CANCEL = (Action.GENERATE, Action.MAKE_CREATIVES, Action.EXPORT)


@require_GET
@brand_page()
def progress_stream(request: BrandRequest) -> HttpResponseBase:
    """Send how the brand's jobs get on, as server-sent events."""
    if not isinstance(request, ASGIRequest):
        # A WSGI server would keep a thread for each page. 204 ends the stream for
        # good, and the page asks for progress_json instead.
        return HttpResponse(status=204)
    if not progress.has_room(request.user.pk):
        return HttpResponse(
            f"{progress.MOST_STREAMS_PER_USER} pages of yours are open. Close some.\n",
            status=429,
            content_type="text/plain",
        )
    last_id = request.headers.get("Last-Event-ID", "")
    since = progress.moment_of(last_id) or timezone.now()
    first = progress.load_events(brand=request.brand, since=since - progress.OVERLAP)
    response = StreamingHttpResponse(
        progress.stream(
            brand_id=request.brand.pk, user_id=request.user.pk, first=first
        ),
        content_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )
    # This thread waits with the stream: it must not keep its connection meanwhile.
    connection.close()
    return response


@require_GET
@brand_page()
def progress_json(request: BrandRequest) -> HttpResponseBase:
    """Return what has changed since a moment, for pages that can't hold a stream."""
    now_ms = int(timezone.now().timestamp() * 1000)
    text = request.GET.get("since", "")
    since = progress.moment_of(text)
    if text and since is None:
        detail = f"since is {text[:40]!r}. Send the `now` of the answer before."
        return JsonResponse({"detail": detail}, status=400)
    events = progress.load_events(brand=request.brand, since=since)
    return JsonResponse({"now": now_ms, "jobs": [event.fields for event in events]})


@require_POST
@brand_page()
def cancel(request: BrandRequest, job_id: int) -> HttpResponseBase:
    """Cancel one job of the brand, then go back to the page that asked."""
    job = get_object_or_404(Job.objects.of_brand(request.brand), id=job_id)
    if not any(may(request.user, action, request.brand) for action in MAY_CANCEL):
        raise PermissionDenied(
            f"You may not stop work in {request.brand}. Ask a marketer or a brand "
            f"manager of {request.brand}."
        )
    is_cancelled = request_cancel(job=job, at=timezone.now(), by=request.user)
    if "application/json" in request.headers.get("Accept", ""):
        return JsonResponse({"is_cancelled": is_cancelled})
    if is_cancelled:
        messages.success(request, f"Stopping: {job.title}. What is done is kept.")
    else:
        messages.info(request, f"Too late to stop: {job.title}.")
    return redirect(_page_before(request))


def _page_before(request: BrandRequest) -> str:
    page = request.POST.get("next") or request.headers.get("Referer", "")
    is_ours = url_has_allowed_host_and_scheme(
        page, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return page if is_ours else f"/b/{request.brand.slug}/"
