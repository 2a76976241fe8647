import io
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from brandgen.exports.gates import Hold, find_hold, find_holds
from brandgen.exports.runner import run_export
from brandgen.exports.services import plan_export, request_export
from brandgen.library.models import Asset, AssetParent
from tests.factories import (
    NOW,
    STABLE_CASCADE,
    make_adapter,
    make_admin,
    make_asset,
    make_brand,
    make_commercial_license,
    make_destination,
    make_marked_asset,
    make_researched_asset,
    make_user,
)
from tests.jobs_for import hold_job

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 24)
SENTENCE = (
    "Stable Cascade’s weights are licensed for non-commercial research; ask Ari to "
    "record a commercial license for Northwind."
)
RUN_OUT = (
    "Northwind’s commercial license for Stable Cascade ran out on 23 November 2026; "
    "ask Ari to record a commercial license for Northwind."
)


@pytest.fixture(autouse=True)
def ari() -> None:
    make_admin()


def hold(asset: Asset, *, on: date = TODAY, is_public: bool = True) -> Hold | None:
    return find_hold(asset, make_destination(is_production=is_public), on=on)


def make_creative(*parents: Asset) -> Asset:
    creative = make_marked_asset(
        kind=Asset.Kind.CREATIVE,
        is_commercial_use_allowed=all(p.is_commercial_use_allowed for p in parents),
    )
    for parent in parents:
        AssetParent.objects.create(asset=creative, parent=parent, role="image")
    return creative


MINIATURE = {
    "name": "Stable Cascade miniature",
    "family": "stable-cascade-miniature",
    "license": {"name": "Apache-2.0", "is_commercial_use_allowed": True},
}


def with_adapter(sha256: str) -> dict[str, Any]:
    return MINIATURE | {"adapters": [{"sha256": sha256, "scale": 1.0}]}


class TestLicenseGate:
    def test_says_in_one_sentence_whom_to_ask_for_what(self) -> None:
        assert str(hold(make_researched_asset())) == SENTENCE

    def test_is_open_where_the_public_does_not_look(self) -> None:
        assert hold(make_researched_asset(), is_public=False) is None

    def test_is_open_for_weights_that_may_be_used_commercially(self) -> None:
        identity = STABLE_CASCADE | {
            "license": {"name": "Apache-2.0", "is_commercial_use_allowed": True}
        }

        assert hold(make_researched_asset(model_identity=identity)) is None

    def test_opens_for_what_was_made_before_the_license_was_recorded(self) -> None:
        asset = make_researched_asset()
        before = Asset.objects.filter(id=asset.id).values().get()

        make_commercial_license()

        assert hold(asset) is None
        assert Asset.objects.filter(id=asset.id).values().get() == before

    def test_closes_on_the_day_after_the_license_ran_out(self) -> None:
        asset = make_researched_asset()
        make_commercial_license(valid_until=TODAY)

        assert hold(asset, on=TODAY) is None
        assert hold(asset, on=TODAY + timedelta(days=1)) is not None

    def test_says_since_when_it_is_closed_again(self) -> None:
        make_commercial_license(valid_until=TODAY - timedelta(days=1))

        assert str(hold(make_researched_asset())) == RUN_OUT

    def test_closes_when_the_license_is_withdrawn(self) -> None:
        license_ = make_commercial_license()
        license_.withdraw(by=make_admin(), because="Not renewed", at=NOW)

        assert str(hold(make_researched_asset())) == SENTENCE

    @pytest.mark.parametrize(
        "fields",
        [
            {"brand": "Contoso"},
            {"family": "sdxl"},
            {"license_name": "Another license"},
            {"is_adapter": True},
        ],
        ids=["brand", "family", "license", "adapter"],
    )
    def test_stays_closed_for_a_license_of_something_else(
        self, fields: dict[str, Any]
    ) -> None:
        if "brand" in fields:
            fields = {"brand": make_brand(name=fields["brand"])}
        make_commercial_license(**fields)

        assert str(hold(make_researched_asset())) == SENTENCE

    def test_looks_through_creatives_at_what_they_hold(self) -> None:
        creative = make_creative(make_researched_asset(), make_marked_asset())
        nested = make_creative(creative)

        assert str(hold(nested)) == SENTENCE
        make_commercial_license()
        assert hold(nested) is None

    def test_names_an_upload_that_no_license_of_a_model_clears(self) -> None:
        upload = make_marked_asset(
            kind=Asset.Kind.UPLOADED,
            title="Skyline",
            license_name="CC BY-NC 4.0",
            is_commercial_use_allowed=False,
        )
        make_commercial_license()

        held = str(hold(make_creative(make_researched_asset(), upload)))

        assert "It holds “Skyline”, whose license (CC BY-NC 4.0) does not" in held

    def test_judges_the_model_that_sketched_too(self) -> None:
        asset = make_researched_asset()
        asset.decodings.update(
            model_identity=STABLE_CASCADE
            | {"license": {"name": "Apache-2.0", "is_commercial_use_allowed": True}}
        )

        assert str(hold(asset)) == SENTENCE

    def test_counts_adapters_although_the_model_is_free(self) -> None:
        make_adapter()
        asset = make_researched_asset(model_identity=with_adapter("a" * 64))

        assert str(hold(asset)) == (
            "The adapter Glass is licensed for non-commercial purposes; ask Ari to "
            "record a commercial license for Northwind."
        )
        make_commercial_license(
            model_key="glass",
            family="stable-cascade-miniature",
            license_name="CC BY-NC 4.0",
            is_adapter=True,
        )
        assert hold(asset) is None

    def test_holds_what_an_unknown_adapter_made(self) -> None:
        asset = make_researched_asset(model_identity=with_adapter("b" * 64))

        assert str(hold(asset)) == (
            "The adapter bbbbbbbbbbbb is not in the registry of models, so nobody "
            "knows what it may be used for; ask Ari to add it with its license."
        )

    def test_counts_adapters_that_the_generation_was_given(self) -> None:
        make_adapter()
        asset = make_researched_asset(model_identity=MINIATURE)
        generation = asset.decodings.get().candidate.generation
        generation.inputs = {
            "adapters": [{"name": "Glass", "sha256": "a" * 64, "scale": 0.8}]
        }
        generation.save()

        assert "The adapter Glass is licensed for non-comm" in str(hold(asset))

    def test_believes_what_was_said_when_an_adapter_was_used(self) -> None:
        """Where its file has been replaced since, or taken out of the registry."""
        asset = make_researched_asset(model_identity=MINIATURE)
        generation = asset.decodings.get().candidate.generation
        kept = {"name": "Glass", "key": "glass", "sha256": "c" * 64, "scale": 1.0}
        generation.inputs = {"adapters": [kept | {"license": "CC BY-NC 4.0"}]}
        generation.save()

        assert "adapter Glass is licensed under CC BY-NC 4.0" in str(hold(asset))
        free = {"license": "CC BY 4.0", "is_commercial_use_allowed": True}
        generation.inputs = {"adapters": [kept | free]}
        generation.save()
        assert hold(asset) is None

    def test_names_each_of_several_weights(self) -> None:
        make_adapter()
        identity = STABLE_CASCADE | {"adapters": [{"sha256": "a" * 64}]}

        assert str(hold(make_researched_asset(model_identity=identity))) == (
            "Stable Cascade’s weights are licensed for non-commercial research and the "
            "adapter Glass is licensed for non-commercial purposes; ask Ari to record "
            "commercial licenses for Northwind."
        )

    def test_never_takes_an_unknown_model_for_a_free_one(self) -> None:
        held = hold(make_researched_asset(model_identity={"license": {
            "name": "", "is_commercial_use_allowed": False}}))  # fmt: skip

        assert "A model without a name" in str(held)


