"""Pages that belong to no app, and what the shell around every page shows."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_POST

from brandgen.accounts.decorators import BrandRequest, brand_page
from brandgen.accounts.models import Brand, User
from brandgen.config.home import collect
from brandgen.config.shell import THEMES
from brandgen.lib.local_paths import read_local_path
from brandgen.lib.storage import StorageError, get_store
from brandgen.links.fill_views import tell_stale


def home(request: HttpRequest) -> HttpResponse:
    """Lead a person to the brand that they were in last, or say that there is none."""
    brands = Brand.objects.visible_to(request.user)
    last = brands.filter(slug=request.COOKIES.get("brand", "")).first()
    brand = last or brands.first()
    if brand is None:
        return render(request, "no_brand.html")
    return redirect("brand_home", brand=brand.slug)


@brand_page()
def brand_home(request: BrandRequest) -> HttpResponse:
    """Show what waits for this person, what is running and what was just approved."""
    found = collect(user=request.user, brand=request.brand, at=timezone.now())
    page = "_home_work.html" if request.GET.get("part") == "work" else "home.html"
    response = render(request, page, {"home": found, "now": timezone.now()})
    keep_cookie(response, "brand", request.brand.slug)
    return response


@brand_page()
def running(request: BrandRequest) -> HttpResponse:
    """Return the part of the frame that says what is running."""
    return render(request, "components/_running.html")


@require_POST
def preferences(request: HttpRequest) -> HttpResponse:
    """Keep what a person prefers: colors in this browser, shortcuts everywhere."""
    target = read_local_path(request.POST.get("next", ""))
    response = HttpResponseRedirect(target or "/")
    theme = request.POST.get("theme")
    if theme in THEMES:
        keep_cookie(response, "theme", theme)
    shortcuts = request.POST.get("shortcuts")
    if shortcuts in {"on", "off"} and isinstance(request.user, User):
        User.objects.filter(id=request.user.id).update(has_shortcuts=shortcuts == "on")
    return response


def keep_cookie(response: HttpResponse, name: str, value: str) -> None:
    """Remember a preference in this browser for a year."""
    response.set_cookie(
        name,
        value,
        max_age=365 * 24 * 3600,
        secure=settings.IS_HTTPS,
        httponly=True,
        samesite="Lax",
    )


@login_not_required
def livez(request: HttpRequest) -> HttpResponse:
    """Answer as long as this process can."""
    return HttpResponse("ok\n", content_type="text/plain")


@login_not_required
def readyz(request: HttpRequest) -> HttpResponse:
    """Answer 200 if database and storage do, else 503 with what does not."""
    problems = []
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        problems.append("database")
    try:
        get_store().check()
    except StorageError:
        problems.append("storage")
    text = "ok\n" if not problems else f"not ready: {', '.join(problems)}\n"
    return HttpResponse(
        text, content_type="text/plain", status=503 if problems else 200
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say that a form was too old, and keep nothing of it."""
    if request.resolver_match and request.resolver_match.app_name == "fill":
        return tell_stale(request)  # people outside can't sign in
    return render(request, "403_csrf.html", {"reason": reason}, status=403)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say that the request could not be read, and that nothing was changed."""
    return render(request, "400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say what may not be done, and whom to ask."""
    return render(request, "403.html", {"reason": str(exception)}, status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say that there is nothing here that this person may see."""
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Say that it is our fault and that nothing was lost. Asks no database."""
    return HttpResponse(render_to_string("500.html"), status=500)
