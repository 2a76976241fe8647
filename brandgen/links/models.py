"""Signed addresses, the pictures that they answered with, and who comes how often."""

import uuid
from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.db.models import F, Q
from django.urls import reverse

from brandgen.accounts.models import (
    Brand,
    BrandScopedQuerySet,
    User,
    sha256_validator,
)
from brandgen.creatives.models import Batch, TemplateVersion
from brandgen.lib.secrets_box import unseal
from brandgen.library.models import Asset

USE_IS_NOTED_EVERY = timedelta(minutes=1)
VISITS_ARE_KEPT = timedelta(hours=1)

FILE_TYPES = [
    (kind.value, kind.label)
    for kind in (Batch.FileType.JPEG, Batch.FileType.PNG, Batch.FileType.WEBP)
]
"""What is written fast enough to be waited for, and shown by every browser."""


class SignedAddressQuerySet(BrandScopedQuerySet["SignedAddress"]):
    """Questions asked of many signed addresses."""

    def open(self, at: datetime) -> Self:
        """Keep those that answer."""
        return self.filter(revoked_at=None, expires_at__gt=at)


class SignedAddress(models.Model):
    """An address outside that answers with pictures of a template.

    Who holds its key can sign what they fill in; the template's version never changes.
    """

    class State(models.TextChoices):
        """Whether it answers."""

        OPEN = "open", "Open"
        USED_UP = "used_up", "Used up"
        EXPIRED = "expired", "Expired"
        REVOKED = "revoked", "Revoked"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    brand = models.ForeignKey(Brand, models.PROTECT, related_name="signed_addresses")
    template_version = models.ForeignKey(
        TemplateVersion, models.PROTECT, related_name="signed_addresses"
    )
    name = models.CharField(max_length=80)
    format = models.CharField(max_length=60, help_text="Where the query names none")
    locale = models.CharField(max_length=20, blank=True)
    file_type = models.CharField(
        max_length=10, choices=FILE_TYPES, default=Batch.FileType.JPEG
    )
    encrypted_secrets = models.TextField(help_text="Its key, sealed")
    expires_at = models.DateTimeField()
    most_pictures = models.PositiveIntegerField(help_text="Different ones, in all")
    most_visits = models.PositiveIntegerField(
        null=True, blank=True, help_text="A minute from one IP address; none: no limit"
    )
    picture_count = models.PositiveIntegerField(default=0)
    last_used_at = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField()
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = SignedAddressQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name_plural = "signed addresses"
        constraints = [
            models.CheckConstraint(
                condition=Q(picture_count__lte=F("most_pictures")),
                name="no_more_pictures_than_allowed",
            ),
            models.CheckConstraint(
                condition=Q(revoked_at=None) ^ Q(revoked_by__isnull=False),
                name="revoked_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def path(self) -> str:
        """The part of the address that is signed."""
        return reverse("signed", args=[self.id])

    @property
    def url(self) -> str:
        """The whole address, without a query."""
        return f"{settings.PUBLIC_URL}{self.path}"

    def read_key(self) -> str:
        """Return the key that its queries are signed with.

        Raises:
            SecretsError: sealed under a key that ENCRYPTION_KEYS no longer has.
        """
        return unseal(self.encrypted_secrets)["key"]

    def find_state(self, at: datetime) -> State:
        """Say whether it answers at a moment."""
        if self.revoked_at is not None:
            return self.State.REVOKED
        if self.expires_at <= at:
            return self.State.EXPIRED
        is_used_up = self.picture_count >= self.most_pictures
        return self.State.USED_UP if is_used_up else self.State.OPEN

    def revoke(self, *, by: User, at: datetime) -> bool:
        """Close it for good; False if somebody did so before."""
        changed = SignedAddress.objects.filter(id=self.id, revoked_at=None).update(
            revoked_at=at, revoked_by=by
        )
        self.refresh_from_db(fields=["revoked_at", "revoked_by"])
        return bool(changed)

    def find_picture(self, content_key: str) -> "AddressPicture | None":
        """Return the picture that it answered with before; None if it did not."""
        return self.pictures.filter(content_key=content_key).first()

    def has_answered(self, asked_key: str) -> bool:
        """Whether it answered the same question before, with whatever brand kit."""
        return self.pictures.filter(asked_key=asked_key).exists()

    def keep_picture(
        self,
        *,
        content_key: str,
        asked_key: str,
        sha256: str,
        mime: str,
        size_bytes: int,
        at: datetime,
    ) -> "tuple[AddressPicture | None, bool]":
        """Count and keep a picture that was rendered, and say whether it is new.

        Of two workers that render the same at once, one counts and both get its row.
        None if the address has ended meanwhile.
        """
        try:
            with transaction.atomic():
                if self._count_picture(at):
                    picture = self.pictures.create(
                        content_key=content_key,
                        asked_key=asked_key,
                        sha256=sha256,
                        mime=mime,
                        size_bytes=size_bytes,
                        rendered_at=at,
                    )
                    return picture, True
        except IntegrityError:
            # The transaction took the count back with it.
            pass
        return self.find_picture(content_key), False

    def _count_picture(self, at: datetime) -> bool:
        """Take one of the pictures that are left, in one conditional UPDATE."""
        left = SignedAddress.objects.open(at).filter(
            id=self.id, picture_count__lt=F("most_pictures")
        )
        is_counted = bool(left.update(picture_count=F("picture_count") + 1))
        self.refresh_from_db(fields=["picture_count"])
        return is_counted

    def note_use(self, at: datetime) -> None:
        """Write down when it was last asked, once a minute at most."""
        if self.last_used_at is None or at - self.last_used_at >= USE_IS_NOTED_EVERY:
            SignedAddress.objects.filter(id=self.id).update(last_used_at=at)


class AddressImage(models.Model):
    """An approved image that stands in one image slot of an address for good."""

    address = models.ForeignKey(SignedAddress, models.CASCADE, related_name="images")
    slot = models.CharField(max_length=60)
    asset = models.ForeignKey(Asset, models.PROTECT, related_name="address_images")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["address", "slot"], name="one_image_a_slot_of_an_address"
            )
        ]

    def __str__(self) -> str:
        return f"{self.slot}: {self.asset_id}"


