"""The real engine makes every kind of picture, and makes it again byte for byte."""

import numpy as np
import pytest

from brandgen.engine.cascade.engine import CascadeEngine
from brandgen.engine.protocol import Engine
from brandgen.generation import making
from brandgen.generation.fidelity import find_result
from brandgen.generation.making import read_pixels
from brandgen.generation.models import Generation
from brandgen.generation.reproduce import find_decoding, reproduce
from brandgen.generation.runner import run_decoder, run_prior
from brandgen.generation.services import request_decodings
from brandgen.jobs.models import Job
from brandgen.library.models import Asset
from tests.factories import make_generation, make_lease
from tests.generation.test_edits import OPERATIONS, middle, who

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def engine() -> Engine:
    return CascadeEngine()


def finish(generation: Generation, engine: Engine) -> Asset:
    run_prior(make_lease(generation), engine=engine)
    decoding = request_decodings(generation=generation, positions=[0], **who())[0]
    Job.objects.all().delete()
    run_decoder(make_lease(decoding), engine=engine)
    decoding.refresh_from_db()
    assert decoding.asset is not None
    return decoding.asset


@pytest.mark.parametrize("operation", OPERATIONS)
class TestEveryOperation:
    def test_is_made_again_byte_for_byte(self, engine: Engine, operation: str) -> None:
        source = finish(make_generation(seeds=[7]), engine)

        child = finish(OPERATIONS[operation](source), engine)

        again = reproduce(find_decoding(child.sha256), engine=engine)
        assert again.differences == ()
        assert again.is_same


class TestWhatIsKept:
    def test_is_every_byte_outside_the_area(self, engine: Engine) -> None:
        source = finish(make_generation(seeds=[7]), engine)
        before = read_pixels(source.sha256)

        changed = read_pixels(finish(OPERATIONS["inpaint"](source), engine).sha256)
        wide = read_pixels(finish(OPERATIONS["outpaint"](source), engine).sha256)

        kept = middle() == 0
        assert np.array_equal(before[kept], changed[kept])
        assert not np.array_equal(before[~kept], changed[~kept])
        assert np.array_equal(wide[:, 128:], before)

    def test_is_less_the_more_a_picture_is_varied(self, engine: Engine) -> None:
        source = finish(make_generation(seeds=[7], prior_steps=10), engine)
        generation = OPERATIONS["vary"](source)
        before = read_pixels(source.sha256).astype(int)

        differences = []
        for strength in (0.1, 0.9):
            inputs = dict(generation.inputs)
            inputs["source"] = inputs["source"] | {"strength": strength}
            generation.inputs = inputs
            result = making.make_candidate(engine, generation, 7)
            decoding = source.decodings.get()
            pixels = making.make_pixels(engine, decoding, result.embeddings)
            differences.append(np.abs(pixels.astype(int) - before).mean())

        assert differences[0] < differences[1]

    def test_is_measured_by_the_fidelity_test(self, engine: Engine) -> None:
        source = finish(make_generation(seeds=[7]), engine)
        generation = OPERATIONS["reconstruct"](source)

        finish(generation, engine)

        result = find_result(generation)
        assert result is not None
        assert 0 < result.measured.mean < 20
        assert result.measured.mean <= result.measured.worst
