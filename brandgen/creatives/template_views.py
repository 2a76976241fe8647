"""Pages of templates: the gallery, one template with its versions, import, publish."""

import json
import uuid
from http import HTTPStatus

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.text import slugify
from django.views.decorators.http import require_POST, require_safe

from brandgen.accounts.access import Action, may
from brandgen.accounts.decorators import BrandRequest, brand_page
from brandgen.accounts.models import Brand
from brandgen.brands.models import BrandKit
from brandgen.compositor import Document, TemplateDocumentError
from brandgen.compositor.document import Slot
from brandgen.creatives import drawings, fixed_pictures, services, torture
from brandgen.creatives.drafts import save_template_version
from brandgen.creatives.figma_files import fetch_figma
from brandgen.creatives.kit_rules import find_foreign, find_painted
from brandgen.creatives.locking import (
    TemplateLockedError,
    explain_lock,
    lock_template,
    may_lock,
)
from brandgen.creatives.lookups import get_template, get_version
from brandgen.creatives.models import Template, TemplateVersion
from brandgen.creatives.picture_rules import PictureRule, find_lost, find_rules
from brandgen.creatives.template_forms import LockForm, TemplateForm
from brandgen.creatives.torture_views import start_test

MOST_SHOWN = 60


@require_safe
@brand_page()
def templates(request: BrandRequest) -> HttpResponse:
    """Show the brand's templates, each drawn in its formats."""
    may_manage = may(request.user, Action.MANAGE_TEMPLATES, request.brand)
    rows = Template.objects.of_brand(request.brand).prefetch_related("versions")
    cards = []
    for template in rows[:MOST_SHOWN]:
        version = _newest(template)
        if version is None or (version.published_at is None and not may_manage):
            continue
        formats = version.document.get("formats", {})
        cards.append(
            {"template": template, "version": version, "formats": list(formats.items())}
        )
    context = {
        "cards": cards,
        "image": request.GET.get("image", ""),
        "may_manage": may_manage,
        "may_make": may(request.user, Action.MAKE_CREATIVES, request.brand),
        "kit": BrandKit.objects.find_current(request.brand),
    }
    return render(request, "creatives/templates.html", context)


@require_safe
@brand_page()
def template(request: BrandRequest, template_id: uuid.UUID) -> HttpResponse:
    """Show one template: what it takes, its formats and its versions."""
    return _show(request, get_template(request, template_id))


def _show(
    request: BrandRequest,
    row: Template,
    *,
    form: TemplateForm | None = None,
    lock_form: LockForm | None = None,
    status: int = 200,
) -> HttpResponse:
    versions = list(row.versions.select_related("published_by").order_by("-version"))
    may_manage = may(request.user, Action.MANAGE_TEMPLATES, request.brand)
    published = row.find_published()
    newest = versions[0] if may_manage and versions else published
    problem, document = "", None
    kit = BrandKit.objects.find_current(row.brand) if may_manage else None
    try:
        document = newest.load() if newest else None
    except TemplateDocumentError as error:
        problem = str(error)
    context = {
        "template": row,
        "versions": versions if may_manage else [v for v in versions if v.published_at],
        "version": newest,
        "published": published,
        "draft": row.find_draft() if may_manage else None,
        "document": document,
        "slots": _list_slots(request.brand, document) if document else [],
        "lost": find_lost(request.brand, document) if document and may_manage else {},
        "foreign": find_foreign(kit, document) if document and may_manage else {},
        "painted": find_painted(kit, document) if document and may_manage else [],
        "gone": fixed_pictures.find_lost(request.brand, document)
        if document and may_manage
        else [],
        "problem": problem,
        "source": json.dumps(newest.document, indent=2) if newest else "",
        "form": form or TemplateForm(),
        "notes": drawings.find_report(newest) if may_manage else None,
        "lock": explain_lock(row, request.user) if may_manage else "",
        "lock_form": lock_form or LockForm(template=row),
        "may_lock": may_lock(row, request.user),
        "may_manage": may_manage,
        "may_make": may(request.user, Action.MAKE_CREATIVES, request.brand),
    }
    return render(request, "creatives/template.html", context, status=status)


def _list_slots(
    brand: Brand, document: Document
) -> list[tuple[str, Slot, PictureRule | None]]:
    """Return name, slot and, of those for pictures, the rule."""
    rules = find_rules(brand, document)
    return [(name, slot, rules.get(name)) for name, slot in document.slots.items()]


@brand_page(Action.MANAGE_TEMPLATES)
def import_template(request: BrandRequest) -> HttpResponse:
    """Take a template document from a file or pasted."""
    form = TemplateForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            source = _read(request, form)
            version = services.import_template(
                brand=request.brand,
                source=source.document,
                notes=source.notes,
                name=form.cleaned_data["name"],
                by=request.user,
                at=timezone.now(),
            )
        except services.TemplateError as error:
            form.refuse(_tell(request, error))
        else:
            messages.success(request, _say_imported(source))
            return redirect(
                "creatives:template", request.brand.slug, version.template_id
            )
    context = {"form": form, "kit": BrandKit.objects.find_current(request.brand)}
    status = 422 if form.is_bound else 200
    return render(request, "creatives/import.html", context, status=status)


