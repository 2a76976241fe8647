"""Turns pixels into the files that are kept."""

import io

from PIL import Image

from brandgen.engine.protocol import ModelIdentity
from brandgen.engine.requests import Pixels
from brandgen.generation.models import Decoding
from brandgen.generation.origins import source_type_of
from brandgen.library.lineage import find_document_id
from brandgen.provenance.xmp import Provenance, build_packet, embed_xmp


def finish_image(pixels: Pixels, decoding: Decoding, identity: ModelIdentity) -> bytes:
    """Return the file that is kept, with what the law and IPTC want it to say.

    It says nothing that a later change of a name could alter, and holds the prompt as a
    hash only: files leave the house, prompts need not.
    """
    generation = decoding.candidate.generation
    provenance = Provenance(
        source_type=source_type_of(generation),
        ai_system=identity.name,
        ai_system_version=identity.revision,
        credit=generation.brand_kit.credit_line,
        rights=generation.brand_kit.rights_line,
        document_id=f"xmp.did:{decoding.id}",
        derived_from=find_document_id(generation.source),
    ).with_prompt(generation.prompt, mode="hash")
    return embed_xmp(encode_png(pixels), build_packet(provenance))


def encode_png(pixels: Pixels) -> bytes:
    """Encode pixels without loss; the same pixels give the same bytes."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG", compress_level=6)
    return file.getvalue()


def encode_preview(pixels: Pixels) -> bytes:
    """Encode a small picture for the contact sheet, as WebP of a few KB."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "WEBP", quality=82, method=4)
    return file.getvalue()
