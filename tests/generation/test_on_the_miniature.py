"""The real engine makes every kind of picture, and makes it again byte for byte."""

from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.management import call_command

from brandgen.engine.cascade.engine import CascadeEngine
from brandgen.engine.protocol import Engine
from brandgen.engine.registry import CASCADE
from brandgen.generation import making
from brandgen.generation.fidelity import find_result
from brandgen.generation.gathering import find_adapters
from brandgen.generation.inputs import Inputs
from brandgen.generation.making import read_pixels
from brandgen.generation.models import Generation
from brandgen.generation.reproduce import find_decoding, reproduce
from brandgen.generation.runner import run_decoder, run_prior
from brandgen.generation.services import request_decodings
from brandgen.jobs.lease import JobFailedError
from brandgen.jobs.models import Job
from brandgen.library.models import Asset
from brandgen.presets.engine_settings import AdapterChoice, EngineSettings
from tests.factories import make_generation, make_lease
from tests.generation.test_edits import OPERATIONS, middle, who
from tests.model_registry.weights import write_adapter, write_own_adapter

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


class TestThreads:
    def test_of_the_record_compute_again_whatever_the_settings_say(
        self, settings: Any
    ) -> None:
        settings.ENGINE = CASCADE
        settings.ENGINE_THREADS = "auto"
        asset = finish(make_generation(seeds=[7]), CascadeEngine(threads=2))
        out = StringIO()

        call_command("reproduce", asset.sha256, stdout=out, stderr=out)

        assert out.getvalue() == f"The same, byte for byte: {asset.sha256}\n"


class TestBatch:
    @pytest.mark.parametrize("operation", ["draw", "vary"])
    def test_gives_the_candidates_of_one_by_one(
        self, engine: Engine, settings: Any, operation: str
    ) -> None:
        seeds = [7, 8, 9]
        alone = make_generation(seeds=seeds)
        if operation != "draw":
            alone = OPERATIONS[operation](finish(make_generation(seeds=[7]), engine))
            Generation.objects.filter(id=alone.id).update(seeds=seeds)
        run_prior(make_lease(alone), engine=engine)
        kept = [each.embeddings_sha256 for each in alone.candidates.all()]
        alone.candidates.all().delete()
        Job.objects.all().delete()
        settings.ENGINE_BATCH = 2

        run_prior(make_lease(alone), engine=engine)

        again = alone.candidates.all()
        assert [each.embeddings_sha256 for each in again] == kept
        assert again[0].model_identity["batch_seeds"] == [7, 8]

    def test_is_drawn_together_again_to_prove_an_image(
        self, engine: Engine, settings: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        settings.ENGINE_BATCH = 2
        asset = finish(make_generation(seeds=[7, 8]), engine)
        drawn: list[int] = []
        batch = engine.run_prior_batch
        monkeypatch.setattr(
            engine,
            "run_prior_batch",
            lambda asked, **how: drawn.append(len(asked)) or batch(asked, **how),
        )

        again = reproduce(find_decoding(asset.sha256), engine=engine)

        assert again.differences == ()
        assert drawn == [2]


class TestAdapter:
    def test_of_the_registry_changes_the_picture_and_is_found_again(
        self, engine: Engine, settings: Any, tmp_path: Path
    ) -> None:
        settings.ENGINE = CASCADE
        write_own_adapter(tmp_path / "glass.safetensors")
        call_command("models", "add", str(tmp_path / "glass.safetensors"))
        preset = EngineSettings(adapters=(AdapterChoice("glass", 2),))
        inputs = Inputs(adapters=find_adapters(preset)).as_json()
        plain = finish(make_generation(seeds=[7]), engine)

        drawn = finish(make_generation(seeds=[7], inputs=inputs), engine)

        assert drawn.sha256 != plain.sha256
        assert drawn.license_name == "Apache-2.0; CC BY 4.0"
        assert reproduce(find_decoding(drawn.sha256), engine=engine).is_same

    def test_is_refused_once_its_file_is_another(
        self, engine: Engine, settings: Any, tmp_path: Path
    ) -> None:
        settings.ENGINE = CASCADE
        path = tmp_path / "glass.safetensors"
        write_own_adapter(path)
        call_command("models", "add", str(path))
        preset = EngineSettings(adapters=(AdapterChoice("glass", 1),))
        inputs = Inputs(adapters=find_adapters(preset)).as_json()
        generation = make_generation(seeds=[7], inputs=inputs)

        write_adapter(path)

        with pytest.raises(JobFailedError, match="is another file than the one asked"):
            run_prior(make_lease(generation), engine=engine)
        assert not generation.candidates.exists()


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
