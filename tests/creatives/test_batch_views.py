import csv
import hashlib
import io
import zipfile
from urllib.parse import urlencode

import numpy as np
import pytest
from django.urls import reverse
from django.utils.html import escape
from PIL import Image

from brandgen.audit.models import Entry
from brandgen.creatives.models import Batch, Creative
from brandgen.lib.finding_rules import explain, label_of
from brandgen.lib.storage import LocalStore, MissingBlobError, get_store
from brandgen.library.models import Asset
from brandgen.review.models import Review
from tests.creatives.pages import address
from tests.factories import (
    NOW,
    make_asset,
    make_batch,
    make_layout_kit,
    make_marked_asset,
    run_jobs,
)
from tests.pages import enter

pytestmark = pytest.mark.django_db


def read(url: str, **query: object) -> str:
    return enter().get(url, query).content.decode()


def approve(batch: Batch, count: int = 1) -> list[Asset]:
    rendered = batch.creatives.exclude(asset=None).order_by("position")
    ids = list(rendered.values_list("asset_id", flat=True)[:count])
    Asset.objects.filter(id__in=ids).update(state="approved", approved_at=NOW)
    return list(Asset.objects.filter(id__in=ids))


class TestBatch:
    def test_shows_how_far_it_is_and_then_the_creatives(self) -> None:
        batch = make_batch()
        waiting = read(address("batch", batch.id))

        run_jobs()

        done = read(address("batch", batch.id))
        assert "0 of 2" in waiting
        assert "hx-get" in waiting
        assert "Send 2 to review" in done
        assert "hx-get" not in done.split('id="progress"')[1][:200]

    def test_brings_the_filter_by_finding_once_all_is_rendered(self) -> None:
        batch = make_batch()
        before = read(address("progress", batch.id))
        run_jobs()
        Creative.objects.update(problems="|contrast|")

        after = read(address("progress", batch.id))

        assert 'id="found"' not in before
        assert 'id="found" hx-swap-oob="true">' in after
        assert '<option value="contrast">' in after
        assert "hx-swap-oob" not in read(address("batch", batch.id))

    def test_says_why_a_creative_failed_and_offers_another_try(self) -> None:
        batch = make_batch()
        batch.rows.get().images.get().asset.put_away()
        run_jobs()
        creative = batch.creatives.first()

        page = read(address("batch", batch.id))

        assert "2 of 2 can’t be rendered" in page
        assert "is archived now" in read(address("cell", creative.id))
        enter().post(address("steer", batch.id), {"do": "resume"})
        assert set(batch.creatives.values_list("state", flat=True)) == {"waiting"}

    def test_says_that_rendering_has_stopped(self) -> None:
        batch = make_batch()
        batch.creatives.update(chunk=7)
        run_jobs()

        page = read(address("batch", batch.id))

        assert "Rendering has stopped" in page
        assert "Go on" in page

    @pytest.mark.parametrize(
        ("query", "shown"),
        [
            ({}, 6),
            ({"format": "square"}, 3),
            ({"row": "2"}, 2),
            ({"show": "fail"}, 1),
            ({"show": "pass"}, 0),
            ({"rule": "safe-zone"}, 1),
            ({"show": "left_out"}, 0),
            ({"state": "approved"}, 1),
            ({"show": "nonsense", "row": "x", "state": "x", "rule": "x\0"}, 0),
            ({"start": "4"}, 2),
            ({"start": "99"}, 0),
        ],
    )
    def test_shows_what_the_filter_keeps(
        self, query: dict[str, str], shown: int
    ) -> None:
        batch = make_batch(rows=3)
        run_jobs()
        batch.creatives.update(verdict="warn", problems="|resolution|")
        batch.creatives.filter(position=5).update(
            verdict="fail", problems="|resolution|safe-zone|"
        )
        approve(batch)

        page = read(address("batch", batch.id), **query)

        assert page.count('class="cell"') == shown

    def test_asks_as_few_questions_for_many_as_for_one(
        self, django_assert_max_num_queries
    ) -> None:
        batch = make_batch(rows=40)
        run_jobs()
        client = enter()

        with django_assert_max_num_queries(28):
            client.get(address("batch", batch.id))
        with django_assert_max_num_queries(9):
            client.get(address("cells", batch.id), {"count": 60})

    def test_stands_in_the_list(self) -> None:
        batch = make_batch(name="Autumn mugs")

        text = read(address("batches"))

        assert "Autumn mugs" in text
        assert address("batch", batch.id) in text


