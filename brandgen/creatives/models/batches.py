"""Batches, and the creatives that they are made of."""

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Count, F, Q

from brandgen.accounts.models import Brand, BrandScopedQuerySet
from brandgen.brands.models import BrandKit
from brandgen.compositor.parts import merge_data, texts_in
from brandgen.creatives.models.feeds import Feed
from brandgen.creatives.models.templates import TemplateVersion
from brandgen.lib.findings import Verdict
from brandgen.library.models import Asset


class BatchQuerySet(BrandScopedQuerySet["Batch"]):
    """Questions asked of many batches."""

    def with_counts(self) -> Self:
        """Add how many creatives there are, and how many are rendered."""
        used = ~Q(creatives__state=Creative.State.LEFT_OUT)
        is_rendered = Q(creatives__state=Creative.State.RENDERED)
        return self.annotate(
            creative_count=Count("creatives", filter=used),
            rendered_count=Count("creatives", filter=is_rendered),
        )


class Batch(models.Model):
    """The matrix of rows (pictures and copy), locales and formats of a template."""

    class FileType(models.TextChoices):
        """What the files are written as."""

        JPEG = "jpeg", "JPEG"
        PNG = "png", "PNG"
        WEBP = "webp", "WebP"
        AVIF = "avif", "AVIF"
        PDF = "pdf", "PDF"
        MP4 = "mp4", "MP4"

    class State(models.TextChoices):
        """Whether workers go on with it."""

        OPEN = "open", "Open"
        PAUSED = "paused", "Paused"
        CANCELLED = "cancelled", "Cancelled"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    brand = models.ForeignKey(Brand, models.PROTECT, related_name="batches")
    brand_kit = models.ForeignKey(BrandKit, models.PROTECT, related_name="+")
    template_version = models.ForeignKey(
        TemplateVersion, models.PROTECT, related_name="batches"
    )
    feed = models.ForeignKey(Feed, models.PROTECT, null=True, related_name="batches")
    plan = models.JSONField(default=dict, help_text="The feed's, as it was then")
    name = models.CharField(max_length=120)
    file_type = models.CharField(
        max_length=10, choices=FileType.choices, default=FileType.JPEG
    )
    file_options = models.JSONField(
        default=dict, blank=True, help_text="creatives.file_options.FileOptions"
    )
    state = models.CharField(max_length=20, choices=State.choices, default=State.OPEN)
    round = models.PositiveIntegerField(
        default=0, help_text="Counts up with every start: jobs of old rounds are stale"
    )
    uses_extensions = models.BooleanField(
        default=False, help_text="Extended pictures, where they show more"
    )
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"
    )
    requested_at = models.DateTimeField()

    objects = BatchQuerySet.as_manager()

    class Meta:
        ordering = ["-requested_at", "-id"]
        verbose_name_plural = "batches"

    def __str__(self) -> str:
        return self.name

    def move(self, to: State, *, when_in: tuple[State, ...]) -> bool:
        """Change the state and begin a new round; False if it stood elsewhere."""
        changed = Batch.objects.filter(id=self.id, state__in=when_in).update(
            state=to, round=F("round") + 1
        )
        self.refresh_from_db(fields=["state", "round"])
        return bool(changed)


class BatchRow(models.Model):
    """One filling of a template: copy and pictures for all formats and locales."""

    batch = models.ForeignKey(Batch, models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField(help_text="As the spreadsheet numbers it")
    label = models.CharField(max_length=60, blank=True)
    modifications = models.JSONField(default=dict, help_text="Slot name to text")
    localized = models.JSONField(default=dict, help_text="Locale to modifications")
    data = models.JSONField(default=dict, help_text="What bindings name: part by name")

    class Meta:
        ordering = ["batch", "number"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "number"], name="one_row_a_number")
        ]

    def __str__(self) -> str:
        return self.label or f"row {self.number}"

    def texts_in(self, locale: str) -> dict[str, str]:
        """Return the copy for a locale by slot."""
        return texts_in(self.modifications, self.localized, locale)

    def data_in(self, locale: str) -> dict[str, dict[str, str]]:
        """Return the data for a locale, part by name."""
        return merge_data(self.data, self.localized.get(locale, {}))


class BatchSubmission(models.Model):
    """Creatives that somebody sends to review: many, so a worker does it."""

    batch = models.ForeignKey(Batch, models.CASCADE, related_name="submissions")
    creative_ids = models.JSONField(default=list)
    message = models.CharField(max_length=500, blank=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"
    )
    requested_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{len(self.creative_ids):,} of {self.batch} to review"


