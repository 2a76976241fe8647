"""What a filter has refused, and what people said about it."""

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from brandgen.accounts.models import (
    Brand,
    BrandScopedQuerySet,
    User,
    sha256_validator,
)


class PolicyManager(models.Manager["Policy"]):
    """Finds a brand's policy."""

    def get_of(self, brand: Brand) -> "Policy":
        """Return a brand's policy; the strict one, not kept, if it has none yet."""
        return self.filter(brand=brand).first() or Policy(brand=brand)


class Policy(models.Model):
    """Whether a brand's reviewers may have made what a filter refused by mistake."""

    brand = models.OneToOneField(Brand, models.CASCADE, related_name="safety_policy")
    is_release_allowed = models.BooleanField(default=False)

    objects = PolicyManager()

    class Meta:
        verbose_name_plural = "policies"

    def __str__(self) -> str:
        return f"Safety policy of {self.brand}"


class RefusalQuerySet(BrandScopedQuerySet["Refusal"]):
    """Questions asked of many refusals."""

    def unjudged(self) -> Self:
        """Keep those that nobody has looked at yet."""
        return self.filter(judgement="")

    def released(self) -> Self:
        """Keep what a reviewer has let be made."""
        return self.filter(released_at__isnull=False)


class Refusal(models.Model):
    """One no of a filter. Who asked, what for and why not never change."""

    class Kind(models.TextChoices):
        """What was refused."""

        PROMPT = "prompt", "Prompt"
        IMAGE = "image", "Picture"

    class Judgement(models.TextChoices):
        """What a reviewer says about the filter."""

        RIGHT = "right", "Rightly refused"
        WRONG = "wrong", "Refused by mistake"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    brand = models.ForeignKey(Brand, models.PROTECT, related_name="refusals")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    prompt = models.TextField()
    prompt_sha256 = models.CharField(max_length=64, validators=[sha256_validator])
    filter = models.CharField(max_length=200, help_text="Dotted path, as configured")
    reason = models.CharField(max_length=400)
    subject_id = models.CharField(
        max_length=64, blank=True, help_text="The decoding, where it was a picture"
    )
    request = models.JSONField(
        default=dict, help_text="What to ask again with, where it was a prompt"
    )
    preview = models.BinaryField(
        max_length=2**16, default=b"", help_text="WebP, small and blurred"
    )
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"
    )
    refused_at = models.DateTimeField()
    judgement = models.CharField(max_length=10, choices=Judgement.choices, blank=True)
    note = models.CharField(max_length=500, blank=True)
    judged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    judged_at = models.DateTimeField(null=True)
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    released_at = models.DateTimeField(null=True)

    objects = RefusalQuerySet.as_manager()

    class Meta:
        ordering = ["-refused_at", "-id"]
        indexes = [
            models.Index(fields=["brand", "-refused_at", "-id"], name="refusal_list"),
            models.Index(fields=["brand", "prompt_sha256"], name="refusal_prompt"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["subject_id", "filter"],
                condition=Q(kind="image"),
                name="one_refusal_per_picture_and_filter",
            ),
            models.CheckConstraint(
                condition=Q(released_at=None) | Q(judgement="wrong"),
                name="only_a_mistake_is_released",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} refused: {self.prompt[:80]}"

    @property
    def is_released(self) -> bool:
        """Whether it may be made in spite of the filter."""
        return self.released_at is not None

    def is_own_of(self, user: User) -> bool:
        """Whether this person asked for it."""
        return self.requested_by_id == user.id
