import base64
import io
import re
from typing import Any
from urllib.parse import urlencode

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse
from PIL import Image

from brandgen.engine.errors import UnsupportedError
from brandgen.engine.fake import FakeEngine
from brandgen.generation.making import read_mask
from brandgen.generation.models import Decoding, Generation
from brandgen.generation.runner import run_decoder, run_prior
from brandgen.jobs.models import Job
from brandgen.library.models import Asset
from brandgen.model_registry import abilities
from tests.factories import (
    current_kit,
    make_asset,
    make_brand,
    make_candidate,
    make_lease,
    make_picture,
    make_reviewer,
    make_user,
)
from tests.generation.test_edits import OPERATIONS, finish, make_drawn

pytestmark = pytest.mark.django_db

PAGES = ["vary", "change", "extend", "enlarge", "fidelity"]


@pytest.fixture
def mara(client: Client) -> Client:
    client.force_login(make_user())
    return client


def url(name: str, *args: Any) -> str:
    return reverse(f"generation:{name}", args=["northwind", *args])


def draw_mask(size: tuple[int, int] = (256, 256), *, is_marked: bool = True) -> str:
    pixels = np.zeros((size[1], size[0]), np.uint8)
    if is_marked:
        pixels[32:64, 32:96] = 255
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()


@pytest.mark.parametrize("page", PAGES)
class TestEveryEditPage:
    def test_shows_the_picture_and_what_it_becomes(
        self, mara: Client, page: str
    ) -> None:
        asset = make_drawn()

        text = mara.get(url(f"edit_{page}", asset.id)).content.decode()

        assert url("edit_picture", asset.id) in text
        assert text.count('aria-current="page"') >= 1
        assert "The picture stays as it is" in text

    def test_says_what_the_model_lacks(
        self, mara: Client, page: str, monkeypatch: Any
    ) -> None:
        monkeypatch.setattr(abilities, "find_abilities", frozenset)
        asset = make_drawn()
        fields = {"prompt": "red", "count": "1", "how": "subtle", "factor": "2"}

        text = mara.get(url(f"edit_{page}", asset.id)).content.decode()
        answer = mara.post(
            url(f"edit_{page}", asset.id),
            fields | {"width": "64", "height": "64", "left": "128"},
        )

        assert "begin from a picture: it has no semantic encoder" in text
        assert answer.status_code == 422
        assert Generation.objects.count() == 1

    def test_is_closed_to_reviewers(self, client: Client, page: str) -> None:
        asset = make_drawn()
        client.force_login(make_reviewer())

        assert client.get(url(f"edit_{page}", asset.id)).status_code == 403

    def test_hides_pictures_of_another_brand(self, mara: Client, page: str) -> None:
        other = make_asset(brand=make_brand(name="Contoso"))

        assert mara.get(url(f"edit_{page}", other.id)).status_code == 404

    def test_shows_how_a_photograph_is_cut(self, mara: Client, page: str) -> None:
        photo = make_asset(data=make_picture(700, 500), kind=Asset.Kind.UPLOADED)

        text = mara.get(url(f"edit_{page}", photo.id)).content.decode()

        assert "of 700 × 500 px it sees" in text

    def test_asks_few_questions(
        self, mara: Client, page: str, django_assert_max_num_queries: Any
    ) -> None:
        asset = make_drawn()

        with django_assert_max_num_queries(30):
            mara.get(url(f"edit_{page}", asset.id))


class TestVary:
    def test_queues_a_sheet_that_knows_its_origin(self, mara: Client) -> None:
        asset = make_drawn()

        answer = mara.post(
            url("edit_vary", asset.id), {"how": "strong", "count": "2"}, follow=True
        )

        generation = Generation.objects.get(operation="vary")
        assert generation.source == asset
        page = answer.content.decode()
        assert "2 pictures are on the way" in page
        assert f"{asset.title} · varied" in page
        assert "70%" in page

    @pytest.mark.parametrize(
        ("fields", "said"),
        [
            ({"how": "wild"}, "Select a valid choice"),
            ({"count": "0"}, "You asked for 0 pictures"),
            ({"count": "x"}, "whole number from 1 to 8"),
        ],
    )
    def test_says_what_is_wrong(
        self, mara: Client, fields: dict[str, str], said: str
    ) -> None:
        asset = make_drawn()

        answer = mara.post(
            url("edit_vary", asset.id), {"how": "subtle", "count": "2"} | fields
        )

        assert answer.status_code == 422
        assert said in answer.content.decode()


