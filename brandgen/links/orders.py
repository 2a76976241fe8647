"""What an address is to draw: everything that a picture is made of."""

from dataclasses import dataclass

from brandgen.brands.models import BrandKit
from brandgen.compositor import Document, Rendered
from brandgen.creatives.marking import Content, content_key
from brandgen.links import drawing
from brandgen.links.models import SignedAddress


@dataclass(frozen=True)
class Order:
    """A picture to draw, and what tells it from every other."""

    address: SignedAddress
    document: Document
    kit: BrandKit
    content: Content
    watermark: str | None

    @property
    def key(self) -> str:
        """The content key."""
        version = self.address.template_version
        return content_key(
            self.content,
            title=drawing.title_of(version, self.document, self.content.format),
            version_id=version.pk,
            kit_id=self.kit.pk,
            file_type=self.address.file_type,
            watermark=self.watermark,
        )

    def draw(self) -> Rendered:
        """Render it, by the rules of `drawing.draw`."""
        return drawing.draw(
            self.address.template_version,
            self.document,
            self.kit,
            self.content,
            file_type=self.address.file_type,
            key=self.key,
            watermark=self.watermark,
        )
