"""A drawing as a template: told by its content, with notes that stay until read."""

import gzip
import io
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from brandgen.creatives.drawings import (
    MissingKitError,
    dismiss_notes,
    find_notes,
    keep_notes,
    read_source,
)
from brandgen.creatives.models import ImportedDrawing, Template, TemplateVersion
from brandgen.creatives.services import TemplateError
from tests.compositor.importing.figmas import figma, frame
from tests.compositor.importing.figmas import text as figma_text
from tests.compositor.importing.pdfs import make_pdf, words
from tests.compositor.svg.test_import import TINY
from tests.creatives.pages import address
from tests.factories import (
    NOW,
    make_brand,
    make_layout_kit,
    make_manager,
    make_template_version,
    make_user,
)
from tests.pages import enter

pytestmark = pytest.mark.django_db

DRAWINGS = Path(__file__).parents[1] / "compositor" / "svg"
SVG = (DRAWINGS / "figma.svg").read_bytes().replace(b"PHOTO", TINY.encode())
HEAD = '<svg xmlns="http://www.w3.org/2000/svg" width="400" height="200">'
CARD = '<rect id="Card" width="200" height="99" fill="#0b3c49" filter="url(#f)"/>'
NOTED = f"{HEAD}{CARD}</svg>".encode()


def send(data: bytes, name: str = "drawing.svg", url: str = "", **fields: object):
    file = io.BytesIO(data)
    file.name = name
    client = enter(make_manager())
    return client.post(url or address("import"), {"file": file, **fields})


def make_imported() -> TemplateVersion:
    make_layout_kit()
    send(NOTED, name="Card.svg")
    return TemplateVersion.objects.get()


class TestReadSource:
    def test_passes_a_document_on(self) -> None:
        source = read_source(brand=make_brand(), source='{"schema": 2}')

        assert (source.document, source.notes) == ('{"schema": 2}', None)

    @pytest.mark.parametrize("is_text", [True, False])
    def test_makes_a_document_of_a_drawing(self, is_text: bool) -> None:
        make_layout_kit()

        source = read_source(
            brand=make_brand(), source=NOTED.decode() if is_text else NOTED, name="Sale"
        )

        assert '"name": "Sale"' in str(source.document)
        assert source.notes is not None
        assert [note.element for note in source.notes] == ["Taken over", "Card"]

    def test_needs_a_published_kit(self) -> None:
        with pytest.raises(MissingKitError, match="Northwind has published none"):
            read_source(brand=make_brand(), source=SVG)

    def test_needs_a_kit_for_a_pdf_too(self) -> None:
        with pytest.raises(MissingKitError):
            read_source(brand=make_brand(), source=make_pdf(words("Hi", 81, 600)))

    def test_asks_for_a_compressed_drawing_as_a_plain_one(self) -> None:
        with pytest.raises(TemplateError, match="plain SVG"):
            read_source(brand=make_brand(), source=gzip.compress(SVG))

    def test_refuses_what_makes_too_large_a_document(self) -> None:
        make_layout_kit()
        curve = " ".join(
            f"C{n % 399}.25 {n % 97}.5 {n % 301}.75 {n % 199}.125 {n % 89} {n % 71}"
            for n in range(500)
        )
        path = f'<path d="M0 0 {curve}" fill="#0b3c49"/>'

        with pytest.raises(TemplateError, match=r"Simplify it"):
            read_source(brand=make_brand(), source=f"{HEAD}{path * 60}</svg>")