class TestFindHolds:
    def test_asks_as_many_questions_for_many_pictures_as_for_few(
        self, django_assert_max_num_queries: Any
    ) -> None:
        assets = [make_creative(make_researched_asset()) for _ in range(12)]
        destination = make_destination(is_production=True)

        with django_assert_max_num_queries(8):
            holds = find_holds(assets, destination, on=TODAY)

        assert len(holds) == 12


class TestExport:
    def test_is_held_in_the_plan_and_leaves_once_cleared(self) -> None:
        asset, destination = (
            make_researched_asset(),
            make_destination(is_production=True),
        )
        (held,) = plan_export(assets=[asset], destination=destination).held
        assert str(held.hold) == SENTENCE
        make_commercial_license()

        export = request_export(
            assets=[asset], destination=destination, by=make_user(), at=NOW
        )
        run_export(hold_job(export))

        assert export.items.delivered().count() == 1

    def test_is_held_by_the_worker_where_the_license_ended_meanwhile(self) -> None:
        asset, destination = (
            make_researched_asset(),
            make_destination(is_production=True),
        )
        license_ = make_commercial_license()
        export = request_export(
            assets=[asset], destination=destination, by=make_user(), at=NOW
        )
        license_.withdraw(by=make_admin(), because="Not paid", at=NOW)

        run_export(hold_job(export))

        assert export.items.get().error == SENTENCE


class TestMayExport:
    def run(self, asset: Asset, *options: str) -> str:
        out = io.StringIO()
        call_command("may_export", asset.sha256, *options, stdout=out)
        return out.getvalue().strip()

    def test_says_the_same_sentence(self) -> None:
        make_destination(name="Web shop", is_production=True)
        asset = make_researched_asset(title="Waves")

        with pytest.raises(CommandError) as no:
            self.run(asset, "--destination", "Web shop")
        make_commercial_license()
        yes = self.run(asset, "--destination", "Web shop")

        assert str(no.value) == f"“Waves” stays here. {SENTENCE}"
        assert yes == "“Waves” may go to Web shop."

    def test_says_what_is_wrong_with_what_it_was_given(self) -> None:
        asset = make_asset()
        make_destination(name="Press")

        with pytest.raises(CommandError, match="There are: Press"):
            self.run(asset, "--destination", "Shop")
        with pytest.raises(CommandError, match="No asset in contoso"):
            self.run(asset, "--destination", "Press", "--brand", "contoso")
        with pytest.raises(CommandError, match="is no SHA-256"):
            call_command("may_export", "sunset.png", "--destination", "Press")
