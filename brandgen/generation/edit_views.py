"""Pages that make pictures from one picture: vary, change, extend, enlarge, test."""

import io
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe
from PIL import Image

from brandgen.accounts.access import Action
from brandgen.accounts.decorators import BrandRequest, brand_page
from brandgen.engine.edits import FACTORS, ExtensionError, find_enlarged_fit
from brandgen.engine.errors import EngineError
from brandgen.engine.framing import Fit, cut, find_fit
from brandgen.engine.protocol import Capability
from brandgen.generation import edits, fidelity, pictures
from brandgen.generation.edit_forms import (
    ChangeForm,
    EnlargeForm,
    ExtendForm,
    VaryForm,
    find_extensions,
)
from brandgen.generation.estimates import estimate
from brandgen.generation.models import Generation
from brandgen.generation.services import PromptTooLongError, SeedsError
from brandgen.generation.way_back import keep_way_back
from brandgen.jobs.services import TooManyJobsError
from brandgen.lib.local_paths import read_local_path
from brandgen.lib.storage import StorageError
from brandgen.library.models import Asset
from brandgen.model_registry.abilities import find_lack, require
from brandgen.presets.services import BannedTermError, NoBrandKitError, get_kit
from brandgen.safety.filters import SafetyFilterError
from brandgen.safety.services import PromptRefusedError

REFUSALS = (
    BannedTermError,
    EngineError,
    NoBrandKitError,
    PromptRefusedError,
    PromptTooLongError,
    SafetyFilterError,
    SeedsError,
    StorageError,
    TooManyJobsError,
    pictures.MaskError,
)
TABS = {
    "vary": "Vary",
    "change": "Change an area",
    "extend": "Extend",
    "enlarge": "Enlarge",
    "fidelity": "Fidelity test",
}


@brand_page(Action.GENERATE)
def vary(request: BrandRequest, asset_id: UUID) -> HttpResponse:
    """Make pictures like one; on POST queue them."""
    page = EditPage(request, asset_id, "vary")
    form = VaryForm(page.data)
    return page.answer(
        form,
        lambda who: edits.request_variation(
            asset=page.asset,
            strength=form.strength,
            count=form.cleaned_data["count"],
            **who,
        ),
    )


@brand_page(Action.GENERATE)
def change(request: BrandRequest, asset_id: UUID) -> HttpResponse:
    """Make a part of a picture anew; on POST queue it."""
    page = EditPage(request, asset_id, "change")
    form = ChangeForm(page.kit, page.ground.fit, page.data)
    form.initial["prompt"] = page.ground.prompt
    return page.answer(
        form,
        lambda who: edits.request_change(
            asset=page.asset,
            mask=form.cleaned_data["area"],
            prompt=form.cleaned_data["prompt"],
            count=form.cleaned_data["count"],
            **who,
        ),
    )


@brand_page(Action.GENERATE)
def extend(request: BrandRequest, asset_id: UUID) -> HttpResponse:
    """Show more of a picture on some sides; on POST queue it."""
    page = EditPage(request, asset_id, "extend")
    form = ExtendForm(page.kit, page.ground.fit, page.data)
    form.initial["prompt"] = page.ground.prompt
    form.initial.update(
        {
            name: request.GET[name]
            for name in ("left", "top", "right", "bottom")
            if request.GET.get(name, "").isdecimal()
        }
    )
    return page.answer(
        form,
        lambda who: edits.request_extension(
            asset=page.asset,
            prompt=form.cleaned_data["prompt"],
            count=form.cleaned_data["count"],
            sides=form.sides(),
            **who,
        ),
        extensions=find_extensions(page.ground.fit),
        frame=_frame(page.ground.fit, form),
    )


@brand_page(Action.GENERATE)
def enlarge(request: BrandRequest, asset_id: UUID) -> HttpResponse:
    """Make a picture larger; on POST queue it."""
    page = EditPage(request, asset_id, "enlarge")
    form = EnlargeForm(page.data)
    sizes = []
    for factor in FACTORS:
        try:
            fit = find_enlarged_fit(page.asset.width_px, page.asset.height_px, factor)
            sizes.append((factor, f"{fit.width_px} × {fit.height_px} px", ""))
        except ExtensionError as error:
            sizes.append((factor, "", str(error)))
    return page.answer(
        form,
        lambda who: edits.request_enlargement(
            asset=page.asset, factor=form.cleaned_data["factor"], **who
        ),
        sizes=sizes,
    )


@brand_page(Action.GENERATE)
def test_fidelity(request: BrandRequest, asset_id: UUID) -> HttpResponse:
    """Ask how much the model would change a picture; on POST queue the test."""
    page = EditPage(request, asset_id, "fidelity")
    return page.answer(
        None, lambda who: edits.request_fidelity_test(asset=page.asset, **who)
    )


