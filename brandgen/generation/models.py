"""What was asked of the engine and what came back, kept whole to make it again."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from brandgen.accounts.models import Brand, BrandScopedQuerySet, sha256_validator
from brandgen.brands.models import BrandKit
from brandgen.engine.embeddings import count_cells
from brandgen.generation.inputs import Inputs, read_inputs
from brandgen.jobs.models import Job
from brandgen.library.models import Asset
from brandgen.presets.models import Preset, PresetVersion

RUN_PRIOR = "brandgen.generation.runner.run_prior"
RUN_DECODER = "brandgen.generation.runner.run_decoder"


class GenerationQuerySet(BrandScopedQuerySet["Generation"]):
    """Questions asked of many generations."""


class Generation(models.Model):
    """One request for images. What it was made from is copied, not referenced."""

    class Operation(models.TextChoices):
        """What is done: all but the first begin from a picture that exists."""

        DRAW = "draw", "Drawn"
        VARY = "vary", "Varied"
        INPAINT = "inpaint", "An area changed"
        OUTPAINT = "outpaint", "Extended"
        UPSCALE = "upscale", "Enlarged"
        RECONSTRUCT = "reconstruct", "Fidelity test"

    class Schedule(models.TextChoices):
        """How the prior's steps are spread over the way from noise to picture."""

        EVEN = "even", "Even"
        TUNED = "tuned", "Tuned, 29 steps"

    WITHOUT_PRIOR = (Operation.UPSCALE, Operation.RECONSTRUCT)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    brand = models.ForeignKey(Brand, models.PROTECT, related_name="generations")
    brand_kit = models.ForeignKey(BrandKit, models.PROTECT, related_name="+")
    operation = models.CharField(
        max_length=20, choices=Operation.choices, default=Operation.DRAW
    )
    source = models.ForeignKey(
        Asset, models.PROTECT, null=True, related_name="derivations"
    )
    inputs = models.JSONField(
        default=dict, help_text="See generation.inputs.Inputs: pictures by their hash"
    )
    preset_version = models.ForeignKey(
        PresetVersion, models.PROTECT, null=True, related_name="generations"
    )
    values = models.JSONField(help_text="What the form said, by variable")
    prompt = models.TextField()
    negative_prompt = models.TextField(blank=True)
    width_px = models.PositiveIntegerField()
    height_px = models.PositiveIntegerField()
    prior_steps = models.PositiveSmallIntegerField()
    prior_guidance_scale = models.FloatField()
    guidance_until = models.FloatField(default=1.0, help_text="Share of the steps")
    schedule = models.CharField(
        max_length=10, choices=Schedule.choices, default=Schedule.EVEN
    )
    decoder_steps = models.PositiveSmallIntegerField()
    decoder_guidance_scale = models.FloatField()
    seeds = models.JSONField(help_text="One per candidate, in order")
    is_decoding_all = models.BooleanField(default=False)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="generations"
    )
    requested_at = models.DateTimeField()

    objects = GenerationQuerySet.as_manager()

    class Meta:
        ordering = ["-requested_at", "-id"]
        indexes = [models.Index(fields=["brand", "-requested_at", "-id"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(operation="draw", source=None, preset_version__isnull=False)
                | (~Q(operation="draw") & Q(source__isnull=False)),
                name="drawn_by_a_preset_or_from_a_picture",
            ),
            models.CheckConstraint(
                condition=Q(guidance_until__gte=0, guidance_until__lte=1),
                name="guided_for_a_share_of_the_steps",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title}, {len(self.seeds)} candidates"

    @property
    def title(self) -> str:
        """What people call it: its preset, or what is done to which picture."""
        if self.source is not None:
            return f"{self.source.title} · {self.get_operation_display().lower()}"
        return self.preset.name if self.preset else ""

    @property
    def preset(self) -> Preset | None:
        """The preset whose words it uses; None for an uploaded picture."""
        return self.preset_version.preset if self.preset_version else None

    @property
    def is_without_prior(self) -> bool:
        """Whether its picture is only encoded and decoded; nothing is sketched."""
        return self.operation in self.WITHOUT_PRIOR

    @property
    def megapixels(self) -> float:
        """The size of one image."""
        return self.width_px * self.height_px / 1e6

    @property
    def cells(self) -> str:
        """Columns and rows of its image embeddings, as people write them."""
        return f"{count_cells(self.width_px)} × {count_cells(self.height_px)}"

    def read_inputs(self) -> Inputs:
        """Return what it was given beside its words.

        Raises:
            InputsError: another version of brandgen wrote it.
        """
        return read_inputs(self.inputs)

    def missing_positions(self) -> list[int]:
        """Return the places on the contact sheet that have no candidate yet."""
        done = set(self.candidates.values_list("position", flat=True))
        return [place for place in range(len(self.seeds)) if place not in done]

    def find_prior_job(self) -> Job | None:
        """Return the latest job that sketches its contact sheet."""
        return (
            Job.objects.filter(work=RUN_PRIOR, subject_id=str(self.id))
            .order_by("-id")
            .first()
        )

    def decoder_jobs(self) -> dict[str, Job]:
        """Return the latest job of each decoding, by the decoding's id."""
        decodings = Decoding.objects.filter(candidate__generation=self)
        ids = [str(each) for each in decodings.values_list("id", flat=True)]
        jobs = Job.objects.filter(work=RUN_DECODER, subject_id__in=ids)
        return {job.subject_id: job for job in jobs.order_by("id")}


class CandidateQuerySet(BrandScopedQuerySet["Candidate"]):
    """Questions asked of many candidates."""

    brand_path = "generation__brand"


class Candidate(models.Model):
    """One seed's image embeddings with its preview, not yet decoded."""

    generation = models.ForeignKey(
        Generation, models.PROTECT, related_name="candidates"
    )
    seed = models.BigIntegerField()
    position = models.PositiveSmallIntegerField()
    embeddings_sha256 = models.CharField(max_length=64, validators=[sha256_validator])
    preview_sha256 = models.CharField(max_length=64, validators=[sha256_validator])
    model_identity = models.JSONField(help_text="engine.protocol.ModelIdentity")
    is_picked = models.BooleanField(default=False)
    prior_s = models.FloatField(help_text="Seconds that the prior took")
    created_at = models.DateTimeField()

    objects = CandidateQuerySet.as_manager()

    class Meta:
        ordering = ["generation", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["generation", "position"], name="one_candidate_per_position"
            )
        ]

    def __str__(self) -> str:
        return f"Seed {self.seed}"

    def next_decoder_seed(self) -> int:
        """Return a decoder seed that this candidate was not decoded with.

        The first is the candidate's own seed, so that one number names a first image.
        """
        last = self.decodings.aggregate(models.Max("seed"))["seed__max"]
        return self.seed if last is None else int(last) + 1


class SamplingPreview(models.Model):
    """What a candidate looks like while it is sampled; gone once it is kept."""

    generation = models.ForeignKey(
        Generation, models.CASCADE, related_name="sampling_previews"
    )
    position = models.PositiveSmallIntegerField()
    step = models.PositiveSmallIntegerField()
    steps = models.PositiveSmallIntegerField()
    picture = models.BinaryField(max_length=2**18, help_text="WebP")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["generation", "position"], name="one_preview_per_position"
            )
        ]

    def __str__(self) -> str:
        return f"Step {self.step} of {self.steps}"


