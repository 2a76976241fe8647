import json
import struct
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy

from brandgen.engine.embeddings import (
    FORMAT,
    ImageEmbeddings,
    count_cells,
    read_embeddings,
    write_embeddings,
)
from brandgen.engine.errors import InvalidRequestError


def make_embeddings(**changes: object) -> ImageEmbeddings:
    random = np.random.default_rng(1)
    embeddings = ImageEmbeddings(
        image=random.normal(size=(1, 16, 6, 9)).astype(np.float32),
        prompt=random.normal(size=(1, 1, 8)).astype(np.float32),
        negative_prompt=random.normal(size=(1, 1, 8)).astype(np.float32),
        width_px=384,
        height_px=256,
        family="some-family",
        model="Some model 1",
    )
    return replace(embeddings, **changes)


class TestCountCells:
    @pytest.mark.parametrize(
        ("side_px", "cells"), [(256, 6), (512, 12), (1024, 24), (1536, 36), (2048, 48)]
    )
    def test_rounds_up(self, side_px: int, cells: int) -> None:
        assert count_cells(side_px) == cells


class TestWriteEmbeddings:
    def test_is_read_back_in_every_bit(self) -> None:
        embeddings = make_embeddings()

        found = read_embeddings(write_embeddings(embeddings), family="some-family")

        for name in ("image", "prompt", "negative_prompt"):
            assert np.array_equal(getattr(found, name), getattr(embeddings, name))
        assert (found.width_px, found.height_px) == (384, 256)
        assert (found.family, found.model) == ("some-family", "Some model 1")

    def test_gives_the_same_bytes_in_another_process(self) -> None:
        code = (
            "import hashlib\n"
            "from tests.engine.test_embeddings import *\n"
            "print(hashlib.sha256(write_embeddings(make_embeddings())).hexdigest())"
        )
        root = Path(__file__).parents[2]

        found = {
            subprocess.run(
                [sys.executable, "-c", code],
                cwd=root,
                check=True,
                capture_output=True,
                text=True,
            ).stdout
            for _ in range(2)
        }

        assert len(found) == 1


def rewrite(data: bytes, **metadata: object) -> bytes:
    """Change the metadata and leave the rest as it is."""
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    values = json.loads(header["__metadata__"]["brandgen"]) | metadata
    header["__metadata__"]["brandgen"] = json.dumps(values)
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data[8 + length :]


class TestReadEmbeddings:
    @pytest.mark.parametrize(
        ("changes", "reason"),
        [
            ({"image": np.zeros((1, 16, 6, 6), np.float32)}, "'image' has the shape"),
            ({"image": np.zeros((2, 16, 6, 9), np.float32)}, "'image' has the shape"),
            ({"image": np.zeros((16, 6, 9), np.float32)}, "'image' has the shape"),
            ({"image": np.full((1, 16, 6, 9), np.nan)}, "'image' holds values"),
            ({"prompt": np.full((1, 1, 8), np.inf)}, "'prompt' holds values"),
            ({"prompt": np.zeros((1, 8))}, "'prompt' has the shape"),
            ({"prompt": np.zeros((1, 1, 4))}, "differ in width"),
            ({"width_px": 500}, "The width is 500 px"),
            ({"height_px": 4096}, "The height is 4096 px"),
            ({"width_px": "384"}, "they state no size"),
            ({"family": "other"}, "'other'; this engine reads 'some-family'"),
        ],
    )
    def test_refuses_values_that_do_not_fit(
        self, changes: dict[str, object], reason: str
    ) -> None:
        data = write_embeddings(make_embeddings(**changes))

        with pytest.raises(InvalidRequestError, match=reason):
            read_embeddings(data, family="some-family")

    def test_refuses_any_cut_of_the_bytes(self) -> None:
        data = write_embeddings(make_embeddings())

        for size in (0, 7, 8, 9, 100, 400, len(data) // 2, len(data) - 1):
            with pytest.raises(InvalidRequestError, match="can't be used"):
                read_embeddings(data[:size], family="some-family")

    def test_refuses_a_damaged_header(self) -> None:
        data = bytearray(write_embeddings(make_embeddings()))

        for place in range(0, 400, 3):
            damaged = bytearray(data)
            damaged[place] ^= 0xFF
            with pytest.raises(InvalidRequestError):
                read_embeddings(bytes(damaged), family="some-family")

    @pytest.mark.parametrize(
        "data",
        [
            b"\x00" * 5_000_000,
            struct.pack("<Q", 2**63) + b"x" * 100,
            struct.pack("<Q", 60_000) + b"[" * 60_000,
            struct.pack("<Q", 2) + b"{}",
            struct.pack("<Q", 2) + b"[]",
            safetensors.numpy.save({"image": np.zeros(3)}),
            safetensors.numpy.save({"image": np.zeros(3)}, {"brandgen": "null"}),
            safetensors.numpy.save(
                {"image": np.zeros(3)}, {"brandgen": json.dumps({"format": "other/1"})}
            ),
        ],
    )
    def test_refuses_bytes_of_other_kinds(self, data: bytes) -> None:
        with pytest.raises(InvalidRequestError, match="can't be used"):
            read_embeddings(data, family="some-family")

    def test_refuses_other_numbers_than_float32(self) -> None:
        data = write_embeddings(make_embeddings())
        tensors = safetensors.numpy.load(data)
        tensors["image"] = tensors["image"].astype(np.float16)
        metadata = {"format": FORMAT, "family": "f", "width_px": 384, "height_px": 256}
        other = safetensors.numpy.save(tensors, {"brandgen": json.dumps(metadata)})

        with pytest.raises(InvalidRequestError, match="'image' is float16"):
            read_embeddings(other, family="f")

    def test_reads_what_earlier_versions_kept(self) -> None:
        data = rewrite(
            write_embeddings(make_embeddings()), format="brandgen.image-embeddings/1"
        )

        assert read_embeddings(data, family="some-family").made_with == {}

    @pytest.mark.parametrize("value", [True, 384.0, None, [384]])
    def test_refuses_a_size_that_is_no_whole_number(self, value: object) -> None:
        data = rewrite(write_embeddings(make_embeddings()), width_px=value)

        with pytest.raises(InvalidRequestError):
            read_embeddings(data, family="some-family")
