"""Pages of Create: pick a preset, fill it in, watch the sheet, finish what is good."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from brandgen.accounts.access import Action, may
from brandgen.accounts.decorators import BrandRequest, brand_page
from brandgen.engine.errors import UnsupportedError
from brandgen.generation import services
from brandgen.generation.estimates import estimate
from brandgen.generation.fidelity import find_result
from brandgen.generation.forms import FinishAgainForm, GenerationForm
from brandgen.generation.history import Key, get_page
from brandgen.generation.models import Candidate, Generation
from brandgen.generation.picker import preset_cards
from brandgen.generation.recall import find_lost, find_offers, take
from brandgen.generation.reference_uploads import take_upload
from brandgen.generation.sheet import Sheet
from brandgen.generation.way_back import find_way_back
from brandgen.generation.words import describe_inputs
from brandgen.jobs.services import TooManyJobsError
from brandgen.lib.storage import MissingBlobError, StorageError, get_store
from brandgen.model_registry.adapters import AdapterUnavailableError
from brandgen.presets.engine_settings import read_engine_settings
from brandgen.presets.models import Preset, PresetVersion
from brandgen.presets.services import NoBrandKitError, get_kit
from brandgen.safety.filters import SafetyFilterError
from brandgen.safety.services import PromptRefusedError

REFUSALS = (
    AdapterUnavailableError,
    PromptRefusedError,
    UnsupportedError,
    SafetyFilterError,
    TooManyJobsError,
    services.SeedsError,
    services.NothingPickedError,
    services.UnpublishedPresetError,
)


@require_safe
@brand_page(Action.GENERATE)
def picker(request: BrandRequest) -> HttpResponse:
    """Show the presets to pick from and the last contact sheets."""
    context = {
        "cards": preset_cards(request.brand),
        "layout": request.GET.get("layout", "")[:80],
        "recent": get_page(request.brand, size=6).rows,
        "may_manage": may(request.user, Action.MANAGE_PRESETS, request.brand),
    }
    return render(request, "generation/picker.html", context)


@brand_page(Action.GENERATE)
def new(request: BrandRequest, preset_id: UUID) -> HttpResponse:
    """Show a preset's form; on POST queue its contact sheet."""
    version = get_version(request, preset_id)
    try:
        kit = get_kit(request.brand)
    except NoBrandKitError as error:
        messages.error(request, str(error))
        return redirect("generation:picker", brand=request.brand.slug)
    is_post = request.method == "POST"
    data, problem = take_upload(request, kit) if is_post else (None, "")
    form = GenerationForm(version, kit, data)
    if problem:
        form.add_error("references", problem)
    if not is_post:
        form.initial["layout"] = request.GET.get("layout", "")[:80]
    if is_post and form.is_valid() and "show" not in request.POST:
        try:
            generation = services.request_generation(
                preset=version,
                values=form.values,
                seeds=form.seeds(),
                requested_by=request.user,
                at=timezone.now(),
                size_px=form.cleaned_data["size"],
                is_decoding_all=form.cleaned_data["is_decoding_all"],
                inputs=form.inputs(),
            )
        except REFUSALS as error:
            form.add_error(None, str(error))
        else:
            return redirect(sheet_url(generation))
    context = (
        {}
        if is_post
        else recall_context(
            form, find_recalled(request), taken=request.GET.getlist("take")
        )
    )
    context |= form_context(form) | {"preset": version.preset, "version": version}
    return render(request, "generation/create.html", context)


@require_safe
@brand_page(Action.GENERATE)
def recall(
    request: BrandRequest, preset_id: UUID, generation_id: UUID, position: int
) -> HttpResponse:
    """Return what a picture was asked with, beside a form that stays as it is."""
    version = get_version(request, preset_id)
    candidate = get_candidate(request, generation_id, position)
    form = GenerationForm(version, get_kit(request.brand), None)
    context = recall_context(form, candidate) | {"preset": version.preset}
    return render(request, "generation/_recall.html", context)


@require_POST
@brand_page(Action.GENERATE)
def prompt(request: BrandRequest, preset_id: UUID) -> HttpResponse:
    """Return what the model would read of a half-filled form, and what it costs."""
    version = get_version(request, preset_id)
    form = GenerationForm(version, get_kit(request.brand), request.POST)
    form.is_valid()
    return render(request, "generation/_prompt.html", form_context(form))


