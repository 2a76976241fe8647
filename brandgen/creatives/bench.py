"""Render final files: what many cells of one batch share is read once."""

import uuid
from collections.abc import Iterable, Mapping
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field, replace
from typing import Any

from brandgen.brands.models import BrandKit
from brandgen.compositor import (
    BrandStyle,
    Document,
    Encoding,
    ImageSource,
    Rendered,
    render_creative,
)
from brandgen.compositor.parts import complete_data
from brandgen.compositor.reading import read_bound
from brandgen.creatives import marking
from brandgen.creatives.file_options import FileOptions
from brandgen.creatives.fixed_pictures import find_fixed
from brandgen.creatives.models import Batch, Creative
from brandgen.creatives.rendering import image_source
from brandgen.creatives.style import style_of
from brandgen.lib.findings import Verdict
from brandgen.library.models import Asset
from brandgen.library.services import StoredFile
from brandgen.provenance import Provenance, read_xmp

MOST_PICTURES = 32


@dataclass(frozen=True)
class Picture:
    """An asset's file, and the mark that it bears."""

    source: ImageSource
    mark: Provenance | None

    def focused(self, asset: Asset) -> "Picture":
        """Return it with the focal point of the asset, which one row may have set."""
        focal = asset.focal_x, asset.focal_y
        return replace(self, source=replace(self.source, focal=focal))


def open_picture(asset: Asset) -> Picture:
    """Read an asset's file and its mark.

    Raises:
        XmpError: its mark can't be read.
        StorageError: the file can't be read.
    """
    source = image_source(asset)
    return Picture(source, read_xmp(source.data))


def render_marked(
    document: Document,
    *,
    content: marking.Content,
    pictures: Mapping[str, Picture],
    kit: BrandKit,
    style: BrandStyle,
    title: str,
    key: str,
    encoding: Encoding,
    scale: float = 1.0,
) -> tuple[Rendered, str]:
    """Render a final file that says what it is; return it with its alternative text.

    Args:
        document: the template's.
        content: what is put into it.
        pictures: the files of the content's images, by slot.
        kit: the brand kit, for its credit and rights.
        style: the same kit, as the compositor sees it.
        title: what the file calls itself.
        key: SHA-256 of all that the file is made of.
        encoding: how the file is written; its metadata is added here.
        scale: how many pixels of the file a pixel of the format gets along an edge.

    Raises:
        the compositor's errors, XmpError: it can't be rendered so.
    """
    parents = [content.images[slot] for slot in sorted(content.images)]
    # What was made before data was asked for at the door may lack values: those stay
    # empty and are found by the checks, never the template's examples.
    data = complete_data(document.parts, content.data)
    bound = read_bound(
        document,
        format_name=content.format,
        texts=content.texts,
        images=content.images,
        data=data,
        locale=content.locale,
    )
    alt_text = marking.alt_text_of(document, content.texts, parents, bound)
    packet = marking.build_mark(
        title=title,
        alt_text=alt_text,
        key=key,
        kit=kit,
        parents=parents,
        marks=[pictures[slot].mark for slot in sorted(content.images)],
    )
    rendered = render_creative(
        document,
        format=content.format,
        modifications=content.texts,
        images={slot: picture.source for slot, picture in pictures.items()},
        brand=style,
        encoding=replace(encoding, xmp=packet),
        scale=scale,
        locale=content.locale,
        data=data,
    )
    return rendered, alt_text


@dataclass
class Bench:
    """The document, the brand and the last pictures of a batch, ready at hand."""

    batch: Batch
    _pictures: dict[uuid.UUID, Future[Picture]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Read what all cells share.

        Raises:
            TemplateDocumentError: this version of brandgen reads it otherwise.
            StorageError: a file of the brand kit can't be read.
        """
        self.document = self.batch.template_version.load()
        self.fixed = find_fixed(self.batch.brand, self.document)
        self.style = style_of(self.batch.brand_kit)
        self.options = FileOptions.from_json(self.batch.file_options)

    def render(
        self, creative: Creative, images: Mapping[str, Asset]
    ) -> tuple[Rendered, str]:
        """Render one cell with its mark; return it with its alternative text.

        Its pictures were asked for by `read_ahead`.

        Raises:
            the compositor's errors, XmpError: it can't be rendered so.
            StorageError: a picture's file can't be read.
        """
        batch = self.batch
        return render_marked(
            self.document,
            content=marking.content_of(creative, images),
            pictures={
                slot: self._pictures[asset.id].result().focused(asset)
                for slot, asset in images.items()
            },
            kit=batch.brand_kit,
            style=self.style,
            title=str(creative),
            key=creative.content_key or marking.key_of(creative, images),
            encoding=self.options.encoding(batch.file_type),
            scale=self.options.scale,
        )

    def read_ahead(self, assets: Iterable[Asset], reader: Executor) -> None:
        """Begin to read pictures that are needed next, beside the drawing.

        Of those that were read before, the last ones stay at hand.
        """
        wanted = {asset.id: asset for asset in assets}
        for id_ in list(self._pictures)[:-MOST_PICTURES]:
            if id_ not in wanted:
                del self._pictures[id_]
        for id_, asset in wanted.items():
            if id_ not in self._pictures:
                self._pictures[id_] = reader.submit(open_picture, asset)


def describe_file(
    creative: Creative,
    images: Mapping[str, Asset],
    rendered: Rendered,
    *,
    sha256: str,
    alt_text: str,
) -> StoredFile:
    """Say what the asset of a rendered cell is to know of itself."""
    parents = list({asset.id: asset for asset in images.values()}.values())
    license_name, is_commercial_use_allowed = marking.license_of(parents)
    return StoredFile(
        sha256=sha256,
        mime=rendered.mime,
        size_bytes=len(rendered.data),
        width_px=rendered.width_px,
        height_px=rendered.height_px,
        title=str(creative),
        alt_text=alt_text,
        parents=tuple((parent, "image") for parent in parents),
        digital_source_type=marking.source_type_of(parents),
        license_name=license_name,
        is_commercial_use_allowed=is_commercial_use_allowed,
        preset_name=creative.batch.template_version.template.name,
    )


def judge(rendered: Rendered) -> dict[str, Any]:
    """Return the columns of a creative that tell what was found."""
    bad = [f for f in rendered.findings if f.verdict in {Verdict.FAIL, Verdict.WARN}]
    rules = sorted({finding.rule for finding in bad})
    verdicts = {finding.verdict for finding in bad}
    worst = next((v for v in (Verdict.FAIL, Verdict.WARN) if v in verdicts), "pass")
    return {
        "findings": [vars(finding).copy() for finding in rendered.findings],
        "verdict": str(worst),
        "problems": f"|{'|'.join(rules)}|"[:300] if rules else "",
    }
