"""Signed addresses, and the pictures that they answered with."""

from django.conf import settings
from django.db import models
from django.urls import reverse

from brandgen.creatives.models import Batch
from brandgen.lib.secrets_box import unseal
from brandgen.library.models import Asset
from brandgen.links.models.handouts import (
    Handout,
    HandoutPicture,
    HandoutQuerySet,
    fair_counts,
)

FILE_TYPES = [
    (kind.value, kind.label)
    for kind in (Batch.FileType.JPEG, Batch.FileType.PNG, Batch.FileType.WEBP)
]
"""What is written fast enough to be waited for, and shown by every browser."""


class SignedAddressQuerySet(HandoutQuerySet["SignedAddress"]):
    """Questions asked of many signed addresses."""


class SignedAddress(Handout):
    """An address outside that answers with pictures of a template.

    Who holds its key can sign what they fill in; the template's version never changes.
    """

    format = models.CharField(max_length=60, help_text="Where the query names none")
    locale = models.CharField(max_length=20, blank=True)
    file_type = models.CharField(
        max_length=10, choices=FILE_TYPES, default=Batch.FileType.JPEG
    )
    encrypted_secrets = models.TextField(help_text="Its key, sealed")
    most_visits = models.PositiveIntegerField(
        null=True, blank=True, help_text="A minute from one IP address; none: no limit"
    )

    objects = SignedAddressQuerySet.as_manager()

    class Meta(Handout.Meta):
        verbose_name_plural = "signed addresses"
        constraints = fair_counts()

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

    def has_answered(self, asked_key: str) -> bool:
        """Whether it answered the same question before, with whatever brand kit."""
        found: bool = self.pictures.filter(asked_key=asked_key).exists()
        return found


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


class AddressPicture(HandoutPicture):
    """A file that an address has answered with."""

    address = models.ForeignKey(SignedAddress, models.CASCADE, related_name="pictures")
    asked_key = models.CharField(
        max_length=64,
        blank=True,
        help_text="SHA-256 of the question: asking.Asked",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["address", "content_key"], name="one_picture_a_content"
            )
        ]
        indexes = [models.Index(fields=["address", "asked_key"], name="asked_before")]
