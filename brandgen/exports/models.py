"""Where approved assets go, and the proof that they arrived."""

import uuid

from django.conf import settings
from django.db import models

from brandgen.accounts.models import Brand, BrandScopedQuerySet, sha256_validator
from brandgen.library.models import Asset


class DestinationQuerySet(BrandScopedQuerySet["Destination"]):
    """Questions asked of many destinations."""


class Destination(models.Model):
    """A place outside that a brand's assets are delivered to."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    brand = models.ForeignKey(Brand, models.PROTECT, related_name="destinations")
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=20, help_text="exports.destinations.KINDS")
    config = models.JSONField(default=dict)
    encrypted_secrets = models.TextField(blank=True)
    is_enabled = models.BooleanField(default=True)
    is_production = models.BooleanField(
        default=False, help_text="The public will see what arrives there"
    )
    checked_at = models.DateTimeField(null=True, blank=True)
    check_error = models.CharField(max_length=500, blank=True)
    capabilities = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = DestinationQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["brand", "name"], name="one_destination_a_name"
            )
        ]

    def __str__(self) -> str:
        return self.name


class ExportQuerySet(BrandScopedQuerySet["Export"]):
    """Questions asked of many exports."""


class Export(models.Model):
    """One delivery of assets to one destination, closed by its manifest."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    brand = models.ForeignKey(Brand, models.PROTECT, related_name="exports")
    destination = models.ForeignKey(Destination, models.PROTECT, related_name="exports")
    folder = models.CharField(max_length=120, help_text="Below the destination's root")
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"
    )
    requested_at = models.DateTimeField()
    completed_at = models.DateTimeField(null=True, blank=True)
    manifest = models.JSONField(default=list, help_text="Files written last")

    objects = ExportQuerySet.as_manager()

    class Meta:
        ordering = ["-requested_at", "-id"]

    def __str__(self) -> str:
        return f"Export to {self.destination}"


class ExportItemQuerySet(BrandScopedQuerySet["ExportItem"]):
    """Questions asked of many items."""

    brand_path = "export__brand"


class ExportItem(models.Model):
    """One asset of an export; the same content reaches a destination once."""

    class State(models.TextChoices):
        """Where a delivery stands."""

        WAITING = "waiting", "Waiting"
        DONE = "done", "Delivered"
        HELD = "held", "Held back"
        FAILED = "failed", "Failed"

    export = models.ForeignKey(Export, models.PROTECT, related_name="items")
    asset = models.ForeignKey(Asset, models.PROTECT, related_name="export_items")
    path = models.CharField(max_length=300)
    content_key = models.CharField(max_length=64, validators=[sha256_validator])
    state = models.CharField(
        max_length=20, choices=State.choices, default=State.WAITING
    )
    error = models.CharField(max_length=500, blank=True, help_text="Fit to show")

    objects = ExportItemQuerySet.as_manager()

    class Meta:
        ordering = ["export", "path"]
        constraints = [
            models.UniqueConstraint(
                fields=["export", "asset"], name="one_item_per_export_and_asset"
            )
        ]

    def __str__(self) -> str:
        return self.path


class Receipt(models.Model):
    """Proof of one delivery. Only ever added."""

    item = models.ForeignKey(ExportItem, models.PROTECT, related_name="receipts")
    destination = models.ForeignKey(
        Destination, models.PROTECT, related_name="receipts"
    )
    content_key = models.CharField(max_length=64, validators=[sha256_validator])
    location = models.CharField(max_length=500)
    etag = models.CharField(max_length=120, blank=True)
    size_bytes = models.PositiveBigIntegerField()
    sha256_sent = models.CharField(max_length=64, validators=[sha256_validator])
    sha256_read_back = models.CharField(max_length=64, blank=True)
    was_there_already = models.BooleanField(default=False)
    delivered_at = models.DateTimeField()

    class Meta:
        ordering = ["-delivered_at"]

    def __str__(self) -> str:
        return self.location
