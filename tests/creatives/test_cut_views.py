from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from brandgen.brands.models import BrandKit
from brandgen.creatives.models import Batch, TemplateVersion
from brandgen.lib.storage import MissingBlobError
from brandgen.library.models import Asset
from tests.creatives.pages import address
from tests.creatives.test_cuts import make_version
from tests.creatives.test_extending import find_cells, make_square, make_wide, order
from tests.creatives.test_fill_views import filled
from tests.factories import (
    make_brand,
    make_feed,
    make_layout_kit,
    make_reviewer,
    make_user,
    run_jobs,
)
from tests.pages import enter

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def kit() -> BrandKit:
    return make_layout_kit()


def make_tall() -> TemplateVersion:
    return make_version(tall=(316, 1080))


def ask(version: TemplateVersion, photo: Asset, **data: Any) -> dict[str, Any]:
    """Ask what is cut as the page does."""
    answer = enter().post(
        address("cuts", version.id), filled(photo, formats=["square"]) | data
    )
    told: dict[str, Any] = answer.json()
    return told


def read_link(piece: str) -> dict[str, list[str]]:
    """Read the query of the link that extends a picture."""
    link = piece.split('class="btn small" href="')[1].split('"')[0]
    link = link.replace("&amp;", "&")
    return parse_qs(urlsplit(link).query)


