"""Models that people added, how each model was found, and commercial licenses."""

import socket
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from brandgen.accounts.models import Brand, BrandScopedQuerySet, User
from brandgen.model_registry.entries import Entry, Found, Kind, License, Origin


class AddedModel(models.Model):
    """A model that somebody added by its folder, or an adapter by its file."""

    key = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    kind = models.CharField(
        max_length=10, choices=[(kind.value, kind.value.title()) for kind in Kind]
    )
    family = models.CharField(max_length=80)
    folder = models.CharField(max_length=500, help_text="Of an adapter: the file")
    license_name = models.CharField(max_length=200)
    license_url = models.CharField(max_length=500, blank=True)
    license_purpose = models.CharField(max_length=200)
    is_commercial_use_allowed = models.BooleanField()
    are_derivatives_allowed = models.BooleanField()
    learned_tokens = models.JSONField(default=list)
    about = models.CharField(max_length=500, blank=True)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    added_at = models.DateTimeField()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def as_entry(self) -> Entry:
        """Return what the registry says about it."""
        return Entry(
            key=self.key,
            name=self.name,
            kind=Kind(self.kind),
            family=self.family,
            folder=Path(self.folder),
            license=License(
                name=self.license_name,
                url=self.license_url,
                purpose=self.license_purpose,
                is_commercial_use_allowed=self.is_commercial_use_allowed,
                are_derivatives_allowed=self.are_derivatives_allowed,
            ),
            origin=Origin.ADDED,
            learned_tokens=tuple(self.learned_tokens),
            about=self.about,
        )


class ModelStateManager(models.Manager["ModelState"]):
    """Writes down how models were found."""

    def keep(
        self,
        entry: Entry,
        *,
        files: Mapping[str, Found],
        problem: str = "",
        revisions: Mapping[str, str] | None = None,
        by: User | None,
        at: datetime,
    ) -> "ModelState":
        """Write down how a model was found; damaged files replace no sound ones."""
        fields: dict[str, Any] = {
            "folder": str(entry.folder)[:500],
            "host": socket.gethostname()[:120],
            "problem": problem[:500],
            "checked_at": at,
            "checked_by": by,
        }
        if not problem:
            fields["files"] = {name: asdict(file) for name, file in files.items()}
        if revisions is not None:
            fields["revisions"] = dict(revisions)
        return self.update_or_create(key=entry.key, defaults=fields)[0]


class ModelState(models.Model):
    """How the files of one model were found when somebody last looked."""

    key = models.SlugField(max_length=60, unique=True)
    folder = models.CharField(max_length=500)
    host = models.CharField(max_length=120, help_text="The machine that looked")
    files = models.JSONField(
        default=dict, help_text="Path to SHA-256 and size of what was found whole"
    )
    revisions = models.JSONField(
        default=dict, help_text="Repository to the commit that was fetched"
    )
    problem = models.CharField(max_length=500, blank=True, help_text="Fit to show")
    checked_at = models.DateTimeField()
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    objects = ModelStateManager()

    class Meta:
        ordering = ["key"]

    def __str__(self) -> str:
        return f"{self.key}: {self.problem or 'whole'}"

    @property
    def size_bytes(self) -> int:
        """How much its files hold."""
        return sum(file["size_bytes"] for file in self.files.values())

    @property
    def sha256(self) -> Mapping[str, str]:
        """Path below the folder to the SHA-256 that was found."""
        return {path: file["sha256"] for path, file in self.files.items()}


class CommercialLicenseQuerySet(BrandScopedQuerySet["CommercialLicense"]):
    """Questions asked of many licenses."""

    def valid(self, *, on: date) -> Self:
        """Keep those that count on a day: not withdrawn, not run out."""
        return self.filter(
            Q(valid_until=None) | Q(valid_until__gte=on), withdrawn_at=None
        )

    def for_entry(self, entry: Entry) -> Self:
        """Keep those that lift the license of a model, or of one adapter."""
        rows = self.filter(
            family=entry.family,
            license_name=entry.license.name,
            is_adapter=entry.is_adapter,
        )
        return rows.filter(model_key=entry.key) if entry.is_adapter else rows


class CommercialLicense(models.Model):
    """Leave to use commercially, for one brand, what a model's license forbids.

    It lifts one license of one family of models, large and lite alike, or that of one
    adapter. It is withdrawn, never changed or deleted: exports have relied on it.
    """

    brand = models.ForeignKey(Brand, models.PROTECT, related_name="commercial_licenses")
    model_key = models.SlugField(max_length=60)
    model_name = models.CharField(max_length=120)
    family = models.CharField(max_length=80)
    license_name = models.CharField(max_length=200, help_text="The one that it lifts")
    is_adapter = models.BooleanField(default=False)
    holder = models.CharField(max_length=120)
    reference = models.CharField(max_length=120)
    valid_until = models.DateField(null=True, blank=True)
    note = models.CharField(max_length=500, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"
    )
    recorded_at = models.DateTimeField()
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_because = models.CharField(max_length=500, blank=True)

    objects = CommercialLicenseQuerySet.as_manager()

    class Meta:
        ordering = ["-recorded_at", "-id"]
        indexes = [
            models.Index(
                fields=["brand", "family", "license_name"], name="commercial_license"
            )
        ]

    def __str__(self) -> str:
        return f"License {self.reference} of {self.brand} for {self.model_name}"

    def lifts(self, entry: Entry) -> bool:
        """Whether it is about a model, or about this adapter."""
        return (
            self.family == entry.family
            and self.license_name == entry.license.name
            and self.is_adapter == entry.is_adapter
            and (not self.is_adapter or self.model_key == entry.key)
        )

    def is_valid(self, *, on: date) -> bool:
        """Whether it counts on a day."""
        has_run_out = self.valid_until is not None and self.valid_until < on
        return self.withdrawn_at is None and not has_run_out

    def withdraw(self, *, by: User, because: str, at: datetime) -> bool:
        """Say that it counts no more; False if somebody else did it first."""
        changed = CommercialLicense.objects.filter(
            id=self.id, withdrawn_at=None
        ).update(withdrawn_by=by, withdrawn_at=at, withdrawn_because=because[:500])
        self.refresh_from_db()
        return bool(changed)
