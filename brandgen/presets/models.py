"""Presets: reusable wording and settings, so that nobody writes a raw prompt."""

import uuid
from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models

from brandgen.accounts.models import Brand, BrandScopedQuerySet, User


class PresetQuerySet(BrandScopedQuerySet["Preset"]):
    """Questions asked of many presets."""

    def active(self) -> Self:
        """Keep those that were not archived."""
        return self.filter(archived_at=None)


class Preset(models.Model):
    """A brand's way of asking for one kind of picture."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    brand = models.ForeignKey(Brand, models.PROTECT, related_name="presets")
    name = models.CharField(max_length=80)
    description = models.CharField(max_length=200, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = PresetQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["brand", "name"], name="one_preset_a_name")
        ]

    def __str__(self) -> str:
        return self.name

    def find_published(self) -> "PresetVersion | None":
        """Return the newest published version; None before the first."""
        return (
            self.versions.filter(published_at__isnull=False)
            .order_by("-version")
            .first()
        )


class PresetVersionQuerySet(BrandScopedQuerySet["PresetVersion"]):
    """Questions asked of many versions."""

    brand_path = "preset__brand"


class PresetVersion(models.Model):
    """One version of a preset; publishing freezes it."""

    preset = models.ForeignKey(Preset, models.PROTECT, related_name="versions")
    version = models.PositiveIntegerField()
    prompt_template = models.TextField(max_length=4000)
    negative_prompt_template = models.TextField(max_length=2000, blank=True)
    variables = models.JSONField(
        default=list, help_text="See presets.variables.Variable: a list, in form order"
    )
    engine_settings = models.JSONField(
        default=dict, help_text="See presets.engine_settings.EngineSettings"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    objects = PresetVersionQuerySet.as_manager()

    class Meta:
        ordering = ["preset", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["preset", "version"], name="one_row_per_preset_version"
            ),
            models.UniqueConstraint(
                fields=["preset"],
                condition=models.Q(published_at=None),
                name="one_draft_per_preset",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.preset} v{self.version}"

    @property
    def brand(self) -> Brand:
        """The brand that it belongs to."""
        return self.preset.brand

    def publish(self, *, by: User, at: datetime) -> bool:
        """Freeze this version; False if somebody else did it first."""
        changed = PresetVersion.objects.filter(id=self.id, published_at=None).update(
            published_at=at, published_by=by
        )
        return bool(changed)
