"""The self-test that every process makes before it sets text."""

import pytest

from brandgen.compositor.typesetting import self_test


class TestCheckTypesetting:
    def test_passes_here(self) -> None:
        self_test.check_typesetting.__wrapped__()

    @pytest.mark.parametrize("name", ["WIDTH_EM", "CAP_HEIGHT_EM", "LINES"])
    def test_stops_where_text_is_wrong(
        self, name: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(self_test, name, 1.0)

        with pytest.raises(self_test.TextSelfTestError, match="clashes"):
            self_test.check_typesetting.__wrapped__()
