import io
from typing import Any

import pytest
from PIL import Image
from pypdf import PdfReader

from brandgen.compositor import load_document
from brandgen.compositor.formats import Format
from brandgen.creatives.batches import request_batch
from brandgen.creatives.content import BatchError
from brandgen.creatives.feeds import start_batch
from brandgen.creatives.file_choices import read_options, read_raw
from brandgen.creatives.file_options import (
    FileOptions,
    default_file_type,
    list_file_types,
)
from brandgen.creatives.marking import key_of
from brandgen.creatives.models import Batch, Creative, Template
from brandgen.creatives.planning import Plan
from brandgen.lib.storage import get_store
from tests.compositor.pictures import plain_document, text_layer
from tests.creatives.pages import address
from tests.factories import (
    NOW,
    change_plan,
    make_batch,
    make_feed,
    make_layout_kit,
    make_marked_asset,
    make_template_version,
    make_user,
    run_jobs,
)
from tests.pages import enter

MM = 72 / 25.4


class TestReadOptions:
    def test_takes_what_was_chosen_and_leaves_the_rest_as_usual(self) -> None:
        chosen = read_options({"quality": "80", "scale": "2", "is_small": "on"}, "png")

        assert chosen.problems == []
        assert chosen.options == FileOptions(quality=80, scale=2, is_small=True)
        assert chosen.options.as_json() == {
            "quality": 80, "scale": 2, "is_small": True
        }  # fmt: skip
        assert chosen.options.describe() == "quality 80, 2x, small files"

    @pytest.mark.parametrize(
        ("raw", "file_type", "problem"),
        [
            ({"quality": "101"}, "jpeg", "Quality: Write a number from 1 to 100."),
            ({"quality": "-1"}, "jpeg", "Quality: Write a number from 1 to 100."),
            ({"quality": "²"}, "jpeg", "Quality: Write a number from 1 to 100."),
            ({"scale": "1.5"}, "jpeg", "Scale: Write a number from 1 to 4."),
            ({"dpi": "9"}, "jpeg", "Density in dpi: Write a number from 36 to 1,200."),
            ({"is_transparent": "on"}, "jpeg", "Transparent ground: A jpeg has no"),
            ({"has_marks": "on"}, "webp", "Crop marks: A webp has no bleed or crop"),
            ({"bleed": "3"}, "png", "Bleed in mm: A png has no bleed or crop marks."),
            ({"bleed": "3 3"}, "pdf", "Bleed in mm: '3 3' is no bleed. Write one"),
            ({"bleed": "wide"}, "pdf", "Bleed in mm: 'wide' is no bleed. Write one"),
            ({"bleed": "nan"}, "pdf", "Bleed in mm: nan mm is not a bleed of 0 to 20"),
            ({"bleed": "3 3 30 3"}, "pdf", "Bleed in mm: 30 mm is not a bleed of 0"),
        ],
    )
    def test_says_what_is_wrong_and_keeps_it_to_be_shown(
        self, raw: dict[str, str], file_type: str, problem: str
    ) -> None:
        chosen = read_options(raw, file_type)

        assert len(chosen.problems) == 1
        assert chosen.problems[0].startswith(problem)
        assert chosen.options == FileOptions()
        (name,) = raw
        assert [one.value for one in chosen.choices if one.error] == [raw[name]]

    def test_reads_no_more_than_a_few_letters_of_what_it_knows(self) -> None:
        sent = {"quality": " 8" + "0" * 500, "scale": "\0", "further": "1"}

        assert read_raw(sent) == {"quality": "8" + "0" * 9}

    def test_refuses_a_scale_that_makes_too_many_pixels(self) -> None:
        wall = Format(width_px=5000, height_px=4000, label="Wall")

        chosen = read_options({"scale": "3"}, "jpeg", [wall])

        assert chosen.problems[0].startswith(
            "Scale: Wall at scale 3 has 15000 x 12000 pixels; 64 megapixels are allowed"
        )

    def test_tells_which_formats_keep_a_largest_file(self) -> None:
        banner = Format(width_px=300, height_px=250, label="Banner", max_bytes=150_000)
        square = Format(width_px=300, height_px=300, label="Square")

        assert read_options({}, "jpeg", [banner, square]).caps == "Banner 150 kB"


class TestDefaultFileType:
    @pytest.mark.parametrize(
        ("names", "first"),
        [
            (["print-a6", "print-a4"], "pdf"),
            (["print-a6", "instagram-square"], "jpeg"),
        ],
    )
    def test_suits_the_formats(self, names: list[str], first: str) -> None:
        formats = {name: {"use": name} for name in names}
        document = load_document(plain_document(text_layer(), formats=formats))

        assert default_file_type(document) == first
        assert list_file_types(document, Batch.FileType.choices)[0][0] == first


