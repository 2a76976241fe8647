from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from brandgen.brands.models import BrandKit, Font, Logo
from tests.brands.test_fonts import make_font
from tests.brands.test_logos import make_logo
from tests.factories import make_brand, make_kit, make_manager, make_picture, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def bea(client: Client) -> Client:
    make_kit()
    client.force_login(make_manager())
    client.post(url("start"))
    return client


def url(name: str, *args: Any) -> str:
    return reverse(f"brands:{name}", args=["northwind", *args])


def draft() -> BrandKit:
    kit = BrandKit.objects.find_draft(make_brand())
    assert kit is not None
    return kit


def font_upload(data: bytes, name: str = "x.ttf") -> dict[str, Any]:
    return {"file": SimpleUploadedFile(name, data), "license_name": "OFL 1.1"}


def logo_upload(data: bytes) -> dict[str, Any]:
    return {
        "file": SimpleUploadedFile("logo.png", data),
        "variant": "primary",
        "clear_space_percent": "25",
        "smallest_width_px": "80",
    }


STOCKS = {
    "name": "Stocks",
    "wordings": "While stocks last.\nde: Solange Vorrat: da.",
    "triggers": "%,  free  mug, %",
    "smallest_px": "8",
    "smallest_pt": "6",
    "position": "0",
}


class TestKit:
    def test_shows_the_version_in_force_to_everyone(self, client: Client) -> None:
        make_kit(voice="Calm and warm.")
        client.force_login(make_user())

        page = client.get(url("kit")).content.decode()

        assert "Deep sea" in page
        assert 'fill="#0f4c5c"' in page
        assert "Calm and warm." in page
        assert "Change the brand kit" not in page

    def test_says_what_templates_call_each_color(self, client: Client) -> None:
        kit = make_kit()
        kit.colors.filter(name="Sand").update(role="accent")
        client.force_login(make_user())

        page = client.get(url("kit")).content.decode()

        for token in ("primary", "accent", "accent-2"):
            assert f'<code id="token-{token}" class="sm">{token}</code>' in page
            assert f'data-copies="token-{token}"' in page

    def test_has_a_first_step_where_there_is_nothing(self, client: Client) -> None:
        client.force_login(make_manager())

        assert "Start the brand kit" in client.get(url("kit")).content.decode()

    def test_names_what_changed_since_the_version_before(self, bea: Client) -> None:
        color = draft().colors.get(name="Sand")
        bea.post(
            url("change", "color", color.id),
            {
                "name": "Sand",
                "hex": "FFF",
                "role": "background",
                "share_percent": "45",
                "prompt_name": "cream",
                "position": "2",
            },
        )

        page = bea.get(url("draft")).content.decode()

        assert "Changed since version 1" in page
        assert "Palette: Sand" in page
        assert "#ffffff" in page

    @pytest.mark.parametrize("given", ["C20 M25 Y60 K0", "20/25/60/0", "20 25 60 0 %"])
    def test_takes_a_color_for_print_as_people_write_it(
        self, bea: Client, given: str
    ) -> None:
        color = draft().colors.get(name="Sand")
        more = {"role": "background", "share_percent": "45", "position": "2"}

        bea.post(
            url("change", "color", color.id),
            {"name": "Sand", "hex": "#e8d8b0", "inks": given, **more},
        )

        page = bea.get(url("draft")).content.decode()
        assert draft().colors.get(name="Sand").inks == "20 25 60 0"
        assert "#e8d8b0 · CMYK 20 25 60 0" in page
        assert "#e8d8b0, CMYK 20 25 60 0, Background" in page

    def test_says_how_a_color_for_print_is_written(self, bea: Client) -> None:
        color = draft().colors.get(name="Sand")
        more = {"role": "background", "share_percent": "45", "position": "2"}

        page = bea.post(
            url("change", "color", color.id),
            {"name": "Sand", "hex": "#e8d8b0", "inks": "PANTONE 156", **more},
        )

        assert "is not a color for print" in page.content.decode()
        assert draft().colors.get(name="Sand").inks == ""

    def test_offers_the_color_words_of_the_model_in_use(self, bea: Client) -> None:
        page = bea.get(url("add", "color")).content.decode()

        assert "The model in use knows red, coral," in page

    def test_tests_a_text_for_banned_terms(self, bea: Client) -> None:
        bea.post(url("add", "terms"), {"terms": "cheap\nguaranteed", "reason": ""})

        page = bea.get(url("draft") + "?test=a ch3ap mug").content.decode()
        part = bea.get(
            url("draft") + "?test=a good mug", headers={"HX-Target": "tester"}
        ).content.decode()

        assert "Not allowed" in page
        assert "Allowed." in part
        assert "<html" not in part


