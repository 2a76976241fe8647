from typing import Any

import pytest

from brandgen.presets.engine_settings import (
    EngineSettings,
    EngineSettingsError,
    read_engine_settings,
    read_size,
)


class TestReadEngineSettings:
    def test_fills_in_what_is_left_out(self) -> None:
        settings = read_engine_settings({"prior_steps": 12})

        assert settings == EngineSettings(prior_steps=12)
        assert read_engine_settings(settings.as_json()) == settings

    @pytest.mark.parametrize(
        ("data", "message"),
        [
            ({"width_px": 500}, "multiple of 128"),
            ({"prior_steps": 0}, "prior steps is 0"),
            ({"decoder_steps": 101}, "decoder steps is 101"),
            ({"prior_guidance_scale": float("nan")}, "guidance scale is nan"),
            ({"sampler": "ddim"}, "no engine setting 'sampler'"),
            ({"prior_steps": "many"}, "not supported"),
        ],
    )
    def test_refuses_what_no_engine_takes(
        self, data: dict[str, Any], message: str
    ) -> None:
        with pytest.raises(EngineSettingsError, match=message):
            read_engine_settings(data)


class TestReadSize:
    @pytest.mark.parametrize("text", ["", "512", "axb", "512x5000", "500x512", "-1x2"])
    def test_refuses_what_is_no_size(self, text: str) -> None:
        with pytest.raises(EngineSettingsError):
            read_size(text)
