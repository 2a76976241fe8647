"""Pages of signed addresses: list, make, look, revoke."""

import uuid
from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import messages
from django.db import IntegrityError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from brandgen.accounts.access import Action
from brandgen.accounts.decorators import BrandRequest, brand_page
from brandgen.compositor import Document, TemplateDocumentError
from brandgen.creatives.forms import read_images
from brandgen.creatives.lookups import get_template, tell_unpublished
from brandgen.creatives.models import Template, TemplateVersion
from brandgen.creatives.pictures import offer_by_slot
from brandgen.lib.secrets_box import SecretsError
from brandgen.links import services
from brandgen.links.form_forms import PublishForm
from brandgen.links.forms import AddressForm, QueryForm
from brandgen.links.models import Handout, SignedAddress
from brandgen.links.models.handouts import HandoutT
from brandgen.links.signing import signed_address
from brandgen.links.terms import HandoutError

MOST_SHOWN = 200
MOST_OFFERED = 100


@require_safe
@brand_page(Action.MANAGE_LINKS)
def addresses(request: BrandRequest) -> HttpResponse:
    """List the brand's signed addresses, those that answer first."""
    rows = SignedAddress.objects.of_brand(request.brand).select_related(
        "template_version__template"
    )[:MOST_SHOWN]
    return render(request, "links/list.html", {"listed": list_open_first(rows)})


def list_open_first(
    rows: Iterable[HandoutT],
) -> list[tuple[HandoutT, Handout.State]]:
    """Return what was handed out with its state, what answers first."""
    now = timezone.now()
    listed = [(row, row.find_state(now)) for row in rows]
    return sorted(listed, key=lambda pair: pair[1] != Handout.State.OPEN)


@require_safe
@brand_page(Action.MANAGE_LINKS)
def choose(request: BrandRequest) -> HttpResponse:
    """Ask which template an address is to draw; with one template, go on."""
    return ask_template(request, to="links:create", back="links:addresses")


def ask_template(request: BrandRequest, *, to: str, back: str) -> HttpResponse:
    """Ask for a published template, and go on to a page of it."""
    templates = list(Template.objects.of_brand(request.brand).published())
    if len(templates) == 1:
        return redirect(to, request.brand.slug, templates[0].id)
    context = {"templates": templates, "to": to, "back": back}
    return render(request, "links/choose.html", context)


@never_cache
@brand_page(Action.MANAGE_LINKS)
def create(request: BrandRequest, template_id: uuid.UUID) -> HttpResponse:
    """Make an address of a template's published version, and show its key once."""
    template = get_template(request, template_id)
    version = template.find_published()
    if version is None:
        return tell_unpublished(request, template)
    document = version.load()
    form = AddressForm(
        request.POST or None,
        brand=request.brand,
        document=document,
        offers=offer_by_slot(request.brand, document, most=MOST_OFFERED),
    )
    if request.method == "POST" and form.is_valid():
        made = make_handout(
            request,
            form,
            lambda: _create(request, version, form),
            to="links:address",
            made_before="It was made already. A key is shown only once.",
        )
        if made is not None:
            return made
    context = {"template": template, "version": version, "form": form}
    status = 422 if form.is_bound else 200
    return render(request, "links/create.html", context, status=status)


def make_handout(
    request: BrandRequest,
    form: AddressForm | PublishForm,
    make: Callable[[], HttpResponse],
    *,
    to: str,
    made_before: str,
) -> HttpResponse | None:
    """Answer with what was made; None where the form says now why it was not.

    A form that is sent twice carries the same id: the second time leads to the page
    `to` of what the first time has made, with the words `made_before`.
    """
    try:
        return make()
    except HandoutError as error:
        form.add_error(form.field_of(error.field), str(error))
    except SecretsError as error:
        form.add_error(None, str(error))
    except IntegrityError:
        messages.info(request, made_before)
        return redirect(to, request.brand.slug, form.cleaned_data["id"])
    return None


def _create(
    request: BrandRequest, version: TemplateVersion, form: AddressForm
) -> HttpResponse:
    data = form.cleaned_data
    row, key = services.create_address(
        version=version,
        name=data["name"],
        drawn=form.drawn(),
        terms=form.terms(),
        images=read_images(form.document, data, brand=request.brand),
        by=request.user,
        at=timezone.now(),
        address_id=data["id"],
    )
    return render(request, "links/created.html", {"address": row, "key": key})


@never_cache
@require_safe
@brand_page(Action.MANAGE_LINKS)
def address(request: BrandRequest, address_id: uuid.UUID) -> HttpResponse:
    """Show one address, and sign a query by hand."""
    row = _get(request, address_id)
    context: dict[str, Any] = {
        "address": row,
        "state": row.find_state(timezone.now()),
        "fixed": list(row.images.select_related("asset")),
    }
    try:
        document = row.template_version.load()
    except TemplateDocumentError as error:
        context["problem"] = str(error)
    else:
        context["shape"] = document.formats[row.format]
        context |= _sign_by_hand(request, row, document, context["fixed"])
    is_refused = "form" in context and bool(context["form"].errors)
    status = 422 if is_refused else 200
    return render(request, "links/address.html", context, status=status)


def _sign_by_hand(
    request: BrandRequest, row: SignedAddress, document: Document, fixed: list[Any]
) -> dict[str, Any]:
    """Return the form of a query, and what is signed where it was sent."""
    form = QueryForm(
        request.GET if "sign" in request.GET else None,
        brand=request.brand,
        document=document,
        fixed={one.slot for one in fixed},
        offers=offer_by_slot(request.brand, document, most=MOST_OFFERED),
    )
    if not (form.is_bound and form.is_valid()):
        return {"form": form}
    try:
        key = row.read_key()
    except SecretsError as error:
        return {"form": form, "problem": str(error)}
    return {
        "form": form,
        "signed": signed_address(key, row.url, row.path, form.pairs()),
        "signed_here": signed_address(key, row.path, row.path, form.pairs()),
    }


@require_POST
@brand_page(Action.MANAGE_LINKS)
def revoke(request: BrandRequest, address_id: uuid.UUID) -> HttpResponse:
    """Close an address for good."""
    row = _get(request, address_id)
    is_new = services.revoke_address(address=row, by=request.user, at=timezone.now())
    words = "is revoked" if is_new else "was revoked already"
    messages.success(request, f"{row.name} {words}.")
    return redirect("links:addresses", request.brand.slug)


def _get(request: BrandRequest, address_id: uuid.UUID) -> SignedAddress:
    rows = SignedAddress.objects.of_brand(request.brand).select_related(
        "brand", "template_version__template", "created_by", "revoked_by"
    )
    return get_object_or_404(rows, id=address_id)
