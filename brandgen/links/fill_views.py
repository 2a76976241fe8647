"""Public forms as people without an account see them."""

import uuid
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    JsonResponse,
)
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.text import slugify
from django.views.decorators.http import require_POST, require_safe

from brandgen.brands.models import BrandKit
from brandgen.lib.storage import StorageError
from brandgen.library.media import answer_file
from brandgen.library.models import Rendition
from brandgen.library.services import ensure_rendition
from brandgen.links import filling
from brandgen.links.brand_look import write_colors
from brandgen.links.fill_form import FillingForm, PhraseForm
from brandgen.links.models import FormPicture, PublicForm
from brandgen.links.offering import find_fixed, find_offered, offer_pictures
from brandgen.links.refusals import EndedError, PhraseNeededError, RefusedError
from brandgen.links.visitors import visitor_of

P = ParamSpec("P")
Page = Callable[Concatenate[HttpRequest, PublicForm, P], HttpResponseBase]
Tell = Callable[[HttpRequest, PublicForm, RefusedError], HttpResponseBase]

COOKIE, SALT = "form", "brandgen.links.fill_views"
PHRASE_HOLDS = timedelta(hours=12)
KEPT_S = 300
"""How long a visitor's browser may keep small pictures."""
WITHDRAWN = "withdrawn"


def _public(tell: Tell) -> Callable[[Page[P]], Callable[..., HttpResponseBase]]:
    """Open a page to anybody who knows the form's address; say so where it is none."""

    def decorate(view: Page[P]) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def open_page(
            request: HttpRequest, token: str, *args: P.args, **kwargs: P.kwargs
        ) -> HttpResponseBase:
            form = filling.find_form(token)
            if form is None:
                answer = render(request, "links/public/unknown.html", status=404)
                return _private(answer)
            try:
                return _private(view(request, form, *args, **kwargs))
            except RefusedError as refusal:
                return _private(tell(request, form, refusal))

        return login_not_required(open_page)

    return decorate


def _private(answer: HttpResponseBase) -> HttpResponseBase:
    """Keep an answer out of caches and search engines."""
    answer["X-Robots-Tag"] = "noindex, nofollow"
    if not answer.headers.get("Cache-Control", "").startswith("private, max-age"):
        answer["Cache-Control"] = "no-store"
    return answer


def _render(
    request: HttpRequest,
    form: PublicForm,
    page_name: str,
    context: Mapping[str, Any],
    *,
    status: int,
) -> HttpResponse:
    """Answer with a page under the brand's logo."""
    kit = BrandKit.objects.find_current(form.brand)
    logos = {one.variant: one for one in kit.logos.all()} if kit else {}
    context = {**context, "form": form, "logos": logos}
    return render(request, f"links/public/{page_name}.html", context, status=status)


def _tell_page(
    request: HttpRequest, form: PublicForm, refusal: RefusedError
) -> HttpResponse:
    """Say on a page why there is no form, or ask for the pass phrase."""
    if isinstance(refusal, PhraseNeededError):
        return _ask_phrase(request, form, PhraseForm())
    answer = _render(
        request, form, "refused", {"refusal": refusal}, status=refusal.status
    )
    if refusal.retry_after_s:
        answer["Retry-After"] = str(refusal.retry_after_s)
    return answer


def _tell_script(
    request: HttpRequest, form: PublicForm, refusal: RefusedError
) -> HttpResponse:
    return JsonResponse({"problem": str(refusal), "field": ""}, status=refusal.status)


def _enter(request: HttpRequest, form: PublicForm, *, at: datetime) -> None:
    """Let a visitor look who may: the form has not ended, and the phrase was told.

    Raises:
        EndedError: it was revoked, has expired, or is used up.
        PhraseNeededError: the phrase was not told, or was changed since.
        TooManyVisitsError: the visitor comes too often.
    """
    filling.require_open(form, at=at)
    _require_phrase(request, form)
    filling.admit_look(form, visitor=visitor_of(request), at=at)


def _require_phrase(request: HttpRequest, form: PublicForm) -> None:
    if not form.pass_phrase:
        return
    told = request.get_signed_cookie(
        COOKIE, default="", salt=SALT, max_age=PHRASE_HOLDS
    )
    if not constant_time_compare(told or "", _proof(form)):
        raise PhraseNeededError


def _proof(form: PublicForm) -> str:
    """Return what only a browser has that was told the phrase of today."""
    return salted_hmac(SALT, f"{form.id} {form.pass_phrase}").hexdigest()


@_public(_tell_page)
def page(request: HttpRequest, form: PublicForm) -> HttpResponseBase:
    """Show the form with a preview of what is filled in."""
    _enter(request, form, at=timezone.now())
    # What is missing while one only looks is no mistake.
    fields = _fields(form, request.POST or None)
    fields.errors.clear()
    return _show(request, fields)


def _fields(form: PublicForm, data: Mapping[str, Any] | None) -> FillingForm:
    document = filling.load(form)
    return FillingForm(
        data, form=form, document=document, offered=offer_pictures(form, document)
    )


def _show(request: HttpRequest, fields: FillingForm) -> HttpResponse:
    form, document = fields.form, fields.document
    content = fields.content(find_fixed(form))
    is_refused = bool(fields.is_bound and fields.errors)
    look = None
    try:
        look = filling.look(form, document, content)
    except EndedError:
        raise
    except RefusedError as refusal:
        if not is_refused:
            fields.is_bound = True
            fields.full_clean()
            fields.errors.clear()
            fields.add_refusal(refusal)
    context = {
        "fields": fields,
        "look": look,
        "shape": document.formats[content.format],
        "is_refused": is_refused,
    }
    status = 422 if is_refused else 200
    return _render(request, form, "form", context, status=status)


