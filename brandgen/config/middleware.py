"""What every request passes through, whatever page it asks for."""

import logging
from collections.abc import Callable, Iterator
from typing import Any

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.core.signals import got_request_exception
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    QueryDict,
)
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import render

from brandgen.config import pages

log = logging.getLogger("django.request")


class PlainErrorMiddleware:
    """Answers every failure with our own pages, while developing too.

    Django's technical pages list addresses, settings and code; a person who follows an
    old link or meets a bug must read what happened and where to go, and see the same
    page as in production. The traceback is in the log.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Refuse what is too large or damaged before it is read any further."""
        if refusal := _find_refusal(request):
            status, reason = refusal
            return render(request, "400.html", {"reason": reason}, status=status)
        response = self.get_response(request)
        if response.status_code == 404 and request.resolver_match is None:
            return render(request, "404.html", status=404)
        if response.status_code == 405 and not response.content:
            page = render(request, "405.html", status=405)
            page["Allow"] = response.headers.get("Allow", "")
            return page
        return response

    def process_exception(
        self, request: HttpRequest, exception: Exception
    ) -> HttpResponse:
        """Turn what a view raised into a page; what nobody expected goes to the log."""
        if isinstance(exception, Http404):
            return render(request, "404.html", status=404)
        if isinstance(exception, PermissionDenied):
            return pages.forbidden(request, exception)
        if isinstance(exception, SuspiciousOperation | MultiPartParserError):
            log.warning("Refused %s: %s", request.path, type(exception).__name__)
            return pages.bad_request(request, exception)
        log.error("Failed %s", request.path, exc_info=exception)
        got_request_exception.send(sender=type(self), request=request)
        return pages.server_error(request)


def _find_refusal(request: HttpRequest) -> tuple[int, str] | None:
    """Return a status and a reason where the body of a request can't be taken."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal():
        return 400, "The request does not say how long it is. Nothing was changed."
    # PostgreSQL keeps no such character; forms name it beside their fields.
    if "\0" in request.path or any("\0" in text for text in _texts(request.GET)):
        return 400, "The address has a character that no text may have (NUL)."
    # Where the length was not said, the ASGI application has counted.
    counted = getattr(request, "scope", {}).get("brandgen.body_bytes", 0)
    size_bytes = max(int(length), counted)
    if size_bytes > settings.MAX_REQUEST_BYTES:
        return 413, (
            f"What you sent has {size_bytes / 1e6:,.0f} MB; one request takes "
            f"{settings.MAX_REQUEST_BYTES / 1e6:,.0f} MB and one file "
            f"{settings.MAX_UPLOAD_BYTES / 1e6:,.0f} MB. Send fewer or smaller files, "
            "or ask an admin to raise MAX_UPLOAD_MB. Nothing was kept."
        )
    if request.method != "POST":
        return None
    try:
        request.POST  # noqa: B018  (parsed here, once, for everybody)
    except (SuspiciousOperation, MultiPartParserError) as error:
        log.warning("Refused %s: %s", request.path, type(error).__name__)
        return 400, (
            "The form was damaged, or has more fields or text than a form may have. "
            "Go back and send less at once. Nothing was changed."
        )
    return None


def _texts(query: QueryDict) -> Iterator[str]:
    for name, values in query.lists():
        yield name
        yield from values


class CleanCookiesMiddleware:
    """Forgets cookies that no server of ours has set: they hold a NUL character.

    They reach the database as the key of a session, and PostgreSQL refuses them.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer as if the browser had sent the other cookies only."""
        for name in [name for name, text in request.COOKIES.items() if "\0" in text]:
            del request.COOKIES[name]
        return self.get_response(request)


class SignInMiddleware(LoginRequiredMiddleware):
    """Sends people to sign in, but asks nobody's session where a view is public.

    So what such a view answers does not vary by cookie, and caches can share it.
    """

    def process_view(
        self,
        request: HttpRequest,
        view_func: Callable[..., HttpResponseBase],
        view_args: tuple[Any, ...],
        view_kwargs: dict[str, Any],
    ) -> HttpResponseBase | None:
        """Let a public view answer; ask for a sign-in before every other."""
        if not getattr(view_func, "login_required", True):
            return None
        return super().process_view(request, view_func, view_args, view_kwargs)
