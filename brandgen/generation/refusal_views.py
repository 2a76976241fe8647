"""The Safety page: what the filters refused, and what reviewers say about it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from brandgen.accounts.access import Action, may
from brandgen.accounts.decorators import BrandRequest, brand_page
from brandgen.engine.errors import EngineError
from brandgen.generation import services as generation_services
from brandgen.generation.refusals import release_refusal
from brandgen.jobs.services import TooManyJobsError
from brandgen.presets.engine_settings import EngineSettingsError
from brandgen.presets.prompting import PresetTemplateError, PromptLengthError
from brandgen.presets.services import BannedTermError, NoBrandKitError
from brandgen.presets.variables import ValueErrors
from brandgen.review.models import Flow
from brandgen.safety import services
from brandgen.safety.filters import is_any_configured
from brandgen.safety.models import Policy, Refusal, RefusalQuerySet

PAGE = 25
NOT_RELEASED = (
    services.CannotReleaseError,
    # The rest: it could not be made today, filter or not.
    BannedTermError,
    EngineError,
    EngineSettingsError,
    NoBrandKitError,
    PresetTemplateError,
    PromptLengthError,
    TooManyJobsError,
    ValueErrors,
    generation_services.PromptTooLongError,
    generation_services.SeedsError,
    generation_services.UnpublishedPresetError,
)


@dataclass(frozen=True)
class Line:
    """One refusal as the page shows it."""

    refusal: Refusal
    bar: str
    """Why this person may not release it; empty if they may."""


@require_safe
@brand_page(Action.DECIDE)
def refusals(request: BrandRequest) -> HttpResponse:
    """List what was refused, newest first: what nobody has looked at, or all."""
    is_all = request.GET.get("show") == "all"
    rows = Refusal.objects.of_brand(request.brand).select_related(
        "brand", "requested_by", "judged_by", "released_by"
    )
    shown = rows if is_all else rows.unjudged()
    page = list(_after(shown, request.GET.get("after", ""))[: PAGE + 1])
    policy = Policy.objects.get_of(request.brand)
    context = {
        "lines": _lines(page[:PAGE], policy, request),
        "next": _key(page[PAGE - 1]) if len(page) > PAGE else None,
        "is_first": "after" not in request.GET,
        "is_all": is_all,
        "policy": policy,
        "is_configured": is_any_configured(),
        "may_manage": may(request.user, Action.MANAGE_BRAND, request.brand),
    }
    return render(request, "safety/refusals.html", context)


@require_safe
@brand_page(Action.DECIDE)
def preview(request: BrandRequest, refusal_id: UUID) -> HttpResponse:
    """Answer with the blurred preview of a refused picture."""
    refusal = _get(request, refusal_id)
    if not refusal.preview:
        raise Http404
    return HttpResponse(
        bytes(refusal.preview),
        content_type="image/webp",
        headers={
            "Cache-Control": "private, max-age=31536000, immutable",
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "X-Content-Type-Options": "nosniff",
        },
    )


@require_POST
@brand_page(Action.DECIDE)
def judge(request: BrandRequest, refusal_id: UUID) -> HttpResponse:
    """Say whether the filter was right."""
    refusal = _get(request, refusal_id)
    judgement = request.POST.get("judgement", "")
    if judgement not in Refusal.Judgement.values:
        messages.error(request, "Say whether it was right or wrong. Nothing was kept.")
        return redirect("safety:refusals", request.brand.slug)
    try:
        services.judge_refusal(
            refusal=refusal,
            judgement=Refusal.Judgement(judgement),
            note=request.POST.get("note", "").replace("\0", ""),
            by=request.user,
            at=timezone.now(),
        )
    except services.CannotReleaseError as error:
        messages.error(request, str(error))
    else:
        messages.success(
            request, f"Kept: {Refusal.Judgement(judgement).label.lower()}."
        )
    return redirect("safety:refusals", request.brand.slug)


@require_POST
@brand_page(Action.DECIDE)
def release(request: BrandRequest, refusal_id: UUID) -> HttpResponse:
    """Have made what was refused by mistake."""
    refusal = _get(request, refusal_id)
    try:
        generation = release_refusal(
            refusal=refusal, by=request.user, at=timezone.now()
        )
    except NOT_RELEASED as error:
        messages.error(request, f"Not released. {error}")
        return redirect("safety:refusals", request.brand.slug)
    messages.success(request, f"Released: it is made for {refusal.requested_by}.")
    return redirect("generation:sheet", request.brand.slug, generation.id)


@require_POST
@brand_page(Action.MANAGE_BRAND)
def change_policy(request: BrandRequest) -> HttpResponse:
    """Let the brand's reviewers release mistakes, or no longer."""
    is_allowed = request.POST.get("release") == "1"
    services.set_policy(
        brand=request.brand,
        is_release_allowed=is_allowed,
        by=request.user,
        at=timezone.now(),
    )
    said = "may" if is_allowed else "may not"
    messages.success(request, f"Reviewers {said} release what was refused by mistake.")
    return redirect("safety:refusals", request.brand.slug)


def _lines(rows: list[Refusal], policy: Policy, request: BrandRequest) -> list[Line]:
    flow = Flow.objects.filter(brand=request.brand).first() or Flow()
    return [
        Line(row, services.release_bar(row, policy=policy, flow=flow, by=request.user))
        for row in rows
    ]


def _get(request: BrandRequest, refusal_id: UUID) -> Refusal:
    rows = Refusal.objects.of_brand(request.brand)
    return get_object_or_404(
        rows.select_related("brand", "requested_by"), id=refusal_id
    )


def _key(refusal: Refusal) -> str:
    return f"{refusal.refused_at.isoformat()}_{refusal.id}"


def _after(rows: RefusalQuerySet, text: str) -> RefusalQuerySet:
    """Keep what follows a key; everything for a key that is none."""
    moment, _, id_ = text.partition("_")
    try:
        at, last = datetime.fromisoformat(moment.replace(" ", "+")), UUID(id_)
        at = at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (OverflowError, ValueError):
        return rows
    return rows.filter(Q(refused_at__lt=at) | Q(refused_at=at, id__lt=last))