@require_safe
@brand_page()
def sheet(request: BrandRequest, generation_id: UUID) -> HttpResponse:
    """Show a contact sheet, with the form that made it."""
    generation = get_generation(request, generation_id)
    context: dict[str, Any] = sheet_context(request, generation)
    preset = generation.preset
    is_drawn = generation.operation == Generation.Operation.DRAW
    version = preset.find_published() if is_drawn and preset is not None else None
    if context["may_generate"] and version is not None:
        form = GenerationForm(version, get_kit(request.brand), None)
        form.fill_from(generation)
        context |= form_context(form)
    context |= {"preset": preset, "version": version}
    try:
        context["fidelity"] = find_result(generation)
    except StorageError as error:
        messages.error(request, str(error))
    return render(request, "generation/create.html", context)


@require_safe
@brand_page()
def cells(request: BrandRequest, generation_id: UUID) -> HttpResponse:
    """Return the contact sheet alone, for a page that is open."""
    generation = get_generation(request, generation_id)
    context = sheet_context(request, generation)
    response = render(request, "generation/_sheet.html", context)
    response["Cache-Control"] = "no-store"
    return response


@require_POST
@brand_page(Action.GENERATE)
def pick(request: BrandRequest, generation_id: UUID, position: int) -> HttpResponse:
    """Remember a tick, so that it is there after a reload."""
    candidate = get_candidate(request, generation_id, position)
    is_picked = str(position) in request.POST.getlist("pick")
    services.pick_candidate(candidate=candidate, is_picked=is_picked)
    return HttpResponse(status=204)


@require_POST
@brand_page(Action.GENERATE)
def finish(request: BrandRequest, generation_id: UUID) -> HttpResponse:
    """Queue the finishing of what is ticked, or of one sketch, or of all."""
    generation = get_generation(request, generation_id)
    asked = request.POST.getlist("only") or request.POST.getlist("pick")
    positions = [int(place) for place in asked if place.isdecimal() and len(place) < 4]
    if "all" in request.POST:
        positions = list(range(len(generation.seeds)))
    return act(
        request,
        generation,
        lambda at: services.request_decodings(
            generation=generation,
            requested_by=request.user,
            at=at,
            positions=positions,
        ),
    )


@require_POST
@brand_page(Action.GENERATE)
def vary(request: BrandRequest, generation_id: UUID, position: int) -> HttpResponse:
    """Queue more images like one: the same sketch, finished with other seeds."""
    candidate = get_candidate(request, generation_id, position)
    count = request.POST.get("count", "3")
    return act(
        request,
        candidate.generation,
        lambda at: services.request_variations(
            candidate=candidate,
            count=int(count) if count.isdecimal() and len(count) < 4 else 0,
            requested_by=request.user,
            at=at,
        ),
    )


@require_POST
@brand_page(Action.GENERATE)
def finish_again(
    request: BrandRequest, generation_id: UUID, position: int
) -> HttpResponse:
    """Queue one more image of a sketch, with decoder settings of its own."""
    candidate = get_candidate(request, generation_id, position)
    form = FinishAgainForm(request.POST, prefix=f"again{position}")
    if not form.is_valid():
        for name, errors in form.errors.items():
            label = form[name].label if name in form.fields else ""
            messages.error(request, f"{label}: {' '.join(map(str, errors))}")
        return redirect(sheet_url(candidate.generation))
    return act(
        request,
        candidate.generation,
        lambda at: services.request_decoding(
            candidate=candidate, requested_by=request.user, at=at, **form.cleaned_data
        ),
    )


@require_POST
@brand_page(Action.GENERATE)
def cancel(request: BrandRequest, generation_id: UUID) -> HttpResponse:
    """Stop what is queued or running; what is done stays."""
    generation = get_generation(request, generation_id)
    stopped = services.cancel_generation(
        generation=generation, by=request.user, at=timezone.now()
    )
    if stopped:
        messages.success(request, "Stopped. What is done stays.")
    return redirect(sheet_url(generation))


@require_POST
@brand_page(Action.GENERATE)
def resume(request: BrandRequest, generation_id: UUID) -> HttpResponse:
    """Sketch what a stopped or failed sheet lacks."""
    generation = get_generation(request, generation_id)
    return act(
        request,
        generation,
        lambda at: services.resume_generation(
            generation=generation, requested_by=request.user, at=at
        ),
    )


