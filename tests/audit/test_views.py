import csv
import json
from datetime import timedelta

import pytest
from django.test import AsyncClient, Client

from brandgen.audit.models import Entry, record
from tests.factories import (
    NOW,
    make_admin,
    make_asset,
    make_brand,
    make_manager,
    make_reviewer,
    make_user,
)
from tests.loops import run_in_own_loop

pytestmark = pytest.mark.django_db
URL = "/b/northwind/audit/"


def ids(page: object) -> list[int]:
    return [entry.id for entry in page.context["entries"]]  # type: ignore[attr-defined]


class TestAudit:
    def test_shows_only_the_brands_own_entries(self, client: Client) -> None:
        record(None, "asset.kept", make_brand(), at=NOW)
        record(None, "asset.kept", make_brand(name="Contoso"), at=NOW)
        client.force_login(make_reviewer())

        assert ids(client.get(URL)) == [1]
        assert ids(client.get(URL + "?brands=all")) == [1]

    def test_shows_admins_everything_if_they_ask(self, client: Client) -> None:
        record(None, "asset.kept", make_brand(), at=NOW)
        record(None, "asset.kept", make_brand(name="Contoso"), at=NOW)
        client.force_login(make_admin())

        assert ids(client.get(URL)) == [1]
        assert ids(client.get(URL + "?brands=all")) == [2, 1]

    def test_filters_by_person_action_subject_and_date(self, client: Client) -> None:
        mara, ravi, brand = make_user(), make_reviewer(), make_brand()
        asset = make_asset(title="Teal waves")
        record(mara, "asset.kept", asset, at=NOW, data={"sha256": asset.sha256})
        record(ravi, "review.approved", asset, at=NOW + timedelta(days=2))
        record(ravi, "review.rejected", brand, at=NOW + timedelta(days=4))
        client.force_login(ravi)

        asked = {
            f"actor={mara.id}": [1],
            "action=review.": [3, 2],
            "subject=teal": [2, 1],
            f"subject={asset.id}": [2, 1],
            f"subject={asset.sha256}": [1],
            "since=2026-11-26": [3, 2],
            "until=2026-11-26": [2, 1],
            "since=2026-11-25&until=2026-11-27&action=review.approved": [2],
        }
        assert {q: ids(client.get(f"{URL}?{q}")) for q in asked} == asked

    def test_says_what_is_wrong_with_a_filter(self, client: Client) -> None:
        client.force_login(make_reviewer())

        page = client.get(
            URL + "?since=yesterday&action=DROP%20TABLE&actor=99&before=x"
        )

        assert set(page.context["form"].errors) == {"since", "action", "actor"}

    def test_pages_without_losing_or_doubling(self, client: Client) -> None:
        brand = make_brand()
        for _ in range(120):
            record(None, "asset.kept", brand, at=NOW)
        client.force_login(make_manager())

        seen, url = [], URL
        while url:
            page = client.get(url)
            seen += ids(page)
            last = page.context["next"]
            url = f"{URL}?before={last}" if last else ""

        assert seen == list(range(120, 0, -1))

    def test_says_that_the_chain_is_broken_and_where(self, client: Client) -> None:
        for _ in range(3):
            record(None, "asset.kept", make_brand(), at=NOW)
        Entry.objects.filter(id=2).update(actor_name="Eve")
        client.force_login(make_reviewer())

        page = client.get(URL).content.decode()

        assert "Chain broken at entry 2" in page

    def test_is_not_for_marketers(self, client: Client) -> None:
        client.force_login(make_user())

        assert client.get(URL).status_code == 403
        assert client.get(URL + "download/").status_code == 403


@pytest.mark.django_db(transaction=True)
class TestDownload:
    def read(self, person: object, query: str = "") -> str:
        async def fetch() -> bytes:
            client = AsyncClient()
            await client.aforce_login(person)  # type: ignore[arg-type]
            answer = await client.get(f"{URL}download/{query}")
            return b"".join([part async for part in answer.streaming_content])  # type: ignore[union-attr]

        return run_in_own_loop(fetch()).decode()

    def test_lets_others_check_every_hash(self) -> None:
        mara = make_user()
        for number in range(3):
            record(mara, "asset.kept", make_brand(), at=NOW, data={"n": number})

        lines = [json.loads(line) for line in self.read(make_reviewer()).splitlines()]

        assert [line["id"] for line in lines] == [1, 2, 3]
        assert [line["previous"] for line in lines[1:]] == [
            line["hash"] for line in lines[:-1]
        ]
        assert {line["actor_name"] for line in lines} == {"Mara"}

    def test_keeps_to_the_brand_and_the_filters(self) -> None:
        record(None, "asset.kept", make_brand(), at=NOW)
        record(None, "asset.kept", make_brand(name="Contoso"), at=NOW)
        record(None, "review.approved", make_brand(), at=NOW)

        text = self.read(make_reviewer(), "?action=asset.&brands=all")

        assert [json.loads(line)["id"] for line in text.splitlines()] == [1]

    def test_gives_a_spreadsheet_no_formula(self) -> None:
        title = "a,=HYPERLINK(1), @SUM(2);+3"
        record(None, "asset.kept", make_asset(title=title), at=NOW)

        text = self.read(make_reviewer())

        cells = [cell for row in csv.reader(text.splitlines()) for cell in row]
        assert not [cell for cell in cells if cell.lstrip().startswith(("=", "@", "+"))]
        assert json.loads(text)["subject_name"] == title
