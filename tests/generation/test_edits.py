from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from brandgen.audit.models import Entry
from brandgen.engine.edits import ExtensionError
from brandgen.engine.fake import FakeEngine
from brandgen.engine.protocol import Capability
from brandgen.engine.registry import CASCADE
from brandgen.engine.requests import Mask
from brandgen.generation import edits
from brandgen.generation.making import prior_request, read_pixels
from brandgen.generation.models import Decoding, Generation
from brandgen.generation.pictures import MaskError, draw_rectangle
from brandgen.generation.reproduce import find_decoding, reproduce
from brandgen.generation.runner import run_decoder, run_prior
from brandgen.generation.services import (
    PromptTooLongError,
    SeedsError,
    request_decodings,
)
from brandgen.jobs.models import Job
from brandgen.library.models import Asset
from brandgen.model_registry.abilities import find_control
from brandgen.presets.services import BannedTermError
from tests.factories import (
    NOW,
    current_kit,
    make_asset,
    make_brand,
    make_generation,
    make_lease,
    make_picture,
    make_user,
)

pytestmark = pytest.mark.django_db

Operation = Generation.Operation
SIDES = {"left": 0, "top": 0, "right": 0, "bottom": 0}


def who() -> dict[str, Any]:
    return {"requested_by": make_user(), "at": NOW}


def finish(generation: Generation) -> Asset:
    run_prior(make_lease(generation), engine=FakeEngine())
    decoding = request_decodings(generation=generation, positions=[0], **who())[0]
    Job.objects.all().delete()
    run_decoder(make_lease(decoding), engine=FakeEngine())
    decoding.refresh_from_db()
    assert decoding.asset is not None
    return decoding.asset


def make_drawn() -> Asset:
    return finish(make_generation(seeds=[7]))


def middle(size: tuple[int, int] = (256, 256)) -> Mask:
    return draw_rectangle(size, left=64, top=64, width=128, height=128)


def request_middle(asset: Asset, **changes: Any) -> Generation:
    fields: dict[str, Any] = {"mask": middle(), "prompt": "red dots", "count": 1}
    return edits.request_change(asset=asset, **(fields | changes), **who())


OPERATIONS: dict[str, Callable[[Asset], Generation]] = {
    "vary": lambda asset: edits.request_variation(
        asset=asset, strength=0.35, count=2, **who()
    ),
    "inpaint": request_middle,
    "outpaint": lambda asset: edits.request_extension(
        asset=asset, sides=SIDES | {"left": 128}, prompt="sky", count=1, **who()
    ),
    "upscale": lambda asset: edits.request_enlargement(
        asset=asset, factor=2.0, **who()
    ),
    "reconstruct": lambda asset: edits.request_fidelity_test(asset=asset, **who()),
}


@pytest.mark.parametrize("operation", OPERATIONS)
class TestEveryOperation:
    def test_makes_a_child_that_can_be_made_again_byte_for_byte(
        self, operation: str
    ) -> None:
        source = make_drawn()
        generation = OPERATIONS[operation](source)

        child = finish(generation)

        assert generation.operation == operation
        assert child.parent_links.get().parent == source
        assert child.parent_links.get().role == "source"
        again = reproduce(find_decoding(child.sha256), engine=FakeEngine())
        assert again.differences == ()
        assert again.is_same

    def test_begins_from_an_uploaded_photograph_of_any_size(
        self, operation: str
    ) -> None:
        if operation == "inpaint":
            pytest.skip("the mask of this test is 256 px")
        source = make_asset(
            data=make_picture(700, 500),
            kind=Asset.Kind.UPLOADED,
            digital_source_type="digitalCapture",
            license_name="Own shoot",
            is_commercial_use_allowed=False,
        )

        child = finish(OPERATIONS[operation](source))

        assert child.width_px % 128 == child.height_px % 128 == 0
        assert child.license_name == "Apache-2.0; Own shoot"
        assert not child.is_commercial_use_allowed
        is_new = operation == "vary"
        assert (child.digital_source_type == "trainedAlgorithmicMedia") == is_new

    def test_leaves_an_approved_picture_as_it_is(self, operation: str) -> None:
        source = make_drawn()
        Asset.objects.update(state=Asset.State.APPROVED, approved_at=NOW)
        before = Asset.objects.values().get()

        finish(OPERATIONS[operation](source))

        assert Asset.objects.filter(id=source.id).values().get() == before


class TestRequestVariation:
    def test_keeps_more_of_the_picture_the_lower_the_strength(self) -> None:
        source = make_drawn()
        before = read_pixels(source.sha256)

        def differ(strength: float) -> float:
            generation = edits.request_variation(
                asset=source, strength=strength, count=1, **who()
            )
            after = read_pixels(finish(generation).sha256)
            return float(np.abs(after.astype(int) - before).mean())

        assert differ(0.1) < differ(0.9)

    def test_begins_from_the_embeddings_where_it_has_them(self) -> None:
        source = make_drawn()

        generation = edits.request_variation(
            asset=source, strength=0.5, count=1, **who()
        )

        inputs = generation.read_inputs().source
        kept = source.decodings.get().candidate
        assert inputs is not None
        assert inputs.embeddings_sha256 == kept.embeddings_sha256
        assert inputs.family == "fake"

    def test_records_words_and_who_asked(self) -> None:
        source = make_drawn()

        generation = edits.request_variation(
            asset=source, strength=0.5, count=3, **who()
        )

        assert generation.prompt == source.prompt
        assert len(set(generation.seeds)) == 3
        entry = Entry.objects.filter(action="generation.requested").latest("id")
        assert entry.data["source"] == str(source.id)

    def test_refuses_too_many(self) -> None:
        with pytest.raises(SeedsError, match="25 images"):
            edits.request_variation(asset=make_drawn(), strength=0.5, count=25, **who())


