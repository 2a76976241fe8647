import subprocess
import sys

import numpy as np

from brandgen.engine.miniature import drawing
from brandgen.engine.miniature.drawing import draw_chunks
from brandgen.engine.miniature.scenes import sample_scene

RNG = np.random.default_rng(1)
SCENES = [sample_scene(RNG) for _ in range(drawing.CHUNK + 4)]


class TestDrawChunks:
    def test_draws_the_same_with_any_number_of_workers(self) -> None:
        alone = np.concatenate(list(draw_chunks(SCENES, 3, (32, 32), workers=1)))
        shared = np.concatenate(list(draw_chunks(SCENES, 3, (32, 32), workers=2)))

        assert alone.shape == (len(SCENES), 32, 32, 3)
        assert (alone == shared).all()

    def test_draws_cuts_of_one_size(self) -> None:
        (cuts,) = draw_chunks(SCENES[:6], 3, None)

        assert cuts.shape == (6, 256, 256, 3)

    def test_needs_no_torch(self) -> None:
        code = (
            "import sys, brandgen.engine.miniature.drawing as _;"
            "print('torch' in sys.modules)"
        )

        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        )

        assert done.stdout.strip() == "False"
