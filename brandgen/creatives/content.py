"""What may be put into a template: pictures, copy and formats, judged at the door."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from types import MappingProxyType

from brandgen.accounts.models import Brand
from brandgen.brands.banned import find_banned_terms
from brandgen.brands.models import BrandKit
from brandgen.compositor import (
    BrandStyleError,
    Document,
    ImageSource,
    ModificationError,
    RenderOptionError,
    UnknownFormatError,
)
from brandgen.compositor.document import TextSlot
from brandgen.compositor.parts import Data, Part, find_empty
from brandgen.compositor.profiles import ProfileError
from brandgen.creatives import rendering
from brandgen.creatives.file_options import (
    FileOptions,
    explain_no_video,
    field_of,
)
from brandgen.creatives.fixed_pictures import find_fixed
from brandgen.creatives.models import TemplateVersion
from brandgen.creatives.picture_rules import ANY, find_rules
from brandgen.creatives.torture import TemplateError, get_kit
from brandgen.library.models import Asset

MOST_TEXT = 2000


class BatchError(Exception):
    """Creatives can't be made so; ``slot`` names the field. Fit to show."""

    def __init__(self, message: str, *, slot: str = "") -> None:
        super().__init__(message)
        self.slot = slot


class BannedCopyError(BatchError):
    """The copy uses words that the brand kit bans."""


def require_kit(version: TemplateVersion) -> BrandKit:
    """Return the kit that creatives of a version are made with.

    Raises:
        BatchError: the version is a draft, or the brand has published no kit.
    """
    if version.published_at is None:
        raise BatchError(f"{version} is a draft. Publish it first.")
    try:
        return get_kit(version)
    except TemplateError as error:
        raise BatchError(str(error)) from error


def refuse_banned_terms(
    kit: BrandKit, document: Document, texts: Mapping[str, str]
) -> None:
    """Refuse copy that uses words the brand kit bans, in any disguise.

    Raises:
        BannedCopyError: names the words and the slot.
    """
    terms = list(kit.banned_terms.values_list("term", flat=True))
    for slot, text in texts.items():
        if found := find_banned_terms(text[:MOST_TEXT], terms):
            raise BannedCopyError(
                f"{kit.brand.name} does not allow {', '.join(found)}. "
                f"Reword “{label_of(document, slot)}”.",
                slot=slot,
            )


def label_of(document: Document, slot: str) -> str:
    """Return what people call a slot, or a part of the data."""
    known = document.slots.get(slot)
    part = next((part for part in document.parts if part.key == slot), None)
    if part is not None:
        return part.label
    return known.label if known and known.label else slot


def check_data(document: Document, data: Data) -> None:
    """Refuse data that is needed and empty: its example is nobody's value.

    Raises:
        BatchError: names the part.
    """
    for part in find_empty(document.parts, data):
        raise BatchError(tell_needed(part), slot=part.key)


def tell_needed(part: Part) -> str:
    """Say that a part of the data is needed."""
    return f"{part.label} is needed. Fill it in."


def check_formats(document: Document, formats: Sequence[str]) -> list[str]:
    """Return the formats in the document's order.

    Raises:
        BatchError: none is chosen, or one that the template does not have.
    """
    if not formats:
        raise BatchError("No format was chosen. Choose at least one.", slot="formats")
    unknown = [name for name in formats if name not in document.formats]
    if unknown:
        raise BatchError(
            f"The template has no format {unknown[0]!r}. It has "
            f"{', '.join(islice(document.formats, 12))}.",
            slot="formats",
        )
    return [name for name in document.formats if name in formats]


def check_locales(document: Document, locales: Sequence[str]) -> list[str]:
    """Return the locales in the document's order; one without a name for none.

    Raises:
        BatchError: the template does not have one of them.
    """
    unknown = [tag for tag in locales if tag not in document.locales]
    if unknown:
        known = ", ".join(islice(document.locales, 12)) or "none"
        raise BatchError(
            f"The template has no language {unknown[0]!r}. It has {known}.",
            slot="locales",
        )
    return [tag for tag in document.locales if tag in locales] or [""]


def check_images(
    brand: Brand, document: Document, placed: Iterable[tuple[str, Asset]]
) -> None:
    """Refuse pictures that their slots do not take.

    Those of other brands, those that nobody approved, and those outside of the slot's
    collection. It is asked when somebody chooses a picture: what was made stays when a
    picture leaves the collection later.

    Raises:
        BatchError: names the picture and its slot.
    """
    by_slot: dict[str, list[Asset]] = {}
    for slot, asset in placed:
        by_slot.setdefault(slot, []).append(asset)
        if asset.brand_id != brand.id:
            raise BatchError(
                f"“{asset.title}” does not belong to {brand.name}.", slot=slot
            )
        if asset.state != Asset.State.APPROVED:
            raise BatchError(
                f"“{asset.title}” is {asset.get_state_display().lower()}. Creatives "
                "take approved pictures only: send it to review or choose another.",
                slot=slot,
            )
    rules = find_rules(brand, document)
    for slot, assets in by_slot.items():
        rule = rules.get(slot, ANY)
        outside = rule.find_outside(asset.id for asset in assets)
        for asset in assets:
            if asset.id in outside:
                raise BatchError(rule.explain(asset), slot=slot)


def check_files(
    document: Document, formats: Sequence[str], file_type: str, options: FileOptions
) -> None:
    """Refuse options that files of a type, in these formats, do not have.

    Raises:
        BatchError: names the field of the option.
    """
    try:
        options.check(file_type, [document.formats[name] for name in formats])
    except RenderOptionError as error:
        raise BatchError(str(error), slot=field_of(error.option)) from error
    except ProfileError as error:
        raise BatchError(str(error), slot="profile") from error
    if file_type == "mp4" and (problem := explain_no_video(document, formats)):
        raise BatchError(problem, slot="file_type")


def check_layout(
    document: Document,
    kit: BrandKit,
    formats: Sequence[str],
    texts: Mapping[str, str],
    images: Mapping[str, Asset],
    locale: str = "",
    data: Data = MappingProxyType({}),
) -> None:
    """Lay every format out, so that what can't be rendered is refused at the door.

    Raises:
        BatchError: names the slot that can't be filled so.
        StorageError: a picture's file can't be read.
    """
    for slot in texts:
        if not isinstance(document.slots.get(slot), TextSlot):
            raise BatchError(f"The template has no text slot {slot!r}.", slot=slot)
    fixed = find_fixed(kit.brand, document)
    sources: dict[str, ImageSource] = {
        slot: rendering.image_source(asset)
        for slot, asset in {**images, **fixed}.items()
    }
    for format_name in formats:
        try:
            rendering.preflight(
                document=document,
                kit=kit,
                format_name=format_name,
                modifications=texts,
                images=sources,
                locale=locale,
                data=data,
            )
        except ModificationError as error:
            raise BatchError(str(error), slot=error.slot) from error
        except (BrandStyleError, UnknownFormatError) as error:
            raise BatchError(str(error)) from error
