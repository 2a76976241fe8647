"""Where approved assets go, and the proof that they arrived."""

import uuid
from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Count, Q

from brandgen.accounts.models import Brand, BrandScopedQuerySet, sha256_validator
from brandgen.exports.destinations import KINDS, open_connector
from brandgen.exports.destinations.protocol import Connector, DestinationError
from brandgen.lib.secrets_box import SecretsError, unseal
from brandgen.library.models import Asset


class DestinationQuerySet(BrandScopedQuerySet["Destination"]):
    """Questions asked of many destinations."""

    def enabled(self) -> Self:
        """Keep those that take files."""
        return self.filter(is_enabled=True)


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

    @property
    def kind_label(self) -> str:
        """What people call its kind."""
        return KINDS[self.kind].label if self.kind in KINDS else self.kind

    @property
    def place(self) -> str:
        """Where it is, in one line without secrets."""
        if self.kind == "s3":
            where = self.config.get("endpoint_url") or "Amazon S3"
            path = "/".join(
                part
                for part in (self.config["bucket"], self.config.get("prefix"))
                if part
            )
            return f"{path} at {where}"
        return f"{self.brand.slug}/{self.config.get('folder', '')}"

    def open(self) -> Connector:
        """Return what delivers to it; nothing is contacted yet.

        Raises:
            DestinationError: its secrets can't be opened, or its kind is unknown.
        """
        try:
            secrets = unseal(self.encrypted_secrets)
        except SecretsError as error:
            raise DestinationError(str(error), permanent=True) from error
        return open_connector(
            kind=self.kind,
            brand_slug=self.brand.slug,
            config=self.config,
            secrets=secrets,
        )

    def keep_health(
        self,
        *,
        error: str,
        at: datetime,
        capabilities: dict[str, bool | str] | None = None,
    ) -> None:
        """Write down how the last contact went; an empty error means well."""
        self.checked_at, self.check_error = at, error[:500]
        if capabilities is not None:
            self.capabilities = capabilities
        self.save(update_fields=["checked_at", "check_error", "capabilities"])


class ExportQuerySet(BrandScopedQuerySet["Export"]):
    """Questions asked of many exports."""

    def with_counts(self) -> Self:
        """Add how many files are delivered, waiting, held back and failed."""
        return self.annotate(
            **{
                f"{state.value}_count": Count("items", filter=Q(items__state=state))
                for state in ExportItem.State
            }
        )


class Export(models.Model):
    """One delivery of assets to one destination, closed by its manifest."""

    class State(models.TextChoices):
        """Where it stands, told from its items."""

        RUNNING = "running", "On its way"
        DONE = "done", "Delivered"
        HELD = "held", "Held back"
        FAILED = "failed", "Needs attention"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    brand = models.ForeignKey(Brand, models.PROTECT, related_name="exports")
    destination = models.ForeignKey(Destination, models.PROTECT, related_name="exports")
    folder = models.CharField(max_length=60, help_text="Below the destination's root")
    tries = models.PositiveSmallIntegerField(
        default=0, help_text="Broken off in a row; a delivered file starts anew"
    )
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

    @property
    def manifest_folder(self) -> str:
        """Where the files written last go: a folder of its own beside the pictures."""
        return f"{self.folder}/{self.requested_at:%Y%m%d-%H%M%S}-{self.id.hex[:8]}"

    @property
    def state(self) -> State:
        """Where it stands."""
        if self.completed_at:
            return self.State.DONE
        states = {item.state for item in self.items.all()}
        if ExportItem.State.WAITING in states:
            return self.State.RUNNING
        if ExportItem.State.FAILED in states:
            return self.State.FAILED
        # All delivered but the manifest: the worker is about to write it.
        return (
            self.State.RUNNING if ExportItem.State.DONE in states else self.State.HELD
        )


class ExportItemQuerySet(BrandScopedQuerySet["ExportItem"]):
    """Questions asked of many items."""

    brand_path = "export__brand"

    def waiting(self) -> Self:
        """Keep what is still to be delivered."""
        return self.filter(state=ExportItem.State.WAITING)

    def delivered(self) -> Self:
        """Keep what has arrived."""
        return self.filter(state=ExportItem.State.DONE)

    def failed(self) -> Self:
        """Keep what the destination refused."""
        return self.filter(state=ExportItem.State.FAILED)


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
    remedy = models.CharField(
        max_length=200, blank=True, help_text="Who can clear it, and how"
    )

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

    def end(self, state: State, *, error: str = "", remedy: str = "") -> None:
        """Write down how the delivery stands and why."""
        self.state, self.error, self.remedy = state, error[:500], remedy[:200]
        self.save(update_fields=["state", "error", "remedy"])


class Receipt(models.Model):
    """Proof of one delivery. Only ever added."""

    item = models.OneToOneField(ExportItem, models.PROTECT, related_name="receipt")
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
        indexes = [
            models.Index(
                fields=["destination", "content_key"], name="receipt_by_content"
            )
        ]

    def __str__(self) -> str:
        return self.location
