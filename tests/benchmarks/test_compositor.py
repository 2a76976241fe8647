"""The benchmark of the renderer: what it prints last can be read by a program."""

import json
import subprocess
import sys
from pathlib import Path

from benchmarks.compositor import Times, summarize

ROOT = Path(__file__).resolve().parents[2]
OWN = ("brandgen jpeg", "brandgen png", "codec floor jpeg", "cached jpeg")


def took(milliseconds: float) -> Times:
    """Three rounds of which the middle one took so long."""
    return Times([1.0, milliseconds, 1000.0], cpu_ms=3 * milliseconds)


class TestSummarize:
    def test_divides_medians_by_ours(self) -> None:
        times = {name: took(10) for name in (*OWN, "eight formats jpeg")}
        times |= {"codec floor jpeg": took(8), "cached jpeg": took(5)}
        times |= {"chromium jpeg": took(42), "chromium png": took(31)}

        figures = summarize(times)

        assert figures["jpeg_ratio"] == {"chromium": 4.2}
        assert figures["png_ratio"] == {"chromium": 3.1}
        assert figures["floor_ratio"] == 1.25
        assert (figures["jpeg_per_s"], figures["cached_per_s"]) == (100, 200)


class TestMain:
    def test_ends_with_its_figures_as_json(self) -> None:
        command = ["benchmarks/compositor.py", "--rounds=1", "--peers=none", "--json"]
        done = subprocess.run(
            [sys.executable, *command],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )

        assert done.returncode == 0, done.stderr[-2000:]
        figures = json.loads(done.stdout.splitlines()[-1])
        for kind in ("jpeg_ratio", "png_ratio"):
            assert list(figures[kind]) == ["pillow"]
            assert figures[kind]["pillow"] > 0
        rates = ("jpeg_per_s", "cached_per_s", "eight_formats_ms", "floor_ratio")
        assert all(figures[name] > 0 for name in rates)
