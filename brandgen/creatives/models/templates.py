"""Templates, their versions, and how these were tried."""

import json
import uuid
from datetime import datetime
from functools import lru_cache
from typing import Any, Self

from django.conf import settings
from django.db import models

from brandgen.accounts.models import Brand, BrandScopedQuerySet, User
from brandgen.compositor import Document, load_document
from brandgen.lib.ordered_json import OrderedJSONField
from brandgen.library.models import Collection


class TemplateQuerySet(BrandScopedQuerySet["Template"]):
    """Questions asked of many templates."""

    def published(self) -> Self:
        """Keep those that can be used."""
        return self.filter(versions__published_at__isnull=False).distinct()


class Template(models.Model):
    """A layout that designers own and marketers fill in."""

    class LockLevel(models.TextChoices):
        """Who of those who may change templates may change this one."""

        TEAM = "team", "Everybody who may change templates"
        OWNER_ONLY = "owner_only", "Its owner only"
        NOBODY = "nobody", "Nobody, until it is unlocked"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    brand = models.ForeignKey(Brand, models.PROTECT, related_name="templates")
    name = models.CharField(max_length=80)
    description = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    lock_level = models.CharField(
        max_length=20, choices=LockLevel.choices, default=LockLevel.TEAM
    )
    feed_sources = models.JSONField(
        default=dict,
        blank=True,
        help_text="Which column of a feed filled what, the last time",
    )
    file_options = models.JSONField(
        default=dict,
        blank=True,
        help_text="The file type and its options, the last time",
    )

    objects = TemplateQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["brand", "name"], name="one_template_a_name"
            )
        ]

    def __str__(self) -> str:
        return self.name

    def set_lock(self, *, level: LockLevel, owner: User | None) -> bool:
        """Say who may change it from now on; False if that was so already."""
        if (self.lock_level, self.owner) == (level, owner):
            return False
        self.lock_level, self.owner = level, owner
        self.save(update_fields=["lock_level", "owner"])
        return True

    def find_published(self) -> "TemplateVersion | None":
        """Return the newest published version; None before the first."""
        return (
            self.versions.filter(published_at__isnull=False)
            .order_by("-version")
            .first()
        )

    def find_newest(self) -> "TemplateVersion | None":
        """Return the draft, or without one the version that was published last."""
        return self.versions.order_by("-version").first()

    def find_draft(self) -> "TemplateVersion | None":
        """Return the version that is being worked on; None if there is none."""
        return self.versions.filter(published_at=None).first()


class TemplateVersionQuerySet(BrandScopedQuerySet["TemplateVersion"]):
    """Questions asked of many versions."""

    brand_path = "template__brand"


class TemplateVersion(models.Model):
    """One version of a template's document; publishing freezes it."""

    template = models.ForeignKey(Template, models.PROTECT, related_name="versions")
    version = models.PositiveIntegerField()
    document = OrderedJSONField(help_text="docs/reference/template.schema.json")
    created_at = models.DateTimeField(auto_now_add=True)
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    revision = models.PositiveIntegerField(default=0, help_text="How often it changed")
    saved_at = models.DateTimeField(null=True, blank=True)
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    objects = TemplateVersionQuerySet.as_manager()

    class Meta:
        ordering = ["template", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["template", "version"], name="one_row_per_template_version"
            ),
            models.UniqueConstraint(
                fields=["template"],
                condition=models.Q(published_at=None),
                name="one_draft_per_template",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.template} v{self.version}"

    @property
    def mark(self) -> str:
        """Name this state of the document: "3.12" is version 3, changed 12 times."""
        return f"{self.version}.{self.revision}"

    def change(self, document: dict[str, Any], *, by: User, at: datetime) -> bool:
        """Change a draft; False if it was changed or published since it was read."""
        new = {
            "document": document,
            "revision": self.revision + 1,
            "saved_by": by,
            "saved_at": at,
        }
        changed = TemplateVersion.objects.filter(
            id=self.id, revision=self.revision, published_at=None
        ).update(**new)
        if changed:
            for name, value in new.items():
                setattr(self, name, value)
        return bool(changed)

    def publish(self, *, by: User, at: datetime) -> bool:
        """Freeze this version; False if somebody published or changed it first."""
        changed = TemplateVersion.objects.filter(
            id=self.id, revision=self.revision, published_at=None
        ).update(published_at=at, published_by=by)
        if changed:
            self.published_at, self.published_by = at, by
        return bool(changed)

    def load(self) -> Document:
        """Return the document, read strictly.

        Raises:
            TemplateDocumentError: this version of brandgen reads it otherwise.
        """
        return _load(json.dumps(self.document))


class SlotCollection(models.Model):
    """The collection that a slot of a version in use takes its pictures from.

    As long as the row stands, the collection can't be deleted.
    """

    version = models.ForeignKey(
        TemplateVersion, models.CASCADE, related_name="slot_collections"
    )
    slot = models.CharField(max_length=60)
    collection = models.ForeignKey(Collection, models.PROTECT, related_name="slots")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["version", "slot"], name="one_collection_a_slot"
            )
        ]

    def __str__(self) -> str:
        return f"{self.slot}: {self.collection}"


@lru_cache(maxsize=32)
def _load(text: str) -> Document:
    """Read a document once a process: drawing a small format takes less time."""
    return load_document(text)


class TortureTest(models.Model):
    """What came of trying a version with the texts that break layouts."""

    version = models.ForeignKey(
        TemplateVersion, models.CASCADE, related_name="torture_tests"
    )
    content_key = models.CharField(
        max_length=64, help_text="SHA-256 of what the result depends on"
    )
    report = models.JSONField(help_text="Cases, and the cells with findings")
    cell_count = models.PositiveIntegerField()
    fail_count = models.PositiveIntegerField()
    warn_count = models.PositiveIntegerField()
    duration_s = models.FloatField()
    tested_at = models.DateTimeField()

    class Meta:
        ordering = ["-tested_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "content_key"], name="one_torture_test_a_content"
            )
        ]

    def __str__(self) -> str:
        return f"Torture test of {self.version}"

    @property
    def verdict(self) -> str:
        """The worst that was found: pass, warn or fail."""
        return "fail" if self.fail_count else "warn" if self.warn_count else "pass"
