"""XMP packets: written the same each time, read by us and by exiftool, pixels kept."""

import hashlib
import io
import json
import shutil
import subprocess
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from brandgen.lib.containers import PNG_SIGNATURE, png_chunk, put_xmp
from brandgen.provenance import (
    Provenance,
    XmpError,
    build_packet,
    embed_xmp,
    read_xmp,
)
from brandgen.provenance.xmp import parse_packet

WHOLE = Provenance(
    title="Made for brighter mornings",
    description="A jar & a mug < on coral > ground",
    creator="Mara",
    rights="© 2026 Northwind",
    credit="Northwind",
    usage_terms="Use in own channels until 2027",
    web_statement="https://northwind.example/rights",
    alt_text="Ein Glas auf grünem Sockel 你好",
    source_type="compositeWithTrainedAlgorithmicMedia",
    ai_system="Stable Cascade miniature",
    ai_system_version="1.0",
    ai_prompt="a jar on a plinth",
    ai_prompt_writer="Mara",
    document_id="xmp.did:0b1d",
    derived_from="xmp.did:77aa",
    asset_id="01JD0000000000000000000000",
)


def picture(kind: str, mode: str = "RGB") -> bytes:
    pixels = np.random.default_rng(3).integers(0, 255, (40, 60, len(mode)), np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels, mode).save(buffer, kind)
    return buffer.getvalue()


def pixels_of(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)))


FILES = [
    pytest.param(picture("PNG"), id="png"),
    pytest.param(picture("PNG", "RGBA"), id="png with alpha"),
    pytest.param(picture("JPEG"), id="jpeg"),
    pytest.param(picture("WEBP"), id="webp"),
    pytest.param(picture("WEBP", "RGBA"), id="webp with alpha"),
]


class TestBuildPacket:
    def test_gives_equal_bytes_for_equal_fields(self) -> None:
        assert build_packet(WHOLE) == build_packet(Provenance(**vars(WHOLE)))

    def test_is_read_back_as_it_was(self) -> None:
        assert parse_packet(build_packet(WHOLE)) == WHOLE

    def test_leaves_out_what_is_empty(self) -> None:
        assert b"dc:title>" not in build_packet(Provenance(credit="Northwind"))

    def test_drops_characters_that_xml_does_not_allow(self) -> None:
        packet = build_packet(Provenance(title="a\x00b\x0b\ufffe c]]>"))

        assert parse_packet(packet).title == "ab c]]>"

    def test_refuses_a_field_that_is_too_long(self) -> None:
        with pytest.raises(XmpError, match="title has 4001 characters"):
            build_packet(Provenance(title="x" * 4001))


class TestWithPrompt:
    def test_embeds_hashes_or_omits(self) -> None:
        prompt = "a jar on a plinth"
        digest = hashlib.sha256(prompt.encode()).hexdigest()

        kept = {
            mode: Provenance().with_prompt(prompt, mode=mode).ai_prompt
            for mode in ("embed", "hash", "omit")
        }

        assert kept == {"embed": prompt, "hash": f"sha256:{digest}", "omit": ""}


class TestEmbedXmp:
    @pytest.mark.parametrize("data", FILES)
    def test_keeps_every_pixel_and_is_read_back(self, data: bytes) -> None:
        marked = embed_xmp(data, build_packet(WHOLE))

        assert (pixels_of(marked) == pixels_of(data)).all()
        assert pixels_of(marked).shape == pixels_of(data).shape
        assert read_xmp(marked) == WHOLE

    @pytest.mark.parametrize("data", FILES)
    def test_replaces_the_packet_that_was_there(self, data: bytes) -> None:
        packet = build_packet(WHOLE)

        twice = embed_xmp(
            embed_xmp(data, build_packet(Provenance(title="old"))), packet
        )

        assert twice == embed_xmp(data, packet)

    @pytest.mark.parametrize(
        "data",
        [
            b"",
            b"GIF89a",
            picture("PNG")[:60],
            picture("JPEG")[:100],
            picture("WEBP")[:40],
            b"RIFF\0\0\0\0WEBP",
            b"\xff\xd8\xff",
            PNG_SIGNATURE,
        ],
    )
    def test_refuses_a_broken_file(self, data: bytes) -> None:
        with pytest.raises(XmpError):
            embed_xmp(data, b"<x/>")

    def test_refuses_a_packet_that_no_jpeg_can_hold(self) -> None:
        with pytest.raises(XmpError, match="65000 fit"):
            embed_xmp(picture("JPEG"), b" " * 65_001)


