"""Slots that take pictures of one collection only: the rule, and every door."""

import pytest
from django.test import Client
from django.urls import reverse

from brandgen.brands.models import BrandKit
from brandgen.creatives.batches import request_batch
from brandgen.creatives.content import BatchError
from brandgen.creatives.feeds import read_feed_rows
from brandgen.creatives.forms import IMAGE, read_images
from brandgen.creatives.matrix import make_matrix_feed
from brandgen.creatives.models import Batch, Feed, TemplateVersion
from brandgen.creatives.picture_rules import find_rules
from brandgen.creatives.pictures import example_images, find_pictures, offer_by_slot
from brandgen.creatives.planning import Source
from brandgen.creatives.rows import Reading
from brandgen.library.collections import remove_from_collection
from brandgen.library.models import Asset, Collection
from tests.factories import (
    NOW,
    change_plan,
    find_states,
    make_asset,
    make_brand,
    make_collection,
    make_feed,
    make_layout_kit,
    make_marked_asset,
    make_template_version,
    make_user,
    run_jobs,
)

pytestmark = pytest.mark.django_db
SAYS = "“Bowl” is not in the collection “Summer 26”, and Picture takes pictures of that"


class World:
    """A template whose picture is of the summer, with one picture in it and one not."""

    def __init__(self) -> None:
        self.kit: BrandKit = make_layout_kit()
        self.brand = self.kit.brand
        self.version: TemplateVersion = make_template_version(collection="summer")
        self.mug: Asset = make_marked_asset(title="Mug")
        self.bowl: Asset = make_marked_asset(title="Bowl")
        self.summer: Collection = make_collection(
            name="Summer 26", key="summer", assets=[self.mug, make_asset()]
        )
        make_collection(brand=make_brand(name="Southwind"), key="summer")
        self.document = self.version.load()

    def request(self, photo: Asset) -> Batch:
        return request_batch(
            template_version=self.version,
            images={"hero": photo},
            modifications={"headline": "Sea mug"},
            formats=["square"],
            name="Mugs",
            by=make_user(),
            at=NOW,
        )

    def write(self, photo: Asset) -> Feed:
        return make_matrix_feed(
            template=self.version.template,
            variants=[{"headline": "Sea mug"}],
            images={"hero": [self.mug, photo]},
            by=make_user(),
            at=NOW,
        )

    def read(self, photo: Asset) -> Reading:
        text = f"Headline,Picture\nSea mug,{photo.title}\n"
        return read_feed_rows(make_feed(text, template=self.version.template))

    def address(self, name: str) -> str:
        return reverse(
            f"creatives:{name}", args=[self.brand.slug, self.version.template_id]
        )

    def enter(self) -> Client:
        client = Client()
        client.force_login(make_user())
        return client


@pytest.fixture
def world() -> World:
    return World()


class TestFindRules:
    def test_finds_the_brands_collection_by_its_key(self, world: World) -> None:
        rule = find_rules(world.brand, world.document)["hero"]

        assert rule.collection == world.summer
        assert rule.find_outside([world.mug.id, world.bowl.id]) == {world.bowl.id}

    def test_keeps_no_picture_where_there_is_no_such_collection(
        self, world: World
    ) -> None:
        document = make_template_version(collection="winter").load()

        rule = find_rules(world.brand, document)["hero"]

        assert rule.is_lost
        assert rule.find_outside([world.mug.id]) == {world.mug.id}
        assert not rule.keep(Asset.objects.all()).exists()
        assert "collection “winter” only, which the library does" in rule.explain(
            world.mug
        )

    def test_asks_nothing_where_every_picture_will_do(
        self, django_assert_num_queries
    ) -> None:
        brand, document = make_brand(), make_template_version().load()

        with django_assert_num_queries(0):
            assert not find_rules(brand, document)["hero"].find_outside([brand.id])


