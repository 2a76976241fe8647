"""Public forms, what they offer to fill in, and the pictures that came of it."""

import secrets
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.db import models
from django.urls import reverse

from brandgen.library.models import Asset, Collection
from brandgen.links.models.handouts import (
    Handout,
    HandoutPicture,
    HandoutQuerySet,
    fair_counts,
)

TOKEN_BYTES = 24


def new_token() -> str:
    """Make 192 random bits, as text that an address may hold."""
    return secrets.token_urlsafe(TOKEN_BYTES)


class PublicFormQuerySet(HandoutQuerySet["PublicForm"]):
    """Questions asked of many public forms."""


class PublicForm(Handout):
    """A page outside where people without an account fill in a template.

    Who knows its address, and its pass phrase where it has one, fills the open slots
    and downloads a picture. What else the template shows was filled in before.
    """

    token = models.CharField(max_length=64, unique=True, default=new_token)
    note = models.TextField(max_length=500, blank=True)
    formats = models.JSONField(default=list)
    locales = models.JSONField(default=list, blank=True)
    file_types = models.JSONField(default=list)
    open_slots = models.JSONField(default=list, help_text="What visitors fill in")
    texts = models.JSONField(
        default=dict,
        help_text="Copy by locale and slot: at first where open, else for good",
    )
    pass_phrase = models.CharField(max_length=200, blank=True, help_text="Hashed")
    most_visits = models.PositiveIntegerField(
        null=True,
        blank=True,
        help_text="Pictures an hour for one IP address; none: no limit",
    )

    objects = PublicFormQuerySet.as_manager()

    class Meta(Handout.Meta):
        constraints = fair_counts(prefix="form_")

    @property
    def path(self) -> str:
        """Where it is found."""
        return reverse("fill:page", args=[self.token])

    @property
    def url(self) -> str:
        """Its whole address."""
        return f"{settings.PUBLIC_URL}{self.path}"

    def is_phrase(self, phrase: str) -> bool:
        """Say whether a pass phrase is the right one."""
        return check_password(phrase, self.pass_phrase)

    def texts_in(self, locale: str) -> dict[str, str]:
        """Return the copy of a locale by slot: its own, else that for every one."""
        return {**self.texts.get("", {}), **self.texts.get(locale, {})}


class FormImage(models.Model):
    """An approved image that one image slot of a form offers; a single one is fixed."""

    form = models.ForeignKey(PublicForm, models.CASCADE, related_name="images")
    slot = models.CharField(max_length=60)
    asset = models.ForeignKey(Asset, models.PROTECT, related_name="form_images")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["form", "slot", "asset"], name="once_in_a_slot_of_a_form"
            )
        ]

    def __str__(self) -> str:
        return f"{self.slot}: {self.asset_id}"


class FormCollection(models.Model):
    """A collection whose approved images one image slot of a form offers."""

    form = models.ForeignKey(PublicForm, models.CASCADE, related_name="collections")
    slot = models.CharField(max_length=60)
    collection = models.ForeignKey(
        Collection, models.CASCADE, related_name="form_collections"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["form", "slot"], name="one_collection_a_slot_of_a_form"
            )
        ]

    def __str__(self) -> str:
        return f"{self.slot}: {self.collection_id}"


class FormPicture(HandoutPicture):
    """A file that a visitor of a form has downloaded."""

    form = models.ForeignKey(PublicForm, models.CASCADE, related_name="pictures")
    format = models.CharField(max_length=60)
    locale = models.CharField(max_length=20, blank=True)
    texts: Any = models.JSONField(default=dict, help_text="What visitors wrote")
    images: Any = models.JSONField(default=dict, help_text="Ids of assets by slot")

    class Meta:
        ordering = ["-rendered_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["form", "content_key"], name="one_picture_a_content_of_a_form"
            )
        ]
