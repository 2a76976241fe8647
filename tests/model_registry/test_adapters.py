from pathlib import Path
from typing import Any

import pytest

from brandgen.engine.registry import CASCADE
from brandgen.model_registry import adapters as module
from brandgen.model_registry.adapters import Adapters, AdapterUnavailableError
from brandgen.model_registry.models import AddedModel, ModelState
from tests.factories import make_adapter

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def miniature(settings: Any) -> None:
    settings.ENGINE = CASCADE


class TestByKey:
    def test_lists_what_the_registry_has_and_the_model_can_use(self) -> None:
        make_adapter()

        (found,) = Adapters().by_key.values()

        assert (found.entry.name, found.sha256, found.lack) == ("Glass", "a" * 64, "")

    def test_takes_adapters_of_the_installations_list(
        self, settings: Any, tmp_path: Path
    ) -> None:
        (tmp_path / "models.toml").write_text(LIST)
        settings.MODELS_FILE = str(tmp_path / "models.toml")

        found = Adapters().by_key["wave"]

        assert (found.sha256, found.lack) == ("b" * 64, "")
        assert found.entry.folder == tmp_path / "wave.safetensors"

    @pytest.mark.parametrize(
        ("family", "state", "said"),
        [
            ("stable-cascade", {}, "made for models of the family stable-cascade;"),
            ("", {"problem": "It is cut."}, "not as it should be: It is cut."),
            ("", {"files": {}}, "Nobody has checked its file"),
        ],
    )
    def test_says_why_one_can_not_be_used(
        self, family: str, state: dict[str, Any], said: str
    ) -> None:
        make_adapter(**({"family": family} if family else {}))
        if state:
            ModelState.objects.update(**state)

        assert said in Adapters().by_key["glass"].lack

    def test_says_that_the_model_takes_none(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        make_adapter()
        monkeypatch.setattr(module, "find_lack", lambda _: "It can't.")

        assert Adapters().by_key["glass"].lack == "It can't."

    def test_takes_an_engine_of_ones_own_at_its_word(self, settings: Any) -> None:
        settings.ENGINE = "northwind.Engine"
        make_adapter(family="northwind")

        assert Adapters().by_key["glass"].lack == ""

    def test_asks_two_questions_however_many(
        self, django_assert_num_queries: Any
    ) -> None:
        for number in range(9):
            make_adapter(key=f"a{number}")

        with django_assert_num_queries(2):
            assert len(Adapters().by_key) == 9


class TestGet:
    def test_refuses_what_is_not_registered(self) -> None:
        with pytest.raises(AdapterUnavailableError, match="no adapter 'glass'"):
            Adapters().get("glass")

    def test_refuses_what_can_not_be_used(self) -> None:
        make_adapter(family="sdxl")

        with pytest.raises(AdapterUnavailableError, match="Glass can't be used now"):
            Adapters().get("glass")


class TestFindFile:
    def test_finds_the_kept_hash_under_another_key(self) -> None:
        row = make_adapter()
        AddedModel.objects.update(key="other")
        ModelState.objects.update(key="other")

        found = Adapters().find_file(sha256="a" * 64, key="glass")

        assert found == Path(row.folder)

    def test_goes_by_the_key_where_the_file_was_replaced(self) -> None:
        """The engine refuses it then, by the hash that it is not."""
        row = make_adapter(sha256="b" * 64)

        assert Adapters().find_file(sha256="a" * 64, key="glass") == Path(row.folder)


LIST = f"""
format = 1
[[model]]
key = "wave"
name = "Wave"
kind = "adapter"
family = "stable-cascade-miniature"
folder = "wave.safetensors"
[model.license]
name = "CC BY 4.0"
purpose = "any purpose"
commercial_use = true
derivatives = true
[model.sha256]
"wave.safetensors" = "{"b" * 64}"
"""
