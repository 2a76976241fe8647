"""The rows of a batch as one file: in their order, marked, and saying what it is."""

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pypdf import PdfReader

from brandgen.audit.models import Entry
from brandgen.creatives.joining import Joined, JoinError, join_creatives
from brandgen.creatives.models import Batch, Creative
from brandgen.lib.containers import find_gif_xmp, find_xmp
from brandgen.library.marked_copies import NOT_FOR_USE
from brandgen.library.models import Asset
from brandgen.provenance.xmp import parse_packet
from tests.creatives.pages import address
from tests.factories import NOW, make_batch, make_user, run_jobs
from tests.pages import enter

pytestmark = pytest.mark.django_db


def make(*, rows: int = 3, is_approved: bool = True, **fields: Any) -> Batch:
    batch = make_batch(rows=rows, formats=["square"], **fields)
    run_jobs()
    if is_approved:
        Asset.objects.filter(creatives__batch=batch).update(
            state="approved", approved_at=NOW
        )
    return batch


def join(batch: Batch, kind: str, **fields: Any) -> Joined:
    options = {"format_name": "square", "locale": "", "seconds": 1.5, "loops": 0}
    return join_creatives(batch, kind=kind, **(options | fields))


class TestJoinCreatives:
    @pytest.mark.parametrize("kind", ["gif", "webp"])
    def test_makes_an_animation_in_the_order_of_the_rows(self, kind: str) -> None:
        joined = join(make(), kind, seconds=0.5, loops=3)

        with Image.open(io.BytesIO(joined.data)) as picture:
            assert (picture.n_frames, picture.size) == (3, (1080, 1080))
            assert picture.info["loop"] == 3
            frames = []
            for number in range(3):
                picture.seek(number)
                picture.load()
                assert picture.info["duration"] == 500
                frames.append(np.asarray(picture.convert("L"), int))
        assert (frames[0] != frames[1]).any()
        assert not joined.is_marked
        again = join(Batch.objects.get(), kind, seconds=0.5, loops=3)
        assert again.data == joined.data

    @pytest.mark.parametrize("file_type", ["jpeg", "pdf"])
    def test_makes_a_pdf_with_a_page_for_each_row(self, file_type: str) -> None:
        batch = make(file_type=file_type)

        pages = PdfReader(io.BytesIO(join(batch, "pdf").data)).pages

        texts = ["".join(page.extract_text().split()) for page in pages]
        assert [f"Morning{n}" in text for n, text in enumerate(texts, 1)] == [True] * 3

    @pytest.mark.parametrize("kind", ["gif", "webp", "pdf"])
    def test_says_what_it_is_made_of(self, kind: str) -> None:
        batch = make()

        joined = join(batch, kind)

        find = find_gif_xmp if kind == "gif" else find_xmp
        said = parse_packet(find(joined.data) or b"")
        asset = batch.creatives.first().asset
        assert (said.title, said.source_type) == ("Spring", asset.digital_source_type)
        assert said.usage_terms == ""

    @pytest.mark.parametrize("kind", ["gif", "webp", "pdf"])
    def test_is_marked_where_one_is_not_approved(self, kind: str) -> None:
        batch = make()
        clean = join(batch, kind)
        Asset.objects.filter(creatives__row__number=2).update(
            state="draft", approved_at=None
        )

        joined = join(batch, kind)

        find = find_gif_xmp if kind == "gif" else find_xmp
        assert joined.is_marked
        assert parse_packet(find(joined.data) or b"").usage_terms == NOT_FOR_USE
        if kind != "pdf":
            before, after = (Image.open(io.BytesIO(x.data)) for x in (clean, joined))
            for picture in (before, after):
                picture.seek(1)
            pair = [np.asarray(x.convert("L"), int) for x in (before, after)]
            assert np.abs(pair[0] - pair[1]).mean() > 3

    def test_leaves_out_what_was_left_out(self) -> None:
        batch = make()
        Creative.objects.filter(row__number=2).update(state="left_out")

        joined = join(batch, "gif")

        assert Image.open(io.BytesIO(joined.data)).n_frames == 2

    @pytest.mark.parametrize(
        ("fields", "options", "field", "words"),
        [
            ({"rows": 1}, {}, "format", "There is 1 rendered"),
            ({}, {"format_name": "poster"}, "format", "There are 0 rendered"),
            ({}, {"seconds": 0.0}, "seconds", "0.02 to 60 seconds"),
            ({}, {"loops": -1}, "loops", "not 0 to 1000 loops"),
            ({"file_type": "pdf"}, {}, "kind", "an animation is made of pictures"),
        ],
    )
    def test_says_what_stands_in_the_way(
        self, fields: dict, options: dict, field: str, words: str
    ) -> None:
        batch = make(**fields)

        with pytest.raises(JoinError, match=words) as error:
            join(batch, "gif", **options)

        assert error.value.field == field

    def test_refuses_more_than_thirty(self) -> None:
        batch = make_batch(rows=31, formats=["square"])
        asset = make(rows=1, template_version=batch.template_version).creatives.get()
        batch.creatives.update(state="rendered", asset=asset.asset)

        with pytest.raises(JoinError, match="takes 2 to 30"):
            join(batch, "gif")


class TestTogether:
    def test_is_led_to_from_the_batch_and_gives_the_file(self) -> None:
        batch = make(is_approved=False)
        url = address("together", batch.id)

        page = enter().get(address("batch", batch.id)).content.decode()
        form = enter().get(url).content.decode()
        query = {"format": "square", "kind": "gif", "seconds": "1", "loops": "0"}
        answer = enter().get(url, query)

        assert url in page
        assert form.count('alt="Mug ') == 3
        assert answer["Content-Type"] == "image/gif"
        assert 'filename="spring_NOT-APPROVED.gif"' in answer["Content-Disposition"]
        entry = Entry.objects.get(action="batch.joined")
        assert entry.data == {"kind": "gif", "is_marked": True}

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"seconds": "99"}, "0.02 to 60 seconds"),
            ({"seconds": "long"}, "Enter a number"),
            ({"kind": "mp4"}, "not one of the available choices"),
            ({"format": "poster"}, "not one of the available choices"),
        ],
    )
    def test_says_at_the_field_what_is_wrong(self, changes: dict, words: str) -> None:
        batch = make(rows=2)
        query = {"format": "square", "kind": "gif", "seconds": "1", "loops": "0"}

        answer = enter().get(address("together", batch.id), query | changes)

        assert answer.status_code == 422
        assert words in answer.content.decode()

    def test_is_empty_before_anything_is_rendered(self) -> None:
        batch = make_batch(rows=2, formats=["square"], by=make_user())

        page = enter().get(address("together", batch.id)).content.decode()

        assert "Nothing is rendered in this format" in page
