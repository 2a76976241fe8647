"""The brand Northwind: kit, presets, templates, destination, each made once."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from brandgen.accounts.models import Brand, User
from brandgen.brands import services as brands
from brandgen.brands.models import BrandKit, ImageryRule, Logo, PaletteColor
from brandgen.compositor.examples import northwind
from brandgen.compositor.typesetting.fonts import FONTS
from brandgen.config.demo.people import make_people
from brandgen.creatives import services as creatives
from brandgen.engine.registry import default_bundle
from brandgen.exports import services as exports
from brandgen.presets import services as presets
from brandgen.review.models import Flow

STORY_PRESET = "Backdrop"
TEMPLATES = {"Product": "product", "Quote": "quote", "Offer": "offer"}
TEMPLATE = "Product"
DESTINATION = "DAM folder"
COPY = northwind.load_copy()["product"]["en"]
# Name, the word that the miniature knows, role, share of a layout in percent.
COLORS = (
    ("Deep sea", "teal", "primary", 30),
    ("Lagoon", "teal", "secondary", 15),
    ("Apricot", "orange", "accent", 10),
    ("Shell", "cream", "background", 35),
    ("Night", "navy", "ink", 5),
    ("Slate", "grey", "neutral", 5),
)
IMAGERY = (
    (True, "Calm grounds with room for a headline"),
    (True, "Two or three colors of the palette, never more"),
    (False, "Hard shadows or clutter around the product"),
    (False, "Text or logos inside a generated picture"),
)
BANNED = {
    "Names of others": ("Aldervik", "Kilnhaus"),
    "Claims that legal has not cleared": ("unbreakable", "lead-free"),
}
OPEN_FONT_LICENSE = "SIL Open Font License 1.1"
# Of what the miniature was taught, that which it draws well enough to be shown.
SCENES = {
    "Waves": "waves",
    "Hills": "hills",
    "Gradient": "soft gradient background",
    "Glow": "glow",
    "Radial gradient": "radial gradient",
}
MOODS = {
    "Soft": "soft",
    "Night": "at night",
    "Sunny": "sunny",
}
SIDES = {
    "Left": "on the left",
    "Center": "in the center",
    "Right": "on the right",
}


def offer(answers: dict[str, str]) -> list[dict[str, str]]:
    """Offer the answers whose words the model which ships was taught."""
    known = default_bundle().vocabulary
    return [
        {"label": label, "words": words}
        for label, words in answers.items()
        if known is None or known.knows(words)
    ]


PRESETS: tuple[dict[str, Any], ...] = (
    {
        "name": STORY_PRESET,
        "description": "A calm ground for a headline, in two colors of the palette",
        "prompt_template": (
            "{% if 'gradient' in scene %}{{ scene }} from {{ ground }} to "
            "{{ color }}{% else %}{{ ground }} background with {{ color }} {{ scene }}"
            "{% endif %}{% if mood %}, {{ mood }}{% endif %}"
            "{% if words %}, {{ words }}{% endif %}"
        ),
        "negative_prompt_template": "text, watermark, people",
        "variables": [
            {
                "name": "scene",
                "label": "Scene",
                "type": "choice",
                "is_required": True,
                "default": "Waves",
                "choices": offer(SCENES),
            },
            {
                "name": "ground",
                "label": "Ground",
                "type": "color",
                "is_required": True,
                "default": "Shell",
            },
            {
                "name": "color",
                "label": "Second color",
                "type": "color",
                "is_required": True,
                "default": "Deep sea",
            },
            {
                "name": "mood",
                "label": "Mood",
                "type": "choice",
                "choices": offer(MOODS),
            },
            {
                "name": "words",
                "label": "Your words",
                "type": "text",
                "max_length": 60,
                "help": "If you like: minimal, modern, studio light",
            },
        ],
        "engine_settings": {"width_px": 512, "height_px": 512},
    },
    {
        "name": "Podium",
        "description": "An empty podium before a plain ground, to set a piece on later",
        "prompt_template": (
            "an empty {{ podium }} podium, {{ side }}, plain {{ ground }} background"
        ),
        "negative_prompt_template": "text, watermark, people",
        "variables": [
            {
                "name": "podium",
                "label": "Podium",
                "type": "color",
                "is_required": True,
                "default": "Apricot",
            },
            {
                "name": "side",
                "label": "Where",
                "type": "choice",
                "is_required": True,
                "default": "Center",
                "choices": offer(SIDES),
            },
            {
                "name": "ground",
                "label": "Ground",
                "type": "color",
                "is_required": True,
                "default": "Shell",
            },
        ],
        "engine_settings": {"width_px": 512, "height_px": 512},
    },
)


def make_northwind() -> tuple[Brand, dict[str, User]]:
    """Return the demo brand and its people; make what is missing, change nothing."""
    brand, _ = Brand.objects.get_or_create(
        slug="northwind", defaults={"name": "Northwind"}
    )
    Flow.objects.get_or_create(brand=brand)
    people = make_people(brand)
    bea, at = people["Bea"], timezone.now()
    if BrandKit.objects.find_current(brand) is None:
        _make_kit(brand, bea, at)
    _make_presets(brand, bea, at)
    _make_templates(brand, bea, at)
    if not brand.destinations.filter(name=DESTINATION).exists():
        exports.save_destination(
            brand=brand,
            kind="folder",
            name=DESTINATION,
            values={"folder": "dam"},
            by=bea,
            at=at,
        )
    return brand, people


@transaction.atomic
def _make_kit(brand: Brand, bea: User, at: datetime) -> None:
    kit = brands.start_draft(brand=brand, by=bea, at=at)
    brands.change_words(
        kit=kit,
        voice="Warm, plain and short. We say what a thing is for, never how amazing it "
        "is.",
        credit_line="Northwind",
        rights_line="© Northwind Stoneware",
        by=bea,
        at=at,
    )
    for family, name, text in (
        ("Inter", "InterVariable.ttf", "Inter-OFL.txt"),
        ("Noto Sans", "NotoSans-Regular.ttf", "Noto-OFL.txt"),
        ("Noto Sans", "NotoSans-Bold.ttf", "Noto-OFL.txt"),
    ):
        brands.add_font(
            kit=kit,
            data=(FONTS / name).read_bytes(),
            license_name=f"{OPEN_FONT_LICENSE} ({family})",
            license_text=(FONTS / text).read_text(encoding="utf-8"),
            by=bea,
            at=at,
        )
    logos = {
        Logo.Variant.PRIMARY: northwind.PALETTE["primary"],
        Logo.Variant.REVERSED: "#ffffff",
        Logo.Variant.MONO: "#000000",
    }
    for variant, ink in logos.items():
        brands.add_logo(
            kit=kit,
            data=northwind.draw_northwind_logo(ink, 800),
            variant=variant,
            clear_space_percent=30,
            smallest_width_px=120,
            by=bea,
            at=at,
        )
    for position, (is_do, text) in enumerate(IMAGERY):
        rule = ImageryRule(is_do=is_do, text=text, position=position)
        brands.keep_part(kit=kit, part=rule, by=bea, at=at)
    for reason, terms in BANNED.items():
        brands.ban_terms(kit=kit, terms=terms, reason=reason, by=bea, at=at)
    for position, (name, word, role, share) in enumerate(COLORS):
        color = PaletteColor(
            name=name,
            prompt_name=word,
            hex=northwind.PALETTE[role],
            role=role,
            share_percent=share,
            position=position,
        )
        brands.keep_part(kit=kit, part=color, by=bea, at=at)
    brands.publish_kit(kit=kit, note="The first kit", by=bea, at=at)


def _make_presets(brand: Brand, bea: User, at: datetime) -> None:
    for fields in PRESETS:
        if not brand.presets.filter(name=fields["name"]).exists():
            draft = presets.create_preset(brand=brand, by=bea, at=at, **fields)
            presets.publish_draft(draft=draft, by=bea, at=at)


def _make_templates(brand: Brand, bea: User, at: datetime) -> None:
    for name, design in TEMPLATES.items():
        if not brand.templates.filter(name=name).exists():
            source = northwind.DESIGNS[design].read_bytes()
            draft = creatives.import_template(
                brand=brand, source=source, name=name, by=bea, at=at
            )
            creatives.run_torture_test(version=draft, by=bea, at=at)
            # It warns that Inter has no Arabic letters: Noto Sans Arabic stands in.
            creatives.publish_template(
                version=draft, by=bea, at=at, despite_warnings=True
            )
