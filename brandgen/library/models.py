"""Assets: every picture that exists is one immutable file with its lineage."""

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from brandgen.accounts.models import Brand, BrandScopedQuerySet, sha256_validator
from brandgen.brands.models import BrandKit


class AssetQuerySet(BrandScopedQuerySet["Asset"]):
    """Questions asked of many assets."""

    def approved(self) -> Self:
        """Keep what may be used in creatives and exported."""
        return self.filter(state=Asset.State.APPROVED)


class Asset(models.Model):
    """One picture: generated, uploaded or rendered. Its bytes never change.

    Its file is named by its SHA-256, and only its state moves.
    """

    class Kind(models.TextChoices):
        """How it came to be."""

        GENERATED = "generated", "Generated"
        UPLOADED = "uploaded", "Uploaded"
        CREATIVE = "creative", "Creative"

    class State(models.TextChoices):
        """Where it stands between draft and library."""

        DRAFT = "draft", "Draft"
        IN_REVIEW = "in_review", "In review"
        APPROVED = "approved", "Approved"
        CHANGES_REQUESTED = "changes_requested", "Changes requested"
        REJECTED = "rejected", "Rejected"
        ARCHIVED = "archived", "Archived"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    brand = models.ForeignKey(Brand, models.PROTECT, related_name="assets")
    brand_kit = models.ForeignKey(BrandKit, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    state = models.CharField(max_length=20, choices=State.choices, default=State.DRAFT)
    title = models.CharField(max_length=120)
    alt_text = models.CharField(max_length=500, blank=True)
    sha256 = models.CharField(max_length=64, validators=[sha256_validator])
    mime = models.CharField(max_length=40)
    size_bytes = models.PositiveBigIntegerField()
    width_px = models.PositiveIntegerField()
    height_px = models.PositiveIntegerField()
    focal_x = models.FloatField(default=0.5, help_text="0 is left, 1 is right")
    focal_y = models.FloatField(default=0.5, help_text="0 is top, 1 is bottom")
    digital_source_type = models.CharField(max_length=60, blank=True)
    license_name = models.CharField(max_length=200, blank=True)
    is_commercial_use_allowed = models.BooleanField(default=False)
    preset_name = models.CharField(max_length=120, blank=True)
    prompt = models.TextField(blank=True, help_text="A copy, for search")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField()
    approved_at = models.DateTimeField(null=True, blank=True)

    objects = AssetQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["brand", "sha256"], name="one_asset_per_file_and_brand"
            ),
            models.CheckConstraint(
                condition=Q(
                    focal_x__gte=0, focal_x__lte=1, focal_y__gte=0, focal_y__lte=1
                ),
                name="focal_point_inside",
            ),
        ]
        indexes = [
            models.Index(fields=["brand", "-created_at", "-id"], name="asset_gallery"),
            models.Index(
                fields=["brand", "state", "-created_at", "-id"], name="asset_by_state"
            ),
            models.Index(fields=["sha256"], name="asset_sha256"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def short_sha256(self) -> str:
        """The hash as people read it: four digits, an ellipsis, four digits."""
        return f"{self.sha256[:4]}…{self.sha256[-4:]}"

    @property
    def file_extension(self) -> str:
        """Without the dot: png, jpg or webp."""
        return {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp"}[
            self.mime
        ]


class AssetParent(models.Model):
    """One edge of the lineage: this asset was made with that one."""

    asset = models.ForeignKey(Asset, models.CASCADE, related_name="parent_links")
    parent = models.ForeignKey(Asset, models.PROTECT, related_name="child_links")
    role = models.CharField(max_length=40, help_text="image, source, reference")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["asset", "parent", "role"], name="one_edge_per_role"
            ),
            models.CheckConstraint(
                condition=~Q(asset=models.F("parent")), name="not_its_own_parent"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.asset_id} from {self.parent_id}"


class Rendition(models.Model):
    """A smaller copy of an asset for pages: WebP, metadata left out."""

    class Size(models.TextChoices):
        """Longest side."""

        SMALL = "small", "320 px"
        LARGE = "large", "960 px"

    LONGEST_PX = {Size.SMALL: 320, Size.LARGE: 960}

    asset = models.ForeignKey(Asset, models.CASCADE, related_name="renditions")
    size = models.CharField(max_length=10, choices=Size.choices)
    sha256 = models.CharField(max_length=64, validators=[sha256_validator])
    width_px = models.PositiveIntegerField()
    height_px = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["asset", "size"], name="one_file_per_size")
        ]

    def __str__(self) -> str:
        return f"{self.asset_id} {self.size}"
