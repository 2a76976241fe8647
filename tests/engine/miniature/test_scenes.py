import dataclasses
import itertools

import numpy as np
import pytest

from brandgen.engine.miniature.backdrops import BACKDROPS
from brandgen.engine.miniature.course import SHIPPED
from brandgen.engine.miniature.grammar import NONE, PODIUMS, PRODUCTS
from brandgen.engine.miniature.palette import nearest_names, rgb, to_oklab
from brandgen.engine.miniature.scenes import (
    SHARES,
    Mix,
    Podium,
    Product,
    Scene,
    cover_subject,
    draw_scene,
    sample_scene,
)
from brandgen.engine.vocabulary import read_vocabulary


def name_around(picture: np.ndarray, x: float, y: float) -> str:
    height, width = picture.shape[:2]
    row, column = int(y * height), int(x * width)
    patch = picture[row - 3 : row + 4, column - 3 : column + 4].reshape(-1, 3)
    return nearest_names(np.median(patch, axis=0)[None] / 255)[0]


def share_near(picture: np.ndarray, name: str) -> float:
    distance = to_oklab(picture / 255) - to_oklab(rgb(name))
    return float((np.linalg.norm(distance, axis=-1) < 0.12).mean())


class TestSampleScene:
    def test_uses_no_color_twice(self) -> None:
        rng = np.random.default_rng(2)

        for scene in (sample_scene(rng) for _ in range(200)):
            used = [scene.ground, scene.pattern, scene.accent]
            used += [scene.podium.color] if scene.podium else []
            if scene.product:
                used += [scene.product.color, scene.product.label]
            named = [color for color in used if color]
            assert len(named) == len(set(named))

    def test_gives_a_second_color_to_all_but_plain_backdrops(self) -> None:
        rng = np.random.default_rng(3)

        for scene in (sample_scene(rng) for _ in range(200)):
            assert (scene.pattern is None) == (scene.backdrop == "plain")

    def test_draws_every_backdrop_there_is(self) -> None:
        assert SHARES.keys() == BACKDROPS.keys()
        assert sum(SHARES.values()) == pytest.approx(1)

    def test_keeps_to_what_a_bundle_knows(self) -> None:
        known = read_vocabulary(SHIPPED)
        assert known is not None
        rng = np.random.default_rng(12)

        for scene in (sample_scene(rng, Mix(vocabulary=known)) for _ in range(300)):
            assert scene.ground in known.colors
            assert scene.backdrop in known.backdrops
            assert scene.product is None or scene.product.kind in known.products
            assert (scene.accent, scene.mood) == (None, NONE) or len(known.moods) > 1


