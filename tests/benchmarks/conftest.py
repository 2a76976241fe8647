"""Lends the engine's tiny networks to the tests of its benchmark."""

from tests.engine.conftest import tiny, tiny_hub_folder

__all__ = ["tiny", "tiny_hub_folder"]
