"""The spring template, for tests of its editor."""

import copy
from typing import Any

import pytest

from tests.factories import make_layout_kit, make_template_version


@pytest.fixture
def spring() -> dict[str, Any]:
    """Make the template and a kit; return the template's document."""
    make_layout_kit()
    return copy.deepcopy(make_template_version().document)