class TestDrawScene:
    @pytest.mark.parametrize("backdrop", sorted(BACKDROPS))
    def test_shows_both_colors_of_every_backdrop(self, backdrop: str) -> None:
        pattern = None if backdrop == "plain" else "teal"
        scene = Scene(backdrop, "cream", pattern)

        picture = draw_scene(scene, np.random.default_rng(4), 256, 256)

        assert picture.shape == (256, 256, 3)
        assert share_near(picture, "cream") > 0.05
        assert pattern is None or share_near(picture, "teal") > 0.05

    @pytest.mark.parametrize("backdrop", sorted(BACKDROPS.keys() - {"plain"}))
    def test_shows_a_third_color_where_one_is_asked(self, backdrop: str) -> None:
        scene = Scene(backdrop, "cream", "teal", accent="magenta")

        picture = draw_scene(scene, np.random.default_rng(4), 256, 256)

        assert share_near(picture, "teal") > 0.03
        assert share_near(picture, "magenta") > 0.02

    @pytest.mark.parametrize("room", ["left", "right", "top", "bottom"])
    @pytest.mark.parametrize("backdrop", ["blobs", "dots", "rings", "stripes", "waves"])
    def test_leaves_the_asked_side_empty(self, backdrop: str, room: str) -> None:
        scene = Scene(backdrop, "cream", "navy", room=room)

        picture = draw_scene(scene, np.random.default_rng(4), 256, 256)

        sides = {
            "left": picture[:, :80], "right": picture[:, -80:],
            "top": picture[:80], "bottom": picture[-80:],
        }  # fmt: skip
        across = {"left": "right", "right": "left", "top": "bottom", "bottom": "top"}
        assert share_near(sides[room], "cream") > 0.8
        assert share_near(sides[across[room]], "cream") < 0.75

    def test_shows_every_mood(self) -> None:
        scene = Scene("dots", "sky", "white", product=Product("can", "red"))
        plain = draw_scene(scene, np.random.default_rng(4), 128, 128).astype(float)

        for mood in ("soft", "bold", "night", "sunny"):
            moody = dataclasses.replace(scene, mood=mood)
            drawn = draw_scene(moody, np.random.default_rng(4), 128, 128)
            assert np.abs(drawn - plain).mean() > 3

    def test_darkens_the_night(self) -> None:
        scene = Scene("plain", "sky")
        night = dataclasses.replace(scene, mood="night")

        pictures = [
            draw_scene(s, np.random.default_rng(4), 96, 96) for s in (scene, night)
        ]

        assert pictures[1].mean() < 0.85 * pictures[0].mean()
        assert name_around(pictures[1], 0.5, 0.3) == "sky"

    @pytest.mark.parametrize("backdrop", ["waves", "hills", "gradient"])
    def test_keeps_the_ground_above_the_pattern(self, backdrop: str) -> None:
        scene = Scene(backdrop, "cream", "navy")

        picture = draw_scene(scene, np.random.default_rng(4), 256, 256)

        assert name_around(picture, 0.05, 0.05) == "cream"
        assert name_around(picture, 0.95, 0.95) == "navy"

    @pytest.mark.parametrize(
        ("kind", "side"),
        list(zip(PRODUCTS, itertools.cycle(["left", "center", "right"]), strict=False)),
    )
    def test_puts_a_product_of_its_color_on_its_side(
        self, kind: str, side: str
    ) -> None:
        scene = Scene("plain", "white", product=Product(kind, "blue"), side=side)

        picture = draw_scene(scene, np.random.default_rng(5), 256, 256)

        is_blue = np.linalg.norm(
            to_oklab(picture / 255) - to_oklab(rgb("blue")), axis=-1
        )
        middle = np.nonzero(is_blue < 0.15)[1].mean() / 256
        assert middle == pytest.approx(
            {"left": 0.27, "center": 0.5, "right": 0.73}[side], abs=0.05
        )

    @pytest.mark.parametrize("kind", PODIUMS)
    def test_stands_a_product_on_its_podium(self, kind: str) -> None:
        scene = Scene(
            "plain", "white", product=Product("can", "blue"), podium=Podium(kind, "red")
        )

        picture = draw_scene(scene, np.random.default_rng(6), 256, 256)

        lab = to_oklab(picture / 255)
        blue = np.nonzero(np.linalg.norm(lab - to_oklab(rgb("blue")), axis=-1) < 0.1)[0]
        red = np.nonzero(np.linalg.norm(lab - to_oklab(rgb("red")), axis=-1) < 0.1)[0]
        assert blue.mean() < red.mean()
        assert abs(int(blue.max()) - int(red.min())) < 40

    def test_draws_a_label_only_where_one_is_asked(self) -> None:
        bare = Scene("plain", "white", product=Product("box", "blue"))
        labeled = Scene(
            "plain", "white", product=Product("box", "blue", label="yellow")
        )

        without = draw_scene(bare, np.random.default_rng(7), 256, 256)
        with_label = draw_scene(labeled, np.random.default_rng(7), 256, 256)

        assert share_near(without, "yellow") == 0
        assert share_near(with_label, "yellow") > 0.004

    def test_has_soft_edges(self) -> None:
        scene = Scene("plain", "white", product=Product("sphere", "black"))

        picture = draw_scene(scene, np.random.default_rng(8), 128, 128)

        lightness = picture.mean(-1)
        assert ((lightness > 90) & (lightness < 190)).sum() > 30

    @pytest.mark.parametrize("size", [(384, 256), (256, 384), (96, 96), (130, 99)])
    def test_draws_any_size(self, size: tuple[int, int]) -> None:
        scene = Scene("hills", "sky", "green", Product("jar", "red"), side="right")

        picture = draw_scene(scene, np.random.default_rng(9), *size)

        assert picture.shape == (size[1], size[0], 3)

    def test_draws_the_same_from_the_same_seed(self) -> None:
        scene = sample_scene(np.random.default_rng(10))

        one = draw_scene(scene, np.random.default_rng(11), 96, 96)
        two = draw_scene(scene, np.random.default_rng(11), 96, 96)

        assert (one == two).all()


class TestCoverSubject:
    @pytest.mark.parametrize("kind", PRODUCTS)
    @pytest.mark.parametrize("podium", [None, *PODIUMS])
    @pytest.mark.parametrize("cells", [(12, 12), (18, 12), (12, 18)])
    def test_has_all_that_is_drawn_of_it(
        self, kind: str, podium: str | None, cells: tuple[int, int]
    ) -> None:
        columns, rows = cells
        scene = Scene(
            "plain",
            "white",
            product=Product(kind, "blue", "large"),
            podium=Podium(podium, "blue") if podium else None,
            side="left",
        )

        picture = draw_scene(scene, np.random.default_rng(13), 16 * columns, 16 * rows)

        far = np.linalg.norm(to_oklab(picture / 255) - to_oklab(rgb("blue")), axis=-1)
        is_blue = (far < 0.12).reshape(rows, 16, columns, 16).mean((1, 3)) > 0.1
        covered = cover_subject(scene, columns, rows)
        assert is_blue.sum() > 2
        assert covered[is_blue].all()
        assert covered.mean() < 0.45

    def test_is_nothing_where_nothing_stands(self) -> None:
        assert not cover_subject(Scene("waves", "white", "teal"), 12, 12).any()
