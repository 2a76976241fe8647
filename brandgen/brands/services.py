"""What people do to a brand kit: only to its draft, until that is published."""

from collections.abc import Iterable
from datetime import datetime

from django.db import IntegrityError, models, transaction

from brandgen.accounts.models import Brand, User
from brandgen.audit import models as audit
from brandgen.brands.banned import is_searchable
from brandgen.brands.fonts import FontFacts, check_font
from brandgen.brands.logos import clean_logo
from brandgen.brands.models import (
    BannedTerm,
    BrandKit,
    Disclaimer,
    Font,
    ImageryRule,
    Logo,
    PaletteColor,
)
from brandgen.lib.storage import get_store

Part = PaletteColor | Font | Logo | ImageryRule | BannedTerm | Disclaimer
COPIED = (
    "colors",
    "fonts",
    "logos",
    "imagery_rules",
    "banned_terms",
    "disclaimers",
)
MOST_PARTS = {
    PaletteColor: 24,
    Font: 40,
    Logo: 6,
    ImageryRule: 60,
    BannedTerm: 1000,
    Disclaimer: 12,
}


class KitError(Exception):
    """The brand kit can't be changed this way. The message is fit to show."""


@transaction.atomic
def start_draft(*, brand: Brand, by: User, at: datetime) -> BrandKit:
    """Return the brand's draft; copy the newest version if there is none."""
    last = BrandKit.objects.filter(brand=brand).order_by("-version").first()
    if last is not None and not last.is_published:
        return last
    draft = BrandKit.objects.create(
        brand=brand,
        version=last.version + 1 if last else 1,
        voice=last.voice if last else "",
        credit_line=last.credit_line if last else "",
        rights_line=last.rights_line if last else "",
    )
    for relation in COPIED if last else ():
        rows = list(getattr(last, relation).all())
        for row in rows:
            row.pk, row.kit = None, draft
        if rows:
            type(rows[0]).objects.bulk_create(rows)
    audit.record(by, "brand_kit.draft_started", draft, at=at)
    return draft


@transaction.atomic
def change_words(
    *,
    kit: BrandKit,
    voice: str,
    credit_line: str,
    rights_line: str,
    by: User,
    at: datetime,
) -> None:
    """Write a draft's tone of voice and legal lines.

    Raises:
        FrozenKitError: it was published meanwhile.
    """
    kit = lock_draft(kit)
    kit.voice, kit.credit_line, kit.rights_line = voice, credit_line, rights_line
    kit.save(update_fields=["voice", "credit_line", "rights_line"])
    audit.record(by, "brand_kit.words_changed", kit, at=at)


@transaction.atomic
def keep_part(*, kit: BrandKit, part: Part, by: User, at: datetime) -> None:
    """Add a color, logo, rule, term or disclaimer to a draft, or write it anew.

    Raises:
        FrozenKitError: the kit was published meanwhile.
        KitError: there is one of that name, or there are too many.
    """
    kit = lock_draft(kit)
    part.kit = kit
    is_new = part.pk is None
    most = MOST_PARTS[type(part)]
    if is_new and type(part).objects.filter(kit=kit).count() >= most:
        raise KitError(f"The brand kit has {most} of these. Remove one first.")
    try:
        with transaction.atomic():
            part.save()
    except IntegrityError as error:
        raise KitError(
            f"The brand kit has “{_name(part)}” already. Change that one, or use "
            "another name."
        ) from error
    _record(kit, part, "added" if is_new else "changed", by, at)


@transaction.atomic
def remove_part(*, kit: BrandKit, part: Part, by: User, at: datetime) -> None:
    """Take a part out of a draft.

    Raises:
        FrozenKitError: the kit was published meanwhile.
    """
    kit = lock_draft(kit)
    _record(kit, part, "removed", by, at)
    type(part).objects.filter(kit=kit, id=part.pk).delete()


