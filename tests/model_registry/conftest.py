"""A hub that really listens, with both repositories of the published model."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from tests.hub_server import HubServer, running_hub
from tests.model_registry.weights import write_hub_repositories


@pytest.fixture(autouse=True)
def own_models(tmp_path: Path, settings: Settings) -> None:
    """Keep models of each test in its own folder."""
    settings.MODELS_DIR = tmp_path / "models"
    settings.MODELS_FILE = ""


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[HubServer]:
    """Serve the official repositories, a few KB each."""
    write_hub_repositories(tmp_path / "hub")
    with running_hub(tmp_path / "hub") as server:
        yield server
