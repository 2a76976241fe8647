from pathlib import Path

import numpy as np

from brandgen.engine.records import describe, hash_pixels
from brandgen.engine.requests import Adapter, PriorRequest, Reference, Start

PIXELS = np.zeros((256, 256, 3), np.uint8)


class TestDescribe:
    def test_leaves_out_prompts_and_defaults(self) -> None:
        request = PriorRequest("secret launch", 7, 256, 384, "stripes", steps=9)

        assert describe(request) == {
            "seed": 7,
            "width_px": 256,
            "height_px": 384,
            "steps": 9,
        }

    def test_names_pictures_and_files_by_hash(self) -> None:
        request = PriorRequest(
            "x",
            7,
            256,
            256,
            references=(Reference(PIXELS, 2.0),),
            start=Start(b"kept", 0.5, np.full((256, 256), 255, np.uint8)),
            adapters=(Adapter(Path("/models/brand.safetensors"), 0.5, "ab"),),
        )

        found = describe(request)

        assert found["references"] == [{"pixels": hash_pixels(PIXELS), "weight": 2.0}]
        assert found["start"]["strength"] == 0.5
        assert len(found["start"]["source"]) == len(found["start"]["mask"]) == 64
        assert found["adapters"] == [
            {"file": "brand.safetensors", "scale": 0.5, "sha256": "ab"}
        ]


class TestHashPixels:
    def test_tells_shapes_apart(self) -> None:
        assert hash_pixels(PIXELS) != hash_pixels(PIXELS.reshape(128, 512, 3))
