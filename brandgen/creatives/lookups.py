"""Find what an address names among a brand's templates, or say why not."""

import uuid

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect

from brandgen.accounts.decorators import BrandRequest
from brandgen.creatives.models import Template, TemplateVersion


def get_template(request: BrandRequest, template_id: uuid.UUID) -> Template:
    """Return a template of the brand, or a 404."""
    rows = Template.objects.of_brand(request.brand).select_related("brand", "owner")
    return get_object_or_404(rows, id=template_id)


def get_version(request: BrandRequest, version_id: int) -> TemplateVersion:
    """Return a version of one of the brand's templates, or a 404."""
    rows = TemplateVersion.objects.of_brand(request.brand)
    return get_object_or_404(rows.select_related("template__brand"), id=version_id)


def tell_unpublished(request: BrandRequest, template: Template) -> HttpResponseRedirect:
    """Lead back to a template that nobody can fill yet."""
    messages.error(request, f"{template.name} is not published yet.")
    return redirect("creatives:template", request.brand.slug, template.id)
