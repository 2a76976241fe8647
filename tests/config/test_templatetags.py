from datetime import UTC, datetime

import pytest

from brandgen.config.templatetags import brandgen as tags


class TestFileSize:
    @pytest.mark.parametrize(
        ("size", "text"),
        [
            (0, "0 B"),
            (999, "999 B"),
            (1000, "1.0 kB"),
            (25_400, "25 kB"),
            (999_499, "999 kB"),
            (999_600, "1.0 MB"),
            (5_240_000_000, "5.2 GB"),
        ],
    )
    def test_writes_a_number_people_read(self, size: int, text: str) -> None:
        assert tags.file_size(size) == text


class TestSwatch:
    def test_draws_a_color_without_a_style_attribute(self) -> None:
        drawn = tags.swatch("#0f4c5c")

        assert 'fill="#0f4c5c"' in drawn
        assert "style" not in drawn

    def test_draws_nothing_that_is_no_color(self) -> None:
        assert 'fill="none"' in tags.swatch('red" onload="x')


class TestBadge:
    def test_says_a_state_by_shape_and_words_too(self) -> None:
        assert "shape square" in tags.badge("changes_requested", "Changes requested")
        assert "shape diamond" in tags.badge("rejected", "Rejected")

    def test_escapes_words(self) -> None:
        assert "<b>" not in tags.badge("draft", "<b>")


class TestAgo:
    def test_keeps_the_exact_time(self) -> None:
        said = tags.ago(datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC))

        assert 'datetime="2020-01-02T03:04:05+00:00"' in said
        assert "2 Jan 2020, 03:04:05 UTC" in said

    def test_says_never(self) -> None:
        assert tags.ago(None) == "never"
