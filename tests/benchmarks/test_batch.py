"""The benchmark of batches, on a few cells: all are rendered, and all is counted."""

import pytest

from benchmarks.batch import measure
from brandgen.creatives.models import Creative
from tests.factories import make_layout_kit, make_template_version, make_user


@pytest.mark.django_db
class TestMeasure:
    def test_counts_both_sides(self) -> None:
        version = make_template_version()
        make_layout_kit(brand=version.template.brand)

        report = measure(version, make_user(), cells=3, share=2)

        states = Creative.objects.values_list("state", flat=True)
        assert list(states) == ["rendered"] * 3
        assert report["queue"]["cells"] == 3
        assert report["bare"]["cells"] == 2
        for side in ("queue", "bare"):
            assert report[side]["rate"] > 0
            assert report[side]["cpu_ms"] > 0
        queue, bare = report["queue"], report["bare"]
        assert report["ratio"] == pytest.approx(queue["rate"] / bare["rate"])
