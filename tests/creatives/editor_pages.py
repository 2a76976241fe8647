"""Ways to the pages of the editor."""

import json
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from brandgen.accounts.models import User
from brandgen.creatives.models import TemplateVersion
from tests import pages
from tests.factories import make_manager


def enter(person: User | None = None) -> Client:
    """Sign somebody in: a brand manager, where nobody is named."""
    return pages.enter(person or make_manager())


def address(name: str, version: TemplateVersion) -> str:
    brand = version.template.brand.slug
    return reverse(f"creatives:{name}", args=[brand, version.template_id])


def draw(
    source: dict[str, Any],
    format_name: str = "square",
    *,
    to: str = "draft-preview",
    **fields: Any,
) -> HttpResponse:
    version = TemplateVersion.objects.get()
    data = {"document": json.dumps(source), "format": format_name} | fields
    return enter().post(address(to, version), data)
