"""What nobody should send, sent to every form and every address of every page.

The addresses come from the resolver and the forms from the pages, so new ones are
covered from their first day. Run it on PostgreSQL too, with DATABASE_URL: it refuses
characters that SQLite keeps.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client

from brandgen.audit.models import Entry
from brandgen.library.models import Asset
from tests.factories import make_admin, make_brand, make_preset_version, make_user
from tests.html_forms import HtmlForm, find_forms
from tests.test_access import ROUTES, World, ask

pytestmark = pytest.mark.django_db

TEXTS = {
    "NUL": "a\0b",
    "code": "{{ 7*7 }}{% for a in (1).__class__.__mro__ %}{{ a }}{% endfor %}",
    "writing": "\u202egpj.exe\u202c 👩🏽‍🚀 a" + "\u0301" * 500 + "\u2028\ufeff\uffff",
    "controls": "\x01\x1b[31m\r\n\r\nX-Header: yes",
    "path": "../../../etc/passwd",
    "formula": "=1+1|' /C calc'!A0",
    "page": "<script>alert(1)</script>\"'>",
    "long": "word " * 20_000,
}
NUMBERS = {"negative": "-1", "huge": "9" * 400, "NaN": "nan", "day": "9999-12-31"}
PARAMETERS = """
    action actor after asset ask back before brand brands cursor day format folder from
    id image kind last page part person preset q row seed show since size state subject
    tab target test until verify view who zoom t-headline
