"""A brand kit: what belongs to a brand's look and language, frozen in versions."""

from collections import Counter
from datetime import datetime
from typing import Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models

from brandgen.accounts.models import (
    Brand,
    BrandScopedQuerySet,
    User,
    hex_color_validator,
    sha256_validator,
)
from brandgen.lib.colors import ColorError, parse_inks
from brandgen.lib.ordered_json import OrderedJSONField


def validate_inks(text: str) -> None:
    """Refuse what is no color for print.

    Raises:
        ValidationError: says what to write.
    """
    try:
        parse_inks(text)
    except ColorError as error:
        raise ValidationError(str(error)) from error


class FrozenKitError(Exception):
    """A published version of a brand kit can't be changed."""


class BrandKitQuerySet(BrandScopedQuerySet["BrandKit"]):
    """Questions asked of many versions."""

    def published(self) -> Self:
        """Keep what may be used."""
        return self.filter(published_at__isnull=False)

    def find_draft(self, brand: Brand) -> "BrandKit | None":
        """Return a brand's draft; None while nothing is being changed."""
        return self.filter(brand=brand, published_at=None).first()

    def find_current(self, brand: Brand) -> "BrandKit | None":
        """Return a brand's newest published version; None before the first."""
        return self.published().filter(brand=brand).order_by("-version").first()


class BrandKit(models.Model):
    """One version of a brand's colors, fonts, logos and rules.

    At most one version of a brand is a draft; publishing freezes it for good, and what
    is made later records the version that it was made under.
    """

    brand = models.ForeignKey(Brand, models.PROTECT, related_name="kits")
    version = models.PositiveIntegerField()
    note = models.CharField(max_length=200, blank=True, help_text="What changed")
    voice = models.TextField("tone of voice", max_length=2000, blank=True)
    credit_line = models.CharField(max_length=120, blank=True)
    rights_line = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    objects = BrandKitQuerySet.as_manager()

    class Meta:
        ordering = ["-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["brand", "version"], name="one_kit_per_brand_and_version"
            ),
            models.UniqueConstraint(
                fields=["brand"],
                condition=models.Q(published_at__isnull=True),
                name="one_draft_kit_per_brand",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.brand} brand kit v{self.version}"

    @property
    def is_published(self) -> bool:
        """Whether this version is frozen and may be used."""
        return self.published_at is not None

    def color_tokens(self) -> dict[str, "PaletteColor"]:
        """Return every color by the name that templates use.

        A role's first color is called as the role, `accent`, the next `accent-2`.
        """
        found: dict[str, PaletteColor] = {}
        seen = Counter[str]()
        for color in self.colors.all():
            seen[color.role] += 1
            number = seen[color.role]
            found[color.role if number == 1 else f"{color.role}-{number}"] = color
        return found

    def require_draft(self) -> None:
        """Refuse to change a published version.

        Raises:
            FrozenKitError: it is published.
        """
        if self.is_published:
            raise FrozenKitError(
                f"Version {self.version} is published and can't be changed. "
                "Start a new draft from it."
            )

    def find_previous(self) -> "BrandKit | None":
        """Return the version before; None for the first."""
        return (
            BrandKit.objects.filter(brand=self.brand, version__lt=self.version)
            .order_by("-version")
            .first()
        )

    def publish(self, *, by: User, at: datetime) -> bool:
        """Freeze this version; False if somebody else did it first."""
        changed = BrandKit.objects.filter(id=self.id, published_at=None).update(
            published_at=at, published_by=by
        )
        if changed:
            self.published_at, self.published_by = at, by
        return bool(changed)


class PaletteColor(models.Model):
    """A color of the palette, with its job and its share of a layout."""

    class Role(models.TextChoices):
        """What a color is for."""

        PRIMARY = "primary", "Primary"
        SECONDARY = "secondary", "Secondary"
        ACCENT = "accent", "Accent"
        BACKGROUND = "background", "Background"
        INK = "ink", "Text"
        NEUTRAL = "neutral", "Neutral"

    kit = models.ForeignKey(BrandKit, models.CASCADE, related_name="colors")
    name = models.CharField(max_length=40)
    prompt_name = models.CharField(
        max_length=40,
        blank=True,
        help_text="What the model calls it: a plain color word such as teal",
    )
    hex = models.CharField(max_length=7, validators=[hex_color_validator])
    inks = models.CharField(
        "color for print",
        max_length=24,
        blank=True,
        validators=[validate_inks],
        help_text="Cyan, magenta, yellow and black in percent: 0 60 85 0",
    )
    role = models.CharField(max_length=20, choices=Role.choices)
    share_percent = models.PositiveSmallIntegerField(default=0)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["kit", "name"], name="one_name_per_color"),
            models.CheckConstraint(
                condition=models.Q(share_percent__lte=100), name="share_up_to_100"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.hex}"

    @property
    def word(self) -> str:
        """The word for it in a prompt."""
        return self.prompt_name or self.name.lower()


