import pytest
from django.urls import reverse
from pytest_django import Settings

from brandgen.exports.models import Destination, Export
from brandgen.exports.services import request_export, save_destination
from brandgen.jobs.models import Job
from brandgen.library.models import Asset
from tests.factories import (
    NOW,
    make_asset,
    make_brand,
    make_destination,
    make_manager,
    make_marked_asset,
    make_user,
    run_jobs,
)
from tests.pages import enter

pytestmark = pytest.mark.django_db
SECRET = "hunter2-never-on-a-page"


def address(name: str, *args: object) -> str:
    return reverse(f"exports:{name}", args=["northwind", *args])


def order(*assets: Asset, destination: Destination | None = None) -> Export:
    return request_export(
        assets=list(assets) or [make_marked_asset()],
        destination=destination or make_destination(),
        by=make_user(),
        at=NOW,
    )


class TestExports:
    def test_lists_deliveries_and_destinations(self) -> None:
        export = order(make_marked_asset(), make_asset())
        run_jobs()

        text = enter().get(address("exports")).content.decode()

        assert address("export", export.id) in text
        assert "Delivered" in text
        assert "1 held back" in text
        assert export.destination.name in text

    def test_says_what_will_stand_here(self) -> None:
        make_brand()

        text = enter().get(address("exports")).content.decode()

        assert "Nothing was exported yet" in text
        assert "No destination yet" in text

    def test_asks_as_few_questions_for_many_as_for_one(
        self, django_assert_max_num_queries
    ) -> None:
        destination, asset = make_destination(), make_marked_asset()
        for _ in range(30):
            order(asset, destination=destination)
        client = enter()

        with django_assert_max_num_queries(25):
            text = client.get(address("exports")).content.decode()

        assert "Older" in text

    def test_goes_on_where_the_page_ended(self) -> None:
        destination, asset = make_destination(), make_marked_asset()
        exports = [order(asset, destination=destination) for _ in range(30)]
        client, seen, after = enter(), set(), ""
        while True:
            page = client.get(address("exports"), {"after": after}).context["page"]
            seen |= {row.id for row in page.rows}
            if not page.next:
                break
            after = page.next

        assert seen == {export.id for export in exports}

    def test_starts_anew_for_a_key_that_is_none(self) -> None:
        order()

        page = enter().get(address("exports"), {"after": "'; DROP"}).context["page"]

        assert page.is_first
        assert len(page.rows) == 1


class TestRequestExport:
    def test_says_what_will_happen_before_it_does(self) -> None:
        make_destination(name="Press")
        good, draft = make_marked_asset(title="Hero"), make_asset(title="Rough")

        page = enter().get(address("request"), {"asset": [good.id, draft.id]})

        text = page.content.decode()
        assert "Export 1 file" in text
        assert "1 stays here" in text
        assert "only approved pictures leave" in text
        assert "images/hero_256x256_" in text
        assert not Export.objects.exists()

    def test_only_looks_when_asked_to(self) -> None:
        destination, asset = make_destination(), make_marked_asset()

        page = enter().post(
            address("request"),
            {
                "asset": asset.id,
                "destination": destination.id,
                "folder": "Spring 2027",
                "look": "1",
            },
        )

        assert page.status_code == 200
        assert "spring-2027/" in page.content.decode()
        assert not Export.objects.exists()

    def test_exports(self) -> None:
        destination, asset = make_destination(), make_marked_asset()

        answer = enter().post(
            address("request"),
            {"asset": asset.id, "destination": destination.id, "folder": ""},
        )

        export = Export.objects.get()
        assert answer.url == address("export", export.id)
        assert Job.objects.get().subject_id == str(export.id)

    @pytest.mark.parametrize("asset", ["", "nonsense", "' OR 1=1"])
    def test_refuses_an_empty_choice(self, asset: str) -> None:
        destination = make_destination()

        answer = enter().post(
            address("request"), {"asset": asset, "destination": destination.id}
        )

        assert answer.status_code == 422
        assert "Nothing was chosen" in answer.content.decode()

    def test_refuses_another_brands_destination(self) -> None:
        make_destination()
        other = make_destination(brand=make_brand(name="Southwind"))

        answer = enter().post(
            address("request"),
            {"asset": make_marked_asset().id, "destination": other.id},
        )

        assert answer.status_code == 422
        assert not Export.objects.exists()

    def test_passes_over_another_brands_pictures(self) -> None:
        make_destination()
        other = make_marked_asset(brand=make_brand(name="Southwind"), title="Secret")

        page = enter().get(address("request"), {"asset": other.id})

        assert "Secret" not in page.content.decode()


