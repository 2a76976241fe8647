"""The People pages: for admins, and for managers about the members of their brands."""

from typing import cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_POST

from brandgen.accounts.access import require_admin
from brandgen.accounts.models import BrandQuerySet, Membership, User, UserQuerySet
from brandgen.people import services
from brandgen.people.forms import InviteForm, MembershipForm

PAGE = 50


def _door(request: HttpRequest) -> tuple[User, BrandQuerySet]:
    """Let in who manages people somewhere; return them and their brands."""
    user = cast("User", request.user)
    brands = services.managed_brands(user)
    if not user.is_admin and not brands.exists():
        raise PermissionDenied(
            "Only admins and brand managers may see who is a member. "
            "Ask one of them to invite or change people."
        )
    return user, brands


def _people_of(user: User, brands: BrandQuerySet) -> UserQuerySet:
    """Return the people that this person manages, with the memberships they may see."""
    people = User.objects.visible_to(user)
    if not user.is_admin:
        people = people.filter(memberships__brand__in=brands).distinct()
    seen = Membership.objects.filter(brand__in=brands).select_related("brand")
    return people.prefetch_related(Prefetch("memberships", seen, to_attr="seen"))


def people(request: HttpRequest) -> HttpResponse:
    """List people by name, with a search and a brand filter."""
    user, brands = _door(request)
    rows = _people_of(user, brands).order_by("name", "id")
    if query := request.GET.get("q", "").strip()[:100]:
        rows = rows.filter(Q(name__icontains=query) | Q(email__icontains=query))
    if slug := request.GET.get("brand", ""):
        rows = rows.filter(memberships__brand__in=brands.filter(slug=slug)).distinct()
    if last := User.objects.filter(id=_number(request.GET.get("after"))).first():
        rows = rows.filter(Q(name__gt=last.name) | Q(name=last.name, id__gt=last.id))
    page = list(rows[: PAGE + 1])
    context = {
        "people": page[:PAGE],
        "next": page[PAGE - 1].id if len(page) > PAGE else None,
        "brands": brands,
        "query": query,
        "slug": slug,
    }
    return render(request, "people/list.html", context)


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 18 else 0


def invite(request: HttpRequest) -> HttpResponse:
    """Ask who is let in; show the link that lets a new person set a password, once."""
    user, brands = _door(request)
    initial = {"brand": brands.filter(slug=request.COOKIES.get("brand", "")).first()}
    form = InviteForm(request.POST or None, brands=brands, initial=initial)
    if request.method != "POST" or not form.is_valid():
        return render(request, "people/invite.html", {"form": form})
    at = timezone.now()
    try:
        made = services.invite(**form.cleaned_data, by=user, at=at)
    except services.AlreadyMemberError as error:
        form.add_error("email", str(error))
        return render(request, "people/invite.html", {"form": form})
    if made.is_new:
        return _show_link(request, made.user, by=user)
    messages.success(request, f"{made.user} is in {form.cleaned_data['brand']} now.")
    return redirect("people:person", person=made.user.id)


def _show_link(request: HttpRequest, person: User, *, by: User) -> HttpResponse:
    """Show a link that opens an account, in an answer that nobody keeps."""
    path = services.make_link(user=person, by=by, at=timezone.now())
    context = {"person": person, "link": request.build_absolute_uri(path)}
    response = render(request, "people/link.html", context)
    patch_cache_control(response, no_store=True)
    return response


def person(request: HttpRequest, person: int) -> HttpResponse:
    """Show one person: roles by brand, and what may be done about the account."""
    user, brands = _door(request)
    row = get_object_or_404(_people_of(user, brands), id=person)
    context = {
        "person": row,
        "memberships": row.seen,  # type: ignore[attr-defined]
        "roles": Membership.Role.choices,
        "may_make_link": services.may_make_link(user, row),
    }
    return render(request, "people/person.html", context)


@require_POST
def change_member(request: HttpRequest, membership: int) -> HttpResponse:
    """Give a member another role or title."""
    user, brands = _door(request)
    row = get_object_or_404(Membership.objects.filter(brand__in=brands), id=membership)
    form = MembershipForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Choose one of the roles. Nothing was changed.")
    elif services.change_role(
        membership=row, **form.cleaned_data, by=user, at=timezone.now()
    ):
        messages.success(
            request, f"{row.user} is {row.get_role_display().lower()} of {row.brand}."
        )
    return redirect("people:person", person=row.user_id)


@require_POST
def remove_member(request: HttpRequest, membership: int) -> HttpResponse:
    """Take a person out of a brand."""
    user, brands = _door(request)
    row = get_object_or_404(Membership.objects.filter(brand__in=brands), id=membership)
    services.remove_member(membership=row, by=user, at=timezone.now())
    messages.success(request, f"{row.user} is no longer in {row.brand}.")
    return redirect("people:people")


@require_POST
def change_account(request: HttpRequest, person: int) -> HttpResponse:
    """Close or open an account, make or unmake an admin, or make a sign-in link."""
    user, brands = _door(request)
    row = get_object_or_404(_people_of(user, brands), id=person)
    do, at = request.POST.get("do"), timezone.now()
    if do == "link":
        return _show_link(request, row, by=user)
    require_admin(user)
    try:
        if do in {"open", "close"}:
            services.set_active(user=row, is_active=do == "open", by=user, at=at)
        elif do in {"admin", "no_admin"}:
            services.set_admin(user=row, is_admin=do == "admin", by=user, at=at)
        else:
            messages.error(request, "That form was incomplete. Nothing was changed.")
    except services.LastAdminError as error:
        messages.error(request, str(error))
    return redirect("people:person", person=row.id)
