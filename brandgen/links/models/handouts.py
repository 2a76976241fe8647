"""What a signed address and a public form share: an end, counts, and being revoked."""

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Self, TypeVar

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.db.models import F, Q

from brandgen.accounts.models import (
    Brand,
    BrandScopedQuerySet,
    User,
    sha256_validator,
)
from brandgen.creatives.models import TemplateVersion

HandoutT = TypeVar("HandoutT", bound="Handout")

USE_IS_NOTED_EVERY = timedelta(minutes=1)


class HandoutQuerySet(BrandScopedQuerySet[HandoutT]):
    """Questions asked of many."""

    def open(self, at: datetime) -> Self:
        """Keep those that answer."""
        return self.filter(_answers(at))


def _answers(at: datetime) -> Q:
    return Q(revoked_at=None, expires_at__gt=at)


class Handout(models.Model):
    """A version of a template that people outside get pictures of, until it ends.

    The version never changes. Models of this kind have ``pictures``: what they answered
    with, one row for each content.
    """

    class State(models.TextChoices):
        """Whether it answers."""

        OPEN = "open", "Open"
        USED_UP = "used_up", "Used up"
        EXPIRED = "expired", "Expired"
        REVOKED = "revoked", "Revoked"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    brand = models.ForeignKey(Brand, models.PROTECT, related_name="+")
    template_version = models.ForeignKey(
        TemplateVersion, models.PROTECT, related_name="+"
    )
    name = models.CharField(max_length=80)
    expires_at = models.DateTimeField()
    most_pictures = models.PositiveIntegerField(help_text="Different ones, in all")
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

    pictures: Any

    class Meta:
        abstract = True
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return self.name

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
        changed = self._own_row(revoked_at=None).update(revoked_at=at, revoked_by=by)
        self.refresh_from_db(fields=["revoked_at", "revoked_by"])
        return bool(changed)

    def find_picture(self, content_key: str) -> Any:
        """Return the picture that it answered with before; None if it did not."""
        return self.pictures.filter(content_key=content_key).first()

    def keep_picture(
        self, *, content_key: str, facts: Mapping[str, object], at: datetime
    ) -> tuple[Any, bool]:
        """Count and keep a picture that was rendered, and say whether it is new.

        Of two workers that render the same at once, one counts and both get its row.
        None if it has ended meanwhile.
        """
        try:
            with transaction.atomic():
                if self._count_picture(at):
                    picture = self.pictures.create(
                        content_key=content_key, rendered_at=at, **facts
                    )
                    return picture, True
        except IntegrityError:
            # The transaction took the count back with it.
            pass
        return self.find_picture(content_key), False

    def _count_picture(self, at: datetime) -> bool:
        """Take one of the pictures that are left, in one conditional UPDATE."""
        left = self._own_row(_answers(at), picture_count__lt=F("most_pictures"))
        is_counted = bool(left.update(picture_count=F("picture_count") + 1))
        self.refresh_from_db(fields=["picture_count"])
        return is_counted

    def note_use(self, at: datetime) -> None:
        """Write down when it was last asked, once a minute at most."""
        if self.last_used_at is None or at - self.last_used_at >= USE_IS_NOTED_EVERY:
            self._own_row().update(last_used_at=at)

    def _own_row(self, *conditions: Q, **fields: Any) -> models.QuerySet[Self]:
        rows = type(self)._default_manager.filter(id=self.id)
        return rows.filter(*conditions, **fields)


def fair_counts(*, prefix: str = "") -> list[models.BaseConstraint]:
    """Return what the rows of each model of this kind obey, under names of its own."""
    return [
        models.CheckConstraint(
            condition=Q(picture_count__lte=F("most_pictures")),
            name=f"{prefix}no_more_pictures_than_allowed",
        ),
        models.CheckConstraint(
            condition=Q(revoked_at=None) ^ Q(revoked_by__isnull=False),
            name=f"{prefix}revoked_by_somebody",
        ),
    ]


class HandoutPicture(models.Model):
    """A file that people outside got; the same content is rendered once."""

    content_key = models.CharField(max_length=64, validators=[sha256_validator])
    sha256 = models.CharField(max_length=64, validators=[sha256_validator])
    mime = models.CharField(max_length=40)
    size_bytes = models.PositiveBigIntegerField()
    rendered_at = models.DateTimeField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.sha256[:8]

    @property
    def extension(self) -> str:
        """How the name of its file ends."""
        return self.mime.partition("/")[2]