def add_font(
    *,
    kit: BrandKit,
    data: bytes,
    license_name: str,
    license_text: str = "",
    by: User,
    at: datetime,
) -> Font:
    """Check a font file, keep it and add it to a draft.

    Raises:
        FontError: the file is no font that can be used.
        FrozenKitError, KitError: as `keep_part`.
        StorageError: the file could not be kept.
    """
    kit.require_draft()
    facts: FontFacts = check_font(data)
    font = Font(
        family=facts.family[:80],
        weight=min(max(facts.weight, 1), 1000),
        is_italic=facts.is_italic,
        file_format=facts.file_format,
        embedding=facts.embedding,
        sha256=get_store().keep(data),
        size_bytes=len(data),
        glyph_count=facts.glyph_count,
        license_name=license_name,
        license_text=license_text or facts.license_text or facts.license_url,
    )
    keep_part(kit=kit, part=font, by=by, at=at)
    return font


def add_logo(
    *,
    kit: BrandKit,
    data: bytes,
    variant: str,
    clear_space_percent: int,
    smallest_width_px: int,
    by: User,
    at: datetime,
) -> Logo:
    """Clean a logo file, keep it and put it in its place in a draft.

    Raises:
        LogoError: the file can't be a logo.
        FrozenKitError: the kit was published meanwhile.
        StorageError: the file could not be kept.
    """
    kit.require_draft()
    picture = clean_logo(data)
    known = kit.logos.filter(variant=variant).first()
    logo = known or Logo(variant=variant)
    logo.sha256 = get_store().keep(picture.data)
    logo.width_px, logo.height_px = picture.width_px, picture.height_px
    logo.clear_space_percent = clear_space_percent
    logo.smallest_width_px = smallest_width_px
    keep_part(kit=kit, part=logo, by=by, at=at)
    return logo


@transaction.atomic
def ban_terms(
    *, kit: BrandKit, terms: Iterable[str], reason: str = "", by: User, at: datetime
) -> list[str]:
    """Ban several terms at once; returns those that are new.

    Raises:
        FrozenKitError: the kit was published meanwhile.
        KitError: a term that can't be sought, or too many.
    """
    added = []
    known = {
        term.casefold() for term in kit.banned_terms.values_list("term", flat=True)
    }
    for term in dict.fromkeys(" ".join(term.split()) for term in terms):
        if not term or term.casefold() in known:
            continue
        if len(term) > 60 or not is_searchable(term):
            raise KitError(
                f"The term {term[:40]!r} can't be sought. Use 1 to 60 characters with "
                "a letter or digit among them."
            )
        known.add(term.casefold())
        keep_part(kit=kit, part=BannedTerm(term=term, reason=reason), by=by, at=at)
        added.append(term)
    return added


@transaction.atomic
def publish_kit(*, kit: BrandKit, note: str, by: User, at: datetime) -> None:
    """Freeze a draft and make it the brand kit in force.

    Raises:
        FrozenKitError: somebody else published it first.
        KitError: it has no color, or its shares make more than 100 percent.
    """
    kit = lock_draft(kit)
    shares = kit.colors.aggregate(models.Sum("share_percent"), models.Count("id"))
    if not shares["id__count"]:
        raise KitError("The palette is empty. Add a color before you publish.")
    total = shares["share_percent__sum"]
    if total > 100:
        raise KitError(
            f"The shares of the palette make {total} %. Lower them to 100 % or less."
        )
    kit.note = note
    kit.save(update_fields=["note"])
    kit.publish(by=by, at=at)
    audit.record(by, "brand_kit.published", kit, at=at, data={"note": note})


def lock_draft(kit: BrandKit) -> BrandKit:
    """Return the kit as it is now, held until the transaction ends.

    Raises:
        FrozenKitError: it was published meanwhile.
    """
    kit = BrandKit.objects.select_for_update().select_related("brand").get(id=kit.id)
    kit.require_draft()
    return kit


def _record(kit: BrandKit, part: Part, what: str, by: User, at: datetime) -> None:
    noun = part._meta.model_name
    data = {"part": noun, "name": _name(part)}
    audit.record(by, f"brand_kit.{noun}_{what}", kit, at=at, data=data)


def _name(part: Part) -> str:
    return part.name if isinstance(part, PaletteColor) else str(part)