def _read(request: BrandRequest, form: TemplateForm) -> drawings.Source:
    data = form.cleaned_data
    source = data["document"]
    if not source:
        source = fetch_figma(link=data["figma_link"], token=data["figma_token"])
    return drawings.read_source(
        brand=request.brand,
        source=source,
        name=data["name"],
        page=data["page"] or 1,
    )


def _tell(request: BrandRequest, error: services.TemplateError) -> str:
    """Return what is wrong, with the way on where there is one."""
    if not isinstance(error, drawings.MissingKitError):
        return str(error)
    kit_url = reverse("brands:kit", args=[request.brand.slug])
    return format_html(
        '{} <a class="link" href="{}">Publish a brand kit</a> first.', error, kit_url
    )


def _say_imported(source: drawings.Source) -> str:
    if not source.notes:
        return "Imported as a draft. Look at it, then publish."
    return "Imported as a draft. Below stands what the drawing could not bring along."


@require_POST
@brand_page(Action.MANAGE_TEMPLATES)
def save(request: BrandRequest, template_id: uuid.UUID) -> HttpResponse:
    """Keep another document as the draft of a template."""
    row = get_template(request, template_id)
    form = TemplateForm(request.POST, request.FILES or None)
    if form.is_valid():
        try:
            source = _read(request, form)
            draft = save_template_version(
                template=row,
                source=source.document,
                notes=source.notes,
                base=request.POST.get("base"),
                by=request.user,
                at=timezone.now(),
            )
        except services.TemplateError as error:
            form.refuse(_tell(request, error))
        else:
            messages.success(request, f"Saved as the draft of v{draft.version}.")
            return redirect("creatives:template", request.brand.slug, row.id)
    return _show(request, row, form=form, status=422)


@require_POST
@brand_page(Action.MANAGE_TEMPLATES)
def publish(request: BrandRequest, version_id: int) -> HttpResponse:
    """Freeze a version and let people use it; what was not tried yet is tried first."""
    version = get_version(request, version_id)
    to_test = redirect("creatives:torture", request.brand.slug, version.id)
    try:
        is_new = services.publish_template(
            version=version,
            by=request.user,
            at=timezone.now(),
            despite_warnings="despite_warnings" in request.POST,
            mark=request.POST.get("mark", ""),
        )
    except torture.UntestedTemplateError:
        start_test(request, version)
        return to_test
    except (torture.TortureFailedError, torture.TortureWarningError) as error:
        messages.error(request, str(error))
        return to_test
    except services.TemplateError as error:
        messages.error(request, str(error))
    else:
        words = "is published" if is_new else "was published already"
        messages.success(request, f"{version} {words}.")
    return redirect("creatives:template", request.brand.slug, version.template_id)


@require_POST
@brand_page(Action.MANAGE_TEMPLATES)
def dismiss_notes(request: BrandRequest, version_id: int) -> HttpResponse:
    """Show no more what a version's drawing could not bring along."""
    version = get_version(request, version_id)
    try:
        drawings.dismiss_notes(version=version, by=request.user, at=timezone.now())
    except TemplateLockedError as error:
        messages.error(request, str(error))
    else:
        if "HX-Request" in request.headers:
            return HttpResponse(status=HTTPStatus.NO_CONTENT)
    page = "edit" if request.POST.get("back") == "edit" else "template"
    return redirect(f"creatives:{page}", request.brand.slug, version.template_id)


@require_POST
@brand_page(Action.MANAGE_TEMPLATES)
def lock(request: BrandRequest, template_id: uuid.UUID) -> HttpResponse:
    """Say who owns a template and who may change it."""
    row = get_template(request, template_id)
    form = LockForm(request.POST, template=row)
    if not form.is_valid():
        return _show(request, row, lock_form=form, status=422)
    is_new = lock_template(
        template=row,
        level=Template.LockLevel(form.cleaned_data["level"]),
        owner=form.cleaned_data["owner"],
        by=request.user,
        at=timezone.now(),
    )
    if is_new:
        words = Template.LockLevel(form.cleaned_data["level"]).label
        messages.success(request, f"Who may change it: {words.lower()}.")
    return redirect("creatives:template", request.brand.slug, row.id)


@require_safe
@brand_page()
def document(request: BrandRequest, version_id: int) -> HttpResponse:
    """Download a version's document."""
    version = get_version(request, version_id)
    text = json.dumps(version.document, indent=2, ensure_ascii=False) + "\n"
    response = HttpResponse(text, content_type="application/json")
    name = f"{slugify(version.template.name) or 'template'}-v{version.version}.json"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _newest(template: Template) -> TemplateVersion | None:
    """Return the newest published version, else the draft; without asking again."""
    versions = sorted(template.versions.all(), key=lambda v: -v.version)
    published = [version for version in versions if version.published_at]
    return next(iter(published or versions), None)
