"""The page that removes backgrounds, as any browser uses it."""

import json

import pytest
from django.test import Client

from brandgen.library.models import Asset, Cutout
from tests.factories import make_reviewer, make_user
from tests.library.test_cutouts import make_photo

pytestmark = pytest.mark.django_db
BOX = {"effect": "within", "left": 5, "top": 10, "right": 90, "bottom": 95}


@pytest.fixture
def mara(client: Client) -> Client:
    client.force_login(make_user())
    return client


def path_of(photo: Asset) -> str:
    return f"/b/northwind/library/{photo.id}/cutout"


class TestCutout:
    def test_adds_a_box_takes_it_back_and_queues(self, mara: Client) -> None:
        path = path_of(make_photo())

        added = mara.post(path, BOX | {"act": "box", "marks": "[]"})
        marks = added.context["marks_json"]
        undone = mara.post(path, {"act": "undo", "marks": marks})
        kept = mara.post(path, {"act": "save", "marks": marks})

        assert json.loads(marks)[0]["points"] == [[0.05, 0.1], [0.9, 0.95]]
        assert undone.context["marks"] == []
        assert kept.status_code == 302
        assert Cutout.objects.get().marks == json.loads(marks)
        assert "Cut out before" in mara.get(path).content.decode()

    def test_says_that_a_box_is_empty(self, mara: Client) -> None:
        sent = BOX | {"act": "box", "marks": "[]", "right": 5}

        response = mara.post(path_of(make_photo()), sent)

        assert response.status_code == 422
        assert "The box is empty" in response.content.decode()

    @pytest.mark.parametrize("marks", ["{", "7", '[{"effect": "keep"}]', "[" * 9999])
    def test_refuses_marks_that_no_page_sends(self, mara: Client, marks: str) -> None:
        path = path_of(make_photo())

        kept = mara.post(path, {"act": "save", "marks": marks})
        seen = mara.post(f"{path}/preview", {"marks": marks})

        assert (kept.status_code, seen.status_code) == (422, 422)
        assert Cutout.objects.count() == 0

    def test_says_what_is_to_be_done_about_a_draft(self, mara: Client) -> None:
        photo = make_photo(state=Asset.State.DRAFT)

        page = mara.get(path_of(photo)).content.decode()
        sent = mara.post(path_of(photo), {"act": "save", "marks": "[]"})

        assert "have it approved first" in page
        assert sent.status_code == 422

    def test_is_not_for_reviewers(self, client: Client) -> None:
        photo = make_photo()
        client.force_login(make_reviewer())

        assert client.get(path_of(photo)).status_code == 403

    def test_is_offered_on_the_page_of_an_approved_picture(self, mara: Client) -> None:
        photo, draft = (
            make_photo(),
            make_photo(state=Asset.State.DRAFT, title="Other", data=None),
        )

        page = mara.get(f"/b/northwind/library/{photo.id}/").content.decode()
        other = mara.get(f"/b/northwind/library/{draft.id}/").content.decode()

        assert "Remove the background" in page
        assert "Remove the background" not in other


class TestCutoutPreview:
    def test_answers_with_a_picture(self, mara: Client) -> None:
        response = mara.post(f"{path_of(make_photo())}/preview", {"marks": "[]"})

        assert response.status_code == 200
        assert response["Content-Type"] == "image/webp"
        assert response.content[8:12] == b"WEBP"

    def test_says_that_nothing_is_left(self, mara: Client) -> None:
        everything = [{"effect": "remove", "shape": "box", "points": [[0, 0], [1, 1]]}]

        response = mara.post(
            f"{path_of(make_photo())}/preview", {"marks": json.dumps(everything)}
        )

        assert response.status_code == 422
        assert "Nothing is left" in response.content.decode()