class TestCuts:
    def test_says_what_each_format_cuts_and_leads_to_the_extension(self) -> None:
        photo, version = make_square(), make_tall()

        told = ask(version, photo)

        assert "This format shows 58 % of the picture." in told["formats"]["square"]
        assert told["formats"]["landscape"].strip() == ""
        link = read_link(told["formats"]["square"])
        assert (link["left"], link["right"], "top" in link) == (["128"], ["256"], False)
        assert f"/create/from/{photo.id}/extend/" in told["formats"]["square"]

    def test_leads_back_to_what_is_filled_in(self) -> None:
        photo, version = make_square(), make_tall()
        link = read_link(ask(version, photo)["formats"]["square"])

        page = enter().get(link["back"][0]).content.decode()

        assert 'value="Brighter mornings"' in page
        assert f'value="{photo.id}" checked' in page
        assert page.count('name="formats" value="square"') == 1
        assert "csrf" not in link["back"][0]
        chosen = page.split('name="formats"')
        assert [("checked" in part.split(">")[0]) for part in chosen[1:]] == [
            True, False, False, False
        ]  # fmt: skip

    def test_opens_another_tab_where_no_address_holds_what_is_filled_in(self) -> None:
        photo, version = make_square(), make_tall()

        told = ask(version, photo, **{"t-subline": "ä" * 400})

        assert 'target="_blank"' in told["formats"]["square"]
        assert "back=" not in told["formats"]["square"]

    def test_offers_one_extension_for_all_chosen_formats(self) -> None:
        photo, version = make_square(), make_tall()

        one = ask(version, photo)["shared"]
        both = ask(version, photo, formats=["square", "tall"])["shared"]

        assert one.strip() == ""
        assert "Square post, Tall cut more than a third off the picture" in both
        assert {"left", "top", "right", "bottom"} <= set(read_link(both))

    def test_says_what_became_of_an_extension(self) -> None:
        photo, version = make_square(), make_tall()
        wide = make_wide(photo, state=Asset.State.DRAFT)

        def tell(**data: Any) -> str:
            piece: str = ask(version, photo, **data)["formats"]["square"]
            return piece

        assert "waits to be sent to review" in tell()
        Asset.objects.filter(id=wide.id).update(state="in_review")
        assert "is in review" in tell()
        assert "Extend the picture" not in tell(uses_extensions="on")
        Asset.objects.filter(id=wide.id).update(
            state="approved", approved_at=photo.approved_at
        )
        assert "Use extended pictures" in tell()
        assert "which shows all of the picture instead of 58 %" in tell(
            uses_extensions="on"
        )

    def test_says_nothing_where_nothing_is_chosen_or_can_be_drawn(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        photo, version = make_square(), make_tall()

        assert ask(version, photo, **{"i-hero": ""})["formats"] == {}

        def lose(*_: object, **__: object) -> None:
            raise MissingBlobError("A font is gone.")

        with monkeypatch.context() as broken:
            broken.setattr("brandgen.creatives.cut_views.find_cuts", lose)
            assert ask(version, photo)["formats"] == {}
        BrandKit.objects.update(published_at=None)
        assert ask(version, photo)["formats"] == {}

    def test_is_for_those_who_make_creatives(self) -> None:
        version = make_tall()
        url = address("cuts", version.id)
        elsewhere = make_user(brand=make_brand(name="Contoso", slug="contoso"))

        assert enter(make_reviewer()).post(url).status_code == 403
        assert enter(elsewhere).post(url).status_code == 404
        assert enter().get(url).status_code == 405


class TestForm:
    def test_says_without_a_script_what_is_cut(self) -> None:
        photo, version = make_square(), make_tall()

        page = enter().get(address("fill", version.template_id), {"image": photo.id})

        assert "This format shows 58 % of the picture." in page.content.decode()
        assert "Extend it for all" in page.content.decode()

    def test_uses_extensions_without_a_script(self) -> None:
        photo, version = make_square(), make_tall()
        make_wide(photo)

        page = enter().post(
            address("fill", version.template_id), filled(photo, look="extended")
        )

        text = page.content.decode()
        assert "instead of 58 %" in text
        assert 'name="uses_extensions" aria-describedby' in text
        assert "uses_extensions=on" in text
        assert not Batch.objects.exists()

    def test_draws_previews_and_creatives_with_them(self) -> None:
        photo, version = make_square(), make_tall()
        make_wide(photo)
        client = enter()

        def look(**data: str) -> bytes:
            url = address("look", version.id, "square")
            answer = client.post(url, filled(photo, **data))
            return bytes(answer.json()["picture"], "ascii")

        def preview(**data: str) -> bytes:
            url = address("preview", version.id, "square")
            query = {"t-headline": "Hi", "i-hero": str(photo.id), **data}
            return client.get(url, query).content

        assert look() != look(uses_extensions="on")
        assert preview() != preview(uses_extensions="on")
        client.post(
            address("fill", version.template_id),
            filled(photo, uses_extensions="on"),
        )
        assert Batch.objects.get().uses_extensions

    def test_asks_as_often_for_many_extensions_as_for_one(self) -> None:
        photo, version = make_square(), make_tall()
        client = enter()

        def count() -> int:
            with CaptureQueriesContext(connection) as asked:
                client.get(address("fill", version.template_id), {"i-hero": photo.id})
            return len(asked)

        make_wide(photo)
        before = count()
        for _ in range(4):
            make_wide(photo)

        assert count() == before


class TestCell:
    def show(self, batch: Batch, name: str = "square") -> str:
        cell = find_cells(batch)[name]
        return enter().get(address("cell", cell.id)).content.decode()

    def test_leads_to_an_extension_and_back_here(self) -> None:
        batch = order(make_square(), uses_extensions=False)
        run_jobs()

        page = self.show(batch)

        assert "This format shows 58 % of “Mug”." in page
        piece = page[page.index("This format shows") :]
        cell = find_cells(batch)["square"]
        assert read_link(piece)["back"] == [address("cell", cell.id)]
        assert "This format shows" not in self.show(batch, "landscape")

    def test_leads_to_the_form_that_makes_it_with_an_approved_one(self) -> None:
        photo = make_square()
        batch = order(photo, uses_extensions=False)
        run_jobs()
        make_wide(photo)

        page = self.show(batch)
        piece = page[page.index("An approved extension shows all") :]
        form = enter().get(piece.split('href="')[1].split('"')[0].replace("&amp;", "&"))

        text = form.content.decode()
        assert 'value="Brighter mornings"' in text
        assert "instead of 58 %" in text

    def test_leads_to_the_table_that_it_was_made_of(self) -> None:
        photo = make_square()
        feed = make_feed(f"Headline,Picture\nMug,{photo.id}\n")
        batch = order(photo, uses_extensions=False)
        Batch.objects.filter(id=batch.id).update(feed=feed)
        make_wide(photo)

        assert f'href="{address("feed", feed.id)}"' in self.show(batch)

    def test_says_that_an_extension_is_used_or_was_lost(self) -> None:
        photo = make_square()
        wide = make_wide(photo)
        used = order(photo)
        run_jobs()
        lost = order(photo, name="Later")
        wide.put_away()
        run_jobs()

        assert "Drawn with an extension of “Mug”" in self.show(used)
        assert "had lost its approval" in self.show(lost)

    def test_counts_them_on_the_page_of_the_batch(self) -> None:
        photo = make_square()
        wide = make_wide(photo)
        batch = order(photo)
        client = enter()

        page = client.get(address("batch", batch.id)).content.decode()
        wide.put_away()
        run_jobs()
        later = client.get(address("batch", batch.id)).content.decode()
        plain = order(photo, uses_extensions=False)

        assert ", 1 with extended pictures" in page
        assert ", 0 with extended pictures" in later
        assert (
            "with extended pictures"
            not in client.get(address("batch", plain.id)).content.decode()
        )

    def test_stands_among_the_uses_of_the_extension(self) -> None:
        photo = make_square()
        wide = make_wide(photo)
        order(photo, name="Summer mugs")

        uses = [
            enter().get(f"/b/northwind/library/{one.id}/?tab=uses").content.decode()
            for one in (photo, wide)
        ]

        assert ["Summer mugs" in page for page in uses] == [True, True]

    def test_offers_no_extension_to_who_may_not_generate(self) -> None:
        batch = order(make_square(), uses_extensions=False)
        cell = find_cells(batch)["square"]

        page = enter(make_reviewer()).get(address("cell", cell.id)).content.decode()

        assert "This format shows 58 %" in page
        assert "Extend the picture" not in page
