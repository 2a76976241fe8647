import io
from urllib.parse import urlencode

import pytest
from PIL import Image

from brandgen.compositor.examples.northwind import CAROUSEL, SPRING
from brandgen.creatives.models import Template, TemplateVersion
from tests.creatives.pages import address
from tests.factories import (
    make_asset,
    make_brand,
    make_layout_kit,
    make_manager,
    make_marked_asset,
    make_template_version,
    make_torture_test,
)
from tests.pages import enter

pytestmark = pytest.mark.django_db


class TestTemplates:
    def test_draws_each_template_in_its_formats(self) -> None:
        make_layout_kit()
        version = make_template_version(name="Spring sale")

        text = enter().get(address("templates")).content.decode()

        assert "Spring sale" in text
        assert address("preview", version.id, "story") in text

    def test_says_what_is_missing(self) -> None:
        make_brand()

        text = enter(make_manager()).get(address("templates")).content.decode()

        assert "No template yet" in text
        assert "no published brand kit" in text

    def test_hides_drafts_from_those_who_can_not_use_them(self) -> None:
        make_template_version(name="Secret plan", published_at=None)

        assert b"Secret plan" not in enter().get(address("templates")).content
        managers = enter(make_manager()).get(address("templates"))
        assert b"Secret plan" in managers.content

    def test_carries_the_picture_on(self) -> None:
        version = make_template_version()
        photo = make_marked_asset()

        page = enter().get(address("templates"), {"image": photo.id})

        url = f"{address('fill', version.template_id)}?image={photo.id}"
        assert url in page.content.decode()

    def test_asks_as_few_questions_for_many_as_for_one(
        self, django_assert_max_num_queries
    ) -> None:
        for _ in range(12):
            make_template_version()
        client = enter()

        with django_assert_max_num_queries(25):
            client.get(address("templates"))


class TestCreate:
    def test_goes_straight_to_the_only_template(self) -> None:
        version, photo = make_template_version(), make_marked_asset()

        answer = enter().get(address("create"), {"image": photo.id})

        assert answer.url == (
            f"{address('fill', version.template_id)}?image={photo.id}"
        )


class TestPreview:
    def draw(self, version: TemplateVersion, format_name: str = "square", **query):
        url = address("preview", version.id, format_name)
        return enter().get(f"{url}?{urlencode(query)}")

    def test_draws_what_the_query_fills_in(self) -> None:
        make_layout_kit()
        version = make_template_version()
        photo = make_marked_asset()

        one = self.draw(version, **{"t-headline": "One", "i-hero": photo.id})
        two = self.draw(version, **{"t-headline": "Two", "i-hero": photo.id})

        assert one["Content-Type"] == "image/jpeg"
        assert Image.open(io.BytesIO(one.content)).size == (640, 640)
        assert one.content != two.content

    def test_shows_no_picture_that_is_not_approved(self) -> None:
        make_layout_kit()
        version, draft = make_template_version(), make_asset()

        with_draft = self.draw(version, **{"i-hero": draft.id})
        without = self.draw(version)

        assert with_draft.content == without.content

    @pytest.mark.parametrize(
        ("format_name", "query", "message"),
        [
            ("poster", {}, "no format"),
            ("square", {"t-headline": "x" * 99}, "70 are allowed"),
            ("square", {"t-cta": "cheap"}, "does not allow cheap"),
        ],
    )
    def test_says_why_it_can_not_be_drawn(
        self, format_name: str, query: dict, message: str
    ) -> None:
        make_layout_kit().banned_terms.create(term="cheap")

        answer = self.draw(make_template_version(), format_name, **query)

        assert answer.status_code == 422
        assert message in answer.content.decode()

    def test_is_closed_to_another_brand(self) -> None:
        version = make_template_version(brand=make_brand(name="Southwind"))

        assert self.draw(version).status_code == 404


class TestTemplatePages:
    def test_imports_a_file_and_publishes_it(self) -> None:
        make_layout_kit()
        client = enter(make_manager())
        file = io.BytesIO(SPRING.read_bytes())
        file.name = "spring.json"

        client.post(address("import"), {"file": file, "name": "Spring 27"})

        template = Template.objects.get()
        assert template.name == "Spring 27"
        page = client.get(address("template", template.id)).content.decode()
        assert "Publish the draft" in page
        draft = template.find_draft()
        make_torture_test(draft)
        client.post(address("publish", draft.id))
        assert template.find_published() is not None

    @pytest.mark.parametrize(
        ("source", "message"),
        [
            ("", "Choose a file or paste a document"),
            ("{", "it is not JSON"),
            ('{"schema": 1}', "Template document, at"),
            ("x" * 600_000, "at most 524288 characters"),
            (CAROUSEL.read_text("utf-8"), "carousel of 3 pages"),
        ],
    )
    def test_says_what_is_wrong_with_a_document(
        self, source: str, message: str
    ) -> None:
        make_brand()

        answer = enter(make_manager()).post(address("import"), {"source": source})

        assert answer.status_code == 422
        assert message in answer.content.decode()
        assert not Template.objects.exists()

    def test_keeps_what_was_typed_when_a_new_version_is_wrong(self) -> None:
        version = make_template_version()

        answer = enter(make_manager()).post(
            address("save", version.template_id), {"source": '{"schema": 2}'}
        )

        assert answer.status_code == 422
        assert "{&quot;schema&quot;: 2}" in answer.content.decode()

    def test_lets_the_document_out_again(self) -> None:
        version = make_template_version(name="Ünter / evil\r\n")

        answer = enter().get(address("document", version.id))

        assert answer.json() == version.document
        assert answer["Content-Disposition"] == (
            'attachment; filename="unter-evil-v1.json"'
        )

    def test_is_for_brand_managers(self) -> None:
        make_brand()

        assert enter().get(address("import")).status_code == 403
