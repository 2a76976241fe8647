"""Pages of review: the queue, one picture at a time, many at once, and sending."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Prefetch, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from brandgen.accounts.access import Action, may
from brandgen.accounts.decorators import BrandRequest, brand_page
from brandgen.library.models import Asset
from brandgen.review import queue as queues
from brandgen.review import services
from brandgen.review.forms import DecisionForm, SubmitForm
from brandgen.review.models import Decision, Flow, Review

MOST_AT_ONCE = 100
DONE = {
    Decision.Verdict.APPROVE: "approved",
    Decision.Verdict.REQUEST_CHANGES: "sent back for changes",
    Decision.Verdict.REJECT: "rejected",
}
REFUSALS = (
    services.StaleReviewError,
    services.OwnWorkError,
    services.MissingReasonError,
)


def get_review(request: BrandRequest, review_id: UUID) -> Review:
    """Return a review of the brand of the page; 404 if there is none."""
    reviews = Review.objects.of_brand(request.brand).select_related(
        "asset__created_by", "submitted_by", "brand"
    )
    return get_object_or_404(reviews, id=review_id)


@require_safe
@brand_page()
def queue(request: BrandRequest) -> HttpResponse:
    """Lead a reviewer to the most urgent picture; show others their requests."""
    at = timezone.now()
    may_decide = may(request.user, Action.DECIDE, request.brand)
    if not may_decide:
        return _requests(request)
    first = Review.objects.of_brand(request.brand).waiting_for(request.user).first()
    if first is not None:
        return redirect("review:one", request.brand.slug, first.id)
    strip = queues.get_queue(
        user=request.user, brand=request.brand, current=None, may_decide=True, at=at
    )
    others = Review.objects.of_brand(request.brand).open().count()
    context = {"queue": strip, "others": others}
    return render(request, "review/empty.html", context)


@require_safe
@brand_page()
def requests(request: BrandRequest) -> HttpResponse:
    """Show what this person has sent to review, and what came of it."""
    return _requests(request)


def _requests(request: BrandRequest) -> HttpResponse:
    live = Decision.objects.live().select_related("reviewer")
    mine = (
        Review.objects.of_brand(request.brand)
        .filter(submitted_by=request.user)
        .select_related("asset")
        .prefetch_related(Prefetch("decisions", live, to_attr="answers"))
    )
    closed = mine.exclude(state=Review.State.OPEN).order_by("-closed_at", "id")
    # Until the picture is sent again, the answer is still to be worked on.
    is_returned = Q(
        state=Review.State.CHANGES_REQUESTED,
        asset__state=Asset.State.CHANGES_REQUESTED,
    )
    context = {
        "returned_reviews": closed.filter(is_returned)[:50],
        "open_reviews": mine.open()[:100],
        "closed_reviews": closed.exclude(is_returned)[:50],
        "may_decide": may(request.user, Action.DECIDE, request.brand),
        "at": timezone.now(),
    }
    return render(request, "review/requests.html", context)


@require_safe
@brand_page()
def one(request: BrandRequest, review_id: UUID) -> HttpResponse:
    """Show one picture to judge, with the strip of what else waits."""
    return _review_page(request, get_review(request, review_id), {})


def _review_page(
    request: BrandRequest, review: Review, extra: dict[str, Any], status: int = 200
) -> HttpResponse:
    at = timezone.now()
    user, brand = request.user, request.brand
    may_decide = may(user, Action.DECIDE, brand)
    strip = queues.get_queue(
        user=user, brand=brand, current=review, may_decide=may_decide, at=at
    )
    answers = list(review.decisions.select_related("reviewer"))
    live = [answer for answer in answers if answer.withdrawn_at is None]
    is_waiting = review.state == Review.State.OPEN and any(
        item.review.id == review.id and item.answer is None for item in strip.items
    )
    is_own = user.id in {review.submitted_by_id, review.asset.created_by_id}
    flow = Flow.objects.filter(brand=brand).first()
    may_judge_own = flow is not None and flow.is_self_approval_allowed
    context = {
        "review": review,
        "asset": review.asset,
        "queue": strip,
        "answers": answers,
        "approvals": sum(a.verdict == Decision.Verdict.APPROVE for a in live),
        "may_decide": may_decide,
        "may_generate": may(user, Action.GENERATE, brand),
        "can_answer": may_decide and is_waiting and (may_judge_own or not is_own),
        "is_own": is_own and not may_judge_own,
        "can_withdraw": review.state == Review.State.OPEN
        and review.submitted_by_id == user.id,
        "is_overdue": review.is_overdue(at=at),
        "findings": review.findings,
        "to_look_at": sum(one["verdict"] != "pass" for one in review.findings),
        "noes": _noes(request.GET.get("ask", "")),
        "reasons": Decision.Reason.choices,
        "is_full_size": request.GET.get("zoom") == "full",
    }
    return render(request, "review/one.html", context | extra, status=status)


def _noes(asked: str) -> list[dict[str, Any]]:
    """Return the two ways to say no, for the dialogs that ask why."""
    ask = Decision.Verdict.REQUEST_CHANGES
    return [
        {
            "verdict": verdict.value,
            "label": verdict.label,
            "key": "c" if verdict == ask else "x",
            "title": "What should change?" if verdict == ask else "Why is it rejected?",
            "is_open": asked == verdict,
            "is_final": verdict != ask,
        }
        for verdict in (ask, Decision.Verdict.REJECT)
    ]


@require_POST
@brand_page(Action.DECIDE)
def decide(request: BrandRequest, review_id: UUID) -> HttpResponse:
    """Record an answer and go on to the next picture."""
    review = get_review(request, review_id)
    form = DecisionForm(request.POST)
    if not form.is_valid():
        said = " ".join(str(one) for many in form.errors.values() for one in many)
        messages.error(request, f"Nothing was recorded. {said}")
        return redirect("review:one", request.brand.slug, review.id)
    good = form.cleaned_data
    verdict = Decision.Verdict(good["verdict"])
    try:
        services.decide(
            review=review,
            reviewer=request.user,
            verdict=verdict,
            reason=good["reason"],
            comment=good["comment"],
            seen_sha256=good["seen_sha256"],
            at=timezone.now(),
        )
    except services.MissingReasonError as error:
        noes = _noes(verdict)
        kept = {"noes": noes, "why_not": str(error), "comment": good["comment"]}
        return _review_page(request, review, kept, status=422)
    except REFUSALS as error:
        messages.warning(request, str(error))
        return redirect("review:one", request.brand.slug, review.id)
    following = queues.find_next(user=request.user, after=review)
    text = f"“{review.asset.title}” {DONE[verdict]}."
    if review.state == Review.State.OPEN:
        text = f"Your yes to “{review.asset.title}” is recorded; one more is needed."
    messages.success(request, text)
    if following is None:
        return redirect("review:queue", request.brand.slug)
    return redirect("review:one", request.brand.slug, following.id)


@require_POST
@brand_page(Action.DECIDE)
def undo(request: BrandRequest, decision_id: int) -> HttpResponse:
    """Take an answer back and show its picture again."""
    decisions = Decision.objects.of_brand(request.brand).select_related(
        "review__asset", "reviewer"
    )
    decision = get_object_or_404(decisions, id=decision_id)
    try:
        services.undo_decision(decision=decision, by=request.user, at=timezone.now())
        title = decision.review.asset.title
        messages.success(request, f"Your answer to “{title}” is undone.")
    except services.CannotUndoError as error:
        messages.warning(request, str(error))
    return redirect("review:one", request.brand.slug, decision.review_id)


@require_POST
@brand_page(Action.SUBMIT)
def withdraw(request: BrandRequest, review_id: UUID) -> HttpResponse:
    """Take a request back."""
    review = get_review(request, review_id)
    try:
        services.withdraw_review(review=review, by=request.user, at=timezone.now())
        messages.success(request, f"“{review.asset.title}” is a draft again.")
    except services.CannotUndoError as error:
        messages.warning(request, str(error))
    return redirect("library:asset", request.brand.slug, review.asset_id)


@require_safe
@brand_page()
def of_asset(request: BrandRequest, asset_id: UUID) -> HttpResponse:
    """Lead from an asset to its newest review."""
    asset = get_object_or_404(Asset.objects.of_brand(request.brand), id=asset_id)
    newest = asset.reviews.order_by("-submitted_at").first()
    if newest is None:
        return redirect("library:asset", request.brand.slug, asset.id)
    return redirect("review:one", request.brand.slug, newest.id)


@require_safe
@brand_page(Action.DECIDE)
def grid(request: BrandRequest) -> HttpResponse:
    """Show all that waits side by side, to approve several at once."""
    waiting = (
        Review.objects.of_brand(request.brand)
        .waiting_for(request.user)
        .select_related("asset", "submitted_by")[:MOST_AT_ONCE]
    )
    at = timezone.now()
    tiles = [(review, review.is_overdue(at=at)) for review in waiting]
    return render(request, "review/grid.html", {"tiles": tiles})


@require_POST
@brand_page(Action.DECIDE)
def approve_many(request: BrandRequest) -> HttpResponse:
    """Approve what was selected; say why for each that could not be."""
    done, refused = 0, []
    for choice in request.POST.getlist("review")[:MOST_AT_ONCE]:
        name, _, seen_sha256 = choice.partition(":")
        try:
            review = get_review(request, UUID(name))
        except ValueError:
            continue
        try:
            services.decide(
                review=review,
                reviewer=request.user,
                verdict=Decision.Verdict.APPROVE,
                seen_sha256=seen_sha256,
                at=timezone.now(),
            )
            done += 1
        except REFUSALS as error:
            refused.append(str(error))
    if done:
        plural = "" if done == 1 else "s"
        messages.success(request, f"{done} picture{plural} approved.")
    for text in refused[:5]:
        messages.warning(request, text)
    if not done and not refused:
        messages.info(request, "Nothing was selected.")
    return redirect("review:grid", request.brand.slug)


@require_http_methods(["GET", "HEAD", "POST"])
@brand_page(Action.SUBMIT)
def submit(request: BrandRequest) -> HttpResponse:
    """Ask for a word to the reviewers, then send the chosen pictures."""
    chosen = request.POST if request.method == "POST" else request.GET
    ids = []
    for text in chosen.getlist("asset")[:MOST_AT_ONCE]:
        try:
            ids.append(UUID(text))
        except ValueError:
            continue
    assets = list(Asset.objects.of_brand(request.brand).filter(id__in=ids))
    ready = [asset for asset in assets if asset.is_submittable]
    form = SubmitForm(request.POST or None)
    problem = ""
    if request.method == "POST" and ready and form.is_valid():
        try:
            reviews = services.submit_for_review(
                assets=ready,
                by=request.user,
                message=form.cleaned_data["message"],
                at=timezone.now(),
            )
        except services.CannotSubmitError as error:
            problem = str(error)
        else:
            plural = "" if len(reviews) == 1 else "s"
            messages.success(request, f"{len(reviews)} picture{plural} sent to review.")
            return redirect("review:requests", request.brand.slug)
    context = {
        "form": form,
        "ready": ready,
        "left_out": [asset for asset in assets if not asset.is_submittable],
        "problem": problem,
        "flow": Flow.objects.filter(brand=request.brand).first(),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "review/submit.html", context, status=status)
