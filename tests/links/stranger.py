"""Somebody outside, before a public form."""

from typing import Any

from django.test import Client

from tests.factories import make_layout_kit, make_public_form

FILLED = {"t-headline": "Made for mornings", "t-cta": "See it"}


class Stranger:
    """Somebody without an account who was given the address of a form."""

    def __init__(self, **fields: Any) -> None:
        make_layout_kit()
        if "make_images" in fields:
            fields["images"] = {"hero": fields.pop("make_images")()}
        self.form = make_public_form(**fields)
        self.client = Client(raise_request_exception=False)

    def open(self, path: str = "") -> Any:
        return self.client.get(self.form.path + path)

    def look(self, **values: str) -> Any:
        return self.client.post(self.form.path + "look", FILLED | values)

    def take(self, **values: str) -> Any:
        answer = self.client.post(self.form.path + "picture", FILLED | values)
        if answer.streaming:
            answer.body = answer.getvalue()
        return answer

    def count(self) -> int:
        self.form.refresh_from_db()
        return self.form.picture_count


def words(answer: Any) -> str:
    assert answer.headers["Cache-Control"] == "no-store"
    assert "noindex" in answer.headers["X-Robots-Tag"]
    text: str = answer.content.decode()
    return text
