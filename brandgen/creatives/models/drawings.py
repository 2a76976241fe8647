"""Drawings that versions of templates were made of."""

from datetime import datetime

from django.conf import settings
from django.db import models

from brandgen.accounts.models import User
from brandgen.creatives.models.templates import TemplateVersion


class ImportedDrawing(models.Model):
    """What the drawing that a version was made of could not bring along.

    It is shown until somebody has read it, or the next version begins.
    """

    version = models.OneToOneField(
        TemplateVersion, models.CASCADE, related_name="drawing"
    )
    notes = models.JSONField(
        default=list, help_text="svg.Note, as dicts: element, problem, advice"
    )
    imported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"
    )
    imported_at = models.DateTimeField()
    dismissed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    dismissed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(dismissed_at=None)
                ^ models.Q(dismissed_by__isnull=False),
                name="dismissed_by_somebody",
            )
        ]

    def __str__(self) -> str:
        return f"Drawing of {self.version}"

    def dismiss(self, *, by: User, at: datetime) -> bool:
        """Show it no more; False if somebody said so before."""
        changed = ImportedDrawing.objects.filter(id=self.id, dismissed_at=None).update(
            dismissed_by=by, dismissed_at=at
        )
        self.refresh_from_db(fields=["dismissed_by", "dismissed_at"])
        return bool(changed)
