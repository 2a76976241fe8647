"""What of a template is not its brand's: fonts that the brand kit does not have."""

from brandgen.brands.models import BrandKit
from brandgen.compositor import Document
from brandgen.compositor.typesetting.fonts import explain_foreign


def find_foreign(kit: BrandKit | None, document: Document) -> dict[str, str]:
    """Say, by font token, which family the brand kit does not have, and what it has."""
    if kit is None:
        return {}
    own = list(kit.fonts.values_list("family", flat=True))
    found = {
        token: explain_foreign(font.family, own)
        for token, font in document.tokens.fonts.items()
    }
    return {token: message for token, message in found.items() if message}
