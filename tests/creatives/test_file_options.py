import io

import pytest
from PIL import Image

from brandgen.creatives.file_options import FileOptions, read_options, read_raw
from brandgen.creatives.marking import key_of
from brandgen.creatives.models import Batch
from brandgen.lib.storage import get_store
from tests.creatives.pages import address
from tests.factories import change_plan, make_batch, make_feed, run_jobs
from tests.pages import enter


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


@pytest.mark.django_db
class TestPages:
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
