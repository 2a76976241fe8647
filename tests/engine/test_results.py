from typing import Any

import numpy as np
import pytest

from brandgen.engine.errors import NonFiniteError
from brandgen.engine.fake import FakeEngine
from brandgen.engine.protocol import PriorResult
from brandgen.engine.results import ResultError, check_pixels, check_prior_result
from tests.engine.test_embeddings import make_embeddings, write_embeddings

IDENTITY = FakeEngine().identity()
PREVIEW = np.zeros((8, 8, 3), np.uint8)


class TestCheckPriorResult:
    def test_takes_what_can_be_decoded(self) -> None:
        data = write_embeddings(make_embeddings())

        check_prior_result(PriorResult(data, PREVIEW), IDENTITY)

    @pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
    def test_refuses_values_that_are_no_numbers(self, value: float) -> None:
        embeddings = make_embeddings()
        embeddings.image[0, 3, 2, 1] = value
        result = PriorResult(write_embeddings(embeddings), PREVIEW)

        with pytest.raises(NonFiniteError, match=r"Stage C.*in float32"):
            check_prior_result(result, IDENTITY)

    @pytest.mark.parametrize("data", [b"", b"no tensors at all", b"\0" * 64])
    def test_refuses_what_is_no_file_of_tensors(self, data: bytes) -> None:
        with pytest.raises(ResultError, match="Fake engine gave back"):
            check_prior_result(PriorResult(data, PREVIEW), IDENTITY)


class TestCheckPixels:
    def test_takes_a_picture(self) -> None:
        check_pixels(PREVIEW, IDENTITY)

    def test_refuses_values_that_are_no_numbers(self) -> None:
        pixels = np.full((8, 8, 3), np.nan, np.float32)

        with pytest.raises(NonFiniteError, match="Stage A"):
            check_pixels(pixels, IDENTITY)

    @pytest.mark.parametrize(
        "pixels",
        [
            np.zeros((8, 8, 3), np.float32),
            np.zeros((8, 8), np.uint8),
            np.zeros((8, 8, 4), np.uint8),
            None,
        ],
    )
    def test_refuses_other_arrays(self, pixels: Any) -> None:
        with pytest.raises(ResultError, match="not uint8"):
            check_pixels(pixels, IDENTITY)
