"""Say in the file itself what made it: XMP with the IPTC fields."""

from brandgen.provenance.xmp import (
    Provenance,
    XmpError,
    build_packet,
    embed_xmp,
    read_xmp,
)

__all__ = ["Provenance", "XmpError", "build_packet", "embed_xmp", "read_xmp"]
