from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from brandgen.checks import box_contrast, share_distance
from brandgen.engine.cascade.color_field import ColorField
from brandgen.engine.cascade.color_guidance import make_steer, soft_box
from brandgen.engine.cascade.engine import CascadeEngine
from brandgen.engine.cascade.sampling import Moment
from brandgen.engine.color_map import ColorMap, find_color_map
from brandgen.engine.registry import default_bundle
from brandgen.engine.requests import (
    DecoderRequest,
    PaletteColor,
    PaletteGoal,
    Pixels,
    PriorRequest,
    TextBox,
)
from brandgen.lib import colors as lib_colors

CPU = torch.device("cpu")
MIDDLE = Moment(10, 20, 0.5)
NAVY, SAND = (16, 42, 92), (240, 220, 180)
GOAL = PaletteGoal((PaletteColor(*NAVY, 0.75), PaletteColor(*SAND, 0.25)), 1.0)


def make_request(**changes: Any) -> PriorRequest:
    return PriorRequest(
        **{
            "prompt": "soft gradient background",
            "seed": 7,
            "width_px": 512,
            "height_px": 384,
            "guidance_scale": 3.0,
            **changes,
        }
    )


@pytest.fixture(scope="module")
def color_map() -> ColorMap:
    return find_color_map(default_bundle())


@pytest.fixture(scope="module")
def field(color_map: ColorMap) -> ColorField:
    return ColorField(color_map, CPU)


def make_latents(n: int = 2, rows: int = 9) -> torch.Tensor:
    """Make latents (n, 16, rows, 12), those of 512 x 384 px unless told otherwise."""
    generator = torch.Generator().manual_seed(4)
    return torch.randn(n, 16, rows, 12, generator=generator)


def steer(
    latents: torch.Tensor, color_map: ColorMap, moment: Moment = MIDDLE, **changes: Any
) -> torch.Tensor:
    with torch.inference_mode():
        for move in make_steer(make_request(**changes), color_map, CPU):
            latents = move(latents, moment)
    return latents


def see(field: ColorField, latents: torch.Tensor) -> Pixels:
    """Draw latents (n, channels, rows, columns) as one pixel for each cell."""
    return (field.read(latents).clamp(0, 1).numpy() * 255).round().astype(np.uint8)


class TestColorField:
    def test_converts_as_numpy_does(self, field: ColorField) -> None:
        srgb = np.random.default_rng(1).random((50, 3))
        expected = lib_colors.to_oklab(srgb * 255)

        lab = field.to_oklab(field.tensor(srgb))

        assert lab.numpy() == pytest.approx(expected, abs=1e-5)
        assert field.from_oklab(lab).numpy() == pytest.approx(srgb, abs=1e-4)

    def test_moves_colors_by_what_was_wanted(self, field: ColorField) -> None:
        latents = make_latents() * 0.1
        change = torch.full((2, 9, 12, 3), 0.05)

        moved = field.move(latents, change)

        found = field.read(moved) - field.read(latents)
        assert torch.allclose(found, change, atol=1e-4)


