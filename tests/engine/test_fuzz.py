"""Ten thousand damaged headers: each is read or refused by name, at once."""

import random
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from brandgen.engine.embeddings import read_embeddings
from brandgen.engine.errors import EngineError, InvalidRequestError
from brandgen.engine.registry import default_bundle
from brandgen.engine.tensor_header import HeaderError, read_header
from tests.engine.tensor_files import mutate, write_sparse
from tests.engine.test_embeddings import make_embeddings, write_embeddings

LONGEST_S = 1.0


def fuzz(
    data: bytes, read: Callable[[bytes], object], refusal: type[EngineError], count: int
) -> int:
    """Read `count` damaged copies; return how many were refused.

    Any other exception than the named one ends the test.
    """
    refused = 0
    for seed in range(count):
        damaged = mutate(data, random.Random(seed))  # noqa: S311
        started = time.perf_counter()
        try:
            read(damaged)
        except refusal:
            refused += 1
        assert time.perf_counter() - started < LONGEST_S, seed
    return refused


@pytest.mark.parametrize("part", ["prior", "decoder", "vqgan", "text_encoder"])
def test_refuses_1000_damaged_headers_of_weights(part: str, tmp_path: Path) -> None:
    (source,) = (default_bundle().folder / part).glob("*.safetensors")
    size = source.stat().st_size
    head = source.read_bytes()[:20_000]
    path = tmp_path / "weights.safetensors"

    def read(damaged: bytes) -> None:
        # The file keeps the size that it had, or loses what was cut from its head.
        is_cut = len(damaged) < len(head)
        write_sparse(path, damaged, len(damaged) if is_cut else size)
        read_header(path)

    refused = fuzz(head, read, HeaderError, 1000)

    assert refused > 700


def test_refuses_3000_damaged_image_embeddings() -> None:
    data = write_embeddings(make_embeddings())

    def read(damaged: bytes) -> None:
        found = read_embeddings(damaged, family="some-family")
        assert np.isfinite(found.image).all()

    assert fuzz(data, read, InvalidRequestError, 3000) > 2000
