from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from tests.factories import make_batch, run_jobs

pytestmark = pytest.mark.django_db(transaction=True)
BEFORE, AFTER = "0003_torture_tests", "0006_rows_are_needed"


def migrate(name: str) -> Any:
    executor = MigrationExecutor(connection)
    executor.migrate([("creatives", name)])
    return executor.loader.project_state([("creatives", name)]).apps


@pytest.fixture(autouse=True)
def newest() -> Iterator[None]:
    yield
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


class TestRowsOfBatches:
    def test_hold_what_batches_held(self) -> None:
        batch = make_batch()
        run_jobs()
        asset_id = batch.rows.get().images.get().asset_id
        verdicts = list(batch.creatives.values_list("verdict", "problems"))

        old = migrate(BEFORE).get_model("creatives", "Batch").objects.get()
        kept = old.modifications, old.images.get().asset_id, old.creatives.count()
        new = migrate(AFTER).get_model("creatives", "Batch").objects.get()

        assert kept == ({"headline": "Morning 1", "cta": "See more"}, asset_id, 2)
        row = new.rows.get()
        assert (row.number, row.modifications) == (1, kept[0])
        assert row.images.get().asset_id == asset_id
        cells = new.creatives.filter(row=row, state="rendered")
        assert list(cells.values_list("verdict", "problems")) == verdicts