class TestPalette:
    def test_gives_every_color_its_share(
        self, color_map: ColorMap, field: ColorField
    ) -> None:
        latents = make_latents(rows=12)
        before = see(field, latents)
        for _ in range(5):
            latents = steer(latents, color_map, palette=GOAL, height_px=512)
        after = see(field, latents)

        wanted = [("#102a5c", 0.75), ("#f0dcb4", 0.25)]
        for index in range(2):
            far, near = (
                share_distance(seen[index].repeat(8, 0).repeat(8, 1), wanted)
                for seen in (before, after)
            )
            assert near < far * 0.3
            light = (after[index].mean(-1) > 128).mean()
            assert light == pytest.approx(0.25, abs=0.03)

    def test_leaves_latents_that_are_the_palette(
        self, color_map: ColorMap, field: ColorField
    ) -> None:
        colors = torch.zeros(1, 9, 12, 3)
        colors[:, :, :9] = torch.tensor(NAVY) / 255
        colors[:, :, 9:] = torch.tensor(SAND) / 255
        zero = torch.zeros(1, 16, 9, 12)
        latents = field.move(zero, colors - field.read(zero))

        moved = steer(latents, color_map, palette=GOAL)

        assert (field.read(moved) - colors).abs().max() < 0.02

    def test_does_less_with_less_strength(self, color_map: ColorMap) -> None:
        latents = make_latents()
        moves = [
            (
                steer(latents, color_map, palette=replace(GOAL, strength=strength))
                - latents
            ).norm()
            for strength in (0.0, 0.2, 0.6, 1.0)
        ]

        assert moves[0] == 0
        assert moves == sorted(moves)

    def test_keeps_a_subject_out(self, color_map: ColorMap) -> None:
        latents = make_latents()
        subject = np.zeros((384, 512), np.uint8)
        subject[:, :256] = 255

        moved = steer(latents, color_map, palette=replace(GOAL, subject=subject))

        apart = (moved - latents).abs().amax((0, 1))
        assert apart[:, :6].max() < 1e-4
        assert apart[:, 6:].max() > 0.1

    def test_leaves_a_picture_that_is_all_subject(self, color_map: ColorMap) -> None:
        latents = make_latents()
        subject = np.full((384, 512), 255, np.uint8)

        moved = steer(latents, color_map, palette=replace(GOAL, subject=subject))

        assert torch.allclose(moved, latents, atol=1e-4)

    def test_takes_a_color_without_a_share(self, color_map: ColorMap) -> None:
        goal = replace(GOAL, colors=(*GOAL.colors, PaletteColor(255, 0, 0, 0.0)))
        latents = make_latents()

        moved = steer(latents, color_map, palette=goal)

        expected = steer(latents, color_map, palette=GOAL)
        assert torch.allclose(moved, expected, atol=1e-3)

    def test_lets_the_model_finish_alone(self, color_map: ColorMap) -> None:
        latents = make_latents()

        moved = steer(latents, color_map, Moment(20, 20, 0.05), palette=GOAL)

        assert torch.equal(moved, latents)

    @pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
    def test_moves_other_precisions_alike(
        self, color_map: ColorMap, dtype: torch.dtype
    ) -> None:
        latents = make_latents().to(dtype)

        moved = steer(latents, color_map, palette=GOAL)

        assert moved.dtype == dtype
        expected = steer(latents.float(), color_map, palette=GOAL)
        assert torch.allclose(moved.float(), expected, atol=0.02)

    def test_moves_an_image_of_a_batch_as_it_moves_it_alone(
        self, color_map: ColorMap
    ) -> None:
        latents = make_latents(3)
        box = TextBox(0, 0, 0.5, 0.5)

        together = steer(latents, color_map, palette=GOAL, text_boxes=(box,))

        for index in range(3):
            one = latents[index : index + 1]
            alone = steer(one, color_map, palette=GOAL, text_boxes=(box,))
            assert torch.allclose(together[index : index + 1], alone, atol=1e-5)


class TestTextBoxes:
    @pytest.mark.parametrize(
        ("ink", "contrast"),
        [
            ((255, 255, 255), 4.5),
            ((255, 255, 255), 7.0),
            ((17, 24, 39), 7.0),
            ((255, 255, 255), 21.0),
            ((0, 0, 0), 21.0),
        ],
    )
    def test_gives_every_cell_of_the_box_its_contrast(
        self,
        color_map: ColorMap,
        field: ColorField,
        ink: tuple[int, int, int],
        contrast: float,
    ) -> None:
        box = TextBox(0.1, 0.2, 0.6, 0.8, ink, contrast)

        moved = steer(make_latents(), color_map, text_boxes=(box,))

        inside = see(field, moved)[0, 2:7, 1:7]
        reached = lib_colors.contrast_of_worst(inside, ink, share=0)
        assert reached >= min(contrast, 20.5)

    def test_calms_the_box_and_leaves_what_is_far_from_it(
        self, color_map: ColorMap
    ) -> None:
        latents = make_latents()
        box = TextBox(0.0, 0.0, 0.5, 1.0)

        moved = latents
        for _ in range(10):
            moved = steer(moved, color_map, text_boxes=(box,))

        inside = moved[..., :6].std((2, 3)).mean()
        assert inside < latents[..., :6].std((2, 3)).mean() * 0.6
        assert torch.allclose(moved[..., 8:], latents[..., 8:], atol=1e-4)

    def test_leaves_the_first_steps_alone(self, color_map: ColorMap) -> None:
        latents = make_latents()

        moved = steer(
            latents, color_map, Moment(1, 20, 1.0), text_boxes=(TextBox(0, 0, 1, 1),)
        )

        assert torch.equal(moved, latents)

    def test_makes_one_box_dark_and_another_light(
        self, color_map: ColorMap, field: ColorField
    ) -> None:
        dark = TextBox(0.0, 0.0, 0.3, 1.0, (255, 255, 255))
        light = TextBox(0.7, 0.0, 1.0, 1.0, (20, 20, 20))

        moved = steer(make_latents(), color_map, text_boxes=(dark, light))

        seen = see(field, moved)[0]
        in_dark, in_light = seen[:, :3], seen[:, 9:]
        for cells, box in ((in_dark, dark), (in_light, light)):
            assert lib_colors.contrast_of_worst(cells, box.text_color, share=0) >= 4.5
        assert in_dark.mean(-1).max() + 20 < in_light.mean(-1).min()