class AddressPicture(models.Model):
    """A file that an address has answered with; the same content is rendered once."""

    address = models.ForeignKey(SignedAddress, models.CASCADE, related_name="pictures")
    content_key = models.CharField(max_length=64, validators=[sha256_validator])
    asked_key = models.CharField(
        max_length=64, blank=True, help_text="SHA-256 of the question: asking.Asked"
    )
    sha256 = models.CharField(max_length=64, validators=[sha256_validator])
    mime = models.CharField(max_length=40)
    size_bytes = models.PositiveBigIntegerField()
    rendered_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["address", "content_key"], name="one_picture_a_content"
            )
        ]
        indexes = [models.Index(fields=["address", "asked_key"], name="asked_before")]

    def __str__(self) -> str:
        return f"{self.address_id} {self.sha256[:8]}"


class VisitQuerySet(models.QuerySet["Visits"]):
    """Questions asked of many visits."""

    def admit(self, *, place: uuid.UUID, visitor: str, most: int, at: datetime) -> bool:
        """Count one visit; False if this minute's are used up.

        The count is one conditional UPDATE, so that it holds for all web processes.
        """
        minute = at.replace(second=0, microsecond=0)
        row = self.filter(place=place, visitor=visitor, minute=minute)
        one_more = row.filter(count__lt=most)
        if one_more.update(count=F("count") + 1):
            return True
        if row.exists():
            return False
        self.filter(minute__lt=minute - VISITS_ARE_KEPT).delete()
        first = Visits(place=place, visitor=visitor, minute=minute)
        self.bulk_create([first], ignore_conflicts=True)
        return bool(one_more.update(count=F("count") + 1))


class Visits(models.Model):
    """How often one visitor came to one place within a minute; kept for an hour."""

    place = models.UUIDField()
    visitor = models.CharField(max_length=64, help_text="A keyed hash: no IP address")
    minute = models.DateTimeField(db_index=True)
    count = models.PositiveIntegerField(default=0)

    objects = VisitQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "visits"
        constraints = [
            models.UniqueConstraint(
                fields=["place", "visitor", "minute"], name="one_count_a_minute"
            )
        ]

    def __str__(self) -> str:
        return f"{self.count} in {self.minute:%H:%M}"
