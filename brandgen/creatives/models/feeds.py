"""Feeds: tables whose rows fill a template."""

import uuid
from typing import Self

from django.conf import settings
from django.db import models

from brandgen.accounts.models import Brand, BrandScopedQuerySet, sha256_validator
from brandgen.creatives.models.templates import Template


class FeedQuerySet(BrandScopedQuerySet["Feed"]):
    """Questions asked of many feeds."""

    def unused(self) -> Self:
        """Keep those that no batch was made of yet."""
        return self.filter(batches=None)


class Feed(models.Model):
    """A table whose rows fill a template, and the plan of what to make of them."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    brand = models.ForeignKey(Brand, models.PROTECT, related_name="feeds")
    template = models.ForeignKey(Template, models.PROTECT, related_name="feeds")
    name = models.CharField(max_length=120, help_text="The file's, or written by hand")
    kind = models.CharField(max_length=20)
    address = models.CharField(
        max_length=2000, blank=True, help_text="Where it was fetched from"
    )
    sha256 = models.CharField(
        max_length=64, validators=[sha256_validator], help_text="lib.feeds.pack"
    )
    columns = models.JSONField(default=list)
    row_count = models.PositiveIntegerField()
    plan = models.JSONField(default=dict, help_text="creatives.planning.Plan")
    next_batch = models.UUIDField(
        default=uuid.uuid4,
        help_text="Id of the batch that comes of it: two tabs make one",
    )
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"
    )
    uploaded_at = models.DateTimeField()

    objects = FeedQuerySet.as_manager()

    class Meta:
        ordering = ["-uploaded_at", "-id"]

    def __str__(self) -> str:
        return self.name