class TestChange:
    def post(self, client: Client, asset: Asset, **fields: str) -> Any:
        return client.post(
            url("edit_change", asset.id), {"prompt": "red", "count": "1"} | fields
        )

    def test_takes_the_mask_that_was_drawn(self, mara: Client) -> None:
        answer = self.post(mara, make_drawn(), mask=draw_mask())

        source = Generation.objects.get(operation="inpaint").read_inputs().source
        assert answer.status_code == 302
        assert source is not None
        mask = read_mask(source.mask_sha256)
        assert mask[40, 40] == 255
        assert int((mask > 0).sum()) == 32 * 64

    def test_takes_a_rectangle_by_numbers(self, mara: Client) -> None:
        self.post(mara, make_drawn(), left="10", top="20", width="30", height="40")

        source = Generation.objects.get(operation="inpaint").read_inputs().source
        assert source is not None
        mask = read_mask(source.mask_sha256)
        assert mask[20:60, 10:40].all()
        assert int((mask > 0).sum()) == 30 * 40

    @pytest.mark.parametrize(
        ("fields", "said"),
        [
            ({}, "Nothing is marked"),
            ({"mask": draw_mask(is_marked=False)}, "Nothing is marked"),
            ({"mask": "data:image/png;base64,%%%"}, "could not be read"),
            ({"mask": "data:image/png;base64,aGVsbG8="}, "could not be read"),
            ({"mask": draw_mask((64, 64))}, "64 × 64 px and the picture 256 × 256"),
            (
                {"left": "900", "width": "9", "height": "9"},
                "lies outside the picture of 256 × 256",
            ),
            ({"mask": draw_mask(), "prompt": "a ch3ap mug"}, "does not allow “cheap”"),
            ({"mask": draw_mask(), "prompt": "<|endoftext|>"}, "control word"),
            ({"mask": draw_mask(), "prompt": ""}, "required"),
        ],
    )
    def test_says_what_is_wrong_and_keeps_the_words(
        self, mara: Client, fields: dict[str, str], said: str
    ) -> None:
        current_kit(make_brand()).banned_terms.create(term="cheap")

        answer = self.post(mara, make_drawn(), **fields)

        assert answer.status_code == 422
        assert said in answer.content.decode()
        assert not Generation.objects.filter(operation="inpaint").exists()


class TestExtend:
    def test_starts_with_the_sides_of_a_ratio(self, mara: Client) -> None:
        asset = make_drawn()

        page = mara.get(url("edit_extend", asset.id) + "?left=128&right=128")

        text = page.content.decode()
        assert 'viewBox="-128 -0 512 256"' in text
        assert text.count('<option value="128" selected>') == 2

    def test_offers_only_ratios_that_the_model_draws(self, mara: Client) -> None:
        page = mara.get(url("edit_extend", make_drawn().id))

        ratios = dict(page.context["extensions"])
        assert ratios["2:1"] == {"left": 128, "right": 128, "top": 0, "bottom": 0}
        assert "1:1" not in ratios

    def test_queues_the_larger_picture(self, mara: Client) -> None:
        mara.post(
            url("edit_extend", make_drawn().id),
            {"prompt": "sky", "count": "1", "top": "256"},
        )

        generation = Generation.objects.get(operation="outpaint")
        assert (generation.width_px, generation.height_px) == (256, 512)

    def test_leads_back_to_where_one_came_from(self, mara: Client) -> None:
        asset = make_drawn()
        form = "/b/northwind/templates/1/create?t-headline=Brighter+mornings"
        address = f"{url('edit_extend', asset.id)}?{urlencode({'back': form})}"

        page = mara.get(address).content.decode()
        answer = mara.post(address, {"prompt": "sky", "count": "1", "top": "128"})
        sheet = mara.get(answer["Location"]).content.decode()
        other = finish(OPERATIONS["outpaint"](asset)).decodings.get().candidate

        assert f'href="{form}">Go back' in page
        assert f'href="{form}">Go back' in sheet
        others = mara.get(url("sheet", other.generation_id)).content.decode()
        assert "Go back" not in others

    def test_leads_to_no_other_site(self, mara: Client) -> None:
        address = f"{url('edit_extend', make_drawn().id)}?back=//elsewhere.example"

        page = mara.get(address).content.decode()
        answer = mara.post(address, {"prompt": "sky", "count": "1", "top": "128"})

        assert "Go back" not in page
        assert "elsewhere" not in mara.get(answer["Location"]).content.decode()

    def test_says_that_nothing_is_added(self, mara: Client) -> None:
        answer = mara.post(
            url("edit_extend", make_drawn().id), {"prompt": "sky", "count": "1"}
        )

        assert "Nothing is added" in answer.content.decode()


class TestEnlarge:
    def test_says_which_size_it_will_have_and_what_is_too_large(
        self, mara: Client
    ) -> None:
        wide = make_asset(data=make_picture(1280, 256))

        page = mara.get(url("edit_enlarge", wide.id)).content.decode()

        assert "1920 × 384 px" in page
        assert "would have 2560 px" in page