class DecodingQuerySet(BrandScopedQuerySet["Decoding"]):
    """Questions asked of many decodings."""

    brand_path = "candidate__generation__brand"


class Decoding(models.Model):
    """One candidate turned into pixels, with one decoder seed and its settings."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    candidate = models.ForeignKey(Candidate, models.PROTECT, related_name="decodings")
    seed = models.BigIntegerField(help_text="The decoder's own")
    steps = models.PositiveSmallIntegerField()
    guidance_scale = models.FloatField()
    model_identity = models.JSONField(null=True)
    asset = models.ForeignKey(
        Asset, models.PROTECT, null=True, related_name="decodings"
    )
    decoder_s = models.FloatField(null=True, help_text="Seconds that the decoder took")
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"
    )
    requested_at = models.DateTimeField()

    objects = DecodingQuerySet.as_manager()

    class Meta:
        ordering = ["requested_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["candidate", "seed", "steps", "guidance_scale"],
                name="one_decoding_per_seed_and_settings",
            ),
            models.CheckConstraint(
                condition=Q(asset=None) | Q(model_identity__isnull=False),
                name="an_image_names_its_model",
            ),
        ]

    def __str__(self) -> str:
        return f"Decoding of seed {self.candidate.seed} with seed {self.seed}"

    @property
    def brand(self) -> Brand:
        """The brand that it belongs to."""
        return self.candidate.generation.brand

    @property
    def image_title(self) -> str:
        """What its image is called: the preset or the picture, and the seeds."""
        generation = self.candidate.generation
        seeds = f"{self.candidate.seed}"
        if self.seed != self.candidate.seed:
            seeds += f"–{self.seed}"
        return f"{generation.title[: 118 - len(seeds)]} {seeds}"
