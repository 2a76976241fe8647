"""What people outside get: a picture, or a small JSON that says why not."""

import uuid
from datetime import datetime

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from brandgen.library.media import HEADERS, answer_file
from brandgen.links.answering import TestPicture, answer
from brandgen.links.models import AddressPicture
from brandgen.links.refusals import RefusedError
from brandgen.links.visitors import visitor_of

FRESH_S = 300
"""How long copies of a picture may be shown without asking again."""


@login_not_required
@require_safe
def signed_picture(request: HttpRequest, address_id: uuid.UUID) -> HttpResponseBase:
    """Answer a signed address with its picture."""
    at = timezone.now()
    pairs = [(name, value) for name, values in request.GET.lists() for value in values]
    try:
        picture = answer(
            address_id=address_id,
            pairs=pairs,
            visitor=visitor_of(request),
            at=at,
        )
    except RefusedError as refusal:
        return refuse(refusal)
    if isinstance(picture, TestPicture):
        return _answer_test(picture)
    return _answer_picture(request, picture, at=at)


def _answer_test(picture: TestPicture) -> HttpResponseBase:
    response = HttpResponse(picture.data, content_type=picture.mime)
    extension = picture.mime.partition("/")[2]
    response["Content-Disposition"] = f'inline; filename="TEST.{extension}"'
    for name, value in HEADERS.items():
        response[name] = value
    # Nobody is to keep it or to build on it.
    response["Cache-Control"] = "no-store"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def _answer_picture(
    request: HttpRequest, picture: AddressPicture, *, at: datetime
) -> HttpResponseBase:
    left_s = int((picture.address.expires_at - at).total_seconds())
    response = answer_file(
        request,
        sha256=picture.sha256,
        mime=picture.mime,
        name=f"picture-{picture.sha256[:8]}.{picture.extension}",
        size_bytes=picture.size_bytes,
    )
    if response.status_code not in {200, 304}:
        return response
    response["Cache-Control"] = f"public, max-age={max(0, min(FRESH_S, left_s))}"
    # Other sites and mail programs may show it: that is what it is for.
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def refuse(refusal: RefusedError) -> JsonResponse:
    """Say why there is no picture, for programs and people."""
    said = {"error": refusal.code, "message": str(refusal)}
    if refusal.slot:
        said["slot"] = refusal.slot
    response = JsonResponse(
        said, status=refusal.status, json_dumps_params={"ensure_ascii": False}
    )
    response["Cache-Control"] = "no-store"
    if refusal.retry_after_s:
        response["Retry-After"] = str(refusal.retry_after_s)
    return response