class TestImport:
    def test_takes_a_drawing_whatever_its_file_is_called(self) -> None:
        make_layout_kit()

        answer = send(SVG, name="drawing.json")

        version = TemplateVersion.objects.get()
        assert answer.status_code == 302
        assert version.published_at is None
        assert version.load().layers

    def test_shows_its_notes_until_they_are_read(self) -> None:
        version = make_imported()
        pages = [address("template", version.template_id)]
        pages.append(address("edit", version.template_id))
        client = enter(make_manager())

        before = [client.get(page).content.decode() for page in pages]
        client.post(address("dismiss-notes", version.id))
        after = [client.get(page).content.decode() for page in pages]

        assert all("Its filter (a shadow or blur) is left out." in p for p in before)
        assert not any("Its filter" in page for page in after)
        drawing = ImportedDrawing.objects.get()
        assert drawing.dismissed_by == make_manager()
        assert drawing.notes

    def test_shows_them_to_those_alone_who_may_change_it(self) -> None:
        version = make_imported()
        TemplateVersion.objects.update(published_at=NOW)

        page = enter().get(address("template", version.template_id)).content.decode()

        assert "Its filter" not in page

    def test_shows_them_no_more_once_the_next_version_begins(self) -> None:
        version = make_imported()
        TemplateVersion.objects.update(published_at=NOW)
        url = address("template", version.template_id)
        client = enter(make_manager())
        before = client.get(url).content.decode()

        version.template.versions.create(version=2, document=version.document)

        assert "Its filter" in before
        assert "Its filter" not in client.get(url).content.decode()

    def test_becomes_a_new_version_of_a_template(self) -> None:
        make_layout_kit()
        version = make_template_version()
        # Who owns it may take locked layers away; for others see the locks.
        Template.objects.update(owner=make_manager())

        answer = send(NOTED, url=address("save", version.template_id))

        draft = version.template.find_draft()
        assert answer.status_code == 302
        assert draft is not None
        assert [note["element"] for note in find_notes(draft)] == [
            "Taken over",
            "Card",
        ]

    def test_takes_the_page_of_a_pdf_that_is_asked_for(self) -> None:
        make_layout_kit()
        pdf = make_pdf([words("First", 81, 600), words("Second", 81, 600)])

        answer = send(pdf, name="Post.pdf", page=2)

        version = TemplateVersion.objects.get()
        assert answer.status_code == 302
        assert "Second" in str(version.document["slots"])
        page = enter(make_manager()).get(address("template", version.template_id))
        assert [heading for heading, _ in page.context["notes"].kinds] == [
            "Drawn otherwise"
        ]
        assert "1 text." in page.content.decode()

    @pytest.mark.parametrize("is_pasted", [True, False])
    def test_takes_a_file_of_figma(self, is_pasted: bool) -> None:
        make_layout_kit()
        inner = figma_text("Headline", "Hello", (100, 100, 300, 48))
        data = figma(frame("Square", (0, 0, 1080, 1080), [inner]))

        if is_pasted:
            fields = {"source": data.decode()}
            answer = enter(make_manager()).post(address("import"), fields)
        else:
            answer = send(data, name="spring.json")

        assert answer.status_code == 302
        document = TemplateVersion.objects.get().document
        assert list(document["formats"]) == ["instagram-square"]
        assert document["slots"]["headline"]["example"] == "Hello"

    def test_says_at_the_field_what_is_wrong_with_a_pdf(self) -> None:
        make_layout_kit()

        answer = send(make_pdf(words("First", 81, 600)), name="Post.pdf", page=3)

        assert answer.status_code == 422
        assert "no page 3" in " ".join(answer.context["form"].errors["file"])

    @pytest.mark.parametrize("start", [b"%!PS-Adobe", b"PK\x03\x04", b"fig-kiwi"])
    def test_says_what_to_export_instead(self, start: bytes) -> None:
        make_layout_kit()

        answer = send(start)

        assert "SVG" in " ".join(answer.context["form"].errors["file"])

    def test_keeps_no_notes_where_all_came_along(self) -> None:
        make_layout_kit()

        send(NOTED.replace(b' filter="url(#f)"', b""))

        assert Template.objects.exists()
        assert find_notes(TemplateVersion.objects.get()) == []

    def test_without_a_kit_leads_to_it(self) -> None:
        make_brand()

        answer = send(SVG)

        page = answer.content.decode()
        assert answer.status_code == 422
        assert page.count(f'href="{reverse("brands:kit", args=["northwind"])}"') >= 2
        assert "has published none" in str(answer.context["form"].errors["file"])
        assert not Template.objects.exists()

    @pytest.mark.parametrize(
        ("inside", "words"),
        [
            ("\n<script/>", "script element in line 2"),
            ('\n<image href="http://x/y.png"/>', "outside of itself, in the image"),
            ("\n<g>", "line 2"),
        ],
    )
    def test_says_at_the_field_what_is_refused_and_where(
        self, inside: str, words: str
    ) -> None:
        make_layout_kit()

        answer = send(f"{HEAD}{inside}</svg>".encode())

        assert answer.status_code == 422
        assert words in " ".join(answer.context["form"].errors["file"])
        assert not Template.objects.exists()

    def test_refuses_entities(self) -> None:
        make_layout_kit()
        bomb = f'<!DOCTYPE svg [<!ENTITY a "b">]>{HEAD}&a;</svg>'.encode()

        answer = send(bomb)

        assert "document type" in " ".join(answer.context["form"].errors["file"])

    @pytest.mark.parametrize(
        ("start", "size", "words"),
        [
            (b"<svg>", 8 * 2**20 + 1, "The drawing has 8,388,609 bytes"),
            (b"{", 512 * 1024 + 1, "The file has 524,289 bytes"),
        ],
    )
    def test_has_a_limit_for_each_kind(
        self, start: bytes, size: int, words: str
    ) -> None:
        make_layout_kit()

        answer = send(start.ljust(size))

        assert words in " ".join(answer.context["form"].errors["file"])


class TestDismissNotes:
    def test_is_for_those_who_may_change_templates(self) -> None:
        with pytest.raises(PermissionDenied):
            dismiss_notes(version=make_imported(), by=make_user(), at=NOW)

    def test_is_done_once(self) -> None:
        version, by = make_imported(), make_manager()

        said = [dismiss_notes(version=version, by=by, at=NOW) for _ in range(2)]

        assert said == [True, False]

    def test_is_undone_by_another_drawing(self) -> None:
        version, by = make_imported(), make_manager()
        dismiss_notes(version=version, by=by, at=NOW)

        keep_notes(version, read_notes(), by=by, at=NOW)

        assert find_notes(version)
        assert ImportedDrawing.objects.get().dismissed_by is None


def read_notes() -> tuple:
    return read_source(brand=make_brand(), source=NOTED).notes or ()
