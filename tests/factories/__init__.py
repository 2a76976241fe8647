"""Rows for tests: ``make_<noun>`` fills in what a test does not care about."""

from tests.factories.base import NOW, PASSWORD, make_picture
from tests.factories.batches import change_plan, find_states, make_batch, make_feed
from tests.factories.exports import make_destination
from tests.factories.generation import (
    make_candidate,
    make_decoding,
    make_extended_asset,
    make_generation,
    make_preset_version,
    make_refusal,
)
from tests.factories.jobs import make_job, make_lease, run_jobs
from tests.factories.kits import add_font, current_kit, make_kit, make_layout_kit
from tests.factories.library import make_asset, make_collection, make_marked_asset
from tests.factories.models import (
    STABLE_CASCADE,
    make_adapter,
    make_commercial_license,
    make_researched_asset,
)
from tests.factories.people import (
    make_admin,
    make_brand,
    make_manager,
    make_reviewer,
    make_user,
)
from tests.factories.review import make_review
from tests.factories.templates import (
    make_priced_version,
    make_public_form,
    make_signed_address,
    make_template_version,
    make_torture_test,
)

__all__ = [
    "NOW",
    "PASSWORD",
    "STABLE_CASCADE",
    "add_font",
    "change_plan",
    "current_kit",
    "find_states",
    "make_adapter",
    "make_admin",
    "make_asset",
    "make_batch",
    "make_brand",
    "make_candidate",
    "make_collection",
    "make_commercial_license",
    "make_decoding",
    "make_destination",
    "make_extended_asset",
    "make_feed",
    "make_generation",
    "make_job",
    "make_kit",
    "make_layout_kit",
    "make_lease",
    "make_manager",
    "make_marked_asset",
    "make_picture",
    "make_preset_version",
    "make_priced_version",
    "make_public_form",
    "make_refusal",
    "make_researched_asset",
    "make_review",
    "make_reviewer",
    "make_signed_address",
    "make_template_version",
    "make_torture_test",
    "make_user",
    "run_jobs",
]
