"""A brand manager's pages of public forms: list, make, look, change, revoke."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from brandgen.accounts.access import Action
from brandgen.accounts.decorators import BrandRequest, brand_page
from brandgen.compositor import TemplateDocumentError
from brandgen.compositor.codes import CodeError, make_qr
from brandgen.creatives.content import label_of
from brandgen.creatives.lookups import get_template, tell_unpublished
from brandgen.creatives.models import TemplateVersion
from brandgen.creatives.pictures import offer_by_slot
from brandgen.library.media import answer_file
from brandgen.library.models import Collection
from brandgen.links import publishing
from brandgen.links.form_forms import ChangeForm, PublishForm, chosen_ids
from brandgen.links.models import FormPicture, PublicForm
from brandgen.links.publishing import FILE_TYPES
from brandgen.links.terms import HandoutError
from brandgen.links.views import (
    MOST_SHOWN,
    ask_template,
    list_open_first,
    make_handout,
)

MOST_OFFERED = 60
MOST_PICTURES_SHOWN = 50


@require_safe
@brand_page(Action.MANAGE_LINKS)
def forms(request: BrandRequest) -> HttpResponse:
    """List the brand's public forms, those that are open first."""
    rows = PublicForm.objects.of_brand(request.brand).select_related(
        "template_version__template"
    )[:MOST_SHOWN]
    return render(request, "links/forms.html", {"listed": list_open_first(rows)})


@require_safe
@brand_page(Action.MANAGE_LINKS)
def choose(request: BrandRequest) -> HttpResponse:
    """Ask which template a form is to fill; with one template, go on."""
    return ask_template(request, to="forms:create", back="forms:forms")


@never_cache
@brand_page(Action.MANAGE_LINKS)
def create(request: BrandRequest, template_id: uuid.UUID) -> HttpResponse:
    """Make a form of a template's published version."""
    template = get_template(request, template_id)
    version = template.find_published()
    if version is None:
        return tell_unpublished(request, template)
    document = version.load()
    form = PublishForm(
        request.POST or None,
        document=document,
        offers=offer_by_slot(
            request.brand,
            document,
            most=MOST_OFFERED,
            chosen=chosen_ids(request.POST, document),
        ),
        collections=list(Collection.objects.of_brand(request.brand)),
    )
    if request.method == "POST" and form.is_valid():
        made = make_handout(
            request,
            form,
            lambda: _create(request, version, form),
            to="forms:form",
            made_before="It was made already.",
        )
        if made is not None:
            return made
    context = {"template": template, "version": version, "form": form}
    status = 422 if form.is_bound else 200
    return render(request, "links/new_form.html", context, status=status)


def _create(
    request: BrandRequest, version: TemplateVersion, form: PublishForm
) -> HttpResponse:
    data = form.cleaned_data
    publishing.create_form(
        version=version,
        name=data["name"],
        note=data["note"],
        files=form.offered_files(),
        filling=form.filling(),
        terms=form.terms(),
        pass_phrase=data["pass_phrase"],
        by=request.user,
        at=timezone.now(),
        form_id=data["id"],
    )
    messages.success(request, f"{data['name']} is open. Copy its address.")
    return redirect("forms:form", request.brand.slug, data["id"])


@never_cache
@brand_page(Action.MANAGE_LINKS)
def form(request: BrandRequest, form_id: uuid.UUID) -> HttpResponse:
    """Show one form and what came of it; change its words, its end and its limits."""
    row = _get(request, form_id)
    terms = ChangeForm(request.POST or None, initial=_terms_of(row))
    terms.fields["pass_phrase"].help_text = (
        "A new one; empty keeps that which is set."
        if row.pass_phrase
        else "Empty for none. At least 8 characters."
    )
    if request.method == "POST" and terms.is_valid():
        try:
            publishing.change_form(
                form=row,
                name=terms.cleaned_data["name"],
                note=terms.cleaned_data["note"],
                terms=terms.terms(),
                pass_phrase=terms.cleaned_data["pass_phrase"],
                by=request.user,
                at=timezone.now(),
            )
        except HandoutError as error:
            field = error.field if error.field in terms.fields else None
            terms.add_error(field, str(error))
        else:
            messages.success(request, "Changed, from now on.")
            return redirect("forms:form", request.brand.slug, row.id)
    state = row.find_state(timezone.now())
    context = {
        "form": row,
        "state": state,
        "terms": terms,
        "qr": _draw_qr(row.url),
        "pictures": row.pictures.all()[:MOST_PICTURES_SHOWN],
        **_contents(row),
    }
    status = 422 if terms.errors else 200
    return render(request, "links/form.html", context, status=status)


def _terms_of(row: PublicForm) -> dict[str, Any]:
    return {
        "name": row.name,
        "note": row.note,
        "expires_on": timezone.localtime(row.expires_at).date(),
        "most_pictures": row.most_pictures,
        "most_visits": row.most_visits,
    }


def _contents(row: PublicForm) -> dict[str, Any]:
    """Return what the form opens and what it holds, as people call it."""
    try:
        document = row.template_version.load()
    except TemplateDocumentError as error:
        return {"problem": str(error)}
    shapes = document.formats
    return {
        "open": [label_of(document, slot) for slot in row.open_slots],
        "formats": [shapes[one].label or one for one in row.formats],
        "locales": [document.locales[one].label or one for one in row.locales],
        "fixed": [
            (label_of(document, key), text)
            for key, text in row.texts.get("", {}).items()
            if key not in row.open_slots
        ],
        "file_types": [label for kind, label in FILE_TYPES if kind in row.file_types],
        "images": [
            (label_of(document, one.slot), one.asset)
            for one in row.images.select_related("asset")
        ],
        "collections": [
            (label_of(document, one.slot), one.collection)
            for one in row.collections.select_related("collection")
        ],
    }


def _draw_qr(text: str) -> dict[str, Any] | None:
    """Return a QR code as the path of an SVG, with the quiet zone it needs."""
    try:
        rows = make_qr(text)
    except CodeError:
        return None
    quiet = 4
    steps = [
        f"M{x + quiet} {y + quiet}h1v1h-1z"
        for y, row in enumerate(rows)
        for x, is_dark in enumerate(row)
        if is_dark
    ]
    return {"size": len(rows) + 2 * quiet, "path": "".join(steps)}


@require_POST
@brand_page(Action.MANAGE_LINKS)
def revoke(request: BrandRequest, form_id: uuid.UUID) -> HttpResponse:
    """Close a form for good."""
    row = _get(request, form_id)
    is_new = publishing.revoke_form(form=row, by=request.user, at=timezone.now())
    words = "is revoked" if is_new else "was revoked already"
    messages.success(request, f"{row.name} {words}.")
    return redirect("forms:forms", request.brand.slug)


@require_safe
@brand_page(Action.MANAGE_LINKS)
def picture(
    request: BrandRequest, form_id: uuid.UUID, picture_id: int
) -> HttpResponseBase:
    """Answer with a file that a visitor took."""
    rows = FormPicture.objects.filter(form__brand=request.brand, form=form_id)
    row = get_object_or_404(rows, id=picture_id)
    return answer_file(
        request,
        sha256=row.sha256,
        mime=row.mime,
        name=f"{row.sha256[:12]}.{row.extension}",
        size_bytes=row.size_bytes,
    )


def _get(request: BrandRequest, form_id: uuid.UUID) -> PublicForm:
    rows = PublicForm.objects.of_brand(request.brand).select_related(
        "brand", "template_version__template", "created_by", "revoked_by"
    )
    return get_object_or_404(rows, id=form_id)