class TestReadXmp:
    @pytest.mark.parametrize("data", FILES)
    def test_finds_nothing_in_a_bare_file(self, data: bytes) -> None:
        assert read_xmp(data) is None

    def test_reads_properties_written_as_attributes(self) -> None:
        packet = b"""<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF
          xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
          <rdf:Description xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/"
          xmlns:xmpMM="http://ns.adobe.com/xap/1.0/mm/"
          xmlns:s="http://ns.adobe.com/xap/1.0/sType/ResourceRef#"
          photoshop:Credit="Stock"><xmpMM:DerivedFrom s:documentID="xmp.did:9"/>
          </rdf:Description></rdf:RDF></x:xmpmeta>"""

        found = read_xmp(put_xmp(picture("PNG"), packet))

        assert found == Provenance(credit="Stock", derived_from="xmp.did:9")

    @pytest.mark.parametrize(
        "packet",
        [
            b"",
            b"not xml",
            b"<a>",
            b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
            b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
            b"<a>&nbsp;</a>",
            b"<a>" * 100 + b"</a>" * 100,
            b"<a>" + b"<b/>" * 5000 + b"</a>",
            b"<a>" + b" " * 300_000 + b"</a>",
        ],
        ids=[
            "empty",
            "text",
            "open",
            "entity",
            "external",
            "unknown",
            "deep",
            "many",
            "long",
        ],
    )
    def test_refuses_a_hostile_packet(self, packet: bytes) -> None:
        with pytest.raises(XmpError):
            parse_packet(packet)

    def test_refuses_a_packet_that_swells(self) -> None:
        png = picture("PNG")
        body = b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(b" " * 10_000_000)
        bomb = png[:33] + png_chunk(b"iTXt", body) + png[33:]

        with pytest.raises(XmpError, match="more than"):
            read_xmp(bomb)


@pytest.mark.skipif(not shutil.which("exiftool"), reason="exiftool is not installed")
class TestAsExiftoolReadsIt:
    @pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
    def test_every_field_arrives(self, kind: str, tmp_path: Path) -> None:
        file = tmp_path / f"picture.{kind.lower()}"
        file.write_bytes(embed_xmp(picture(kind), build_packet(WHOLE)))

        found = exiftool(file)

        assert found["XMP-dc:Title"] == WHOLE.title
        assert found["XMP-dc:Description"] == WHOLE.description
        assert found["XMP-dc:Creator"] == WHOLE.creator
        assert found["XMP-dc:Rights"] == WHOLE.rights
        assert found["XMP-photoshop:Credit"] == WHOLE.credit
        assert found["XMP-xmpRights:UsageTerms"] == WHOLE.usage_terms
        assert found["XMP-xmpRights:WebStatement"] == WHOLE.web_statement
        assert found["XMP-iptcCore:AltTextAccessibility"] == WHOLE.alt_text
        assert found["XMP-iptcExt:DigitalSourceType"].endswith(WHOLE.source_type)
        assert found["XMP-iptcExt:AISystemUsed"] == WHOLE.ai_system
        assert found["XMP-iptcExt:AISystemVersionUsed"] == 1.0
        assert found["XMP-iptcExt:AIPromptInformation"] == WHOLE.ai_prompt
        assert found["XMP-iptcExt:AIPromptWriterName"] == WHOLE.ai_prompt_writer
        assert found["XMP-xmpMM:DocumentID"] == WHOLE.document_id
        assert found["XMP-xmpMM:DerivedFromDocumentID"] == WHOLE.derived_from
        assert found["XMP-brandgen:AssetID"] == WHOLE.asset_id


def exiftool(file: Path) -> dict[str, Any]:
    command = ["exiftool", "-json", "-G1", "-n", "-validate", "-XMP:all", str(file)]
    answer = subprocess.run(command, capture_output=True, check=True)
    found: dict[str, Any] = json.loads(answer.stdout)[0]
    return found
