"""The examples of docs/how-to/signed-addresses.md, run as they stand there."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tests.factories import make_signed_address

pytestmark = pytest.mark.django_db

PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "signed-addresses.md"
VALUES = {
    "headline": "Crème & co: 50 % (off)* ~ it's 'so' good!",
    "cta": "Größer +",
    "_format": "landscape",
}
NODE = shutil.which("node")


def example(language: str) -> str:
    found = re.search(
        rf"<!-- runs: tests/links/test_how_to.py -->\n```{language}\n(.*?)```",
        PAGE.read_text(encoding="utf-8"),
        re.DOTALL,
    )
    assert found
    return found[1]


def sign_in_python(address: str, key: str) -> str:
    names: dict[str, Any] = {}
    exec(example("python"), names)  # noqa: S102 - our own page
    signed: str = names["sign"](address, key, VALUES)
    return signed


def sign_in_javascript(address: str, key: str) -> str:
    assert NODE
    call = f"sign({json.dumps(address)}, {json.dumps(key)}, {json.dumps(VALUES)})"
    script = f"{example('javascript')}\n{call}.then((url) => console.log(url));"
    done = subprocess.run(
        [NODE, "-"], input=script, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def fetch(signed: str) -> Any:
    return Client().get(signed.removeprefix("https://brandgen.example"))


@pytest.fixture
def address(settings: Any) -> tuple[str, str]:
    settings.PUBLIC_URL = "https://brandgen.example"
    row, key = make_signed_address()
    return row.url, key


class TestPythonExample:
    def test_gets_a_picture(self, address: tuple[str, str]) -> None:
        answer = fetch(sign_in_python(*address))

        assert answer.status_code == 200, answer.getvalue()
        assert answer.headers["Content-Type"] == "image/jpeg"


@pytest.mark.skipif(NODE is None, reason="Node is not installed")
class TestJavaScriptExample:
    def test_gets_the_same_picture(self, address: tuple[str, str]) -> None:
        signed = sign_in_javascript(*address)

        assert signed == sign_in_python(*address)
        assert fetch(signed).status_code == 200


class TestErrors:
    def test_are_all_listed(self) -> None:
        folder = PAGE.parents[2] / "brandgen" / "links"
        code = "".join(file.read_text(encoding="utf-8") for file in folder.glob("*.py"))
        page = PAGE.read_text(encoding="utf-8")
        used = set(re.findall(r'code="(\w+)"', code)) | {
            "revoked",
            "expired",
            "used_up",
        }
        used |= {"unknown_slot", "unknown_format", "unknown_locale"}

        listed = set(re.findall(r"`(\w+)`", page.partition("| status |")[2]))

        assert used <= listed
