"""References, the brand's colors, room for text and adapters: from form to engine."""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from brandgen.compositor.examples.northwind import SPRING
from brandgen.engine.fake import FakeEngine
from brandgen.engine.registry import CASCADE
from brandgen.generation.gathering import palette_of
from brandgen.generation.inputs import BoxInput
from brandgen.generation.layouts import Room, find_room, fit_boxes, fit_size
from brandgen.generation.making import prior_request, read_pixels
from brandgen.generation.models import Generation
from brandgen.generation.reproduce import find_decoding, reproduce
from brandgen.lib.colors import contrast_behind
from brandgen.library.models import Asset
from brandgen.model_registry import abilities
from brandgen.model_registry.models import AddedModel, ModelState
from brandgen.presets.models import PresetVersion
from tests.factories import (
    make_adapter,
    make_asset,
    make_brand,
    make_layout_kit,
    make_picture,
    make_preset_version,
    make_template_version,
    make_user,
)
from tests.generation.test_edits import finish

pytestmark = pytest.mark.django_db


@pytest.fixture
def mara(client: Client) -> Client:
    client.force_login(make_user())
    return client


def post(client: Client, version: PresetVersion, **fields: Any) -> Any:
    data = {"v_subject": "teal waves", "v_ground": "Sand", "count": "1"}
    url = reverse("generation:new", args=["northwind", version.preset_id])
    return client.post(url, data | {"size": "256x256"} | fields)


def approved() -> Asset:
    return make_asset(state=Asset.State.APPROVED)


class TestReferences:
    def test_are_kept_with_their_weights_and_become_parents(self, mara: Client) -> None:
        one, other = approved(), approved()

        post(
            mara,
            make_preset_version(),
            references=[str(one.id), str(other.id)],
            **{f"weight_{other.id}": "2"},
        )

        generation = Generation.objects.get()
        kept = generation.read_inputs().references
        assert {(each.asset_id, each.weight) for each in kept} == {
            (str(one.id), 1.0),
            (str(other.id), 2.0),
        }
        child = finish(generation)
        assert {link.role for link in child.parent_links.all()} == {"reference"}
        assert reproduce(find_decoding(child.sha256), engine=FakeEngine()).is_same

    def test_offers_the_approved_first(self, mara: Client) -> None:
        make_asset(title="A draft")
        best = approved()
        version = make_preset_version()
        url = reverse("generation:new", args=["northwind", version.preset_id])

        form = mara.get(url).context["form"]

        assert form.fields["references"].choices[0] == (str(best.id), best.title)
        assert len(form.fields["references"].choices) == 2

    def test_takes_an_upload_into_the_library(self, mara: Client) -> None:
        file = SimpleUploadedFile("mug.png", make_picture(300, 200))

        post(mara, make_preset_version(), reference_file=file)

        asset = Asset.objects.get(kind=Asset.Kind.UPLOADED)
        kept = Generation.objects.get().read_inputs().references
        assert [each.asset_id for each in kept] == [str(asset.id)]
        assert asset.title == "mug"

    def test_says_why_an_upload_was_not_taken(self, mara: Client) -> None:
        file = SimpleUploadedFile("mug.gif", b"GIF89a....")

        answer = post(mara, make_preset_version(), reference_file=file)

        assert "is a GIF" in answer.content.decode()
        assert not Generation.objects.exists()

    def test_refuses_more_than_eight_and_those_of_others(self, mara: Client) -> None:
        version = make_preset_version()
        many = [str(approved().id) for _ in range(9)]
        foreign = make_asset(brand=make_brand(name="Contoso"))

        too_many = post(mara, version, references=many).content.decode()
        others = post(mara, version, references=[str(foreign.id)]).content.decode()

        assert "You chose 9 reference images. Use at most 8." in too_many
        assert "is not there any more" in others
        assert not Generation.objects.exists()

    def test_fall_back_to_those_that_the_preset_pins(self, mara: Client) -> None:
        pinned = approved()
        version = make_preset_version(
            engine_settings={"anchors": [{"asset_id": str(pinned.id)}]}
        )

        post(mara, version)

        kept = Generation.objects.get().read_inputs().references
        assert [each.sha256 for each in kept] == [pinned.sha256]

    def test_are_not_offered_where_the_model_has_no_eyes(
        self, mara: Client, monkeypatch: Any
    ) -> None:
        monkeypatch.setattr(abilities, "find_abilities", frozenset)
        version = make_preset_version()
        url = reverse("generation:new", args=["northwind", version.preset_id])

        page = mara.get(url).content.decode()

        assert "look at reference pictures: it has no image encoder" in page
        assert "be guided by colors" in page
        assert 'name="reference_file"' not in page

    def test_of_a_preset_are_refused_where_the_model_has_no_eyes(
        self, mara: Client, monkeypatch: Any
    ) -> None:
        version = make_preset_version(
            engine_settings={"anchors": [{"asset_id": str(approved().id)}]}
        )
        monkeypatch.setattr(abilities, "find_abilities", frozenset)

        answer = post(mara, version)

        assert "Ask an admin for a model that can" in answer.content.decode()
        assert not Generation.objects.exists()


