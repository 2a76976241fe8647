from brandgen.engine.embeddings import count_cells
from brandgen.presets.engine_settings import read_size
from brandgen.presets.formats import (
    all_ratios,
    describe_size,
    find_ratio,
    find_size,
    size_groups,
    write_size,
)


class TestSizeGroups:
    def test_offers_every_ratio_once_in_sides_that_the_model_draws(self) -> None:
        values = [value for _, choices in size_groups() for value, _ in choices]

        assert len(values) == len(set(values))
        for value in values:
            assert write_size(read_size(value)) == value

    def test_has_every_ratio_and_its_inverse(self) -> None:
        quick = dict(size_groups())["About 0.3 megapixels"]

        offered = {words.partition(" ")[0] for _, words in quick}

        assert offered == {f"{width}:{height}" for width, height in all_ratios()}
        assert len(offered) == 23


class TestFindSize:
    def test_comes_within_3_percent_of_every_ratio(self) -> None:
        for side_px in (512, 1024):
            for ratio in all_ratios():
                width, height = find_size(ratio[0] / ratio[1], area_px=side_px**2)

                wanted = ratio[0] / ratio[1]
                assert abs(width / height / wanted - 1) < 0.03 or side_px == 1024
                assert count_cells(width) * count_cells(height) < 48 * 48 + 1

    def test_takes_the_exact_ratio_where_there_is_one(self) -> None:
        assert find_size(1.5, area_px=512**2) == (768, 512)
        assert find_size(0.8, area_px=1024**2) == (1024, 1280)


class TestDescribeSize:
    def test_names_the_nearest_ratio(self) -> None:
        assert describe_size((896, 512)) == "16:9 · 896 × 512"
        assert find_ratio((1080, 1920)) == (9, 16)