class TestCells:
    def test_numbers_them_for_those_who_can_not_see(self) -> None:
        batch = make_batch(rows=3)

        part = read(address("cells", batch.id), start=4, count=200)

        assert part.count('aria-setsize="6"') == 2
        assert 'aria-posinset="5"' in part
        assert 'aria-posinset="6"' in part
        assert "<html" not in part


class TestCell:
    def test_shows_what_was_found(self) -> None:
        batch = make_batch()
        run_jobs()
        creative = batch.creatives.first()

        page = read(address("cell", creative.id))
        part = read(address("cell", creative.id), part=1)

        finding = creative.findings[0]
        assert finding["message"] in page
        assert escape(label_of(finding["rule"])) in page
        assert escape(explain(finding["rule"])) in page
        assert finding["message"] in part
        assert "<html" not in part


class TestSteer:
    def test_pauses_and_says_so(self) -> None:
        batch = make_batch()

        answer = enter().post(address("steer", batch.id), {"do": "pause"}, follow=True)

        assert "Paused" in answer.content.decode()
        batch.refresh_from_db()
        assert batch.state == "paused"

    def test_does_nothing_unknown(self) -> None:
        batch = make_batch()

        enter().post(address("steer", batch.id), {"do": "explode"})

        batch.refresh_from_db()
        assert (batch.state, batch.round) == ("open", 0)


class TestSubmit:
    def test_sends_what_was_chosen(self) -> None:
        batch = make_batch()
        run_jobs()
        chosen = batch.creatives.first()

        enter().post(address("submit", batch.id), {"creative": [str(chosen.id)]})

        assert Review.objects.get().asset == Asset.objects.get(creatives=chosen)

    def test_takes_many_in_one_field(self) -> None:
        batch = make_batch(rows=2)
        run_jobs()
        ids = ",".join(str(c.id) for c in batch.creatives.all())

        enter().post(address("submit", batch.id), {"creative": ids})

        assert Review.objects.count() == 4

    def test_sends_all_passing_that_the_filter_keeps(self) -> None:
        batch = make_batch(rows=3)
        run_jobs()
        batch.creatives.filter(row__number=2).update(verdict="fail")
        data = {"all": "1", "format": "square", "message": "The spring ones"}

        answer = enter().post(address("submit", batch.id), data)

        assert answer["Location"].endswith("?format=square")
        numbers = Review.objects.values_list("asset__creatives__row__number", flat=True)
        assert sorted(numbers) == [1, 3]

    def test_says_that_nothing_was_chosen(self) -> None:
        batch = make_batch()

        answer = enter().post(address("submit", batch.id), {}, follow=True)

        assert "Nothing was chosen" in answer.content.decode()


class TestLeaveOut:
    def test_goes_there_and_back(self) -> None:
        batch = make_batch()
        run_jobs()
        one = str(batch.creatives.first().id)
        client = enter()

        client.post(address("leave_out", batch.id), {"creative": one})
        out = list(batch.creatives.values_list("state", flat=True))
        client.post(address("leave_out", batch.id), {"creative": one, "back": "1"})

        assert out == ["left_out", "rendered"]
        assert set(batch.creatives.values_list("state", flat=True)) == {"rendered"}


def unpack(answer) -> tuple[zipfile.ZipFile, list[dict[str, str]]]:
    archive = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    table = archive.read("manifest.csv").decode()
    return archive, list(csv.DictReader(io.StringIO(table, newline="")))


