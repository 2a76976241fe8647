"""Files that are fetched from Figma: by which link, with whose token."""

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from brandgen.creatives import figma_files
from brandgen.creatives.figma_files import FigmaError, fetch_figma, find_request
from brandgen.creatives.models import TemplateVersion
from tests.compositor.importing.figmas import figma, frame, text
from tests.creatives.pages import address
from tests.factories import make_layout_kit, make_manager
from tests.file_server import Answer, FileServer, running_files
from tests.pages import enter

KEY = "AbCdEf1234567890"
LINK = f"https://www.figma.com/design/{KEY}/Spring?node-id=12-34&t=x"
ASKED = f"/v1/files/{KEY}?geometry=paths&ids=12%3A34"
FILE = figma(frame("Post", (0, 0, 1080, 1080), [text("Title", "Hi", (9, 9, 90, 48))]))


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Iterator[FileServer]:
    settings.EXPORT_PRIVATE_HOSTS = ["127.0.0.1"]
    with running_files() as server:
        monkeypatch.setattr(figma_files, "API", server.url)
        yield server


class TestFindRequest:
    @pytest.mark.parametrize(
        ("link", "request_"),
        [
            (LINK, f"https://api.figma.com{ASKED}"),
            (
                f"https://figma.com/file/{KEY}",
                f"https://api.figma.com/v1/files/{KEY}?geometry=paths",
            ),
        ],
    )
    def test_asks_for_the_file_or_the_frame(self, link: str, request_: str) -> None:
        assert find_request(link) == request_

    @pytest.mark.parametrize(
        "link",
        [
            "",
            "https://example.com/design/AbCdEf1234567890/x",
            "https://www.figma.com/community",
            "https://www.figma.com/design/../../v1/me",
            "https://[",
        ],
    )
    def test_refuses_what_is_no_link_to_a_file(self, link: str) -> None:
        with pytest.raises(FigmaError, match="no link to a file"):
            find_request(link)


class TestFetchFigma:
    def test_sends_the_token_to_the_first_host_alone(self, api: FileServer) -> None:
        moved = {"Location": "/elsewhere"}
        api.answers[ASKED] = Answer(status=307, headers=moved)
        api.answers["/elsewhere"] = Answer(FILE)

        assert fetch_figma(link=LINK, token="secret") == FILE

        tokens = [headers.get("X-Figma-Token") for _, headers in api.asked]
        assert tokens == ["secret", None]

    def test_says_what_may_be_wrong_without_the_token(self, api: FileServer) -> None:
        api.answers[ASKED] = Answer(status=403)

        with pytest.raises(FigmaError, match="may read files") as refused:
            fetch_figma(link=LINK, token="secret")

        assert "secret" not in str(refused.value)


@pytest.mark.django_db
class TestImport:
    def test_makes_a_draft_of_a_link(self, api: FileServer) -> None:
        make_layout_kit()
        api.answers[ASKED] = Answer(FILE)
        fields = {"figma_link": LINK, "figma_token": "secret"}

        answer = enter(make_manager()).post(address("import"), fields)

        assert answer.status_code == 302
        assert "title" in TemplateVersion.objects.get().document["slots"]

    def test_asks_for_the_token(self) -> None:
        make_layout_kit()

        answer = enter(make_manager()).post(address("import"), {"figma_link": LINK})

        assert "figma_token" in answer.context["form"].errors

    def test_says_at_the_link_what_is_wrong(self, api: FileServer) -> None:
        make_layout_kit()
        fields = {"figma_link": "https://example.com", "figma_token": "secret"}

        answer = enter(make_manager()).post(address("import"), fields)

        assert answer.status_code == 422
        assert "no link" in str(answer.context["form"].errors["figma_link"])
        assert "secret" not in answer.content.decode()