class TestRequestChange:
    def test_keeps_every_byte_outside_the_mask(self) -> None:
        source = make_drawn()

        child = finish(request_middle(source))

        before, after = read_pixels(source.sha256), read_pixels(child.sha256)
        kept = middle() == 0
        assert np.array_equal(before[kept], after[kept])
        assert not np.array_equal(before[96:160, 96:160], after[96:160, 96:160])

    @pytest.mark.parametrize(
        ("changes", "error", "said"),
        [
            ({"mask": np.zeros((256, 256), np.uint8)}, MaskError, "Nothing is marked"),
            ({"mask": middle((384, 256))}, MaskError, "384 × 256 px"),
            ({"prompt": "a ch3ap mug"}, BannedTermError, "cheap"),
            ({"prompt": "blue " * 90}, PromptTooLongError, "never see"),
        ],
    )
    def test_refuses_and_queues_nothing(
        self, changes: dict[str, Any], error: type[Exception], said: str
    ) -> None:
        source = make_drawn()
        current_kit(make_brand()).banned_terms.create(term="cheap")

        with pytest.raises(error, match=said):
            request_middle(source, **changes)

        assert Generation.objects.count() == 1

    def test_makes_the_marked_part_what_the_words_say(self) -> None:
        child = finish(request_middle(make_drawn(), prompt="red"))

        red, green, blue = read_pixels(child.sha256)[120:136, 120:136].mean((0, 1))

        assert red > 180
        assert max(green, blue) < 80


class TestRequestExtension:
    def test_adds_on_the_side_asked_for_and_keeps_the_rest(self) -> None:
        source = make_drawn()

        child = finish(OPERATIONS["outpaint"](source))

        before, after = read_pixels(source.sha256), read_pixels(child.sha256)
        assert after.shape == (256, 384, 3)
        assert np.array_equal(after[:, 128:], before)

    @pytest.mark.parametrize(
        ("left", "said"),
        [(0, "Nothing is added"), (100, "multiple of 128"), (-128, "multiple of 128"),
         (1920, "at most 2048 px")],
    )  # fmt: skip
    def test_refuses_what_the_model_does_not_draw(self, left: int, said: str) -> None:
        with pytest.raises(ExtensionError, match=said):
            edits.request_extension(
                asset=make_drawn(),
                sides=SIDES | {"left": left},
                prompt="",
                count=1,
                **who(),
            )


class TestRequestEnlargement:
    def test_makes_one_larger_picture_without_being_picked(self) -> None:
        generation = OPERATIONS["upscale"](make_drawn())

        run_prior(make_lease(generation), engine=FakeEngine())

        assert (generation.width_px, generation.height_px) == (512, 512)
        assert Decoding.objects.filter(candidate__generation=generation).exists()

    @pytest.mark.parametrize(
        ("factor", "said"), [(3.0, "Use 1.5 or 2"), (1.5, "and would have 2400 px")]
    )
    def test_refuses_what_would_be_too_large(self, factor: float, said: str) -> None:
        wide = make_asset(data=make_picture(1600, 400))

        with pytest.raises(ExtensionError, match=said):
            edits.request_enlargement(asset=wide, factor=factor, **who())


class TestRequestFidelityTest:
    def test_draws_the_same_picture_as_the_decoder_can(self) -> None:
        source = make_asset(data=make_picture(256, 256, seed=3))

        child = finish(OPERATIONS["reconstruct"](source))

        before, after = read_pixels(source.sha256), read_pixels(child.sha256)
        assert np.abs(before.astype(int) - after).mean() < 8


class TestControl:
    @pytest.fixture
    def controlled(self, settings: Any, tmp_path: Path) -> None:
        """Let the settings name a model with ControlNets, by its files' names."""
        for part in (
            "prior", "decoder", "vqgan", "text_encoder", "tokenizer", "scheduler",
            "semantic_encoder", "controlnet",
        ):  # fmt: skip
            (tmp_path / part).mkdir()
        for name in ("inpainting", "super_resolution"):
            (tmp_path / "controlnet" / f"{name}.safetensors").touch()
        settings.ENGINE, settings.ENGINE_BUNDLE = CASCADE, tmp_path

    def test_is_not_asked_for_where_the_model_has_none(self) -> None:
        source = request_middle(make_drawn()).read_inputs().source

        assert source is not None
        assert source.control == ""

    @pytest.mark.parametrize(
        ("operation", "kind"),
        [("inpaint", "inpaint"), ("outpaint", "inpaint"),
         ("upscale", "super_resolution")],
    )  # fmt: skip
    def test_follows_the_picture_where_the_model_can(
        self, operation: str, kind: str, request: pytest.FixtureRequest
    ) -> None:
        drawn = make_drawn()
        request.getfixturevalue("controlled")

        generation = OPERATIONS[operation](drawn)

        asked = prior_request(
            generation, 7, inputs=generation.read_inputs(), family="fake"
        )
        assert asked.control is not None
        assert asked.control.kind == kind
        assert asked.control.pixels.shape == (asked.height_px, asked.width_px, 3)
        assert (asked.control.mask is None) == (operation == "upscale")
        assert (asked.start is None) == (operation == "upscale")
        assert (asked.guidance_scale == 1) == (operation == "upscale")
        engine = FakeEngine(capabilities=frozenset(Capability))
        run_prior(make_lease(generation), engine=engine)
        assert len(engine.seeds_seen) == 1

    def test_is_left_out_for_the_lite_prior(
        self, controlled: None, settings: Any, tmp_path: Path
    ) -> None:
        (tmp_path / "prior_lite").mkdir()
        settings.ENGINE_PRIOR = "lite"

        assert find_control(has_mask=True) == ""