class BatchImage(models.Model):
    """An approved image in one image slot of a row."""

    row = models.ForeignKey(BatchRow, models.CASCADE, related_name="images")
    slot = models.CharField(max_length=60)
    asset = models.ForeignKey(Asset, models.PROTECT, related_name="placements")
    focal_x = models.FloatField(null=True, help_text="For this row; else its own")
    focal_y = models.FloatField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["row", "slot"], name="one_image_a_slot"),
            models.CheckConstraint(
                condition=Q(focal_x=None, focal_y=None)
                | Q(focal_x__gte=0, focal_x__lte=1, focal_y__gte=0, focal_y__lte=1),
                name="crop_inside_or_none",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.slot}: {self.asset_id}"

    @property
    def picture(self) -> Asset:
        """The asset, with the focal point that it was given for this row."""
        if self.focal_x is None or self.focal_y is None:
            return self.asset
        return self.asset.focused((self.focal_x, self.focal_y))


class CreativeQuerySet(BrandScopedQuerySet["Creative"]):
    """Questions asked of many creatives."""

    brand_path = "batch__brand"

    def submittable(self) -> Self:
        """Keep what may be sent to review: rendered, and no check forbids it."""
        return self.filter(
            state=Creative.State.RENDERED, asset__state__in=Asset.SUBMITTABLE
        ).exclude(verdict=Verdict.FAIL)


class Creative(models.Model):
    """One cell of a batch: a row in a format and a locale, rendered into an asset."""

    class State(models.TextChoices):
        """How far it is."""

        WAITING = "waiting", "Waiting"
        RENDERED = "rendered", "Rendered"
        FAILED = "failed", "Failed"
        LEFT_OUT = "left_out", "Left out"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    batch = models.ForeignKey(Batch, models.PROTECT, related_name="creatives")
    row = models.ForeignKey(BatchRow, models.PROTECT, related_name="creatives")
    format = models.CharField(max_length=60)
    label = models.CharField(max_length=120, help_text="What people call the format")
    locale = models.CharField(max_length=20, blank=True)
    width_px = models.PositiveIntegerField()
    height_px = models.PositiveIntegerField()
    position = models.PositiveIntegerField(default=0)
    chunk = models.PositiveIntegerField(default=0, help_text="Which job renders it")
    state = models.CharField(
        max_length=20, choices=State.choices, default=State.WAITING
    )
    content_key = models.CharField(
        max_length=64, blank=True, help_text="SHA-256 of all that its file is made of"
    )
    asset = models.ForeignKey(
        Asset, models.PROTECT, null=True, related_name="creatives"
    )
    findings = models.JSONField(default=list, help_text="checks.Finding, as dicts")
    verdict = models.CharField(
        max_length=10, blank=True, help_text="Of its worst finding"
    )
    problems = models.CharField(
        max_length=300, blank=True, help_text="Rules that warn or fail: |a|b|"
    )
    error = models.CharField(max_length=500, blank=True, help_text="Fit to show")
    render_s = models.FloatField(null=True)

    objects = CreativeQuerySet.as_manager()

    class Meta:
        ordering = ["batch", "position", "id"]
        indexes = [
            models.Index(fields=["batch", "position"], name="creative_grid"),
            models.Index(fields=["batch", "chunk", "state"], name="creative_chunk"),
            models.Index(fields=["content_key"], name="creative_content"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["row", "format", "locale"], name="one_creative_per_cell"
            ),
            models.CheckConstraint(
                condition=~Q(state="rendered") | Q(asset__isnull=False),
                name="rendered_into_an_asset",
            ),
        ]

    def __str__(self) -> str:
        words = [self.batch.name, self.row.label, self.label or self.format]
        return ", ".join(word for word in (*words, self.locale) if word)[:120]

    @property
    def is_blocked(self) -> bool:
        """Whether a finding forbids to use it."""
        return self.verdict == Verdict.FAIL


class ExtendedImage(models.Model):
    """An extended picture in one cell, in the place of the row's that it was made of.

    It was approved when the batch was made. Where it was not any more once the cell
    was rendered, it is not used, and the row's picture stands there.
    """

    creative = models.ForeignKey(
        Creative, models.CASCADE, related_name="extended_images"
    )
    slot = models.CharField(max_length=60)
    asset = models.ForeignKey(Asset, models.PROTECT, related_name="extended_placements")
    is_used = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["creative", "slot"], name="one_extension_a_slot"
            )
        ]

    def __str__(self) -> str:
        return f"{self.slot}: {self.asset_id}"
