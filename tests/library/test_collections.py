"""Collections: services, pages, and the gallery's filter."""

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from brandgen.audit.models import Entry
from brandgen.library.collections import (
    CollectionError,
    add_to_collection,
    create_collection,
    delete_collection,
    remove_from_collection,
    rename_collection,
)
from brandgen.library.models import Asset, Collection
from tests.factories import (
    NOW,
    make_asset,
    make_brand,
    make_collection,
    make_reviewer,
    make_template_version,
    make_user,
)
from tests.pages import enter

pytestmark = pytest.mark.django_db


def address(name: str, *args: object) -> str:
    return reverse(f"library:{name}", args=["northwind", *args])


class TestCreateCollection:
    def test_tidies_the_name(self) -> None:
        made = create_collection(
            brand=make_brand(), name="  Spring \n people ", by=make_user(), at=NOW
        )

        assert made.name == "Spring people"
        assert Entry.objects.get(action="collection.created").subject_id == str(made.id)

    @pytest.mark.parametrize("name", ["", "   ", "\n"])
    def test_wants_a_name(self, name: str) -> None:
        with pytest.raises(CollectionError, match="no name"):
            create_collection(brand=make_brand(), name=name, by=make_user(), at=NOW)

    def test_refuses_a_name_that_is_taken(self) -> None:
        make_collection(name="Spring")

        with pytest.raises(CollectionError, match="called Spring already"):
            create_collection(brand=make_brand(), name="Spring", by=make_user(), at=NOW)

    @pytest.mark.parametrize(
        ("name", "key"),
        [
            ("Spring mugs & more", "spring-mugs-more"),
            ("2027: Été", "ete"),
            ("春の写真", "collection"),
            ("x" * 70, "x" * 34),
        ],
    )
    def test_makes_a_key_for_templates(self, name: str, key: str) -> None:
        made = [
            create_collection(brand=make_brand(), name=text, by=make_user(), at=NOW)
            for text in (name, f"{name}!")
        ]

        assert [one.key for one in made] == [key, f"{key}-2"]

    def test_is_for_those_who_make(self) -> None:
        with pytest.raises(PermissionDenied):
            create_collection(brand=make_brand(), name="A", by=make_reviewer(), at=NOW)


class TestAddToCollection:
    def test_adds_each_picture_once(self) -> None:
        first, second = make_asset(), make_asset()
        collection = make_collection(assets=[first])

        added = add_to_collection(
            collection=collection, assets=[first, second], by=make_user(), at=NOW
        )

        assert added == 1
        assert set(collection.assets.all()) == {first, second}
        entry = Entry.objects.get(action="asset.collected")
        assert entry.subject_id == str(second.id)
        assert entry.data["name"] == collection.name

    def test_refuses_pictures_of_another_brand(self) -> None:
        other = make_asset(brand=make_brand(name="Contoso"))
        collection = make_collection()

        with pytest.raises(CollectionError, match="does not belong"):
            add_to_collection(
                collection=collection, assets=[other], by=make_user(), at=NOW
            )


class TestRemoveFromCollection:
    def test_leaves_the_picture_in_the_library(self) -> None:
        asset = make_asset()
        collection = make_collection(assets=[asset])
        kwargs = {"collection": collection, "assets": [asset], "by": make_user()}

        assert remove_from_collection(**kwargs, at=NOW) == 1
        assert remove_from_collection(**kwargs, at=NOW) == 0
        assert Asset.objects.filter(id=asset.id).exists()


class TestRenameCollection:
    def test_keeps_the_name_before_in_the_trail(self) -> None:
        collection = make_collection(name="Spring")

        rename_collection(collection=collection, name="Summer", by=make_user(), at=NOW)

        renamed = Collection.objects.get()
        assert (renamed.name, renamed.key) == ("Summer", collection.key)
        assert Entry.objects.get(action="collection.renamed").data["before"] == "Spring"


class TestDeleteCollection:
    def test_keeps_the_pictures(self) -> None:
        asset = make_asset()

        delete_collection(
            collection=make_collection(assets=[asset]), by=make_user(), at=NOW
        )

        assert not Collection.objects.exists()
        assert Asset.objects.filter(id=asset.id).exists()
        assert Entry.objects.get(action="collection.deleted").data["assets"] == 1

    def test_refuses_what_templates_in_use_take_pictures_of(self) -> None:
        collection = make_collection(name="Spring")
        version = make_template_version(name="Product")
        version.slot_collections.create(slot="hero", collection=collection)
        page = enter().get(address("collection", collection.id)).content.decode()

        answer = enter().post(address("collection-delete", collection.id), follow=True)

        text = answer.content.decode()
        assert "take pictures of “Spring” only: Product." in text
        assert Collection.objects.filter(id=collection.id).exists()
        assert not Entry.objects.filter(action="collection.deleted").exists()
        assert (
            reverse("creatives:template", args=["northwind", version.template_id])
            in page
        )
        assert "Delete the collection" not in page