class TestDoors:
    """Each way by which somebody chooses a picture."""

    def test_offer_pictures_of_the_collection(self, world: World) -> None:
        chosen = [world.bowl.id]

        offers = offer_by_slot(world.brand, world.document, most=9, chosen=chosen)

        assert offers["hero"].assets == [world.mug]
        assert example_images(world.brand, world.document) == {"hero": world.mug}

    def test_drop_others_from_previews(self, world: World) -> None:
        asked = [{IMAGE + "hero": str(photo.id)} for photo in (world.mug, world.bowl)]

        read = [read_images(world.document, one, brand=world.brand) for one in asked]

        assert read == [{"hero": world.mug}, {}]

    def test_refuse_others_in_a_batch(self, world: World) -> None:
        world.request(world.mug)

        with pytest.raises(BatchError, match=SAYS) as refused:
            world.request(world.bowl)

        assert refused.value.slot == "hero"
        assert Batch.objects.count() == 1

    def test_refuse_others_among_rows_by_hand(self, world: World) -> None:
        with pytest.raises(BatchError, match=SAYS):
            world.write(world.bowl)

        assert not Feed.objects.exists()

    def test_refuse_others_in_a_feed(self, world: World) -> None:
        (problem,) = world.read(world.bowl).problems

        assert (problem.row, problem.key) == (2, "hero")
        assert SAYS in problem.message
        assert not world.read(world.mug).problems

    def test_refuse_another_that_all_rows_share(self, world: World) -> None:
        feed = make_feed("Headline\nSea mug\n", template=world.version.template)
        sources = {"headline": Source("Headline"), "hero": Source(fixed="bowl")}
        change_plan(feed, sources=sources)

        (problem,) = read_feed_rows(feed).problems

        assert SAYS in problem.message

    def test_take_the_one_of_the_collection_where_several_are_called_so(
        self, world: World
    ) -> None:
        make_marked_asset(title="mug")
        rule = find_rules(world.brand, world.document)["hero"]

        assert find_pictures(world.brand, ["Mug"], rule) == {"Mug": world.mug}

    def test_say_so_at_the_field(self, world: World) -> None:
        data = {"t-headline": "Sea mug", "formats": ["square"], "name": "Mugs"}
        data |= {"file_type": "jpeg", "i-hero": str(world.bowl.id)}

        answer = world.enter().post(world.address("fill"), data)

        assert answer.status_code == 422
        assert SAYS in answer.content.decode()

    def test_say_so_where_pictures_and_copy_meet(self, world: World) -> None:
        data = {"count": "1", "v0-headline": "Mug", "i-hero": [world.bowl.id]}

        answer = world.enter().post(world.address("matrix"), data)

        assert answer.status_code == 422
        assert SAYS in answer.content.decode()


class TestWhatWasMade:
    def test_is_rendered_though_its_picture_left_the_collection(
        self, world: World
    ) -> None:
        batch = world.request(world.mug)
        remove_from_collection(
            collection=world.summer, assets=[world.mug], by=make_user(), at=NOW
        )

        run_jobs()

        assert find_states(batch) == ["rendered"]


class TestTemplatePage:
    def test_leads_to_the_collection(self, world: World) -> None:
        page = world.enter().get(world.address("template")).content.decode()

        assert f"/collections/{world.summer.id}" in page
        assert "does not have" not in page


class TestFillPage:
    def test_offers_the_collection_and_leads_to_it(self, world: World) -> None:
        page = world.enter().get(world.address("fill")).content.decode()

        assert f'value="{world.mug.id}"' in page
        assert f'value="{world.bowl.id}"' not in page
        assert f"/collections/{world.summer.id}" in page

    def test_says_what_is_missing(self, world: World) -> None:
        world.summer.items.all().delete()

        empty = world.enter().get(world.address("fill")).content.decode()
        world.summer.delete()
        lost = world.enter().get(world.address("fill")).content.decode()

        assert "No approved picture is in the collection “Summer 26” yet" in empty
        assert "The library has no collection “summer”" in lost

    def test_says_why_a_picture_that_was_brought_can_not_be_used(
        self, world: World
    ) -> None:
        url = world.address("fill")

        page = world.enter().get(url, {"image": world.bowl.id}).content.decode()
        taken = world.enter().get(url, {"image": world.mug.id}).content.decode()

        assert SAYS in page
        assert "is not in the collection" not in taken
