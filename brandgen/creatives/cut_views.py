"""What the form of a template says of pictures that a format cuts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_POST

from brandgen.accounts.access import Action, may
from brandgen.accounts.decorators import BrandRequest, brand_page
from brandgen.brands.models import BrandKit
from brandgen.compositor import Document
from brandgen.creatives.cuts import Cut, SharedReach, find_cuts, find_shared
from brandgen.creatives.extending import Extender
from brandgen.creatives.forms import USES_EXTENSIONS, read_images
from brandgen.creatives.lookups import get_version
from brandgen.creatives.models import TemplateVersion
from brandgen.lib.local_paths import LONGEST
from brandgen.lib.storage import StorageError

NOT_FILLED_IN = {"csrfmiddlewaretoken", "image", "look", "locale", "draft"}
LONGEST_BACK = LONGEST // 3
"""In an address all of it is quoted once more, which may take three bytes for one."""


@dataclass(frozen=True)
class FormCuts:
    """What is cut by format, what helps several formats, and the way back here."""

    formats: Mapping[str, list[Cut]] = field(default_factory=dict)
    shared: tuple[SharedReach, ...] = ()
    back: str = ""

    @property
    def is_new_tab(self) -> bool:
        """Whether no address can hold what is filled in, so that it stays open."""
        return len(self.back) > LONGEST_BACK


def find_form_cuts(
    request: BrandRequest, version: TemplateVersion, data: Any, locale: str
) -> FormCuts:
    """Say which pictures of a form its formats cut too much, and what helps.

    Nothing where the brand has no kit or its files can't be read: the previews say so.
    """
    document = version.load()
    images = read_images(document, data, brand=request.brand)
    kit = BrandKit.objects.find_current(request.brand)
    if kit is None or not images:
        return FormCuts()
    extender = Extender(document, kit, images.values())
    try:
        cuts = {
            name: find_cuts(
                extender,
                images,
                name,
                locale,
                uses_extensions=bool(data.get(USES_EXTENSIONS)),
            )
            for name in document.formats
        }
    except StorageError:
        return FormCuts()
    wanted = {name: cuts[name] for name in _chosen(document, data)}
    shared = tuple(find_shared(wanted))
    return FormCuts(cuts, shared, _way_back(request, version, data))


def _chosen(document: Document, data: Any) -> Iterable[str]:
    """Return the formats that are to be made; all before anybody chose."""
    is_sent = isinstance(data, QueryDict)
    chosen = data.getlist("formats") if is_sent else data.get("formats", [])
    return [name for name in document.formats if not chosen or name in chosen]


def _way_back(request: HttpRequest, version: TemplateVersion, data: Any) -> str:
    """Return the address of the form with all that is filled in."""
    place = [version.template.brand.slug, version.template_id]
    filled = data.lists() if isinstance(data, QueryDict) else _as_lists(data)
    query = [
        (name, value)
        for name, values in filled
        if name not in NOT_FILLED_IN
        for value in values
        if value
    ]
    return f"{reverse('creatives:fill', args=place)}?{urlencode(query)}"


def _as_lists(data: Mapping[str, Any]) -> Iterable[tuple[str, list[str]]]:
    for name, value in data.items():
        yield name, value if isinstance(value, list) else [value]


@require_POST
@brand_page(Action.MAKE_CREATIVES)
def cuts(request: BrandRequest, version_id: int) -> HttpResponse:
    """Say what each format cuts of the pictures that the form holds.

    The answer is JSON: a piece of the page by format, and one for them all.
    """
    version = get_version(request, version_id)
    document, locale = version.load(), request.POST.get("locale", "")
    found = find_form_cuts(
        request, version, request.POST, locale if locale in document.locales else ""
    )
    context = cuts_context(request, document, found)
    formats = {
        name: render_to_string(
            "creatives/_cuts.html", context | {"cuts": some}, request
        )
        for name, some in found.formats.items()
    }
    shared = render_to_string("creatives/_shared_reach.html", context, request)
    return JsonResponse({"formats": formats, "shared": shared})


def cuts_context(
    request: BrandRequest, document: Document, found: FormCuts
) -> dict[str, Any]:
    """Return what pieces of the page need to speak of cuts."""
    labels = {name: shape.label or name for name, shape in document.formats.items()}
    return {
        "brand": request.brand,
        "back": found.back,
        "is_new_tab": found.is_new_tab,
        "shared": [
            (one, [labels[name] for name in one.formats]) for one in found.shared
        ],
        "has_several": len(document.image_slots) > 1,
        "may_extend": may(request.user, Action.GENERATE, request.brand),
    }