class Font(models.Model):
    """A font file that the brand may use, with the license that says so."""

    class Embedding(models.TextChoices):
        """What the font's maker allows, as the file says (OS/2 fsType)."""

        INSTALLABLE = "installable", "May be embedded"
        EDITABLE = "editable", "May be embedded in documents that others edit"
        PREVIEW = "preview", "May be embedded to view and print"
        RESTRICTED = "restricted", "Must not be embedded"

    kit = models.ForeignKey(BrandKit, models.CASCADE, related_name="fonts")
    family = models.CharField(max_length=80)
    weight = models.PositiveSmallIntegerField(default=400)
    is_italic = models.BooleanField(default=False)
    file_format = models.CharField(max_length=5, default="ttf")
    embedding = models.CharField(
        max_length=20, choices=Embedding.choices, default=Embedding.INSTALLABLE
    )
    sha256 = models.CharField(max_length=64, validators=[sha256_validator])
    size_bytes = models.PositiveIntegerField()
    license_name = models.CharField(max_length=120, blank=True)
    license_text = models.TextField(blank=True)
    glyph_count = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["family", "weight", "is_italic"]
        constraints = [
            models.UniqueConstraint(
                fields=["kit", "family", "weight", "is_italic"],
                name="one_file_per_font_style",
            )
        ]

    def __str__(self) -> str:
        return f"{self.family} {self.weight}{' italic' if self.is_italic else ''}"


class Logo(models.Model):
    """A logo file: PNG with transparency, and the room it needs."""

    class Variant(models.TextChoices):
        """Which drawing of the logo."""

        PRIMARY = "primary", "Primary"
        REVERSED = "reversed", "Reversed, for dark grounds"
        MONO = "mono", "One color"

    kit = models.ForeignKey(BrandKit, models.CASCADE, related_name="logos")
    variant = models.CharField(max_length=20, choices=Variant.choices)
    sha256 = models.CharField(max_length=64, validators=[sha256_validator])
    width_px = models.PositiveIntegerField()
    height_px = models.PositiveIntegerField()
    clear_space_percent = models.PositiveSmallIntegerField(
        default=25, help_text="Free room on every side, in percent of the logo's height"
    )
    smallest_width_px = models.PositiveSmallIntegerField(default=80)

    class Meta:
        ordering = ["variant"]
        constraints = [
            models.UniqueConstraint(
                fields=["kit", "variant"], name="one_logo_a_variant"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_variant_display()} logo"


class ImageryRule(models.Model):
    """A do or a don't of the brand's imagery."""

    kit = models.ForeignKey(BrandKit, models.CASCADE, related_name="imagery_rules")
    is_do = models.BooleanField()
    text = models.CharField(max_length=200)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["-is_do", "position", "id"]

    def __str__(self) -> str:
        return f"{'Do' if self.is_do else 'Don’t'}: {self.text}"


class BannedTerm(models.Model):
    """A word that must not reach the model or a layout, in any disguise."""

    kit = models.ForeignKey(BrandKit, models.CASCADE, related_name="banned_terms")
    term = models.CharField(max_length=60)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["term"]
        constraints = [
            models.UniqueConstraint(fields=["kit", "term"], name="one_row_per_term")
        ]

    def __str__(self) -> str:
        return self.term


class Disclaimer(models.Model):
    """A text that creatives of the brand must bear, word for word."""

    kit = models.ForeignKey(BrandKit, models.CASCADE, related_name="disclaimers")
    name = models.CharField(max_length=60)
    wordings = OrderedJSONField(
        help_text="The text by language tag; an empty one is for every other language"
    )
    triggers = OrderedJSONField(
        default=list, help_text="Words that make it necessary; none: it always is"
    )
    smallest_px = models.FloatField(
        default=8, help_text="Least size in CSS pixels, as seen on a phone"
    )
    smallest_pt = models.FloatField(
        default=6, help_text="Least size in points, on paper"
    )
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["kit", "name"], name="one_name_per_disclaimer"
            )
        ]

    def __str__(self) -> str:
        return self.name