class TestPages:
    def test_makes_one_of_chosen_pictures(self) -> None:
        first, second = make_asset(), make_asset()
        make_collection(name="Old")
        client = enter()
        url = f"{address('collect')}?asset={first.id}&asset={second.id}"

        page = client.get(url).content.decode()
        answer = client.post(
            address("collect"), {"asset": [first.id, second.id], "name": "Spring"}
        )

        assert "2 pictures" in page
        assert "Old" in page
        collection = Collection.objects.get(name="Spring")
        assert answer.url == address("collection", collection.id)
        assert collection.items.count() == 2

    def test_adds_to_one_that_exists(self) -> None:
        asset, collection = make_asset(), make_collection()

        enter().post(
            address("collect"), {"asset": asset.id, "collection": collection.id}
        )

        assert collection.assets.get() == asset

    def test_wants_a_collection(self) -> None:
        answer = enter().post(address("collect"), {"asset": make_asset().id})

        assert answer.status_code == 422
        assert b"Choose a collection, or name a new one" in answer.content

    def test_wants_pictures(self) -> None:
        assert enter().get(address("collect")).url == address("gallery")

    def test_does_not_take_another_brands_collection(self) -> None:
        foreign = make_collection(brand=make_brand(name="Contoso"))

        answer = enter().post(
            address("collect"),
            {"asset": make_asset().id, "collection": foreign.id},
        )

        assert answer.status_code == 422
        assert foreign.items.count() == 0

    def test_shows_covers_and_counts(self) -> None:
        asset = make_asset()
        make_collection(name="Spring", assets=[asset])

        page = enter().get(address("collections")).content.decode()

        assert "Spring" in page
        assert "1 picture<" in page
        assert address("thumb", asset.id, "small") in page

    def test_asks_as_few_questions_for_many_collections(
        self, django_assert_max_num_queries
    ) -> None:
        for _ in range(9):
            make_collection(assets=[make_asset() for _ in range(5)])
        client = enter()
        client.get(address("collections"))

        with django_assert_max_num_queries(15):
            page = client.get(address("collections")).content.decode()

        assert page.count("<img") == 9 * 4

    def test_takes_out_renames_and_deletes(self) -> None:
        asset = make_asset()
        collection = make_collection(assets=[asset])
        client = enter()

        client.post(address("collection-remove", collection.id), {"asset": asset.id})
        client.post(address("collection-rename", collection.id), {"name": "Winter"})
        page = client.get(address("collection", collection.id)).content.decode()
        client.post(address("collection-delete", collection.id))

        assert "Winter" in page
        assert "Nothing in it yet" in page
        assert not Collection.objects.exists()

    def test_offers_no_changes_to_reviewers(self) -> None:
        collection = make_collection(assets=[make_asset()])

        page = enter(make_reviewer()).get(address("collection", collection.id))

        assert b"Delete the collection" not in page.content

    def test_names_the_collections_of_a_picture(self) -> None:
        asset = make_asset()
        collection = make_collection(name="Spring", assets=[asset])

        page = enter().get(address("asset", asset.id)).content.decode()

        assert address("collection", collection.id) in page
        assert f"{address('collect')}?asset={asset.id}" in page

    def test_asks_as_few_questions_for_many_pictures(
        self, django_assert_max_num_queries
    ) -> None:
        collection = make_collection(assets=[make_asset() for _ in range(12)])
        client = enter()

        with django_assert_max_num_queries(18):
            client.get(address("collection", collection.id))


class TestGalleryFilter:
    def test_keeps_the_pictures_of_a_collection(self) -> None:
        inside = make_asset(title="Inside", state="approved", approved_at=NOW)
        make_asset(title="Outside", state="approved", approved_at=NOW)
        collection = make_collection(name="Spring", assets=[inside])

        page = enter().get(address("gallery"), {"collection": collection.id})

        text = page.content.decode()
        assert "Inside" in text
        assert "Outside" not in text
        assert "Spring<span" in text  # the chip

    @pytest.mark.parametrize("value", ["x", "0"])
    def test_ignores_what_is_none(self, value: str) -> None:
        answer = enter().get(address("gallery"), {"collection": value})

        assert answer.status_code == 200