class TestFidelity:
    def test_shows_original_drawing_difference_and_figures(self, mara: Client) -> None:
        child = finish(OPERATIONS["reconstruct"](make_drawn()))
        generation = child.decodings.get().candidate.generation

        page = mara.get(url("sheet", generation.id)).content.decode()
        picture = mara.get(url("error_map", generation.id))

        assert "The model keeps this picture" in page
        assert re.search(r"Mean color distance</dt><dd>\d+\.\d ", page)
        assert picture["Content-Type"] == "image/png"
        assert Image.open(io.BytesIO(picture.content)).size == (256, 256)

    def test_has_no_map_before_it_is_done(self, mara: Client) -> None:
        generation = OPERATIONS["reconstruct"](make_drawn())

        assert mara.get(url("error_map", generation.id)).status_code == 302


class TestFinishAgain:
    def ask(self, client: Client, candidate: Any, **fields: str) -> Any:
        data = {"seed": "", "steps": "5", "guidance_scale": "1.5"} | fields
        return client.post(
            url("finish_again", candidate.generation_id, candidate.position),
            {f"again{candidate.position}-{name}": v for name, v in data.items()},
            follow=True,
        )

    def test_queues_one_image_with_its_own_settings(self, mara: Client) -> None:
        candidate = make_candidate()

        page = self.ask(mara, candidate).content.decode()

        decoding = Decoding.objects.get()
        assert (decoding.steps, decoding.guidance_scale) == (5, 1.5)
        assert decoding.seed == candidate.seed + 1
        assert Job.objects.count() == 1
        assert "5 steps, guidance 1.5" in page

    def test_takes_a_seed_and_is_harmless_twice(self, mara: Client) -> None:
        candidate = make_candidate()

        for _ in range(2):
            self.ask(mara, candidate, seed="99")

        assert Decoding.objects.get().seed == 99
        assert Job.objects.count() == 1

    def test_stands_beside_the_usual_image_of_the_same_seed(self, mara: Client) -> None:
        candidate = make_candidate()
        seed = str(candidate.seed)
        mara.post(url("finish", candidate.generation_id), {"only": "0"})

        page = self.ask(mara, candidate, seed=seed).content.decode()

        assert Decoding.objects.count() == 2
        assert page.count('class="cell finishing"') == 2

    @pytest.mark.parametrize(
        ("fields", "said"),
        [
            ({"steps": "0"}, "greater than or equal to 1"),
            ({"guidance_scale": "nan"}, "Enter a number"),
            ({"seed": "-1"}, "greater than or equal to 0"),
        ],
    )
    def test_says_what_is_wrong(
        self, mara: Client, fields: dict[str, str], said: str
    ) -> None:
        page = self.ask(mara, make_candidate(), **fields).content.decode()

        assert said in page
        assert not Decoding.objects.exists()


class TestASheetMadeFromAPicture:
    def test_shows_its_origin_and_offers_to_finish(self, mara: Client) -> None:
        generation = OPERATIONS["inpaint"](make_drawn())
        run_prior(make_lease(generation), engine=FakeEngine())
        Job.objects.update(state=Job.State.DONE)

        page = mara.get(url("sheet", generation.id)).content.decode()

        assert "An area changed" in page
        assert "Mark another area" in page
        assert "Finish all 1" in page

    def test_opens_for_a_picture_without_a_preset(self, mara: Client) -> None:
        photo = make_asset(data=make_picture(256, 256), kind=Asset.Kind.UPLOADED)
        generation = OPERATIONS["vary"](photo)
        child = finish(generation)

        for address in (
            url("sheet", generation.id),
            url("history"),
            reverse("library:asset", args=["northwind", child.id]),
            reverse("library:asset", args=["northwind", child.id]) + "?tab=lineage",
            f"{url('compare')}?asset={photo.id}&asset={child.id}",
        ):
            assert mara.get(address).status_code == 200

    def test_can_be_run_by_two_workers_without_harm(self) -> None:
        generation = OPERATIONS["inpaint"](make_drawn())
        finish(generation)
        decoding = Decoding.objects.filter(candidate__generation=generation).get()
        Decoding.objects.filter(id=decoding.id).update(asset=None)
        Job.objects.all().delete()

        run_decoder(make_lease(decoding), engine=FakeEngine())

        assert Asset.objects.filter(parent_links__isnull=False).count() == 1


class TestRequire:
    def test_refuses_by_name(self, monkeypatch: Any) -> None:
        monkeypatch.setattr(abilities, "find_abilities", frozenset)

        with pytest.raises(UnsupportedError, match="Ask an admin for a model"):
            abilities.require(abilities.Capability.START)

    def test_knows_what_the_miniature_brings(self, settings: Any) -> None:
        settings.ENGINE = "brandgen.engine.cascade.engine.CascadeEngine"

        assert abilities.Capability.START in abilities.find_abilities()