class TestSoftBox:
    def test_is_whole_where_the_box_is_and_fades_out_around(self) -> None:
        weights = soft_box(TextBox(0.27, 0.27, 0.73, 0.73), 12, 12)

        assert (weights[3:9, 3:9] == 1).all()
        assert 0 < weights[6, 2] < 1
        assert weights[1].max() == 0

    def test_leaves_no_strip_beside_the_border(self) -> None:
        weights = soft_box(TextBox(0.05, 0.3, 0.95, 0.7), 24, 24)

        assert (weights[12] == 1).all()
        assert weights[:, 12].min() == 0


class TestGuidedPrior:
    """The miniature, whole: measured on decoded pictures."""

    def test_brings_a_picture_nearer_to_its_palette(
        self, miniature: CascadeEngine
    ) -> None:
        wanted = [("#102a5c", 0.75), ("#f0dcb4", 0.25)]
        free, guided = (
            draw(miniature, make_request(palette=palette)) for palette in (None, GOAL)
        )

        assert share_distance(guided, wanted) < 0.5 * share_distance(free, wanted)

    def test_makes_room_for_white_text(self, miniature: CascadeEngine) -> None:
        box = TextBox(0.05, 0.1, 0.5, 0.9)
        prompt = "pink blobs on a cream background"
        free, guided = (
            draw(miniature, make_request(prompt=prompt, text_boxes=boxes))
            for boxes in ((), (box,))
        )

        sides = (box.left, box.top, box.right, box.bottom)
        assert box_contrast(free, sides, box.text_color) < 3
        assert box_contrast(guided, sides, box.text_color) >= 4.5

    def test_makes_room_for_the_color_that_suits_the_picture(
        self, miniature: CascadeEngine
    ) -> None:
        box = TextBox(0.05, 0.1, 0.5, 0.5, other_color=(23, 23, 23))
        dark_only = replace(box, text_color=(23, 23, 23), other_color=None)
        prompt = "pink blobs on a cream background"

        either, dark = (
            miniature.run_prior(make_request(prompt=prompt, text_boxes=(each,)))
            for each in (box, dark_only)
        )

        assert np.array_equal(either.preview, dark.preview)

    def test_gives_the_same_bytes_again(self, miniature: CascadeEngine) -> None:
        request = make_request(palette=GOAL, text_boxes=(TextBox(0, 0, 0.5, 0.5),))

        first = miniature.run_prior(request)

        assert CascadeEngine().run_prior(request).embeddings == first.embeddings
        assert first.embeddings != miniature.run_prior(make_request()).embeddings

    def test_draws_as_before_at_strength_0(self, miniature: CascadeEngine) -> None:
        free = miniature.run_prior(make_request())

        still = miniature.run_prior(make_request(palette=replace(GOAL, strength=0.0)))

        assert np.array_equal(still.preview, free.preview)


def draw(engine: CascadeEngine, request: PriorRequest) -> Pixels:
    kept = engine.run_prior(request)
    return engine.run_decoder(DecoderRequest(kept.embeddings, request.seed))
