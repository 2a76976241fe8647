"""Reviews bind a decision to the bytes that were seen."""

import uuid
from datetime import datetime
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
from brandgen.library.models import Asset


class FlowManager(models.Manager["Flow"]):
    """Finds a brand's flow."""

    def get_of(self, brand: Brand) -> "Flow":
        """Return a brand's flow; make the usual one if it has none yet."""
        return self.get_or_create(brand=brand)[0]


class Flow(models.Model):
    """How a brand decides: how many must say yes, and whether one may judge oneself."""

    brand = models.OneToOneField(Brand, models.CASCADE, related_name="flow")
    approvals_required = models.PositiveSmallIntegerField(default=1)
    is_self_approval_allowed = models.BooleanField(default=False)
    days_to_decide = models.PositiveSmallIntegerField(default=2)

    objects = FlowManager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(approvals_required__gte=1), name="at_least_one_approval"
            )
        ]

    def __str__(self) -> str:
        return f"Review flow of {self.brand}"


class ReviewQuerySet(BrandScopedQuerySet["Review"]):
    """Questions asked of many reviews."""

    def open(self) -> Self:
        """Keep those that still need a decision."""
        return self.filter(state=Review.State.OPEN)

    def waiting_for(self, user: User) -> Self:
        """Keep the open ones that this person may decide and has not decided yet.

        Whether the person's role allows decisions at all is asked of ``access``.
        """
        mine = Decision.objects.live().filter(review=models.OuterRef("pk"))
        is_foreign = ~Q(submitted_by=user) & ~Q(asset__created_by=user)
        return (
            self.open()
            .filter(~models.Exists(mine.filter(reviewer=user)))
            .filter(Q(brand__flow__is_self_approval_allowed=True) | is_foreign)
        )


class Review(models.Model):
    """An open question about one asset: may it be used?"""

    class State(models.TextChoices):
        """How it ended."""

        OPEN = "open", "Open"
        APPROVED = "approved", "Approved"
        CHANGES_REQUESTED = "changes_requested", "Changes requested"
        REJECTED = "rejected", "Rejected"
        WITHDRAWN = "withdrawn", "Withdrawn"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    brand = models.ForeignKey(Brand, models.PROTECT, related_name="reviews")
    asset = models.ForeignKey(Asset, models.PROTECT, related_name="reviews")
    sha256 = models.CharField(max_length=64, validators=[sha256_validator])
    state = models.CharField(max_length=20, choices=State.choices, default=State.OPEN)
    message = models.CharField(max_length=500, blank=True)
    approvals_required = models.PositiveSmallIntegerField(default=1)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"
    )
    submitted_at = models.DateTimeField()
    due_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    findings = models.JSONField(
        default=list, help_text="lib.findings.Finding, as dicts"
    )
    changes = models.PositiveIntegerField(
        default=0, help_text="Counts up with every answer, so that one comes first"
    )

    objects = ReviewQuerySet.as_manager()

    class Meta:
        ordering = ["due_at", "submitted_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["asset"],
                condition=Q(state="open"),
                name="one_open_review_per_asset",
            ),
            models.CheckConstraint(
                condition=Q(state="open") ^ Q(closed_at__isnull=False),
                name="closed_at_a_moment",
            ),
        ]
        indexes = [models.Index(fields=["brand", "state", "due_at"])]

    def __str__(self) -> str:
        return f"Review of {self.asset}"

    def is_overdue(self, *, at: datetime) -> bool:
        """Whether it is open and its deadline has passed."""
        return self.state == self.State.OPEN and self.due_at < at


class DecisionQuerySet(BrandScopedQuerySet["Decision"]):
    """Questions asked of many decisions."""

    brand_path = "review__brand"

    def live(self) -> Self:
        """Keep what counts: everything not withdrawn."""
        return self.filter(withdrawn_at=None)


class Decision(models.Model):
    """One reviewer's answer. Never changed; an undo marks it withdrawn."""

    class Verdict(models.TextChoices):
        """The answers; the last two need a reason."""

        APPROVE = "approve", "Approve"
        REQUEST_CHANGES = "request_changes", "Ask for changes"
        REJECT = "reject", "Reject"

    class Reason(models.TextChoices):
        """Why not: for reports; the words stand in ``comment``."""

        OFF_BRAND = "off_brand", "Off brand"
        COLORS = "colors", "Colors"
        COMPOSITION = "composition", "Composition"
        ARTIFACTS = "artifacts", "Drawing errors"
        COPY = "copy", "Copy or claim"
        RIGHTS = "rights", "Rights"
        OTHER = "other", "Something else"

    review = models.ForeignKey(Review, models.PROTECT, related_name="decisions")
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"
    )
    verdict = models.CharField(max_length=20, choices=Verdict.choices)
    reason = models.CharField(max_length=20, choices=Reason.choices, blank=True)
    comment = models.TextField(max_length=2000, blank=True)
    sha256 = models.CharField(max_length=64, validators=[sha256_validator])
    decided_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = DecisionQuerySet.as_manager()

    class Meta:
        ordering = ["decided_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["review", "reviewer"],
                condition=Q(withdrawn_at=None),
                name="one_decision_per_reviewer_and_review",
            ),
            models.CheckConstraint(
                condition=Q(verdict="approve") | ~Q(comment="") | ~Q(reason=""),
                name="a_no_has_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reviewer}: {self.get_verdict_display()}"

    @property
    def why(self) -> str:
        """The reason and the words, in one line; empty for a bare yes."""
        parts = [self.get_reason_display() if self.reason else "", self.comment]
        return ": ".join(part for part in parts if part)
