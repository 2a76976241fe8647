"""Pages of the brand kit: what is in force, older versions, and the draft."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from brandgen.accounts.access import Action, may
from brandgen.accounts.decorators import BrandRequest, brand_page
from brandgen.brands import services
from brandgen.brands.banned import find_banned_terms
from brandgen.brands.diff import compare_kits
from brandgen.brands.fonts import MIME_TYPES, FontError
from brandgen.brands.forms import (
    ColorForm,
    DisclaimerForm,
    FontForm,
    LogoForm,
    PublishForm,
    RuleForm,
    TermsForm,
    WordsForm,
)
from brandgen.brands.logos import LogoError
from brandgen.brands.models import (
    BannedTerm,
    BrandKit,
    Disclaimer,
    Font,
    FrozenKitError,
    ImageryRule,
    Logo,
    PaletteColor,
)
from brandgen.lib.storage import MissingBlobError, StorageError, get_store

REFUSALS = (FontError, FrozenKitError, LogoError, services.KitError, StorageError)
LONGEST_TEST = 2000
FILE_HEADERS = {
    "Cache-Control": "private, max-age=31536000, immutable",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@require_safe
@brand_page()
def kit(request: BrandRequest, version: int | None = None) -> HttpResponse:
    """Show the brand kit in force, or one of its versions."""
    kits = BrandKit.objects.of_brand(request.brand)
    if version is not None:
        return show(request, get_object_or_404(kits.published(), version=version))
    return show(request, BrandKit.objects.find_current(request.brand))


@require_safe
@brand_page(Action.MANAGE_BRAND)
def draft(request: BrandRequest) -> HttpResponse:
    """Show the draft with a way to change every part."""
    found = BrandKit.objects.find_draft(request.brand)
    if found is None:
        return redirect("brands:kit", brand=request.brand.slug)
    return show(request, found, is_editing=True)


def show(
    request: BrandRequest, found: BrandKit | None, *, is_editing: bool = False
) -> HttpResponse:
    """Render a version of the kit."""
    text = request.GET.get("test", "")[:LONGEST_TEST]
    terms = list(found.banned_terms.all()) if found else []
    previous = found.find_previous() if found else None
    colors = list(found.colors.all()) if found else []
    context = {
        "kit": found,
        "colors": colors,
        "tokens": found.color_tokens() if found else {},
        "shares": add_up(colors),
        "logos": list(found.logos.all()) if found else [],
        "fonts": list(found.fonts.all()) if found else [],
        "rules": list(found.imagery_rules.all()) if found else [],
        "terms": terms,
        "disclaimers": list(found.disclaimers.all()) if found else [],
        "changes": compare_kits(previous, found) if found and previous else [],
        "previous": previous,
        "versions": BrandKit.objects.of_brand(request.brand).select_related(
            "published_by"
        ),
        "draft": BrandKit.objects.find_draft(request.brand),
        "is_editing": is_editing,
        "may_manage": may(request.user, Action.MANAGE_BRAND, request.brand),
        "publish_form": PublishForm(),
        "test": text,
        "found": find_banned_terms(text, [term.term for term in terms]),
    }
    if request.headers.get("HX-Target") == "tester":
        return render(request, "brands/_tester.html", context)
    return render(request, "brands/kit.html", context)


def add_up(colors: list[PaletteColor]) -> list[tuple[PaletteColor, int]]:
    """Return each color with the percent at which its share starts."""
    start, stripes = 0, []
    for color in colors:
        stripes.append((color, start))
        start += color.share_percent
    return stripes


@require_POST
@brand_page(Action.MANAGE_BRAND)
def start(request: BrandRequest) -> HttpResponse:
    """Start a draft, or go on with the one that is there."""
    services.start_draft(brand=request.brand, by=request.user, at=timezone.now())
    return redirect("brands:draft", brand=request.brand.slug)


@require_POST
@brand_page(Action.MANAGE_BRAND)
def publish(request: BrandRequest) -> HttpResponse:
    """Put the draft in force."""
    form = PublishForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Say in a line what changed, then publish.")
        return redirect("brands:draft", brand=request.brand.slug)
    found = get_draft(request)
    try:
        services.publish_kit(
            kit=found,
            note=form.cleaned_data["note"],
            by=request.user,
            at=timezone.now(),
        )
    except REFUSALS as error:
        messages.error(request, str(error))
        return redirect("brands:draft", brand=request.brand.slug)
    messages.success(request, f"Version {found.version} is in force from now on.")
    return redirect("brands:kit", brand=request.brand.slug)


@dataclass(frozen=True)
class PartKind:
    """A kind of part that has a page of its own to add or change it."""

    title: str
    make_form: Callable[..., Any]
    save: Callable[..., object]
    model: type[Any] | None = None


def save_part(kit: BrandKit, form: Any, **who: Any) -> None:
    """Keep a color, a rule or a disclaimer."""
    services.keep_part(kit=kit, part=form.save(commit=False), **who)


def save_words(kit: BrandKit, form: Any, **who: Any) -> None:
    """Keep voice and legal lines."""
    services.change_words(kit=kit, **form.cleaned_data, **who)


def save_terms(kit: BrandKit, form: Any, **who: Any) -> None:
    """Ban what stands on each line."""
    services.ban_terms(
        kit=kit,
        terms=form.cleaned_data["terms"].splitlines(),
        reason=form.cleaned_data["reason"],
        **who,
    )


def save_font(kit: BrandKit, form: Any, **who: Any) -> None:
    """Check and keep a font."""
    cleaned = dict(form.cleaned_data)
    services.add_font(kit=kit, data=cleaned.pop("file"), **cleaned, **who)


def save_logo(kit: BrandKit, form: Any, **who: Any) -> None:
    """Clean and keep a logo."""
    cleaned = dict(form.cleaned_data)
    services.add_logo(kit=kit, data=cleaned.pop("file"), **cleaned, **who)


KINDS = {
    "color": PartKind("Color", ColorForm, save_part, PaletteColor),
    "rule": PartKind("Do or don’t", RuleForm, save_part, ImageryRule),
    "disclaimer": PartKind("Disclaimer", DisclaimerForm, save_part, Disclaimer),
    "words": PartKind("Tone of voice and legal lines", WordsForm, save_words, BrandKit),
    "terms": PartKind("Banned terms", TermsForm, save_terms),
    "font": PartKind("Font", FontForm, save_font),
    "logo": PartKind("Logo", LogoForm, save_logo),
}
REMOVABLE: dict[str, type[services.Part]] = {
    "color": PaletteColor,
    "rule": ImageryRule,
    "terms": BannedTerm,
    "disclaimer": Disclaimer,
    "font": Font,
    "logo": Logo,
}


@brand_page(Action.MANAGE_BRAND)
def part(request: BrandRequest, kind: str, part_id: int | None = None) -> HttpResponse:
    """Add a part to the draft, or change one."""
    if kind not in KINDS:
        raise Http404
    found, how = get_draft(request), KINDS[kind]
    options: dict[str, Any] = {}
    if how.model is BrandKit:
        options["instance"] = found
    elif part_id is not None and how.model is not None:
        options["instance"] = get_object_or_404(how.model, kit=found, id=part_id)
    elif part_id is not None:
        raise Http404
    is_post = request.method == "POST"
    data = (request.POST, request.FILES) if is_post else (None, None)
    form = how.make_form(*data, **options)
    if is_post and form.is_valid():
        try:
            how.save(found, form, by=request.user, at=timezone.now())
        except REFUSALS as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "Kept in the draft.")
            return redirect("brands:draft", brand=request.brand.slug)
    context = {
        "form": form,
        "title": how.title,
        "kind": kind,
        "is_new": "instance" not in options,
    }
    return render(request, "brands/part.html", context)


@require_POST
@brand_page(Action.MANAGE_BRAND)
def remove(request: BrandRequest, kind: str, part_id: int) -> HttpResponse:
    """Take a part out of the draft."""
    if kind not in REMOVABLE:
        raise Http404
    found = get_draft(request)
    gone: Any = get_object_or_404(REMOVABLE[kind], kit=found, id=part_id)
    try:
        services.remove_part(kit=found, part=gone, by=request.user, at=timezone.now())
    except REFUSALS as error:
        messages.error(request, str(error))
    else:
        messages.success(
            request, f"“{gone}” is out of the draft; older versions keep it."
        )
    return redirect("brands:draft", brand=request.brand.slug)


@require_safe
@brand_page()
def font_styles(request: BrandRequest, version: int) -> HttpResponse:
    """Answer with the style sheet that loads a version's fonts, as kit-<id>."""
    found = get_object_or_404(BrandKit.objects.of_brand(request.brand), version=version)
    rules = [
        f'@font-face{{font-family:"kit-{font.id}";font-display:swap;'
        f'src:url("../fonts/{font.id}/{font.sha256[:12]}")}}'
        f'.kit-font-{font.id}{{font-family:"kit-{font.id}",sans-serif}}'
        for font in found.fonts.all()
        if font.embedding != Font.Embedding.RESTRICTED
    ]
    headers = {"Cache-Control": "private, max-age=60"}
    return HttpResponse("\n".join(rules), content_type="text/css", headers=headers)


@require_safe
@brand_page()
def font_file(request: BrandRequest, font_id: int, sha256: str) -> HttpResponse:
    """Answer with a font of this brand."""
    font = get_object_or_404(Font, id=font_id, kit__brand=request.brand)
    return answer_file(font.sha256, MIME_TYPES.get(font.file_format, "font/ttf"))


@require_safe
@brand_page()
def logo_file(request: BrandRequest, logo_id: int, sha256: str) -> HttpResponse:
    """Answer with a logo of this brand."""
    logo = get_object_or_404(Logo, id=logo_id, kit__brand=request.brand)
    return answer_file(logo.sha256, "image/png")


def answer_file(sha256: str, mime: str) -> HttpResponse:
    """Answer with a kept file, inert in the browser."""
    try:
        data = get_store().read(sha256)
    except MissingBlobError as error:
        raise Http404 from error
    return HttpResponse(data, content_type=mime, headers=FILE_HEADERS)


def get_draft(request: BrandRequest) -> BrandKit:
    """Return the brand's draft; 404 if nothing is being changed."""
    return get_object_or_404(
        BrandKit.objects.of_brand(request.brand), published_at=None
    )