@pytest.mark.django_db
class TestBatch:
    def make(self, **fields: object) -> Batch:
        batch = make_batch(formats=["square"], **fields)
        run_jobs()
        return batch

    def open(self, batch: Batch) -> tuple[Image.Image, int]:
        asset = batch.creatives.get().asset
        assert asset is not None, batch.creatives.get().error
        data = get_store().read(asset.sha256)
        return Image.open(io.BytesIO(data)), len(data)

    def test_writes_files_as_its_options_say(self) -> None:
        options = FileOptions(scale=2, dpi=300, quality=60)

        picture, _ = self.open(self.make(file_options=options))

        assert picture.size == (2160, 2160)
        creative = Creative.objects.get()
        assert (creative.width_px, creative.height_px) == (2160, 2160)
        assert [round(value) for value in picture.info["dpi"]] == [300, 300]

    def test_keeps_to_the_largest_file(self) -> None:
        _, usual = self.open(self.make())

        _, small = self.open(self.make(file_options=FileOptions(most_kb=25)))

        assert usual > 25_000 >= small

    def test_has_a_key_of_its_own_only_with_options(self) -> None:
        usual, again = (make_batch(formats=["square"]) for _ in range(2))
        other = make_batch(
            formats=["square"], file_options=FileOptions(quality=60)
        )  # fmt: skip

        keys = [batch.creatives.get().content_key for batch in (usual, again, other)]

        assert usual.file_options == {}
        assert other.file_options == {"quality": 60}
        first = usual.creatives.get()
        images = {image.slot: image.asset for image in first.row.images.all()}
        assert key_of(first, images) == keys[0]
        usual.file_options = {"quality": 60}
        first.batch = usual
        assert key_of(first, images) != keys[0]

    def test_prints_with_the_bleed_that_was_asked_for(self) -> None:
        make_layout_kit()
        document = plain_document(text_layer(), formats={"card": {"use": "print-a6"}})
        batch = request_batch(
            template_version=make_template_version(document=document),
            images={},
            modifications={"line": "Hello"},
            formats=["card"],
            name="Card",
            by=make_user(),
            at=NOW,
            file_type="pdf",
            file_options=FileOptions(bleed="2 2 5 2", has_marks=True),
        )

        run_jobs()

        asset = batch.creatives.get().asset
        (page,) = PdfReader(io.BytesIO(get_store().read(asset.sha256))).pages
        trim, bleed = page.trimbox, page.bleedbox
        assert float(trim.width) == pytest.approx(148 * MM, abs=0.1)
        assert float(bleed.top - trim.top) == pytest.approx(2 * MM, abs=0.01)
        assert float(trim.bottom - bleed.bottom) == pytest.approx(5 * MM, abs=0.01)
        assert float(page.mediabox.width) > float(bleed.width) + 2

    @pytest.mark.parametrize(
        ("fields", "field", "words"),
        [
            ({"has_marks": True}, "has_marks", "no bleed or crop marks"),
            ({"quality": 0}, "quality", "between 1 and 100"),
            ({"is_transparent": True}, "is_transparent", "no transparent ground"),
            ({"bleed": "4"}, "bleed", "no bleed or crop marks"),
            ({"scale": 9}, "scale", "between 0.05 and 4"),
            ({"profile": "none"}, "profile", "no color profile"),
        ],
    )
    def test_is_refused_at_the_door(
        self, fields: dict[str, Any], field: str, words: str
    ) -> None:
        make_layout_kit()

        with pytest.raises(BatchError, match=words) as error:
            request_batch(
                template_version=make_template_version(),
                images={"hero": make_marked_asset()},
                modifications={"headline": "Morning", "cta": "See more"},
                formats=["square"],
                name="Spring",
                by=make_user(),
                at=NOW,
                file_options=FileOptions(**fields),
            )

        assert error.value.slot == field
        assert not Batch.objects.exists()


@pytest.mark.django_db
class TestPages:
    def test_offers_what_was_chosen_last_for_the_template(self) -> None:
        options = FileOptions(scale=2, is_transparent=True)
        batch = make_batch(formats=["square"], file_type="png", file_options=options)
        template = Template.objects.get(id=batch.template_version.template_id)

        page = enter().get(address("fill", template.id)).content.decode()
        plan = Plan.from_json(make_feed(template=template).plan)

        assert '<option value="png" selected>' in page
        assert 'name="scale" value="2"' in page
        assert 'name="is_transparent" value="on" checked' in page
        assert plan.file_type == "png"
        assert plan.read_file_options(batch.template_version.load()).options == options

    def test_of_a_feed_starts_a_batch_so(self) -> None:
        feed = make_feed()
        change_plan(feed, formats=("square",), file_options={"scale": "2"})

        made = start_batch(feed=feed, batch_id=feed.next_batch, by=make_user(), at=NOW)

        assert made.file_options == {"scale": 2}
        assert {one.width_px for one in made.creatives.all()} == {2160}

    def test_of_a_feed_keeps_what_is_chosen_and_says_what_is_wrong(self) -> None:
        feed = make_feed()
        change_plan(feed, file_options={"quality": "300"})

        page = enter().get(address("feed", feed.id)).content.decode()

        # At its field, and among what is in the way of starting.
        assert page.count("Write a number from 1 to 100") == 2
        assert 'value="300"' in page

    def test_of_a_template_makes_files_as_chosen(self) -> None:
        batch = make_batch(formats=["square"])
        template = batch.template_version.template
        hero = batch.rows.get().images.get().asset_id
        data = {
            "name": "Spring",
            "formats": ["square"],
            "file_type": "png",
            "i-hero": str(hero),
            "t-headline": "Brighter",
            "t-cta": "Go",
        }

        refused = enter().post(
            address("fill", template.id), data | {"has_marks": "on", "scale": "2"}
        )
        enter().post(address("fill", template.id), data | {"scale": "2"})

        assert refused.status_code == 422
        assert "A png has no bleed or crop marks" in refused.content.decode()
        made = Batch.objects.exclude(id=batch.id).get()
        assert made.file_options == {"scale": 2}
