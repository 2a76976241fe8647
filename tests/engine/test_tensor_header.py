import json
import os
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
from hypothesis import given
from hypothesis import strategies as some

from brandgen.engine.registry import default_bundle
from brandgen.engine.tensor_header import (
    MOST_TENSORS,
    HeaderError,
    PickleError,
    parse_header,
    read_header,
)
from tests.engine.tensor_files import join

PLACE = {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}
VALUES = bytes(8)


class TestReadHeader:
    def test_reads_every_file_that_ships(self) -> None:
        paths = sorted(default_bundle().folder.glob("*/*.safetensors"))

        for path in paths:
            header = read_header(path)

            with safetensors.safe_open(path, framework="np") as file:
                assert header.shapes == {
                    name: tuple(file.get_slice(name).get_shape())
                    for name in file.keys()  # noqa: SIM118
                }
            last = max(place.end for place in header.tensors.values())
            assert header.data_start + last == path.stat().st_size
        assert len(paths) >= 6

    @pytest.mark.parametrize("suffix", [".bin", ".pt", ".pth", ".ckpt", ".PKL"])
    def test_refuses_a_pickle_by_its_name(self, tmp_path: Path, suffix: str) -> None:
        path = tmp_path / f"weights{suffix}"
        path.write_bytes(pickle.dumps({"a": 1}))

        with pytest.raises(PickleError, match="can run any code"):
            read_header(path)

    @pytest.mark.parametrize("protocol", [2, 3, 4, 5])
    def test_refuses_a_pickle_with_another_name(
        self, tmp_path: Path, protocol: int
    ) -> None:
        path = tmp_path / "weights.safetensors"
        path.write_bytes(pickle.dumps({"a": [1.0] * 100}, protocol=protocol))

        with pytest.raises(PickleError, match="convert it"):
            read_header(path)

    def test_says_that_a_pointer_is_not_the_file(self, tmp_path: Path) -> None:
        path = tmp_path / "weights.safetensors"
        path.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\n")

        with pytest.raises(HeaderError, match="git lfs pull"):
            read_header(path)

    def test_refuses_what_is_no_file(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "pipe.safetensors")

        for name in ("pipe.safetensors", "none.safetensors", "."):
            with pytest.raises(HeaderError, match=r"it is no file|can't be read"):
                read_header(tmp_path / name)


class TestParseHeader:
    def test_reads_types_shapes_and_metadata(self) -> None:
        data = safetensors.numpy.save(
            {"b": np.zeros((2, 3), np.float16), "a": np.zeros((), np.int64)},
            metadata={"k": "v"},
        )

        header = parse_header(data)

        assert header.shapes == {"a": (), "b": (2, 3)}
        assert {n: p.dtype for n, p in header.tensors.items()} == {
            "a": "I64", "b": "F16",
        }  # fmt: skip
        assert header.metadata == {"k": "v"}

    def test_reads_a_header_whose_length_looks_like_a_pickle(self) -> None:
        """640 is 0x80 0x02 as a little number: the first bytes of a pickle."""
        text = json.dumps({"a": PLACE}).encode().ljust(640)

        assert join(text)[:2] == pickle.dumps(1, protocol=2)[:2]
        assert parse_header(join(text, VALUES)).shapes == {"a": (2,)}

    @pytest.mark.parametrize(
        ("header", "reason"),
        [
            ({}, "it names 0 tensors"),
            ([], "no JSON object"),
            (b"  {}", "no JSON object"),
            (b"{ ", "no JSON"),
            (b"\xff\xfe", "no JSON"),
            (b"[" * 100_000, "no JSON|nested too deep"),
            (b'{"a": 1, "a": 2}', "names 'a' twice"),
            (b'{"a": NaN}', "NaN, which is no number"),
            ({"__metadata__": {"a": 1}, "t": PLACE}, "metadata are not texts"),
            ({"__metadata__": [], "t": PLACE}, "metadata are not texts"),
            ({"t": 1}, "'t' is not described"),
            ({"t": {**PLACE, "more": 1}}, "'t' is not described"),
            ({"": PLACE}, "a name has 0 characters"),
            ({"x" * 501: PLACE}, "a name has 501 characters"),
            ({"t": {**PLACE, "dtype": "F4"}}, "unknown type 'F4'"),
            ({"t": {**PLACE, "dtype": ["F32"]}}, "unknown type"),
            ({"t": {**PLACE, "shape": [2.0]}}, "impossible shape"),
            ({"t": {**PLACE, "shape": [True, 2]}}, "impossible shape"),
            ({"t": {**PLACE, "shape": [-2]}}, "impossible shape"),
            ({"t": {**PLACE, "shape": [2**62, 4]}}, "impossible shape"),
            ({"t": {**PLACE, "shape": [1] * 9}}, "impossible shape"),
            ({"t": {**PLACE, "shape": [2**40, 2**40]}}, "needs 4835703278458516698"),
            ({"t": {**PLACE, "data_offsets": [8, 0]}}, "impossible place"),
            ({"t": {**PLACE, "data_offsets": [0, 8, 9]}}, "impossible place"),
            ({"t": {**PLACE, "data_offsets": [0, 4]}}, "needs 8 bytes; its place has"),
            ({"t": {**PLACE, "data_offsets": [4, 12]}}, "'t' has a gap"),
            ({"t": PLACE, "u": PLACE}, "'u' overlaps the one before"),
            (
                {"t": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}},
                "need 4 bytes and the file holds 8",
            ),
        ],
    )
    def test_refuses_what_cannot_be(self, header: object, reason: str) -> None:
        with pytest.raises(HeaderError, match=reason):
            parse_header(join(header, VALUES))

    def test_refuses_a_length_beyond_the_file(self) -> None:
        for first in (b"\xff" * 8, b"\x00\x00\x00\x80" + bytes(4), bytes(8)):
            with pytest.raises(HeaderError, match="its header claims"):
                parse_header(first + b"{}" * 100)

    def test_refuses_more_tensors_than_a_model_has(self) -> None:
        empty = {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]}
        header = {str(number): empty for number in range(MOST_TENSORS + 1)}

        with pytest.raises(HeaderError, match="it names 20001 tensors"):
            parse_header(join(header))

    @given(
        some.recursive(
            some.none() | some.booleans() | some.integers() | some.floats()
            | some.text(max_size=20) | some.sampled_from(["F32", "__metadata__"]),
            lambda inner: some.lists(inner, max_size=4)
            | some.dictionaries(
                some.sampled_from(["dtype", "shape", "data_offsets", "__metadata__"])
                | some.text(max_size=5),
                inner,
                max_size=5,
            ),
        )
    )  # fmt: skip
    def test_reads_any_json_or_says_what_is_wrong(self, values: Any) -> None:
        try:
            header = parse_header(join(values, VALUES))
        except HeaderError:
            return
        assert sum(p.end - p.start for p in header.tensors.values()) == 8
