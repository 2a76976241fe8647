"""What every request passes through, whatever page it asks for."""

from collections.abc import Callable

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render


class PlainErrorMiddleware:
    """Answer 403 and 404 with our own pages, while developing too.

    Django's technical pages list every address; a person who follows an old link must
    read what happened and where to go, and see the same page as in production.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(
        self, request: HttpRequest, exception: Exception
    ) -> HttpResponse | None:
        """Turn the two expected exceptions into pages; leave the rest to Django."""
        if isinstance(exception, Http404):
            return render(request, "404.html", status=404)
        if isinstance(exception, PermissionDenied):
            context = {"reason": str(exception)}
            return render(request, "403.html", context, status=403)
        return None
