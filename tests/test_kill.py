"""Workers that are killed while they make real pictures."""

from pathlib import Path

import pytest

from tests.installation import Installation
from tests.jobs.chaos import wait_until

ASK = """
from django.utils import timezone
from brandgen.config.demo.northwind import STORY_PRESET, make_northwind
from brandgen.config.demo.story import VALUES
from brandgen.generation.services import request_generation
brand, people = make_northwind()
request_generation(
    preset=brand.presets.get(name=STORY_PRESET).find_published(), values=VALUES,
    seeds=[7, 8, 9], requested_by=people["Mara"], at=timezone.now(),
    is_decoding_all=True,
)
"""
SKETCHED = "SELECT count(*) FROM generation_candidate"
DECODING = (
    "SELECT count(*) FROM jobs_job WHERE work LIKE '%run_decoder' AND state = 'running'"
)
OPEN = "SELECT count(*) FROM jobs_job WHERE state IN ('waiting', 'running')"
DONE = "SELECT count(*) FROM jobs_job WHERE state = 'done'"
IMAGES = "SELECT count(*) FROM library_asset"


@pytest.mark.timeout(240)
class TestKilledWorker:
    def test_loses_no_sketch_and_doubles_no_image(
        self, tmp_path: Path, migrated_file: Path
    ) -> None:
        here = Installation(tmp_path, migrated_file, JOB_LEASE_S="3")
        asked = here.run("shell", "--no-imports", "-c", ASK)
        assert asked.returncode == 0, asked.stderr

        with here.worker():
            wait_until(
                lambda: here.count(SKETCHED) > 0, timeout_s=60, what="a sketch is kept"
            )
        kept = here.count(SKETCHED)
        with here.worker():
            wait_until(
                lambda: here.count(DECODING) > 0, timeout_s=60, what="the decoder runs"
            )
        with here.worker():
            wait_until(lambda: here.count(OPEN) == 0, timeout_s=90, what="all is done")

        assert kept >= 1
        assert here.count(SKETCHED) == 3
        assert here.count(IMAGES) == 3
        assert here.count(DONE) == 4
        assert here.run("audit", "verify").returncode == 0
