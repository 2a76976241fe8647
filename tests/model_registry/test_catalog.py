from pathlib import Path

import pytest
from pytest_django import Settings

from brandgen.model_registry.catalog import (
    SHIPPED,
    CatalogError,
    check_catalog,
    read_catalog,
    read_catalogs,
)
from brandgen.model_registry.entries import Origin

OWN = """
format = 1

[[model]]
key = "northwind"
name = "Northwind Cascade"
family = "stable-cascade"
folder = "weights"
learned_tokens = ["[northwind]"]

[model.license]
name = "Northwind's own"
purpose = "any purpose of Northwind"
commercial_use = true
derivatives = false

[model.sha256]
"prior/a.safetensors" = "{sha256}"

[[model.source]]
repository = "northwind/cascade"
revision = "v1"
parts = ["prior"]
""".format(sha256="a" * 64)


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "models.toml"
    path.write_text(text)
    return path


class TestReadCatalogs:
    def test_knows_the_miniature_and_the_published_models(self) -> None:
        entries = read_catalogs()

        assert set(entries) == {
            "stable-cascade-miniature",
            "stable-cascade",
            "stable-cascade-lite",
        }
        miniature = entries["stable-cascade-miniature"]
        assert miniature.is_here
        assert miniature.is_demonstration
        assert miniature.license.is_commercial_use_allowed
        for key in ("stable-cascade", "stable-cascade-lite"):
            assert entries[key].license.purpose == "non-commercial research"
            assert not entries[key].license.is_commercial_use_allowed
            assert [len(source.parts) > 1 for source in entries[key].sources]

    def test_adds_the_installations_own(
        self, tmp_path: Path, settings: Settings
    ) -> None:
        settings.MODELS_FILE = str(write(tmp_path, OWN))

        entry = read_catalogs()["northwind"]

        assert entry.origin == Origin.FILE
        assert entry.folder == tmp_path / "weights"
        assert entry.sources[0].revision == "v1"
        assert entry.learned_tokens == ("[northwind]",)
        assert (
            entry.license.allowed_uses == "Commercial use allowed, no derived weights"
        )

    def test_lets_the_installation_replace_what_ships(
        self, tmp_path: Path, settings: Settings
    ) -> None:
        text = OWN.replace('"northwind"', '"stable-cascade"', 1)
        settings.MODELS_FILE = str(write(tmp_path, text))

        assert read_catalogs()["stable-cascade"].name == "Northwind Cascade"

    def test_reads_the_list_again_once_it_changed(
        self, tmp_path: Path, settings: Settings
    ) -> None:
        path = write(tmp_path, OWN)
        settings.MODELS_FILE = str(path)
        read_catalogs()
        path.write_text(OWN.replace("Northwind Cascade", "Another name"))

        assert read_catalogs()["northwind"].name == "Another name"

    def test_names_the_setting_that_leads_nowhere(self, settings: Settings) -> None:
        settings.MODELS_FILE = "/nowhere/models.toml"

        with pytest.raises(CatalogError, match="MODELS_FILE names /nowhere"):
            read_catalogs()
        assert [one.id for one in check_catalog(None)] == ["model_registry.E001"]


class TestReadCatalog:
    @pytest.mark.parametrize(
        ("before", "after", "said"),
        [
            ("format = 1", "format = 2", "its format is not 1"),
            ("format = 1", "format = [", "can't be read"),
            ('key = "northwind"', "", "'key' is missing"),
            ('"northwind"', '"../etc"', r"the key '\.\./etc'"),
            ('name = "Northwind Cascade"', "name = 7", "'name' is 7, not a str"),
            ("commercial_use = true", "", "'commercial_use' is missing"),
            ("commercial_use = true", 'commercial_use = "no"', "not a bool"),
            ("a" * 64, "a" * 63, "not 64 digits in hex"),
            ('"prior/a.safetensors"', '"../a.safetensors"', "no plain path"),
            ('"northwind/cascade"', '"northwind"', "not OWNER/NAME"),
            ('parts = ["prior"]', 'parts = ["../prior"]', "no plain path"),
            ('parts = ["prior"]', "parts = [7]", "no text"),
            ('parts = ["prior"]', 'part = "prior"', "has 'part', which is not known"),
            ('folder = "weights"', 'directory = "weights"', "has 'directory'"),
        ],
    )
    def test_says_what_is_wrong_and_where(
        self, tmp_path: Path, before: str, after: str, said: str
    ) -> None:
        assert before in OWN
        path = write(tmp_path, OWN.replace(before, after, 1))

        with pytest.raises(CatalogError, match=said) as wrong:
            read_catalog(path, origin=Origin.FILE)

        assert str(path) in str(wrong.value)

    def test_ships_a_list_that_can_be_read(self) -> None:
        assert len(read_catalog(SHIPPED, origin=Origin.SHIPPED)) == 3