class TestDownload:
    def get(self, batch: Batch, **query: object):
        return enter().get(f"{address('zip', batch.id)}?{urlencode(query)}")

    def test_holds_what_is_approved_alone(self) -> None:
        batch = make_batch(rows=2)
        run_jobs()
        (asset,) = approve(batch)

        archive, lines = unpack(self.get(batch))

        name = "approved/00001_mug-1_square_1080x1080.jpg"
        assert archive.namelist() == [name, "manifest.csv"]
        assert archive.testzip() is None
        assert archive.read(name) == get_store().read(asset.sha256)
        assert [(x["file"], x["sha256"], x["state"]) for x in lines] == [
            (name, asset.sha256, "Approved")
        ]

    def test_says_of_the_others_that_they_are_not(self) -> None:
        batch = make_batch(rows=2)
        run_jobs()
        approve(batch)

        archive, lines = unpack(self.get(batch, all=1, format="landscape"))

        assert archive.namelist() == [
            "not-approved/00001_mug-1_landscape_1200x628_NOT-APPROVED.jpg",
            "not-approved/00002_mug-2_landscape_1200x628_NOT-APPROVED.jpg",
            "manifest.csv",
        ]
        assert {line["state"] for line in lines} == {"Draft"}

    def test_marks_those_that_are_not_approved_and_no_other(self) -> None:
        batch = make_batch(rows=2, formats=["square"])
        run_jobs()
        (good,) = approve(batch)
        other = Asset.objects.get(kind="creative", state="draft")
        stored = get_store().read(other.sha256)

        archive, lines = unpack(self.get(batch, all=1))

        clean, marked = (archive.read(line["file"]) for line in lines)
        assert clean == get_store().read(good.sha256)
        before, after = (
            np.asarray(Image.open(io.BytesIO(data)).convert("L"), np.int16)
            for data in (stored, marked)
        )
        assert before.shape == after.shape
        assert (np.abs(after - before) > 40).mean() > 0.05
        assert get_store().read(other.sha256) == stored
        assert [line["is_marked"] for line in lines] == ["no", "yes"]
        for data, line in zip((clean, marked), lines, strict=True):
            assert hashlib.sha256(data).hexdigest() == line["sha256"]
            assert len(data) == int(line["size_bytes"])

    def test_marks_one_whose_file_somebody_had_uploaded(self) -> None:
        batch = make_batch(formats=["square"])
        run_jobs()
        asset = make_asset(state="draft")
        batch.creatives.update(asset=asset)

        archive, (line,) = unpack(self.get(batch, all=1))

        assert line["file"].startswith("not-approved/")
        assert archive.read(line["file"]) != get_store().read(asset.sha256)

    def test_is_made_piece_by_piece(self) -> None:
        batch = make_batch(rows=6)
        run_jobs()

        pieces = list(self.get(batch, all=1).streaming_content)

        assert len(pieces) == 13
        archive = zipfile.ZipFile(io.BytesIO(b"".join(pieces)))
        largest = max(one.file_size for one in archive.infolist())
        assert max(map(len, pieces)) < largest + 8192

    def test_tells_of_a_file_that_is_gone(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        batch = make_batch(formats=["square"])
        run_jobs()

        def lose(self: LocalStore, sha256: str) -> bytes:
            raise MissingBlobError("There is no such file.")

        monkeypatch.setattr(LocalStore, "read", lose)
        archive, (line,) = unpack(self.get(batch, all=1))

        assert archive.namelist() == ["manifest.csv"]
        assert (line["file"], line["problem"]) == ("", "There is no such file.")

    def test_leaves_no_formula_and_no_path_in_it(self) -> None:
        make_layout_kit()
        photo = make_marked_asset(alt_text="=HYPERLINK(1)")
        batch = make_batch(name="../../=1+1", images={"hero": photo})
        run_jobs()

        archive, lines = unpack(self.get(batch, all=1))

        assert all(".." not in name for name in archive.namelist())
        assert lines[0]["alt_text"].startswith("'=HYPERLINK")

    def test_stands_in_the_audit_trail(self) -> None:
        batch = make_batch()
        run_jobs()

        self.get(batch, all=1)

        entry = Entry.objects.filter(action="batch.downloaded").get()
        assert entry.data == {"creatives": 2}

    def test_says_that_there_is_nothing(self) -> None:
        answer = self.get(make_batch())

        assert answer.status_code == 302
        assert not Entry.objects.filter(action="batch.downloaded").exists()


class TestExport:
    def test_hands_few_on_at_once(self) -> None:
        batch = make_batch(rows=2)
        run_jobs()
        assets = approve(batch, 2)

        answer = enter().get(address("export", batch.id))

        assert answer.status_code == 302
        assert all(str(asset.id) in answer["Location"] for asset in assets)

    def test_hands_many_on_in_parts(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("brandgen.creatives.batch_views.IN_AN_ADDRESS", 1)
        monkeypatch.setattr("brandgen.creatives.batch_views.AN_EXPORT", 2)
        batch = make_batch(rows=2)
        run_jobs()
        assets = approve(batch, 3)
        client = enter()

        page = client.get(address("export", batch.id)).content.decode()
        ids = ",".join(str(asset.id) for asset in assets)
        chosen = client.post(
            reverse("exports:request", args=["northwind"]), {"asset": ids, "look": "1"}
        )

        assert "for 1 to 2" in page
        assert "for 3 to 3" in page
        assert len(chosen.context["chosen"]) == 3
