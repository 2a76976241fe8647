import subprocess
import sys
import weakref
from pathlib import Path
from typing import Any

import pytest
import torch

from brandgen.engine.cascade.devices import is_out_of_memory
from brandgen.engine.cascade.engine import CascadeEngine
from brandgen.engine.errors import DeviceMemoryError
from brandgen.engine.protocol import Step
from brandgen.engine.requests import DecoderRequest, PriorRequest

ROOT = Path(__file__).parents[3]
REQUEST = PriorRequest("teal waves", 3, width_px=256, height_px=256, steps=2)

# Allows what is loaded now and `room` more, then draws a large picture and a small one.
SHORT_OF_MEMORY = """
import resource, sys
from brandgen.engine.cascade.engine import CascadeEngine
from brandgen.engine.errors import DeviceMemoryError
from brandgen.engine.requests import DecoderRequest, PriorRequest

def draw(side):
    request = PriorRequest("teal waves", 3, width_px=side, height_px=side, steps=1)
    kept = engine.run_prior(request).embeddings
    return engine.run_decoder(DecoderRequest(kept, 3, steps=1))

engine = CascadeEngine()
before = draw(256)
pages = int(open("/proc/self/statm").read().split()[0])
limit = pages * resource.getpagesize() + 100 * 2**20
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
try:
    draw(1024)
except DeviceMemoryError as error:
    print(error)
assert (draw(256) == before).all()
"""


class TestIsOutOfMemory:
    @pytest.mark.parametrize(
        ("error", "expected"),
        [
            (torch.OutOfMemoryError("CUDA out of memory"), True),
            (MemoryError(), True),
            (RuntimeError("DefaultCPUAllocator: can't allocate memory: you"), True),
            (OSError(12, "Cannot allocate memory"), True),
            (RuntimeError("shapes don't match"), False),
            (ValueError("can't allocate memory"), False),
        ],
    )
    def test_knows_the_ways_to_say_so(self, error: Exception, expected: bool) -> None:
        assert is_out_of_memory(error) == expected


class TestCheck:
    def test_refuses_before_anything_is_loaded(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(
            "brandgen.engine.cascade.room.find_free_bytes", lambda device: 10 * 2**20
        )
        engine = CascadeEngine()

        with pytest.raises(DeviceMemoryError, match=r"needs .* cpu has 10 MB free"):
            engine.run_prior(REQUEST)

        assert engine.parts.loaded == set()

    def test_counts_what_is_loaded_as_its_own(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        engine = CascadeEngine()
        kept = engine.run_prior(REQUEST).embeddings
        monkeypatch.setattr(
            "brandgen.engine.cascade.room.find_free_bytes", lambda device: 0
        )

        assert engine.run_prior(REQUEST).embeddings == kept

    def test_is_silent_where_nothing_says_what_is_free(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(
            "brandgen.engine.cascade.room.find_free_bytes", lambda device: None
        )

        CascadeEngine().run_prior(REQUEST)


class TestRecover:
    def test_goes_on_after_memory_really_ran_out(self) -> None:
        done = subprocess.run(
            [sys.executable, "-c", SHORT_OF_MEMORY],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )

        assert done.returncode == 0, done.stderr[-2000:]
        said = done.stdout
        assert said.startswith("The memory of cpu ran out while it worked on 1024")
        assert "This would fit:" in said

    def test_lets_go_of_what_was_half_done(self) -> None:
        engine = CascadeEngine()
        kept = engine.run_prior(REQUEST).embeddings
        held: list[weakref.ref[Any]] = []

        def run_out(step: Step) -> None:
            half_done = torch.ones(1000)
            held.append(weakref.ref(half_done))
            torch.empty(2**50, dtype=torch.uint8)

        with pytest.raises(DeviceMemoryError) as caught:
            engine.run_decoder(DecoderRequest(kept, 1), on_step=run_out)

        # The error is alive, with its traceback; the tensor that it stopped at is not.
        assert isinstance(caught.value.__cause__, RuntimeError)
        assert held[0]() is None
        assert engine.run_prior(REQUEST).embeddings == kept


@pytest.mark.gpu
class TestOnGpu:
    def test_goes_on_after_the_gpu_ran_out(self) -> None:
        engine = CascadeEngine(device="cuda", dtype="float32")
        before = engine.run_prior(REQUEST).embeddings

        def run_out(step: Step) -> None:
            torch.empty(2**40, dtype=torch.uint8, device="cuda")

        with pytest.raises(DeviceMemoryError, match="memory of cuda ran out"):
            engine.run_prior(REQUEST, on_step=run_out)

        assert engine.run_prior(REQUEST).embeddings == before
