"""Templates, and addresses that draw them."""

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from brandgen.accounts.models import Brand
from brandgen.brands.models import BrandKit
from brandgen.compositor.examples.northwind import (
    SPRING,
)
from brandgen.creatives.models import (
    Template,
    TemplateVersion,
    TortureTest,
)
from brandgen.creatives.torture import content_key
from brandgen.library.models import Asset
from brandgen.links.models import PublicForm, SignedAddress
from brandgen.links.publishing import Files, Filling, create_form
from brandgen.links.services import Drawn, create_address
from brandgen.links.terms import Terms
from tests.factories.base import NOW, numbers
from tests.factories.kits import make_layout_kit
from tests.factories.library import make_marked_asset
from tests.factories.people import make_brand, make_manager


def make_template_version(
    *, brand: Brand | None = None, **fields: Any
) -> TemplateVersion:
    """Make a published version of the spring template: square, story, landscape.

    `collection` is the key of the only one that its picture may be of.
    """
    brand = brand or make_brand()
    name = fields.pop("name", f"Spring {next(numbers)}")
    template = Template.objects.create(brand=brand, name=name)
    document = json.loads(SPRING.read_bytes())
    if collection := fields.pop("collection", ""):
        document["slots"]["hero"]["collection"] = collection
    defaults: dict[str, Any] = {
        "version": 1,
        "document": document,
        "published_at": NOW,
    }
    return TemplateVersion.objects.create(template=template, **(defaults | fields))


def make_priced_version(
    *,
    text: str = "Only {{ product.price }} today",
    visible_if: str | None = None,
    data: dict[str, dict[str, str]] | None = None,
    locales: dict[str, dict[str, str]] | None = None,
    **fields: Any,
) -> TemplateVersion:
    """Make a published version of the spring template whose subline prints data."""
    document = json.loads(SPRING.read_bytes())
    document["data"] = data or {"product": {"price": "$49"}}
    document["locales"] = locales or {}
    del document["slots"]["subline"]
    subline = _find_layer(document["layers"], "subline")
    del subline["slot"]
    subline |= {"text": text, **({"visible_if": visible_if} if visible_if else {})}
    return make_template_version(document=document, **fields)


def _find_layer(layers: list[dict[str, Any]], slot: str) -> dict[str, Any]:
    stack = list(layers)
    for layer in stack:
        if layer.get("slot") == slot:
            return layer
        stack += layer.get("children", [])
    raise LookupError(slot)


def make_torture_test(version: TemplateVersion, **fields: Any) -> TortureTest:
    """Make the result of a torture test that a version passed, as it is now."""
    kit = BrandKit.objects.find_current(version.template.brand)
    assert kit is not None
    defaults: dict[str, Any] = {
        "content_key": content_key(version, kit),
        "report": {"cases": [], "cells": []},
        "cell_count": 21,
        "fail_count": 0,
        "warn_count": 0,
        "duration_s": 0.4,
        "tested_at": NOW,
    }
    return TortureTest.objects.create(version=version, **(defaults | fields))


def make_signed_address(
    *,
    images: dict[str, Asset] | None = None,
    format_name: str = "square",
    most_pictures: int = 100,
    most_visits: int | None = None,
    **fields: Any,
) -> tuple[SignedAddress, str]:
    """Make a signed address of the spring template that never expires, and its key.

    The picture is fixed unless `images` are given.
    """
    brand = fields.pop("brand", None) or make_brand()
    if BrandKit.objects.find_current(brand) is None:
        make_layout_kit(brand=brand)
    if images is None:
        images = {"hero": make_marked_asset(brand=brand)}
    defaults: dict[str, Any] = {
        "version": fields.pop("version", None) or make_template_version(brand=brand),
        "name": "Newsletter",
        "drawn": Drawn(format_name),
        "terms": Terms(NOW + timedelta(days=700), most_pictures, most_visits),
        "by": fields.pop("by", None) or make_manager(brand=brand),
        "at": NOW,
    }
    return create_address(images=images, **(defaults | fields))


def make_public_form(
    *,
    images: dict[str, Sequence[Asset]] | None = None,
    most_pictures: int = 100,
    most_visits: int | None = None,
    **fields: Any,
) -> PublicForm:
    """Make a public form of the spring template that never ends: headline and button.

    The picture is fixed unless `images` are given.
    """
    brand = fields.pop("brand", None) or make_brand()
    if BrandKit.objects.find_current(brand) is None:
        make_layout_kit(brand=brand)
    if images is None:
        images = {"hero": [make_marked_asset(brand=brand)]}
    filling = Filling(
        open_texts=fields.pop("open_texts", ["headline", "cta"]),
        texts=fields.pop("texts", {"": {"kicker": "Spring collection"}}),
        images=images,
        collections=fields.pop("collections", {}),
    )
    defaults: dict[str, Any] = {
        "version": fields.pop("version", None) or make_template_version(brand=brand),
        "name": "Your town",
        "note": "Say where you are.",
        "files": Files(["square", "landscape"]),
        "terms": Terms(NOW + timedelta(days=700), most_pictures, most_visits),
        "pass_phrase": "",
        "by": fields.pop("by", None) or make_manager(brand=brand),
        "at": NOW,
    }
    return create_form(filling=filling, **(defaults | fields))
