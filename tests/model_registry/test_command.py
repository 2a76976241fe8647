import io
import re
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from brandgen.model_registry.models import AddedModel, ModelState
from tests.hub_server import HubServer
from tests.model_registry.weights import (
    write_adapter,
    write_hub_repositories,
    write_own_adapter,
)

pytestmark = pytest.mark.django_db


def models(*words: str) -> str:
    out = io.StringIO()
    call_command("models", *words, stdout=out)
    return out.getvalue()


class TestList:
    def test_says_license_place_and_which_is_in_use(self) -> None:
        said = models("list")

        assert "* stable-cascade-miniature: Stable Cascade miniature (model)" in said
        assert "allows   No commercial use; derived weights allowed" in said
        assert "not here, about 12.34 GB: manage.py models fetch stable-casc" in said

    def test_says_how_to_add_what_is_in_use_unregistered(
        self, settings: Settings
    ) -> None:
        settings.ENGINE_BUNDLE = Path("/models/other")

        assert "ENGINE_BUNDLE is /models/other, which is no model" in models("list")


class TestCheck:
    def test_reads_what_is_here(self) -> None:
        said = models("check")

        assert re.match(r"stable-cascade-miniature: \d\d whole, ", said)
        assert ModelState.objects.get().problem == ""

    def test_ends_with_an_error_where_a_model_is_not_whole(self) -> None:
        with pytest.raises(CommandError, match="Not as they should be: stable-casc"):
            models("check", "stable-cascade")

    def test_names_the_models_there_are(self) -> None:
        with pytest.raises(CommandError, match="Use one of: stable-cascade-mini"):
            models("check", "sdxl")


class TestFetch:
    def test_downloads_when_it_is_asked_to(
        self, hub: HubServer, settings: Settings
    ) -> None:
        settings.MODELS_HUB_URL = hub.url

        said = models("fetch", "stable-cascade-lite")

        folder = settings.MODELS_DIR / "stable-cascade-lite"
        assert "No commercial use" in said
        assert f"ENGINE_BUNDLE={folder}" in said
        assert (folder / "stable-cascade" / "decoder_lite" / "config.json").is_file()
        assert "whole" in models("list")

    def test_only_says_how_much_it_would_be(
        self, hub: HubServer, settings: Settings
    ) -> None:
        settings.MODELS_HUB_URL = hub.url

        said = models("fetch", "stable-cascade", "--dry-run")

        assert said.endswith(" MB; nothing was fetched.\n")
        assert not settings.MODELS_DIR.exists()

    def test_copies_from_a_folder(self, hub: HubServer, settings: Settings) -> None:
        models("fetch", "stable-cascade", "--from", str(hub.root))

        assert hub.requests == []
        assert ModelState.objects.get().key == "stable-cascade"

    def test_says_in_a_line_why_not(self, tmp_path: Path) -> None:
        with pytest.raises(CommandError, match="Nobody has said where"):
            models("fetch", "stable-cascade-miniature")
        with pytest.raises(CommandError, match="has no stabilityai/stable-casc"):
            models("fetch", "stable-cascade", "--from", str(tmp_path))


class TestAdd:
    def test_recognizes_the_official_layout_and_hashes_it(self, tmp_path: Path) -> None:
        write_hub_repositories(tmp_path)

        said = models("add", str(tmp_path / "stabilityai"), "--key", "research")

        assert "prior: stable-cascade-prior/prior" in said
        assert "Added: Stable Cascade (Stability AI Non-Commercial" in said
        assert ModelState.objects.get().problem == ""

    def test_takes_an_adapter_with_its_license(self, tmp_path: Path) -> None:
        write_adapter(tmp_path / "glass.safetensors")

        models(
            "add", str(tmp_path / "glass.safetensors"), "--family", "stable-cascade",
            "--license", "CC BY 4.0", "--commercial-use", "yes", "--token", "[glass]",
        )  # fmt: skip

        row = AddedModel.objects.get()
        assert (row.key, row.kind) == ("glass", "adapter")
        assert row.is_commercial_use_allowed
        assert row.learned_tokens == ["[glass]"]

    def test_asks_nothing_of_an_adapter_that_says_all(self, tmp_path: Path) -> None:
        write_own_adapter(tmp_path / "a.safetensors")

        said = models("add", str(tmp_path / "a.safetensors"))

        assert "  rank: 2" in said
        assert "Added: Glass (CC BY 4.0)." in said
        assert AddedModel.objects.get().learned_tokens == ["[glass]"]
        assert ModelState.objects.get().problem == ""

    def test_says_in_a_line_what_is_missing(self, tmp_path: Path) -> None:
        write_adapter(tmp_path / "glass.safetensors")

        with pytest.raises(CommandError, match="says its license"):
            models("add", str(tmp_path / "glass.safetensors"))
        with pytest.raises(CommandError, match="There is nothing at"):
            models("add", str(tmp_path / "nowhere"))
