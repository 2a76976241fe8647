"""The record of who did what: rows that are only ever added, each sealing the last."""

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db import connection, models, transaction

from brandgen.accounts.models import Brand, BrandScopedQuerySet, User

FIRST_HASH = "0" * 64
# Any number that nothing else in this database locks.
CHAIN_LOCK = 7_316_024_915


class EntryQuerySet(BrandScopedQuerySet["Entry"]):
    """Questions asked of the trail."""

    def about(self, subject: models.Model) -> "EntryQuerySet":
        """Keep the history of one thing, oldest first."""
        return self.filter(
            subject_type=subject._meta.label_lower, subject_id=str(subject.pk)
        ).order_by("id")


class Entry(models.Model):
    """One thing that one person, or the system, did."""

    id = models.BigIntegerField(primary_key=True, help_text="1, 2, 3 without a gap")
    at = models.DateTimeField()
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    actor_name = models.CharField(max_length=120)
    brand = models.ForeignKey(Brand, models.PROTECT, null=True, related_name="+")
    action = models.CharField(max_length=60)
    subject_type = models.CharField(max_length=60)
    subject_id = models.CharField(max_length=64)
    subject_name = models.CharField(max_length=200)
    data = models.JSONField(default=dict)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64, unique=True)

    objects = EntryQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "entries"
        indexes = [
            models.Index(fields=["subject_type", "subject_id"]),
            models.Index(fields=["brand", "-id"]),
        ]

    def __str__(self) -> str:
        return f"{self.id} {self.action} {self.subject_name}"

    @property
    def subject_noun(self) -> str:
        """What kind of thing it was done to: asset, review, user."""
        return self.subject_type.rpartition(".")[2]

    def seal(self) -> str:
        """Return the SHA-256 of this row's facts and of the row before, in hex."""
        facts = {
            "id": self.id,
            "at": self.at.astimezone(UTC).isoformat(timespec="microseconds"),
            "actor": self.actor_id,
            "actor_name": self.actor_name,
            "brand": self.brand_id,
            "action": self.action,
            "subject_type": self.subject_type,
            "subject_id": self.subject_id,
            "subject_name": self.subject_name,
            "data": self.data,
            "previous": self.previous_hash,
        }
        text = json.dumps(facts, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


def record(
    actor: User | None,
    action: str,
    subject: models.Model,
    *,
    at: datetime,
    brand: Brand | None = None,
    data: dict[str, Any] | None = None,
) -> Entry:
    """Add one row to the chain, inside the caller's transaction.

    Args:
        actor: who did it; None for the system itself.
        action: noun and past participle: "review.approved".
        subject: what it was done to; its brand is used where ``brand`` is None.
        at: when.
        brand: whose trail it belongs to; None for the installation's own.
        data: what else must be known later; JSON types only.
    """
    return record_each(actor, action, [(subject, data or {})], at=at, brand=brand)[0]


def record_each(
    actor: User | None,
    action: str,
    subjects: Sequence[tuple[models.Model, dict[str, Any]]],
    *,
    at: datetime,
    brand: Brand | None = None,
) -> list[Entry]:
    """Add one row for each subject with its data; the chain is held once for all."""
    entries: list[Entry] = []
    with transaction.atomic():
        _lock_chain()
        last = Entry.objects.order_by("-id").values_list("id", "hash").first()
        number, previous_hash = last or (0, FIRST_HASH)
        for subject, data in subjects:
            number += 1
            entry = Entry(
                id=number,
                at=at,
                actor=actor,
                actor_name=str(actor) if actor else "brandgen",
                brand=brand or _brand_of(subject),
                action=action,
                subject_type=subject._meta.label_lower,
                subject_id=str(subject.pk),
                subject_name=str(subject)[:200],
                data=json.loads(json.dumps(data)),
                previous_hash=previous_hash,
            )
            entry.hash = previous_hash = entry.seal()
            entries.append(entry)
        Entry.objects.bulk_create(entries)
    return entries


def _brand_of(subject: models.Model) -> Brand | None:
    """Return whose trail an entry about this belongs to."""
    if isinstance(subject, Brand):
        return subject
    brand: Brand | None = getattr(subject, "brand", None)
    return brand


def _lock_chain() -> None:
    """Let one writer at a time extend the chain, until its transaction ends.

    SQLite has one writer anyway (IMMEDIATE).
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CHAIN_LOCK])