class TestPalette:
    def test_pulls_to_the_kit_as_strongly_as_the_preset_says(
        self, mara: Client
    ) -> None:
        version = make_preset_version(engine_settings={"palette_strength": 1.0})

        page = mara.get(
            reverse("generation:new", args=["northwind", version.preset_id])
        ).content.decode()
        post(mara, version)

        generation = Generation.objects.get()
        palette = generation.read_inputs().palette
        assert palette is not None
        assert sum(color.share for color in palette.colors) == pytest.approx(1)
        assert "pulled to these at 100 %" in page
        pixels = read_pixels(finish(generation).sha256).reshape(-1, 3).astype(int)
        own = [(15, 76, 92), (227, 100, 20), (251, 233, 208)]
        nearest = np.min([np.abs(pixels - c).sum(axis=1) for c in own], axis=0)
        assert nearest.mean() < 15

    def test_counts_all_colors_alike_where_none_has_a_share(self) -> None:
        kit = make_layout_kit()

        palette = palette_of(kit, 0.5)

        assert palette is not None
        assert len({color.share for color in palette.colors}) == 1
        assert palette_of(kit, 0.0) is None


def full_bleed() -> dict[str, Any]:
    """Return the spring template with its picture below all of its texts."""
    document: dict[str, Any] = json.loads(SPRING.read_bytes())
    whole = {"x": {"anchor": "both"}, "y": {"anchor": "both"}}
    layers = [each for each in document["layers"] if each["type"] != "shape"]
    for layer in layers:
        if layer["type"] == "image":
            layer["box"] = whole
            layer.pop("overrides", None)
    return document | {"layers": layers}


class TestRoom:
    def test_has_no_boxes_where_texts_lie_beside_the_picture(
        self, mara: Client
    ) -> None:
        make_layout_kit()
        version = make_template_version(name="Spring")

        post(mara, make_preset_version(), layout=f"{version.id}:story", v_ground="")

        generation = Generation.objects.get()
        assert generation.read_inputs().text_boxes == ()
        page = mara.get(
            reverse("generation:sheet", args=["northwind", generation.id])
        ).content.decode()
        assert "no text lies on its picture" in page

    def test_takes_format_and_boxes_from_a_template(self, mara: Client) -> None:
        make_layout_kit()
        version = make_template_version(name="Spring", document=full_bleed())

        answer = post(
            mara, make_preset_version(), layout=f"{version.id}:story", v_ground=""
        )

        assert answer.status_code == 302, answer.context["form"].errors
        generation = Generation.objects.get()
        inputs = generation.read_inputs()
        room = find_room(generation.brand, generation.brand_kit, f"{version.id}:story")
        assert room is not None
        size = (generation.width_px, generation.height_px)
        assert size == fit_size(room, (512, 512))
        assert inputs.layout.startswith("Spring, ")
        assert inputs.text_boxes
        box = inputs.text_boxes[-1]
        pixels = read_pixels(finish(generation).sha256)
        high, wide = pixels.shape[:2]
        behind = pixels[
            int(box.top * high) : int(box.bottom * high),
            int(box.left * wide) : int(box.right * wide),
        ]
        assert contrast_behind(behind, box.text_color) >= box.contrast

    def test_takes_a_place_by_numbers(self, mara: Client) -> None:
        sides = {"left": "50", "top": "0", "right": "100", "bottom": "40"}

        post(
            mara,
            make_preset_version(),
            layout="own",
            box_ink="#171717",
            **{f"box_{side}": value for side, value in sides.items()},
        )

        (box,) = Generation.objects.get().read_inputs().text_boxes
        assert (box.left, box.top, box.right, box.bottom) == (0.5, 0.0, 1.0, 0.4)
        assert (box.text_color, box.other_color) == ("#171717", None)

    def test_lets_the_picture_choose_between_light_and_dark(self, mara: Client) -> None:
        sides = {"left": "50", "top": "0", "right": "100", "bottom": "40"}

        post(
            mara,
            make_preset_version(),
            layout="own",
            **{f"box_{side}": value for side, value in sides.items()},
        )

        (box,) = Generation.objects.get().read_inputs().text_boxes
        assert (box.text_color, box.other_color) == ("#ffffff", "#171717")

    @pytest.mark.parametrize(
        ("fields", "said"),
        [
            ({"layout": "own"}, "Mark a place for the text"),
            (
                {
                    "layout": "own",
                    "box_left": "60",
                    "box_right": "40",
                    "box_top": "0",
                    "box_bottom": "9",
                },
                "it has no inside",
            ),
            ({"layout": "999:story"}, "Select a valid choice"),
            ({"layout": "own", "box_left": "nan"}, "Enter a number"),
        ],
    )
    def test_says_what_is_wrong(
        self, mara: Client, fields: dict[str, str], said: str
    ) -> None:
        answer = post(mara, make_preset_version(), **fields)

        assert said in answer.content.decode()
        assert not Generation.objects.exists()

    def test_is_reached_from_the_template(self, mara: Client) -> None:
        make_layout_kit()
        version = make_template_version()
        preset = make_preset_version()
        address = reverse("creatives:template", args=["northwind", version.template_id])

        template = mara.get(address).content.decode()
        picker = mara.get(
            reverse("generation:picker", args=["northwind"])
            + f"?layout={version.id}:square"
        ).content.decode()
        form = mara.get(
            reverse("generation:new", args=["northwind", preset.preset_id])
            + f"?layout={version.id}:square"
        ).content.decode()

        assert "Make pictures for this layout" in template
        assert f"?layout={version.id}%3Asquare" in picker
        assert f'value="{version.id}:square" selected' in form


