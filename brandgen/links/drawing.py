"""Draw what people outside ask for, by the rules that hold for creatives."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from brandgen.accounts.models import Brand
from brandgen.brands.models import BrandKit
from brandgen.compositor import (
    BrandStyleError,
    Document,
    FileSizeError,
    ImageSourceError,
    ModificationError,
    Rendered,
)
from brandgen.compositor.parts import complete_data, find_empty, flat_data
from brandgen.creatives.bench import open_picture, render_marked
from brandgen.creatives.content import (
    BannedCopyError,
    BatchError,
    refuse_banned_terms,
    require_kit,
)
from brandgen.creatives.file_options import FileOptions
from brandgen.creatives.fixed_pictures import FixedPictureError, require_fixed
from brandgen.creatives.marking import Content
from brandgen.creatives.models import TemplateVersion
from brandgen.creatives.picture_rules import find_rules
from brandgen.creatives.style import style_of
from brandgen.exports.gates import find_public_holds
from brandgen.lib.findings import Verdict
from brandgen.lib.storage import StorageError
from brandgen.library.models import Asset
from brandgen.links.asking import Asked
from brandgen.links.refusals import (
    BusyError,
    EndedError,
    FailedCheckError,
    UnfitError,
)
from brandgen.provenance import XmpError

log = logging.getLogger(__name__)

MOST_AT_A_TIME = 4
"""Pictures that one web process draws for people outside at the same time."""
LONGEST_WAIT_S = 10.0
_rooms = BoundedSemaphore(MOST_AT_A_TIME)


def find_images(
    brand: Brand, asked: Asked, document: Document, *, place: str
) -> dict[str, Asset]:
    """Return the pictures that a query names, by slot.

    Only approved ones of the brand, which the public may see. Why one is not is nothing
    that people outside need to know.

    Raises:
        UnfitError: names the slot.
    """
    rows = Asset.objects.of_brand(brand).approved().select_related("brand")
    found = rows.in_bulk(list(asked.image_ids.values()))
    barred = find_public_holds(list(found.values()), brand=brand, place=place)
    images = {}
    for slot, id_ in asked.image_ids.items():
        if id_ not in found or id_ in barred:
            raise UnfitError(
                f"{slot!r} names no picture that may be shown. Use the id of an "
                "approved one.",
                code="unusable_picture",
                slot=slot,
            )
        images[slot] = found[id_]
    return images


def find_own_images(
    version: TemplateVersion, document: Document, *, place: str
) -> dict[str, Asset]:
    """Return the pictures that the template always shows, by name.

    Raises:
        UnfitError: one is not approved any more.
        EndedError: one may not be shown to the public.
    """
    brand = version.template.brand
    try:
        images = require_fixed(brand, document)
    except FixedPictureError as error:
        raise cant_draw(version, error) from error
    if find_public_holds(list(images.values()), brand=brand, place=place):
        raise EndedError(
            "A picture of the template may not be shown any more.", code="withdrawn"
        )
    return images


def require_collections(brand: Brand, asked: Asked, document: Document) -> None:
    """Let only pictures of their slots' collections be drawn for the first time.

    Raises:
        UnfitError: names the slot.
    """
    rules = find_rules(brand, document)
    for slot, id_ in asked.image_ids.items():
        if rules[slot].find_outside([id_]):
            raise UnfitError(
                f"{slot!r} takes pictures of one collection only, and this one is not "
                "in it. Use the id of one that is.",
                code="unusable_picture",
                slot=slot,
            )


def require_data(asked: Asked, document: Document) -> dict[str, dict[str, str]]:
    """Return the data that a query names, whole: nothing stands in for what is missing.

    Raises:
        UnfitError: names a part that is needed and empty.
    """
    for part in find_empty(document.parts, asked.data):
        raise UnfitError(
            f"{part.key!r} is needed and has no value. Name it in the query.",
            code="unfit",
            slot=part.key,
        )
    return complete_data(document.parts, asked.data)


def get_kit(version: TemplateVersion) -> BrandKit:
    """Return the brand kit that a picture is drawn with: the current one.

    Raises:
        UnfitError: the brand has none any more.
    """
    try:
        return require_kit(version)
    except BatchError as error:
        raise cant_draw(version, error) from error


def title_of(version: TemplateVersion, document: Document, format_name: str) -> str:
    """Return what a picture calls itself."""
    label = document.formats[format_name].label or format_name
    return f"{version.template.name}, {label}"


def draw(
    version: TemplateVersion,
    document: Document,
    kit: BrandKit,
    content: Content,
    *,
    file_type: str,
    key: str,
    watermark: str | None = None,
) -> Rendered:
    """Render a final file and refuse what a check forbids.

    Raises:
        UnfitError: the values do not fit, the copy is banned, or a check fails.
        BusyError: too much is drawn already, or storage does not answer.
    """
    _refuse_banned(kit, document, content)
    with room():
        rendered = _render(
            version,
            document,
            kit,
            content,
            file_type=file_type,
            key=key,
            watermark=watermark,
        )
    if failed := [one for one in rendered.findings if one.verdict == Verdict.FAIL]:
        raise FailedCheckError(failed)
    return rendered


def _render(
    version: TemplateVersion,
    document: Document,
    kit: BrandKit,
    content: Content,
    *,
    file_type: str,
    key: str,
    watermark: str | None,
) -> Rendered:
    try:
        rendered, _ = render_marked(
            document,
            content=content,
            pictures={
                slot: open_picture(asset) for slot, asset in content.images.items()
            },
            kit=kit,
            style=style_of(kit),
            title=title_of(version, document, content.format),
            key=key,
            encoding=FileOptions().encoding(file_type, watermark=watermark),
        )
    except ModificationError as error:
        raise UnfitError(str(error), code="unfit", slot=error.slot) from error
    except (BrandStyleError, FileSizeError, ImageSourceError, XmpError) as error:
        raise cant_draw(version, error) from error
    except StorageError as error:
        log.warning("%s can't be drawn for people outside: %s", version, error)
        raise BusyError("The picture can't be drawn now. Try again later.") from error
    return rendered


def cant_draw(version: TemplateVersion, error: Exception) -> UnfitError:
    """Tell the log what is wrong with the brand's own things, and nobody outside."""
    log.warning("%s can't be drawn for people outside: %s", version, error)
    return UnfitError(
        "The template can't be drawn as it is. Ask who gave you the address.",
        code="unfit",
    )


def _refuse_banned(kit: BrandKit, document: Document, content: Content) -> None:
    said = {**content.texts, **flat_data(content.data)}
    try:
        refuse_banned_terms(kit, document, said)
    except BannedCopyError as error:
        raise UnfitError(str(error), code="banned_copy", slot=error.slot) from error


@contextmanager
def room() -> Iterator[None]:
    """Wait for one of the few rooms in which pictures are drawn for people outside."""
    if not _rooms.acquire(timeout=LONGEST_WAIT_S):
        raise BusyError("Too many pictures are being drawn. Try again in a moment.")
    try:
        yield
    finally:
        _rooms.release()