class TestExport:
    def test_shows_each_file_with_its_receipt(self) -> None:
        asset = make_marked_asset(title="Hero")
        export = order(asset, make_asset(title="Rough"))
        run_jobs()

        text = enter().get(address("export", export.id)).content.decode()

        assert text.count(asset.sha256) >= 2
        assert "only approved pictures leave" in text
        assert "_COMPLETE.json" in text

    def test_offers_a_way_on_where_a_file_was_refused(self, settings: Settings) -> None:
        destination = make_destination()
        settings.EXPORT_DIR.parent.mkdir(parents=True, exist_ok=True)
        settings.EXPORT_DIR.write_text("in the way")
        export = order(destination=destination)
        run_jobs()
        client = enter()
        text = client.get(address("export", export.id)).content.decode()
        assert "did not arrive" in text
        assert "Finish without them" in text

        settings.EXPORT_DIR.unlink()
        client.post(address("retry", export.id))
        run_jobs()

        export.refresh_from_db()
        assert export.state == Export.State.DONE

    def test_exports_what_was_held_back_once_it_may(self) -> None:
        asset = make_marked_asset(state=Asset.State.IN_REVIEW)
        export = order(asset)
        client = enter()
        refused = client.post(address("again", export.id), follow=True)
        assert "Nothing can leave yet" in refused.content.decode()
        Asset.objects.update(state=Asset.State.APPROVED, approved_at=NOW)

        client.post(address("again", export.id))

        assert Export.objects.count() == 2

    def test_updates_itself_while_it_moves(self) -> None:
        export = order()
        client = enter()

        before = client.get(address("progress", export.id)).content.decode()
        run_jobs()
        after = client.get(address("progress", export.id)).content.decode()

        assert "hx-get" in before
        assert "hx-get" not in after


class TestDestinationPages:
    S3 = {
        "name": "Press",
        "bucket": "press",
        "endpoint_url": "http://127.0.0.1:9",
        "region": "us-east-1",
        "access_key_id": "AK",
        "secret_access_key": SECRET,
        "addressing_style": "path",
        "checksum_mode": "auto",
    }

    def test_adds_a_folder_and_tries_it(self) -> None:
        make_brand()

        page = enter(make_manager()).post(
            address("add", "folder"), {"name": "DAM", "folder": "dam"}, follow=True
        )

        assert "DAM works" in page.content.decode()
        assert Destination.objects.get().capabilities["never_overwrites"]

    def test_keeps_what_does_not_work_and_says_why(self) -> None:
        make_brand()

        page = enter(make_manager()).post(address("add", "s3"), self.S3, follow=True)

        text = page.content.decode()
        assert "http://127.0.0.1:9 did not answer" in text
        assert SECRET not in text

    def test_never_shows_a_secret_again(self) -> None:
        brand = make_brand()
        row = save_destination(
            brand=brand, kind="s3", name="P", values=self.S3, by=make_manager(), at=NOW
        )

        text = enter(make_manager()).get(address("destination", row.id))

        assert SECRET not in text.content.decode()
        assert "Kept as it is if left empty" in text.content.decode()

    @pytest.mark.parametrize(
        ("kind", "values", "message"),
        [
            ("folder", {"name": "X", "folder": "../../etc"}, "Use another value"),
            ("folder", {"name": "X", "folder": "/etc"}, "Use another value"),
            ("folder", {"name": "", "folder": "a"}, "This field is required"),
            ("s3", S3 | {"bucket": "Not A Bucket"}, "Use another value"),
            ("s3", S3 | {"endpoint_url": "file:///etc"}, "Enter a valid URL"),
            (
                "s3",
                S3 | {"endpoint_url": "http://169.254.169.254"},
                "is no place for files",
            ),
            ("s3", S3 | {"secret_access_key": ""}, "This field is required"),
        ],
    )
    def test_says_at_the_field_what_is_wrong(
        self, kind: str, values: dict, message: str
    ) -> None:
        make_brand()

        answer = enter(make_manager()).post(address("add", kind), values)

        assert answer.status_code == 422
        assert message in answer.content.decode()
        assert not Destination.objects.exists()

    def test_refuses_a_name_twice(self) -> None:
        make_destination(name="DAM")

        answer = enter(make_manager()).post(
            address("add", "folder"), {"name": "DAM", "folder": "dam"}
        )

        assert "has a destination called DAM already" in answer.content.decode()

    def test_is_switched_off_where_it_has_a_history(self) -> None:
        row = order().destination
        client = enter(make_manager())

        kept = client.post(address("delete", row.id), follow=True)
        client.post(address("switch", row.id), {"on": "0"})

        assert "Switch it off instead" in kept.content.decode()
        row.refresh_from_db()
        assert not row.is_enabled

    def test_is_for_brand_managers(self) -> None:
        row = make_destination()
        client = enter()

        assert client.get(address("destination", row.id)).status_code == 403
        assert client.post(address("check", row.id)).status_code == 403
        assert client.get(address("add", "folder")).status_code == 403
        assert enter(make_manager()).get(address("add", "ftp")).status_code == 404
