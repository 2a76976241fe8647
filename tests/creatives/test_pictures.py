import pytest

from brandgen.creatives.pictures import PictureError, find_pictures, offer_pictures
from brandgen.library.models import Asset
from tests.factories import make_asset, make_brand, make_marked_asset

pytestmark = pytest.mark.django_db


def find(value: str) -> Asset | PictureError:
    return find_pictures(make_brand(), [value])[value]


class TestFindPictures:
    def test_knows_a_picture_by_all_its_names(self) -> None:
        photo = make_marked_asset(title="Sea Mug Öl")

        names = [
            str(photo.id), photo.sha256, photo.sha256.upper(), "Sea Mug Öl",
            " Sea Mug Öl ", "Sea Mug Öl.JPG", "photos/spring/Sea Mug Öl.jpg",
            "C:\\photos\\Sea Mug Öl.png",
        ]  # fmt: skip
        assert {name: find(name) for name in names} == dict.fromkeys(names, photo)

    def test_takes_small_and_large_letters_for_the_same(self) -> None:
        photo = make_marked_asset(title="Sea mug")

        assert find("SEA MUG.webp") == photo

    @pytest.mark.parametrize(
        ("state", "message"),
        [("draft", "is draft"), ("rejected", "is rejected")],
    )
    def test_takes_approved_pictures_only(self, state: str, message: str) -> None:
        make_asset(title="Sea mug", state=state)

        assert message in str(find("sea mug"))

    def test_asks_which_of_two_is_meant(self) -> None:
        make_marked_asset(title="Sea mug")
        make_marked_asset(title="Sea mug")

        assert "2 approved pictures are called “Sea mug”" in str(find("Sea mug"))

    def test_finds_none_of_another_brand(self) -> None:
        other = make_marked_asset(title="Sea mug", brand=make_brand(name="Southwind"))

        assert "No approved picture is called" in str(find("Sea mug"))
        assert "No approved picture is called" in str(find(str(other.id)))

    def test_asks_the_database_once(self, django_assert_num_queries) -> None:
        brand = make_brand()

        with django_assert_num_queries(1):
            found = find_pictures(brand, [f"mug {n}.jpg" for n in range(1000)])

        assert len(found) == 1000


class TestOfferPictures:
    def test_puts_what_is_chosen_before_the_newest_of_the_brand(self) -> None:
        brand = make_brand()
        old, middle, new = (
            make_asset(brand=brand, state=Asset.State.APPROVED) for _ in range(3)
        )
        draft = make_asset(brand=brand)
        other = make_asset(brand=make_brand(name="Other"), state=Asset.State.APPROVED)
        chosen = ["no id", old.id, str(old.id), draft.id, other.id]

        offered = offer_pictures(brand, most=2, chosen=chosen)

        assert offered == [old, new]
        assert offer_pictures(brand, most=5) == [new, middle, old]

    def test_offers_creatives_only_where_one_is_chosen(self) -> None:
        creative = make_asset(kind=Asset.Kind.CREATIVE, state=Asset.State.APPROVED)

        assert offer_pictures(creative.brand, most=5) == []
        assert offer_pictures(creative.brand, most=5, chosen=[creative.id]) == [
            creative
        ]