class TestPart:
    @pytest.mark.parametrize(
        "kind", ["color", "rule", "words", "terms", "font", "logo"]
    )
    def test_opens_a_form_for_every_part(self, bea: Client, kind: str) -> None:
        assert bea.get(url("add", kind)).status_code == 200

    def test_knows_no_other_part(self, bea: Client) -> None:
        assert bea.get(url("add", "smell")).status_code == 404

    def test_keeps_a_font_and_serves_it(self, bea: Client) -> None:
        data = make_font()

        bea.post(url("add", "font"), font_upload(data))

        font = Font.objects.get()
        styles = bea.get(url("font_styles", 2))
        file = bea.get(url("font", font.id, font.sha256[:12]))
        assert f"kit-font-{font.id}" in styles.content.decode()
        assert file.content == data
        assert file["X-Content-Type-Options"] == "nosniff"
        assert f"kit-font-{font.id}" in bea.get(url("draft")).content.decode()

    def test_keeps_a_logo_and_serves_it(self, bea: Client) -> None:
        bea.post(url("add", "logo"), logo_upload(make_logo()))

        logo = Logo.objects.get()
        file = bea.get(url("logo", logo.id, logo.sha256[:12]))
        assert file["Content-Type"] == "image/png"
        assert "sandbox" in file["Content-Security-Policy"]

    @pytest.mark.parametrize(
        ("kind", "fields", "message"),
        [
            ("font", font_upload(b"I am no font"), "no font that can be read"),
            ("font", font_upload(make_picture(8, 8)), "is a picture, whatever"),
            ("font", {}, "This field is required"),
            ("logo", logo_upload(make_picture()), "no transparent pixels"),
            ("logo", logo_upload(b"<svg onload='x'>"), "SVG"),
            ("color", {"name": "X", "hex": "teal", "role": "ink"}, "six digits"),
            ("color", {"name": "Sand", "hex": "#000", "role": "ink"}, "already"),
            ("terms", {"terms": "!?"}, "can&#x27;t be sought"),
            ("rule", {"is_do": "maybe", "text": "x"}, "Select a valid choice"),
            ("disclaimer", STOCKS | {"wordings": "de: A\nde: B"}, "“de” twice"),
            ("disclaimer", STOCKS | {"wordings": "A\nB"}, "two lines without"),
            ("disclaimer", STOCKS | {"wordings": "de:"}, "no text after “de:”"),
            ("disclaimer", STOCKS | {"wordings": "x" * 501}, "501 characters"),
            ("disclaimer", STOCKS | {"smallest_px": "1"}, "greater than or equal to 4"),
        ],
    )
    def test_says_what_is_wrong(
        self, bea: Client, kind: str, fields: dict[str, Any], message: str
    ) -> None:
        more = {"share_percent": "0", "position": "0"}

        page = bea.post(url("add", kind), fields | more).content.decode()

        assert message in page

    def test_refuses_a_file_that_is_too_large(self, bea: Client, settings: Any) -> None:
        settings.MAX_UPLOAD_BYTES = 10

        page = bea.post(url("add", "font"), font_upload(make_font())).content.decode()

        assert "Use at most" in page

    def test_is_closed_to_marketers(self, bea: Client) -> None:
        bea.force_login(make_user())

        assert bea.get(url("draft")).status_code == 403
        assert bea.post(url("add", "rule"), {"text": "x"}).status_code == 403


class TestDisclaimer:
    def test_is_kept_in_all_its_languages(self, bea: Client) -> None:
        bea.post(url("add", "disclaimer"), STOCKS)

        kept = draft().disclaimers.get()
        assert kept.wordings == {"": "While stocks last.", "de": "Solange Vorrat: da."}
        assert list(kept.wordings) == ["", "de"]
        assert kept.triggers == ["%", "free mug"]
        page = bea.get(url("draft")).content.decode()
        assert "Where the copy says %, free mug" in page
        assert 'lang="de"' in page

    def test_can_be_changed_as_it_was_written(self, bea: Client) -> None:
        bea.post(url("add", "disclaimer"), STOCKS)
        kept = draft().disclaimers.get()
        address = url("change", "disclaimer", kept.id)

        page = bea.get(address).content.decode()
        bea.post(address, STOCKS | {"triggers": "", "smallest_pt": "7.5"})

        assert "While stocks last.\nde: Solange Vorrat: da." in page
        kept.refresh_from_db()
        assert (kept.triggers, kept.smallest_pt) == ([], 7.5)
        assert "On every creative" in bea.get(url("draft")).content.decode()

    def test_goes_on_into_the_next_draft_and_can_be_taken_out(
        self, bea: Client
    ) -> None:
        bea.post(url("add", "disclaimer"), STOCKS)
        bea.post(url("publish"), {"note": "Stocks"})
        bea.post(url("start"))

        bea.post(url("remove", "disclaimer", draft().disclaimers.get().id))

        assert draft().disclaimers.count() == 0
        assert BrandKit.objects.get(version=2).disclaimers.count() == 1


class TestRemove:
    def test_takes_a_color_out_of_the_draft(self, bea: Client) -> None:
        color = draft().colors.get(name="Sand")

        bea.post(url("remove", "color", color.id))

        assert draft().colors.count() == 2

    def test_never_touches_a_published_version(self, bea: Client) -> None:
        frozen = BrandKit.objects.get(version=1).colors.get(name="Sand")

        assert bea.post(url("remove", "color", frozen.id)).status_code == 404


class TestPublish:
    def test_puts_the_draft_in_force(self, bea: Client) -> None:
        bea.post(url("publish"), {"note": "First sand"})

        page = bea.get(url("kit")).content.decode()
        assert "Brand kit version 2" in page
        assert "First sand" in page
        assert bea.get(url("version", 1)).status_code == 200

    def test_wants_to_know_what_changed(self, bea: Client) -> None:
        page = bea.post(url("publish"), {}, follow=True).content.decode()

        assert "Say in a line what changed" in page
        assert not draft().is_published