class TestFitBoxes:
    def test_places_them_in_the_middle_that_is_seen(self) -> None:
        box = BoxInput(0.0, 0.0, 0.5, 1.0)

        (wider,) = fit_boxes(Room("x", 1.0, (box,)), (512, 256))
        (higher,) = fit_boxes(Room("x", 1.0, (box,)), (256, 512))

        assert (wider.left, wider.right) == (0.25, 0.5)
        assert (wider.top, wider.bottom) == (0.0, 1.0)
        assert (higher.left, higher.right) == (0.0, 0.5)
        assert (higher.top, higher.bottom) == (0.25, 0.75)

    def test_goes_with_the_nearest_format(self) -> None:
        assert fit_size(Room("x", 9 / 16, ()), (512, 512)) == (512, 896)


class TestAdapters:
    def test_are_kept_by_hash_and_found_again(
        self, mara: Client, tmp_path: Path
    ) -> None:
        glass = register_glass(tmp_path)
        version = make_preset_version(
            engine_settings={"adapters": [{"name": "glass", "scale": 0.5}]}
        )

        post(mara, version)

        generation = Generation.objects.get()
        (kept,) = generation.read_inputs().adapters
        assert (kept.name, kept.key, kept.scale) == ("Glass", "glass", 0.5)
        assert kept.sha256 == hashlib.sha256(GLASS).hexdigest()
        child = finish(generation)
        AddedModel.objects.filter(id=glass.id).update(key="other", name="Other")
        ModelState.objects.update(key="other")
        assert reproduce(find_decoding(child.sha256), engine=FakeEngine()).is_same

    def test_hand_their_license_to_the_image(
        self, mara: Client, tmp_path: Path
    ) -> None:
        register_glass(tmp_path)
        version = make_preset_version(
            engine_settings={"adapters": [{"name": "glass", "scale": 0.5}]}
        )

        post(mara, version)

        asset = finish(Generation.objects.get())
        assert asset.license_name == "Apache-2.0; CC BY-NC 4.0"
        assert not asset.is_commercial_use_allowed

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            ({"key": "other"}, "There is no adapter"),
            ({"family": "stable-cascade"}, "made for models of the family stable-cas"),
        ],
    )
    def test_say_why_they_can_not_be_used(
        self,
        mara: Client,
        settings: Any,
        tmp_path: Path,
        change: dict[str, str],
        said: str,
    ) -> None:
        settings.ENGINE = CASCADE
        register_glass(tmp_path, **change)
        version = make_preset_version(
            engine_settings={"adapters": [{"name": "glass", "scale": 1}]}
        )

        answer = post(mara, version)

        assert said in answer.content.decode()
        assert not Generation.objects.exists()


GLASS = b"what the fake engine takes for a LoRA"


def register_glass(folder: Path, **fields: str) -> AddedModel:
    path = folder / "glass.safetensors"
    path.write_bytes(GLASS)
    sha256 = hashlib.sha256(GLASS).hexdigest()
    return make_adapter(folder=str(path), sha256=sha256, **fields)


class TestSchedule:
    def test_of_the_preset_reaches_the_engine(self, mara: Client) -> None:
        version = make_preset_version(
            engine_settings={"schedule": "tuned", "guidance_until": 0.6}
        )

        post(mara, version)

        generation = Generation.objects.get()
        asked = prior_request(
            generation, 7, inputs=generation.read_inputs(), family="fake"
        )
        assert asked.step_count == 29
        assert asked.guidance_until == 0.6
        page = mara.get(
            reverse("generation:sheet", args=["northwind", generation.id])
        ).content.decode()
        assert "tuned, 29 steps" in page
