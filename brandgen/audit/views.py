"""The audit page of a brand, and of the installation for admins."""

from django.core.cache import cache
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from brandgen.accounts.access import Action
from brandgen.accounts.decorators import BrandRequest, brand_page
from brandgen.accounts.models import Brand, User
from brandgen.audit import services
from brandgen.audit.forms import FilterForm
from brandgen.audit.models import Entry, EntryQuerySet
from brandgen.audit.verify import Verdict, verify_chain

PAGE = 50
# Up to this many rows the whole chain is checked each time that somebody looks.
CHECKED_AT_ONCE = 5_000


def _scope(request: BrandRequest) -> Brand | None:
    """Return the brand of the page; None where an admin asks for everything."""
    is_everything = request.GET.get("brands") == "all" and request.user.is_admin
    return None if is_everything else request.brand


def _asked(request: BrandRequest) -> tuple[FilterForm, EntryQuerySet]:
    people = User.objects.visible_to(request.user)
    if (brand := _scope(request)) is not None:
        people = people.filter(memberships__brand=brand)
    form = FilterForm(request.GET, people=people)
    rows = services.find_entries(
        user=request.user, brand=brand, filters=form.as_filters()
    )
    return form, rows


@require_safe
@brand_page(Action.SEE_AUDIT)
def audit(request: BrandRequest) -> HttpResponse:
    """Show the trail, newest first."""
    form, rows = _asked(request)
    before = request.GET.get("before", "")
    if before.isdecimal() and len(before) < 18:
        rows = rows.filter(id__lt=int(before))
    page = list(rows[: PAGE + 1])
    recent = Entry.objects.of_brand(request.brand).order_by("-id")[:500]
    context = {
        "form": form,
        "entries": page[:PAGE],
        "next": page[PAGE - 1].id if len(page) > PAGE else None,
        "is_first": not before,
        "is_filtered": any(form.cleaned_data.values()),
        "is_everything": _scope(request) is None,
        "actions": sorted(set(recent.values_list("action", flat=True))),
        "verdict": find_verdict(is_asked="verify" in request.GET),
    }
    return render(request, "audit/audit.html", context)


@require_safe
@brand_page(Action.SEE_AUDIT)
def download(request: BrandRequest) -> StreamingHttpResponse:
    """Stream what the filters leave as JSON Lines."""
    _, rows = _asked(request)
    day = timezone.localdate()
    response = StreamingHttpResponse(
        services.stream_lines(rows), content_type="application/jsonl"
    )
    response["Content-Disposition"] = (
        f'attachment; filename="audit-{request.brand.slug}-{day}.jsonl"'
    )
    return response


def find_verdict(*, is_asked: bool) -> Verdict | None:
    """Check the chain if that is quick or asked for; else return this hour's check."""
    newest = Entry.objects.order_by("-id").values_list("id", flat=True).first() or 0
    if newest > CHECKED_AT_ONCE and not is_asked:
        found: Verdict | None = cache.get("audit-verdict")
        return found
    verdict = verify_chain()
    cache.set("audit-verdict", verdict, timeout=3600)
    return verdict