"""
QUERIES = {
    "NUL": "a\0b",
    "huge": "9" * 4500,
    "negative": "-1",
    "last day": "9999-12-31",
    "first day": "0001-01-01",
    "cursor": "0001-01-01T00:00:00+23:59_" + "0" * 32,
    "writing": "😀\u202e",
}


def send(client: Client, form: HtmlForm, data: dict[str, list[str]]) -> int:
    """Send a form, undo what it did and return the status of the answer."""
    with transaction.atomic():
        if form.method == "post":
            status = client.post(form.url, data).status_code
        else:
            status = client.get(form.url.partition("?")[0], data).status_code
        transaction.set_rollback(True)
    return status


def find_all_forms(world: World, client: Client) -> Iterator[HtmlForm]:
    """Yield each form of each page once, but those of allauth."""
    seen = set()
    for route in ROUTES:
        url = world.url(route)
        page = ask(client, "GET", url)
        is_page = "text/html" in page.headers.get("Content-Type", "")
        if page.status_code != 200 or not is_page or url.startswith("/account/"):
            continue
        for form in find_forms(page.content.decode(), url=url):
            is_known = form.key in seen or form.method == "dialog"
            if not is_known and "/account/" not in form.url:
                seen.add(form.key)
                yield form


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def admin(world: World) -> Client:
    client = Client(raise_request_exception=False)
    person = world.people["admin"]
    assert person is not None
    client.force_login(person)
    return client


class TestEveryForm:
    def test_answers_nothing_and_nonsense_with_a_page(
        self, world: World, admin: Client
    ) -> None:
        forms = list(find_all_forms(world, admin))
        wrong = []
        for form in forms:
            for what, data in self.nonsense(form):
                status = send(admin, form, data)
                if status >= 500:
                    wrong.append(f"{form.method} {form.url} with {what}: {status}")

        assert len(forms) >= 40
        assert wrong == []

    def nonsense(self, form: HtmlForm) -> Iterator[tuple[str, dict[str, list[str]]]]:
        yield "nothing", form.emptied()
        for what, text in TEXTS.items():
            yield what, form.filled(text=text)
        for what, text in NUMBERS.items():
            yield what, form.filled(number=text)
        for what in ("NUL", "path", "writing"):
            names = {field.name for field in form.fields}
            yield f"{what} everywhere", {name: [TEXTS[what]] for name in names}


class TestEveryAddress:
    def test_answers_a_nonsense_query_with_a_page(
        self, world: World, admin: Client
    ) -> None:
        wrong = []
        for route in ROUTES:
            url = world.url(route)
            if url == "/readyz" or url.startswith("/account/"):
                continue
            for what, text in QUERIES.items():
                with transaction.atomic():
                    query = dict.fromkeys(PARAMETERS.split(), text)
                    status = admin.get(url, query).status_code
                    transaction.set_rollback(True)
                if status >= 500:
                    wrong.append(f"{url} with {what}: {status}")

        assert wrong == []

    @pytest.mark.parametrize(
        "tail",
        [
            "library/not-an-id/",
            "library/%00/",
            f"library/{'0' * 400}/",
            "kit/version/99999999999999999999999999/",
            "review/undo/99999999999999999999999999",
            "kit/draft/nothing/new",
            "exports/destinations/add/nothing",
            "%ed%a0%80",
            "..%2f..%2fetc/passwd",
        ],
    )
    def test_has_no_page_for_an_id_that_is_none(self, admin: Client, tail: str) -> None:
        answer = admin.get(f"/b/northwind/{tail}")

        assert answer.status_code in {400, 404, 405}


class TestCookies:
    @pytest.mark.parametrize("name", ["brand", "session", "theme", "csrftoken"])
    def test_are_forgotten_where_they_hold_a_nul(
        self, admin: Client, name: str
    ) -> None:
        admin.cookies[name] = "aaaaaaaaaaaaaaaa\0"

        assert admin.get("/").status_code == 302


class TestNext:
    @pytest.mark.parametrize(
        "target",
        [
            "https://evil.example/",
            "//evil.example/",
            "/\\evil.example",
            "javascript:alert(1)",
            "home",
            "a\0b",
            "/\r\nX-Header: yes",
        ],
    )
    def test_leads_nowhere_else(self, admin: Client, target: str) -> None:
        answer = admin.post("/preferences/", {"next": target, "theme": "dark"})

        assert answer.status_code == 302
        assert answer["Location"] in {"/", "/%0D%0AX-Header:%20yes"}

    def test_leads_nowhere_else_after_signing_in(self) -> None:
        make_user("Mara")
        client = Client()

        answer = client.post(
            "/account/login/?next=https://evil.example/",
            {
                "login": "mara@northwind.example",
                "password": "correct horse",
                "next": "//evil.example/",
            },
        )

        assert "evil" not in answer.headers.get("Location", "")


class TestHost:
    @pytest.mark.parametrize("host", ["evil.example", "127.0.0.1@evil.example", "a b"])
    def test_of_somebody_else_is_refused(self, admin: Client, host: str) -> None:
        answer = admin.get("/people/", headers={"host": host})

        assert answer.status_code == 400
        assert b"evil.example/" not in answer.content


class TestPrompt:
    """A subject that should not be: named beside its field, and nothing is queued."""

    @pytest.mark.parametrize(
        ("subject", "said"),
        [
            ("", "is empty"),
            ("x" * 10_000, "60"),
            ("teal\0waves", "Null characters"),
        ],
    )
    def test_is_refused_beside_its_field(self, subject: str, said: str) -> None:
        client, url = Client(), self.url()
        client.force_login(make_user("Mara"))

        page = client.post(url, self.values(subject))

        assert page.status_code == 200
        assert said in str(page.context["form"].errors["v_subject"])
        assert page.context["form"]["count"].value() == "3"
        assert not Entry.objects.filter(action="generation.requested").exists()

    def test_reaches_the_model_as_plain_words_where_it_is_code(self) -> None:
        client, url = Client(), self.url()
        client.force_login(make_user("Mara"))

        client.post(url, self.values("{{ 7*7 }}{% if 1 %}a{% endif %}"))

        entry = make_brand().generations.get()
        assert "{{ 7*7 }}{% if 1 %}a{% endif %}" in entry.prompt

    def test_keeps_every_writing(self) -> None:
        client, url = Client(), self.url()
        client.force_login(make_user("Mara"))

        page = client.post(url, self.values("мир 🚀"))

        assert page.status_code == 302, page.context["form"].errors
        assert "мир 🚀" in make_brand().generations.get().prompt

    def url(self) -> str:
        preset_id = make_preset_version().preset_id
        return f"/b/northwind/create/preset/{preset_id}/"

    def values(self, subject: str) -> dict[str, Any]:
        size = {"size": "256x256", "count": "3"}
        return {"v_subject": subject, "v_ground": "Sand", **size}


class TestTwice:
    def test_every_button_pressed_twice_answers_twice(
        self, world: World, admin: Client
    ) -> None:
        wrong = []
        for form in find_all_forms(world, admin):
            if form.method != "post":
                continue
            with transaction.atomic():
                for time in ("first", "second"):
                    status = admin.post(form.url, form.filled()).status_code
                    if status >= 500:
                        wrong.append(f"{form.url}, {time}: {status}")
                transaction.set_rollback(True)

        assert wrong == []

    def test_a_stale_page_changes_no_approved_picture(self, world: World) -> None:
        client = Client()
        client.force_login(make_admin("Uma"))
        asset = Asset.objects.approved().first()
        assert asset is not None
        before = Asset.objects.filter(id=asset.id).values().get()

        page = client.post(
            f"/b/northwind/library/{asset.id}/describe",
            {"title": "Changed", "alt_text": "Changed"},
            follow=True,
        )

        assert "approved" in page.content.decode()
        assert Asset.objects.filter(id=asset.id).values().get() == before


class TestTemplateImport:
    @pytest.mark.parametrize(
        ("source", "said"),
        [
            ("[" * 10_000, "nested too deeply"),
            ('{"a":' * 20_000, "nested too deeply"),
            ('{"schema": 2, "version": NaN}', "not known here"),
            ('{"version": ' + "9" * 5000 + "}", "not JSON"),
            ('{"name": "a\\u0000b"}', "a character that is none"),
            ('{"name": ["\\ud800"]}', "a character that is none"),
            (b"\xff\xfe{}", "not JSON"),
            (b"[" * 24_000_000, "are allowed"),
        ],
        ids=["deep", "deeper", "NaN", "digits", "NUL", "surrogate", "bytes", "large"],
    )
    def test_says_what_is_wrong_with_a_document(
        self, admin: Client, source: str | bytes, said: str
    ) -> None:
        data: dict[str, Any] = {"name": "Kept", "source": source}
        if isinstance(source, bytes):
            data = {"name": "Kept", "file": SimpleUploadedFile("a.json", source)}

        page = admin.post("/b/northwind/templates/import", data)

        assert page.status_code == 422
        assert said in str(page.context["form"].errors)
        assert page.context["form"]["name"].value() == "Kept"
