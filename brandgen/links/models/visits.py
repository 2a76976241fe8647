"""How often somebody comes, counted for all web processes and kept for an hour."""

import uuid
from datetime import datetime, timedelta

from django.db import models
from django.db.models import F

VISITS_ARE_KEPT = timedelta(hours=1)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
"""For how long a count goes on: a whole one of the clock, an hour at most."""


def begin_of(window: timedelta, at: datetime) -> datetime:
    """Return when the minute or the hour began that a moment lies in."""
    begin = at.replace(second=0, microsecond=0)
    return begin.replace(minute=0) if window == HOUR else begin


class VisitQuerySet(models.QuerySet["Visits"]):
    """Questions asked of many visits."""

    def admit(
        self,
        *,
        place: uuid.UUID,
        visitor: str,
        most: int,
        at: datetime,
        window: timedelta = MINUTE,
    ) -> bool:
        """Count one visit; False if those of this minute or hour are used up.

        The count is one conditional UPDATE, so that it holds for all web processes.
        """
        minute = begin_of(window, at)
        row = self.filter(place=place, visitor=visitor, minute=minute)
        one_more = row.filter(count__lt=most)
        if one_more.update(count=F("count") + 1):
            return True
        if row.exists():
            return False
        self.filter(minute__lt=begin_of(MINUTE, at) - VISITS_ARE_KEPT).delete()
        first = Visits(place=place, visitor=visitor, minute=minute)
        self.bulk_create([first], ignore_conflicts=True)
        return bool(one_more.update(count=F("count") + 1))


class Visits(models.Model):
    """How often one visitor came to one place within a minute or an hour."""

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
