"""Assets: every picture that exists is one immutable file with its lineage."""

import uuid
from copy import copy
from datetime import datetime
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

    def submittable(self) -> Self:
        """Keep what may be sent to review."""
        return self.filter(state__in=Asset.SUBMITTABLE)


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

    SUBMITTABLE = (State.DRAFT, State.CHANGES_REQUESTED)
    EDITABLE = (*SUBMITTABLE, State.IN_REVIEW)
    # What was made with an asset or went out: where one of these has rows, its approval
    # stands. Every relation of an asset is named in one of the two; a test holds them.
    USES = (
        "child_links",
        "placements",
        "extended_placements",
        "export_items",
        "address_images",
        "form_images",
    )
    ORIGINS = (
        "parent_links",
        "renditions",
        "reviews",
        "decodings",
        "derivations",
        "creatives",
        "collection_items",
        "collections",
        "cutouts",
        "cut_from",
    )

    class FocalSource(models.TextChoices):
        """What its focal point is on, or who put it there."""

        UNKNOWN = "", "nobody looked"
        PERSON = "person", "a person"
        FACE = "face", "a face"
        SALIENCY = "saliency", "what stands out"
        CENTER = "center", "the center"
        EXTENDED = "extended", "the picture that it extends"
        SET = "set", "set by a person"

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
    focal_source = models.CharField(
        max_length=12, choices=FocalSource.choices, blank=True, default=""
    )
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
    archived_from = models.CharField(max_length=20, choices=State.choices, blank=True)

    objects = AssetQuerySet.as_manager()
    crop: tuple[float, float] | None = None
    """The focal point that one use gives it, on a copy by `focused`; no column."""

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
            models.CheckConstraint(
                condition=Q(
                    focal_source__in=[
                        "",
                        "person",
                        "face",
                        "saliency",
                        "center",
                        "extended",
                        "set",
                    ]
                ),
                name="focal_source_known",
            ),
            models.CheckConstraint(
                condition=~Q(state="approved") | Q(approved_at__isnull=False),
                name="approved_at_a_moment",
            ),
            models.CheckConstraint(
                condition=Q(approved_at=None) | Q(state__in=["approved", "archived"]),
                name="approved_or_archived_since",
            ),
            models.CheckConstraint(
                condition=Q(state="archived") ^ Q(archived_from=""),
                name="archived_from_a_state",
            ),
        ]
        indexes = [
            models.Index(fields=["brand", "-created_at", "-id"], name="asset_gallery"),
            models.Index(
                fields=["brand", "state", "-created_at", "-id"], name="asset_by_state"
            ),
            models.Index(
                fields=["brand", "state", "kind", "preset_name"], name="asset_facets"
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
        """Without the dot: png, jpg, webp, avif, pdf or mp4."""
        name = self.mime.partition("/")[2]
        return "jpg" if name == "jpeg" else name

    @property
    def is_document(self) -> bool:
        """Whether it is a PDF: browsers show a drawing of it in its place."""
        return self.mime == "application/pdf"

    @property
    def is_video(self) -> bool:
        """Whether it moves: pages show a player, and a still where that is small."""
        return self.mime == "video/mp4"

    @property
    def is_approved(self) -> bool:
        """Whether it may be used in creatives and exported."""
        return self.state == self.State.APPROVED

    @property
    def is_marked_outside(self) -> bool:
        """Whether copies that people keep say that it is not approved."""
        return self.kind == self.Kind.CREATIVE and not self.is_approved

    @property
    def is_editable(self) -> bool:
        """Whether title, description and focal point may still change."""
        return self.state in self.EDITABLE

    @property
    def is_submittable(self) -> bool:
        """Whether it may be sent to review."""
        return self.state in self.SUBMITTABLE

    @property
    def is_archivable(self) -> bool:
        """Whether it may be put away; what is being judged may not."""
        return self.state not in {self.State.IN_REVIEW, self.State.ARCHIVED}

    @property
    def small_width_px(self) -> int:
        """How wide its small copy is."""
        return self._shrunk_width_px(Rendition.Size.SMALL)

    @property
    def large_width_px(self) -> int:
        """How wide its large copy is."""
        return self._shrunk_width_px(Rendition.Size.LARGE)

    def _shrunk_width_px(self, size: "Rendition.Size") -> int:
        longest_px = max(self.width_px, self.height_px)
        scale = min(1.0, Rendition.LONGEST_PX[size] / longest_px)
        return max(1, round(self.width_px * scale))

    def focused(self, crop: tuple[float, float] | None) -> "Asset":
        """Return a copy with the focal point that one use gives it. Not to save."""
        if crop is None:
            return self
        one = copy(self)
        one.crop = one.focal_x, one.focal_y = crop
        return one

    def is_used(self) -> bool:
        """Whether anything was made with it or has gone out."""
        return any(getattr(self, name).exists() for name in self.USES)

    def move(
        self, to: State, *, when_in: tuple[State, ...], approved_at: datetime | None
    ) -> bool:
        """Change the state in one conditional UPDATE; False if it stood elsewhere."""
        changed = Asset.objects.filter(id=self.id, state__in=when_in).update(
            state=to, approved_at=approved_at
        )
        if changed:
            self.state, self.approved_at = to, approved_at
        return bool(changed)

    def put_away(self) -> bool:
        """Archive it, noting where it stood; False if it is in review or archived."""
        changed = (
            Asset.objects.filter(id=self.id)
            .exclude(state__in=[Asset.State.IN_REVIEW, Asset.State.ARCHIVED])
            .update(archived_from=models.F("state"), state=Asset.State.ARCHIVED)
        )
        self.refresh_from_db(fields=["state", "archived_from"])
        return bool(changed)

    def bring_back(self) -> bool:
        """Return it from the archive to where it stood; False if it is not there."""
        changed = Asset.objects.filter(id=self.id, state=Asset.State.ARCHIVED).update(
            state=models.F("archived_from"), archived_from=""
        )
        self.refresh_from_db(fields=["state", "archived_from"])
        return bool(changed)


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
        WHOLE = "whole", "2400 px, of a PDF"

    LONGEST_PX = {Size.SMALL: 320, Size.LARGE: 960, Size.WHOLE: 2400}
    AT_ONCE = (Size.SMALL, Size.LARGE)
    """Made with the asset; others when they are asked for."""

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


MOST_COVERS = 4
"""Pictures that stand for a collection."""


class CollectionQuerySet(BrandScopedQuerySet["Collection"]):
    """Questions asked of many collections."""

    def with_counts(self) -> Self:
        """Add how many pictures each holds."""
        return self.annotate(asset_count=models.Count("items"))

    def with_covers(self) -> Self:
        """Add the newest pictures of each as ``covers``, by one query for all."""
        newest = Asset.objects.order_by("-created_at", "-id")[:MOST_COVERS]
        return self.prefetch_related(
            models.Prefetch("assets", newest, to_attr="covers")
        )


class Collection(models.Model):
    """A named group of assets; a template's slot may take pictures of it only.

    Templates call it by its key, which stays when its name changes.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    brand = models.ForeignKey(Brand, models.PROTECT, related_name="collections")
    name = models.CharField(max_length=80)
    key = models.SlugField(
        max_length=40,
        help_text="What templates call it: it stays when the name changes",
    )
    assets = models.ManyToManyField(
        Asset, through="CollectionItem", related_name="collections"
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField()

    objects = CollectionQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["brand", "name"], name="one_collection_a_name"
            ),
            models.UniqueConstraint(
                fields=["brand", "key"], name="one_collection_a_key"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def find_templates(self) -> "list[tuple[uuid.UUID, str]]":
        """Return ids and names of the templates in use that take only its pictures.

        The rows belong to a later stage; they are read through the relation that it
        has added to the collection.
        """
        templates = self.slots.order_by("version__template__name").values_list(
            "version__template_id", "version__template__name"
        )
        return list(templates.distinct())

    def find_forms(self, at: datetime) -> list[str]:
        """Return the names of the public forms that offer its pictures now.

        They belong to a later stage too.
        """
        forms = self.form_collections.filter(
            form__revoked_at=None, form__expires_at__gt=at
        )
        return list(forms.order_by("form__name").values_list("form__name", flat=True))


class CollectionItem(models.Model):
    """An asset in a collection."""

    collection = models.ForeignKey(Collection, models.CASCADE, related_name="items")
    asset = models.ForeignKey(Asset, models.CASCADE, related_name="collection_items")
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"
    )
    added_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["collection", "asset"], name="once_in_a_collection"
            )
        ]

    def __str__(self) -> str:
        return f"{self.asset_id} in {self.collection}"


class Cutout(models.Model):
    """One request for a picture without its background, and what came of it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    source = models.ForeignKey(Asset, models.PROTECT, related_name="cutouts")
    marks = models.JSONField(default=list, help_text="compositor.marks.Mark")
    asset = models.ForeignKey(
        Asset, models.SET_NULL, null=True, related_name="cut_from"
    )
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"
    )
    requested_at = models.DateTimeField()

    class Meta:
        ordering = ["-requested_at", "-id"]

    def __str__(self) -> str:
        return f"{self.source.title} without its background"
