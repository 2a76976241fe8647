"""Somebody outside who asks signed addresses, and what they are told."""

import io
import json
from typing import Any

from django.test import Client
from PIL import Image

from brandgen.links.signing import signed_address
from tests.factories import (
    make_signed_address,
)


class Signer:
    """Somebody outside who holds the key of an address."""

    def __init__(self, **fields: Any) -> None:
        self.address, self.key = make_signed_address(**fields)
        self.client = Client(raise_request_exception=False)

    def url(self, **values: str) -> str:
        values = {"headline": "Made for mornings"} | values
        pairs = list(values.items())
        path = self.address.path
        return signed_address(self.key, path, path, pairs)

    def ask(self, headers: dict[str, str] | None = None, **values: str) -> Any:
        """Ask for a picture; its bytes are read once and kept as ``body``."""
        answer = self.client.get(self.url(**values), headers=headers)
        answer.body = answer.getvalue()
        return answer

    def count(self) -> int:
        self.address.refresh_from_db()
        return self.address.picture_count


def refusal(answer: Any) -> tuple[int, str]:
    assert answer.headers["Cache-Control"] == "no-store"
    return answer.status_code, json.loads(answer.content)["error"]


def picture(answer: Any) -> Image.Image:
    assert answer.status_code == 200, answer.content
    return Image.open(io.BytesIO(answer.body))