@require_POST
@_public(_tell_script)
def look(request: HttpRequest, form: PublicForm) -> HttpResponseBase:
    """Draw what is filled in so far, for the page's script.

    The answer is JSON: a picture and what was found, or a problem and its field.
    """
    _enter(request, form, at=timezone.now())
    fields = _fields(form, request.POST)
    try:
        seen = filling.look(form, fields.document, fields.content(find_fixed(form)))
    except RefusedError as refusal:
        field = fields.field_of(refusal.slot)
        told = {"problem": str(refusal), "field": field}
        return JsonResponse(told, status=refusal.status)
    findings = render_to_string(
        "links/public/_findings.html", {"findings": seen.findings}
    )
    return JsonResponse({"picture": seen.url, "findings": findings})


@require_POST
@_public(_tell_page)
def take(request: HttpRequest, form: PublicForm) -> HttpResponseBase:
    """Answer with the file, or with the form and what is wrong at its fields."""
    at, visitor = timezone.now(), visitor_of(request)
    _require_phrase(request, form)
    if form.find_state(at) != PublicForm.State.USED_UP:
        filling.require_open(form, at=at)
    fields = _fields(form, request.POST)
    if not fields.is_valid():
        return _show(request, fields)
    try:
        picture = filling.take(
            form,
            fields.document,
            fields.content(find_fixed(form)),
            file_type=fields.file_type,
            visitor=visitor,
            at=at,
        )
    except EndedError:
        raise
    except RefusedError as refusal:
        fields.add_refusal(refusal)
        answer = _show(request, fields)
        answer.status_code = refusal.status
        return answer
    return _answer_file(request, form, picture)


def _answer_file(
    request: HttpRequest, form: PublicForm, picture: FormPicture
) -> HttpResponseBase:
    name = f"{slugify(form.name)[:60] or 'picture'}-{picture.format}"
    answer = answer_file(
        request,
        sha256=picture.sha256,
        mime=picture.mime,
        name=f"{name}-{picture.sha256[:8]}.{picture.extension}",
        size_bytes=picture.size_bytes,
        is_download=True,
    )
    answer["Cache-Control"] = "no-store"
    return answer


@require_POST
@_public(_tell_page)
def enter(request: HttpRequest, form: PublicForm) -> HttpResponseBase:
    """Take the pass phrase, and remember in this browser that it was right."""
    at = timezone.now()
    filling.require_open(form, at=at)
    asked = PhraseForm(request.POST)
    if not asked.is_valid():
        return _ask_phrase(request, form, asked)
    phrase, visitor = asked.cleaned_data["phrase"], visitor_of(request)
    if not filling.is_phrase(form, phrase, visitor=visitor, at=at):
        asked.add_error(
            "phrase", "This is not the pass phrase. Ask who gave it to you."
        )
        return _ask_phrase(request, form, asked)
    answer = redirect(form.path)
    answer.set_signed_cookie(
        COOKIE,
        _proof(form),
        salt=SALT,
        max_age=PHRASE_HOLDS,
        path=form.path,
        secure=settings.IS_HTTPS,
        httponly=True,
        samesite="Lax",
    )
    return answer


def _ask_phrase(
    request: HttpRequest, form: PublicForm, asked: PhraseForm
) -> HttpResponse:
    status = 422 if asked.errors else 200
    return _render(request, form, "phrase", {"asked": asked}, status=status)


@require_safe
@_public(_tell_page)
def thumb(
    request: HttpRequest, form: PublicForm, asset_id: uuid.UUID
) -> HttpResponseBase:
    """Answer with a small copy of a picture that the form offers."""
    filling.require_open(form, at=timezone.now())
    _require_phrase(request, form)
    asset = find_offered(form, asset_id)
    if asset is None:
        raise Http404
    try:
        ensure_rendition(asset=asset, size=Rendition.Size.SMALL)
    except StorageError as error:
        return HttpResponse(f"{error}\n", status=503, content_type="text/plain")
    small = get_object_or_404(asset.renditions, size=Rendition.Size.SMALL)
    return _small_file(
        request, small.sha256, mime="image/webp", name=f"{small.sha256[:12]}.webp"
    )


@require_safe
@_public(_tell_page)
def logo(request: HttpRequest, form: PublicForm, variant: str) -> HttpResponseBase:
    """Answer with the brand's logo."""
    kit = BrandKit.objects.find_current(form.brand)
    found = kit.logos.filter(variant=variant).first() if kit else None
    if found is None:
        raise Http404
    return _small_file(request, found.sha256, mime="image/png", name="logo.png")


def _small_file(
    request: HttpRequest, sha256: str, *, mime: str, name: str
) -> HttpResponseBase:
    answer = answer_file(request, sha256=sha256, mime=mime, name=name)
    answer["Cache-Control"] = f"private, max-age={KEPT_S}"
    return answer


@require_safe
@_public(_tell_page)
def colors(request: HttpRequest, form: PublicForm) -> HttpResponseBase:
    """Answer with the style sheet of the brand's color."""
    sheet = write_colors(BrandKit.objects.find_current(form.brand))
    return HttpResponse(sheet, content_type="text/css; charset=utf-8")


def tell_stale(request: HttpRequest) -> HttpResponse:
    """Say that a page lay open too long, or that cookies are off."""
    return render(request, "links/public/stale.html", status=403)