@require_safe
@brand_page(Action.GENERATE)
def picture(request: BrandRequest, asset_id: UUID) -> HttpResponse:
    """Answer with a picture as the model will see it: cut and scaled to its sides."""
    asset = get_asset(request, asset_id)
    fit = find_fit(asset.width_px, asset.height_px)
    try:
        pixels = cut(pictures.read_asset(asset), fit)
    except StorageError as error:
        return HttpResponse(f"{error}\n", status=503, content_type="text/plain")
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "WEBP", quality=90, method=2)
    return _answer_picture(file.getvalue(), "image/webp")


@require_safe
@brand_page()
def error_map(request: BrandRequest, generation_id: UUID) -> HttpResponse:
    """Answer with where the model has changed a picture, and how much."""
    generations = Generation.objects.of_brand(request.brand)
    generation = get_object_or_404(generations, id=generation_id)
    try:
        result = fidelity.find_result(generation)
    except StorageError as error:
        return HttpResponse(f"{error}\n", status=503, content_type="text/plain")
    if result is None:
        return redirect("generation:sheet", request.brand.slug, generation_id)
    return _answer_picture(result.measured.draw_map(), "image/png")


def _answer_picture(data: bytes, mime: str) -> HttpResponse:
    return HttpResponse(
        data,
        content_type=mime,
        headers={
            "Cache-Control": "private, max-age=86400",
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "X-Content-Type-Options": "nosniff",
        },
    )


class EditPage:
    """What the five pages share: the picture, how it was made, and how they answer."""

    def __init__(self, request: BrandRequest, asset_id: UUID, tab: str) -> None:
        self.request, self.tab = request, tab
        self.asset = get_asset(request, asset_id)
        self.ground = edits.find_ground(self.asset)
        self.data = request.POST if request.method == "POST" else None
        self.lack = find_lack(Capability.START)

    @property
    def way_back(self) -> str:
        """The path of the page that one came from, where the address names it."""
        return read_local_path(self.request.GET.get("back", ""))

    @property
    def kit(self) -> Any:
        """The brand kit in force; that of the picture where there is none."""
        try:
            return get_kit(self.request.brand)
        except NoBrandKitError:
            return self.asset.brand_kit

    def answer(
        self,
        form: Any,
        service: Callable[[dict[str, Any]], Generation],
        **context: Any,
    ) -> HttpResponse:
        """Show the page, or do what was asked and go on to the sheet."""
        problem = ""
        if self.data is not None and (form is None or form.is_valid()):
            who = {"requested_by": self.request.user, "at": timezone.now()}
            try:
                require(Capability.START)
                generation = service(who)
            except REFUSALS as error:
                problem = str(error)
                if form is not None:
                    form.add_error(None, problem)
            else:
                self._tell(generation)
                keep_way_back(self.request.session, generation, self.way_back)
                return redirect(
                    "generation:sheet", self.request.brand.slug, generation.id
                )
        is_wrong = bool(problem) or (form is not None and bool(form.errors))
        return render(
            self.request,
            f"generation/edit_{self.tab}.html",
            self._context() | context | {"form": form, "problem": problem},
            status=422 if is_wrong else 200,
        )

    def _tell(self, generation: Generation) -> None:
        count = len(generation.seeds)
        words = "One picture is" if count == 1 else f"{count} pictures are"
        messages.success(self.request, f"{words} on the way.")

    def _context(self) -> dict[str, Any]:
        fit, settings = self.ground.fit, self.ground.settings
        cost = estimate(
            width_px=fit.width_px,
            height_px=fit.height_px,
            prior_steps=settings.prior_steps,
            decoder_steps=settings.decoder_steps,
            at=timezone.now(),
        )
        address = [self.request.brand.slug, self.asset.id]
        return {
            "asset": self.asset,
            "way_back": self.way_back,
            "ground": self.ground,
            "fit": fit,
            "is_whole": fit.is_whole(self.asset.width_px, self.asset.height_px),
            "cut_percent": fit.cut_percent(self.asset.width_px, self.asset.height_px),
            "tabs": [
                (key, words, reverse(f"generation:edit_{key}", args=address))
                for key, words in TABS.items()
            ],
            "tab": self.tab,
            "lack": self.lack,
            "cost": cost,
        }


def _frame(fit: Fit, form: ExtendForm) -> dict[str, int]:
    """Say where the picture lies on the ground that it is extended to."""
    sides = {}
    for name in ("left", "top", "right", "bottom"):
        value = str(form[name].value() or "0")
        sides[name] = int(value) if value.isdecimal() and len(value) < 5 else 0
    width = fit.width_px + sides["left"] + sides["right"]
    height = fit.height_px + sides["top"] + sides["bottom"]
    return sides | {"width": width, "height": height}


def get_asset(request: BrandRequest, asset_id: UUID) -> Asset:
    """Return a picture of this brand; 404 if there is none."""
    assets = Asset.objects.of_brand(request.brand).select_related("brand", "brand_kit")
    return get_object_or_404(assets, id=asset_id)
