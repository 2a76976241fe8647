"""What people ask of the engine, and how they change their minds."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from brandgen.accounts.models import User
from brandgen.audit import models as audit
from brandgen.engine.requests import check_range, check_seed
from brandgen.generation.gathering import gather_inputs, require_abilities
from brandgen.generation.inputs import Inputs
from brandgen.generation.models import Candidate, Decoding, Generation
from brandgen.generation.queues import queue_decoding, queue_prior
from brandgen.jobs import services as jobs
from brandgen.presets.engine_settings import EngineSettings, read_engine_settings
from brandgen.presets.models import PresetVersion
from brandgen.presets.services import FinishedPrompt, finish_prompt, get_kit
from brandgen.safety.services import require_allowed_prompt

MOST_SEEDS = 24
MOST_VARIATIONS = 8


class UnpublishedPresetError(Exception):
    """The preset may not be used, or not any more. The message is fit to show."""


class PromptTooLongError(Exception):
    """The model would miss the end of the prompt. The message is fit to show."""


class SeedsError(Exception):
    """Too many seeds, none, or one twice. The message is fit to show."""


class NothingPickedError(Exception):
    """There is nothing to finish. The message is fit to show."""


def request_generation(
    *,
    preset: PresetVersion,
    values: Mapping[str, str],
    seeds: Sequence[int],
    requested_by: User,
    at: datetime,
    size_px: tuple[int, int] | None = None,
    is_decoding_all: bool = False,
    inputs: Inputs | None = None,
) -> Generation:
    """Record a request for images and queue its contact sheet.

    Args:
        preset: a published version.
        values: what the form said, by variable.
        seeds: one for each image.
        requested_by: who asks.
        at: when.
        size_px: width and height, in place of the preset's.
        is_decoding_all: finish every image without waiting for picks.
        inputs: references, colors and room for text; None takes the preset's.

    Raises:
        UnpublishedPresetError: the preset is a draft or archived.
        SeedsError: none, too many, or one twice.
        PromptTooLongError: the model would miss the end of the prompt.
        EngineSettingsError: no engine draws that size.
        AdapterUnavailableError: the preset names an adapter that can't be used.
        UnsupportedError: the installed model can't do all of it.
        PromptRefusedError, SafetyFilterError: the installation's filter says no, or
            can't be asked.
        TooManyJobsError: the brand's queue is full.
        Those of `presets.services.finish_prompt` and `get_kit`.
    """
    _check_preset(preset)
    check_seeds(seeds)
    kit = get_kit(preset.brand)
    finished = finish_prompt(version=preset, values=values, kit=kit)
    check_length(finished)
    settings = _settings_of(preset, size_px)
    if inputs is None:
        inputs = gather_inputs(settings=settings, kit=kit)
    require_abilities(inputs)
    require_allowed_prompt(
        brand=preset.brand,
        prompt=finished.prompt.text,
        request={
            "preset_version": preset.id,
            "values": dict(values),
            "seeds": list(seeds),
            "size_px": size_px,
            "is_decoding_all": is_decoding_all,
            "inputs": inputs.as_json(),
        },
        by=requested_by,
        at=at,
    )
    with transaction.atomic():
        generation = Generation.objects.create(
            brand=preset.brand,
            brand_kit=kit,
            preset_version=preset,
            values=dict(values),
            prompt=finished.prompt.text,
            negative_prompt=finished.negative_prompt.text,
            seeds=list(seeds),
            is_decoding_all=is_decoding_all,
            requested_by=requested_by,
            requested_at=at,
            inputs=inputs.as_json(),
            **settings.sampling(),
        )
        queue_prior(generation=generation, requested_by=requested_by, at=at)
        audit.record(
            requested_by,
            "generation.requested",
            generation,
            at=at,
            data={"prompt": generation.prompt, "seeds": generation.seeds},
        )
    return generation


@transaction.atomic
def resume_generation(
    *, generation: Generation, requested_by: User, at: datetime
) -> bool:
    """Sketch what a cancelled or failed contact sheet lacks; False if nothing does.

    Raises:
        TooManyJobsError: the brand's queue is full.
    """
    if not generation.missing_positions():
        return False
    queue_prior(generation=generation, requested_by=requested_by, at=at)
    audit.record(requested_by, "generation.resumed", generation, at=at)
    return True


@transaction.atomic
def request_decodings(
    *,
    generation: Generation,
    requested_by: User,
    at: datetime,
    positions: Sequence[int] | None = None,
) -> list[Decoding]:
    """Queue the finishing of candidates: those at some positions, else those picked.

    A candidate that was decoded already, or is about to be, is not decoded twice; one
    whose decoding failed or was cancelled is tried again.

    Raises:
        NothingPickedError: no such candidates.
        TooManyJobsError: the brand's queue is full.
    """
    candidates = generation.candidates.all()
    if positions is None:
        candidates = candidates.filter(is_picked=True)
    else:
        candidates = candidates.filter(position__in=positions)
    if not candidates:
        raise NothingPickedError(
            "Nothing is picked. Tick the sketches that are worth finishing."
        )
    decodings = [
        queue_decoding(
            candidate=candidate, seed=candidate.seed, requested_by=requested_by, at=at
        )
        for candidate in candidates
    ]
    _record_decodings(generation, decodings, requested_by, at)
    return decodings


@transaction.atomic
def request_variations(
    *, candidate: Candidate, count: int, requested_by: User, at: datetime
) -> list[Decoding]:
    """Queue more images like a candidate's: the same embeddings, other decoder seeds.

    Raises:
        SeedsError: none, or too many at once.
        TooManyJobsError: the brand's queue is full.
    """
    if not 1 <= count <= MOST_VARIATIONS:
        raise SeedsError(f"You asked for {count} images. Use 1 to {MOST_VARIATIONS}.")
    first = max(candidate.next_decoder_seed(), candidate.seed + 1)
    decodings = [
        queue_decoding(candidate=candidate, seed=seed, requested_by=requested_by, at=at)
        for seed in range(first, first + count)
    ]
    _record_decodings(candidate.generation, decodings, requested_by, at)
    return decodings


@transaction.atomic
def request_decoding(
    *,
    candidate: Candidate,
    seed: int | None,
    steps: int,
    guidance_scale: float,
    requested_by: User,
    at: datetime,
) -> Decoding:
    """Queue one more image of a candidate with decoder settings of its own.

    Without a seed it gets one that the candidate was not decoded with.

    Raises:
        InvalidRequestError: a setting out of range.
        TooManyJobsError: the brand's queue is full.
    """
    if seed is None:
        seed = max(candidate.next_decoder_seed(), candidate.seed + 1)
    check_seed(seed)
    check_range("decoder steps", steps, 1, 100)
    check_range("decoder guidance scale", guidance_scale, 0, 20)
    decoding = queue_decoding(
        candidate=candidate,
        seed=seed,
        steps=steps,
        guidance_scale=guidance_scale,
        requested_by=requested_by,
        at=at,
    )
    _record_decodings(candidate.generation, [decoding], requested_by, at)
    return decoding


def pick_candidate(*, candidate: Candidate, is_picked: bool) -> None:
    """Remember a tick on the contact sheet; nothing is made of it yet."""
    Candidate.objects.filter(id=candidate.id).update(is_picked=is_picked)
    candidate.is_picked = is_picked


@transaction.atomic
def cancel_generation(*, generation: Generation, by: User, at: datetime) -> int:
    """Stop what is queued or running for a generation; what is done stays.

    Returns the number of jobs that will stop.
    """
    prior = generation.find_prior_job()
    found = [*generation.decoder_jobs().values(), *([prior] if prior else [])]
    cancelled = sum(jobs.request_cancel(job=job, at=at) for job in found)
    if cancelled:
        audit.record(
            by, "generation.cancelled", generation, at=at, data={"jobs": cancelled}
        )
    return cancelled


def _record_decodings(
    generation: Generation, decodings: list[Decoding], by: User, at: datetime
) -> None:
    data = {"decodings": [str(decoding.id) for decoding in decodings]}
    audit.record(by, "generation.decodings_requested", generation, at=at, data=data)


def _check_preset(preset: PresetVersion) -> None:
    if preset.published_at is None:
        raise UnpublishedPresetError(
            f"{preset} is a draft. A brand manager must publish it first."
        )
    if preset.preset.archived_at is not None:
        raise UnpublishedPresetError(
            f"{preset.preset} was archived. Pick another preset."
        )


def check_seeds(seeds: Sequence[int]) -> None:
    """Refuse seeds that can't be used together.

    Raises:
        SeedsError: none, too many, or one twice.
        InvalidRequestError: one is out of range.
    """
    if not 1 <= len(seeds) <= MOST_SEEDS:
        raise SeedsError(
            f"You asked for {len(seeds)} images. Use 1 to {MOST_SEEDS} at a time."
        )
    for seed in seeds:
        check_seed(seed)
    if len(set(seeds)) < len(seeds):
        raise SeedsError("Two images have the same seed. Use each seed once.")


def check_length(finished: FinishedPrompt) -> None:
    """Refuse a prompt whose end the model would miss.

    Raises:
        PromptTooLongError: it has more tokens than the model reads.
    """
    tokens = finished.tokens
    if tokens is not None and tokens.is_too_long:
        cut = tokens.cut_text.strip()
        cut = cut if len(cut) <= 80 else f"{cut[:80]}…"
        raise PromptTooLongError(
            f"The prompt has {tokens.count} tokens and the model reads {tokens.limit}: "
            f"it would never see “{cut}”. Shorten a field."
        )


def _settings_of(
    preset: PresetVersion, size_px: tuple[int, int] | None
) -> EngineSettings:
    data = dict(preset.engine_settings)
    if size_px is not None:
        data["width_px"], data["height_px"] = size_px
    return read_engine_settings(data)
