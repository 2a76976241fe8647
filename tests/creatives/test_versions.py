import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from brandgen.compositor.examples.northwind import SPRING
from brandgen.creatives.content import BatchError
from brandgen.creatives.models import Batch, Template
from brandgen.creatives.versions import choose_version, read_number
from tests.factories import (
    NOW,
    make_layout_kit,
    make_manager,
    make_marked_asset,
    make_template_version,
)
from tests.pages import enter

pytestmark = pytest.mark.django_db


def make_two() -> Template:
    """Make a template whose v2, with another background, is in use; v3 is a draft."""
    make_layout_kit()
    template = make_template_version().template
    document = json.loads(SPRING.read_bytes()) | {"background": "signal"}
    template.versions.create(
        version=2, document=document, published_at=NOW, published_by=make_manager()
    )
    template.versions.create(version=3, document=document)
    return template


class TestChooseVersion:
    def test_takes_the_newest_published_one_without_a_number(self) -> None:
        choice = choose_version(make_two())

        assert (choice.version.version, choice.number) == (2, 0)
        assert not choice.is_behind
        assert choice.published == [2, 1]
        assert choice.differences == []

    def test_stays_with_a_number_and_says_what_changed_since(self) -> None:
        choice = choose_version(make_two(), 1, seen=1)

        assert (choice.version.version, choice.number) == (1, 1)
        assert (choice.is_behind, choice.is_moved) == (True, False)
        assert [one.after for one in choice.differences] == ["signal"]

    def test_notices_what_was_published_since_one_looked(self) -> None:
        choice = choose_version(make_two(), seen=1)

        assert (choice.version.version, choice.is_moved) == (2, True)
        assert [one.after for one in choice.differences] == ["signal"]
        assert not choose_version(choice.newest.template, seen=2).is_moved

    @pytest.mark.parametrize(("number", "words"), [(3, "is a draft"), (9, "not exist")])
    def test_refuses_what_nobody_can_use(self, number: int, words: str) -> None:
        with pytest.raises(BatchError, match=words) as refused:
            choose_version(make_two(), number)

        assert "Choose the newest, v2" in str(refused.value)

    def test_refuses_a_template_that_was_never_published(self) -> None:
        draft = make_template_version(published_at=None)

        with pytest.raises(BatchError, match="not published yet"):
            choose_version(draft.template, 1)


@pytest.mark.parametrize(("text", "number"), [("2", 2), ("", 0), ("-1", 0), ("²", 0)])
def test_read_number_takes_digits_only(text: str, number: int) -> None:
    assert read_number(text) == number


class TestForm:
    def post(self, client: Client, template: Template, **changes: Any) -> Any:
        url = reverse("creatives:fill", args=["northwind", template.id])
        photo = make_marked_asset()
        data = {
            "t-headline": "Clay mugs",
            "t-kicker": "Spring",
            "t-subline": "Made by hand",
            "t-cta": "See them",
            "i-hero": photo.id,
            "formats": ["square"],
            "name": "Mugs",
            "file_type": "jpeg",
        }
        return client.post(url, data | changes)

    def test_makes_what_is_of_the_version_that_was_chosen(self) -> None:
        template = make_two()

        answer = self.post(enter(make_manager()), template, version="1")

        assert answer.status_code == 302, answer.context["form"].errors
        assert Batch.objects.get().template_version.version == 1

    def test_shows_what_was_published_meanwhile_before_it_makes_anything(self) -> None:
        template, client = make_two(), enter(make_manager())

        first = self.post(client, template, seen_version="1", version="0")
        made_at_once = Batch.objects.exists()
        second = self.post(client, template, seen_version="2", version="0")

        assert "v2 was published since you looked" in first.text
        assert 'value="Clay mugs"' in first.text
        assert "Stay with v1" in first.text
        assert (made_at_once, second.status_code) == (False, 302)
        assert Batch.objects.get().template_version.version == 2

    def test_says_that_a_newer_one_is_in_use_and_moves_there(self) -> None:
        template, client = make_two(), enter(make_manager())
        url = reverse("creatives:fill", args=["northwind", template.id])

        old = client.get(url, {"version": "1"})
        moved = self.post(client, template, version="1", move="0", seen_version="1")

        assert "This is v1; v2 is in use" in old.text
        assert old.context["version"].version == 1
        assert moved.context["version"].version == 2
        assert not Batch.objects.exists()

    def test_makes_nothing_of_a_version_that_nobody_can_use(self) -> None:
        answer = self.post(enter(make_manager()), make_two(), version="3")

        assert "is a draft. Choose the newest, v2" in answer.text
        assert not Batch.objects.exists()