@require_safe
@brand_page()
def preview(request: BrandRequest, generation_id: UUID, position: int) -> HttpResponse:
    """Answer with a sketch: the one that was kept, or how it looks while it is made."""
    generation = get_generation(request, generation_id)
    candidate = generation.candidates.filter(position=position).first()
    if candidate is not None:
        try:
            data = get_store().read(candidate.preview_sha256)
        except MissingBlobError as error:
            raise Http404 from error
        cache = "private, max-age=31536000, immutable"
    else:
        sampling = get_object_or_404(generation.sampling_previews, position=position)
        data, cache = bytes(sampling.picture), "no-store"
    mime = "image/webp" if data[8:12] == b"WEBP" else "image/png"
    return HttpResponse(
        data,
        content_type=mime,
        headers={
            "Cache-Control": cache,
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "X-Content-Type-Options": "nosniff",
        },
    )


@require_safe
@brand_page()
def history(request: BrandRequest) -> HttpResponse:
    """List the contact sheets of a brand, newest first."""
    page = get_page(
        request.brand,
        after=Key.find(request.GET.get("after", "")),
        before=Key.find(request.GET.get("before", "")),
    )
    return render(request, "generation/history.html", {"page": page})


def act(request: BrandRequest, generation: Generation, service: Any) -> HttpResponse:
    """Ask a service for something and go back to the sheet, with its refusal if any."""
    try:
        service(timezone.now())
    except REFUSALS as error:
        messages.error(request, str(error))
    return redirect(sheet_url(generation))


def get_version(request: BrandRequest, preset_id: UUID) -> PresetVersion:
    """Return the published version of a preset of this brand; 404 if there is none."""
    presets = Preset.objects.of_brand(request.brand).active()
    version = get_object_or_404(presets, id=preset_id).find_published()
    if version is None:
        raise Http404
    return version


def get_generation(request: BrandRequest, generation_id: UUID) -> Generation:
    """Return a generation of this brand; 404 if there is none."""
    generations = Generation.objects.of_brand(request.brand).select_related(
        "preset_version__preset", "source", "requested_by", "brand", "brand_kit"
    )
    return get_object_or_404(generations, id=generation_id)


def get_candidate(
    request: BrandRequest, generation_id: UUID, position: int
) -> Candidate:
    """Return a candidate of this brand; 404 if there is none."""
    candidates = Candidate.objects.of_brand(request.brand).select_related(
        "generation__preset_version__preset", "generation__source", "generation__brand"
    )
    return get_object_or_404(candidates, generation_id=generation_id, position=position)


def sheet_url(generation: Generation) -> str:
    """Return the address of a contact sheet."""
    return reverse("generation:sheet", args=[generation.brand.slug, generation.id])


def sheet_context(request: BrandRequest, generation: Generation) -> dict[str, Any]:
    """Return what the contact sheet shows."""
    return {
        "generation": generation,
        "facts": describe_inputs(generation),
        "sheet": Sheet(generation),
        "way_back": find_way_back(request.session, generation),
        "may_generate": may(request.user, Action.GENERATE, request.brand),
    }


def find_recalled(request: BrandRequest) -> Candidate | None:
    """Return the candidate that the address names as `?recall=`; None if it is none."""
    generation_id, _, position = request.GET.get("recall", "").partition(".")
    try:
        place = UUID(generation_id), int(position[:4])
    except ValueError:
        return None
    candidates = Candidate.objects.of_brand(request.brand).select_related("generation")
    return candidates.filter(generation_id=place[0], position=place[1]).first()


def recall_context(
    form: GenerationForm, candidate: Candidate | None, *, taken: Sequence[str] = ()
) -> dict[str, Any]:
    """Return what a candidate offers to a form, which takes what the address names."""
    if candidate is None:
        return {}
    offers = find_offers(candidate, form)
    take(form, offers, taken)
    return {
        "recalled": candidate,
        "offers": offers,
        "lost": find_lost(candidate, form),
    }


def form_context(form: GenerationForm) -> dict[str, Any]:
    """Return the form, the prompt that it makes and what it costs."""
    settings = read_engine_settings(form.version.engine_settings)
    width_px, height_px = form.asked_size()
    cost = estimate(
        width_px=width_px,
        height_px=height_px,
        prior_steps=settings.prior_steps,
        decoder_steps=settings.decoder_steps,
        at=timezone.now(),
    )
    return {
        "form": form,
        "preset": form.version.preset,
        "finished": form.find_finished(),
        "sheet_s": cost.sheet_s(form.asked_count()),
        "finish_s": cost.finish_s(1),
        "wait_s": cost.prior_wait_s,
    }
