"""Every address, by everybody: nobody sees or changes what is not theirs.

The addresses come from the resolver, so a new one is covered from its first day; one
whose arguments have no sample here fails until it gets one.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from brandgen.accounts.models import Brand, Membership, User
from brandgen.audit.models import Entry
from brandgen.compositor.typesetting.fonts import FONTS
from brandgen.exports.models import Export
from brandgen.generation.models import Decoding
from brandgen.lib.storage import get_store
from brandgen.library.models import Asset
from brandgen.links.models import FormPicture
from brandgen.review.models import Decision
from brandgen.safety.models import Refusal
from tests.factories import (
    NOW,
    make_admin,
    make_asset,
    make_batch,
    make_brand,
    make_candidate,
    make_collection,
    make_commercial_license,
    make_decoding,
    make_destination,
    make_feed,
    make_job,
    make_kit,
    make_layout_kit,
    make_manager,
    make_picture,
    make_public_form,
    make_refusal,
    make_review,
    make_reviewer,
    make_signed_address,
    make_template_version,
    make_user,
)

pytestmark = pytest.mark.django_db

NORTHWIND = "northwind"
# What anybody may open without signing in, by name.
PUBLIC = {
    "livez",
    "readyz",
    "signed",
    "fill:page",
    "fill:look",
    "fill:take",
    "fill:enter",
    "fill:thumb",
    "fill:logo",
    "fill:colors",
    "account_login",
    "account_logout",
    "account_signup",
    "account_inactive",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
    "account_email_verification_sent",
    "account_confirm_email",
    "account_confirm_login_code",
    "mfa_authenticate",
}
# Arguments that name no row of a brand: an address of these alone shows nothing of it.
NO_THINGS = {"brand", "kind"}
# allauth guards its own pages; they belong to no brand.
OWN_ACCOUNT = ("account/",)
# Their other arguments name a kind of thing that every brand may have, not a thing.
OF_EVERY_BRAND = {"exports:add"}


@dataclass(frozen=True)
class Route:
    """One address pattern: its name with namespace, its path and its arguments."""

    name: str
    pattern: str
    arguments: tuple[str, ...]


def find_routes(
    patterns: list[URLPattern | URLResolver] | None = None,
    *,
    prefix: str = "",
    namespace: str = "",
    arguments: tuple[str, ...] = (),
) -> Iterator[Route]:
    """Walk the resolver down to every address."""
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        path = prefix + str(entry.pattern)
        names = arguments + tuple(entry.pattern.converters) + _groups(entry)
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from find_routes(
                entry.url_patterns, prefix=path, namespace=inner, arguments=names
            )
        else:
            yield Route(f"{namespace}{entry.name}", path, names)


def _groups(entry: URLPattern | URLResolver) -> tuple[str, ...]:
    regex = getattr(entry.pattern, "regex", None)
    found = set(regex.groupindex) if regex else set()
    return tuple(sorted(found - set(entry.pattern.converters)))


class World:
    """Northwind with one of everything, and people of every kind."""

    def __init__(self) -> None:
        brand = make_brand()
        other = make_brand(name="Contoso")
        self.people: dict[str, User | None] = {
            "anonymous": None,
            "stranger": make_manager("Eve", brand=other),
            "viewer": make_user("Vic", role=Membership.Role.VIEWER),
            "marketer": make_user("Mara"),
            "reviewer": make_reviewer(),
            "manager": make_manager(),
            "admin": make_admin(),
        }
        mara = self.people["marketer"]
        approved = make_asset(brand=brand, state=Asset.State.APPROVED, approved_at=NOW)
        review = make_review(
            asset=make_asset(brand=brand, created_by=mara, state=Asset.State.IN_REVIEW)
        )
        candidate = make_candidate()
        decoding = make_decoding(candidate=candidate)
        destination = make_destination(brand=brand)
        assert mara is not None
        self.samples: dict[str, Any] = {
            "brand": brand.slug,
            "asset_id": approved.id,
            "size": "small",
            "sha256": approved.sha256,
            "review_id": review.id,
            "decision_id": _decide(review, by=self.people["reviewer"]),
            "generation_id": candidate.generation_id,
            "position": candidate.position,
            "candidate_id": candidate.id,
            "decoding_id": decoding.id,
            "preset_id": candidate.generation.preset_version.preset_id,
            "version": 1,
            "destination_id": destination.id,
            "export_id": _export(destination, mara),
            "job_id": make_job(brand=brand).id,
            "model_key": "stable-cascade",
            "license_id": make_commercial_license(brand=brand).id,
            "refusal_id": _refuse(decoding),
            "person": mara.id,
            "membership": mara.memberships.get().id,
            "uidb36": "1",
            "key": "not-a-key",
            "collection_id": make_collection(brand=brand, assets=[approved]).id,
            **_creatives(brand, mara, approved),
            **_kit_parts(brand),
        }
        # Where one name means another thing in another app.
        self.special: dict[str, dict[str, Any]] = {
            "brands:font": {"sha256": self.samples["font_sha256"]},
            "brands:logo": {"sha256": self.samples["logo_sha256"]},
            "exports:add": {"kind": "folder"},
        }

    def url(self, route: Route, **changes: Any) -> str:
        """Fill in an address; a missing sample fails the test."""
        missing = [name for name in route.arguments if name not in self.samples]
        assert not missing, (
            f"{route.name} ({route.pattern}) takes {missing}. Add a sample of each to "
            "World.samples in tests/test_access.py."
        )
        values = {name: self.samples[name] for name in route.arguments}
        special = self.special.get(route.name, {})
        return reverse(route.name, kwargs=values | special | changes)


def _decide(review: Any, *, by: User | None) -> int:
    decision = Decision.objects.create(
        review=review,
        reviewer=by,
        verdict=Decision.Verdict.APPROVE,
        sha256=review.sha256,
        decided_at=NOW,
    )
    return decision.id


def _refuse(decoding: Decoding) -> Any:
    refusal = make_refusal(
        brand=decoding.brand,
        kind=Refusal.Kind.IMAGE,
        subject_id=str(decoding.id),
        judgement=Refusal.Judgement.WRONG,
        preview=make_picture(96, 96),
    )
    return refusal.id


def _export(destination: Any, by: User) -> Any:
    export = Export.objects.create(
        brand=destination.brand,
        destination=destination,
        folder="spring",
        requested_by=by,
        requested_at=NOW,
    )
    return export.id


def _creatives(brand: Brand, by: User, asset: Asset) -> dict[str, Any]:
    version = make_template_version(brand=brand)
    address, _ = make_signed_address(brand=brand, version=version)
    batch = make_batch(
        brand=brand,
        template_version=version,
        kit=asset.brand_kit,
        by=by,
        images={"hero": asset},
        formats=["square"],
    )
    return {
        "template_id": version.template_id,
        "batch_id": batch.id,
        "creative_id": batch.creatives.get().id,
        "feed_id": make_feed(
            f"Headline,Picture\nSea mug,{asset.id}\n",
            template=version.template,
            by=by,
        ).id,
        "number": 2,
        "address_id": address.id,
        **_form(brand, version),
        "variant": "primary",
        "version_id": version.id,
        "format_name": "square",
        "case": "longest",
    }


def _form(brand: Brand, version: Any) -> dict[str, Any]:
    form = make_public_form(brand=brand, version=version)
    picture = FormPicture.objects.create(
        form=form,
        content_key="0" * 64,
        sha256=get_store().keep(make_picture(16, 16)),
        mime="image/png",
        size_bytes=10,
        format="square",
        rendered_at=NOW,
    )
    return {"token": form.token, "form_id": form.id, "picture_id": picture.id}


def _kit_parts(brand: Brand) -> dict[str, Any]:
    """Make a published version with a font and a logo, and a draft with a color."""
    published = make_layout_kit(brand=brand)
    inter = (FONTS / "InterVariable.ttf").read_bytes()
    font = published.fonts.create(
        family="Inter", sha256=get_store().keep(inter), size_bytes=len(inter)
    )
    logo = published.logos.get(variant="primary")
    draft = make_kit(brand=brand, published_at=None)
    color = draft.colors.first()
    assert color is not None
    return {
        "font_id": font.id,
        "font_sha256": font.sha256,
        "logo_id": logo.id,
        "logo_sha256": logo.sha256,
        "kind": "color",
        "part_id": color.id,
    }


ROUTES = list(find_routes())
WHO = ["anonymous", "stranger", "viewer", "marketer", "reviewer", "manager", "admin"]


def ask(client: Client, method: str, url: str) -> Any:
    """Send an empty request and undo whatever it did."""
    with transaction.atomic():
        answer = client.generic(method, url)
        transaction.set_rollback(True)
    return answer


def complaint(who: str, method: str, route: Route, status: int, to: str) -> str | None:
    """Say what is wrong with an answer; None if it is as it should be."""
    if status >= 500 and not (route.name == "readyz" and status == 503):
        return "broke"
    is_public = route.name in PUBLIC
    if who == "anonymous" and not is_public:
        is_sent_away = status == 302 and to.startswith("/account/login/")
        return None if is_sent_away or status == 405 else "let a stranger in"
    is_account = route.pattern.startswith(OWN_ACCOUNT) or is_public
    if who == "stranger" and "brand" in route.arguments and status not in {404, 405}:
        return "showed a brand to a stranger"
    is_admins = route.pattern.startswith("admin/")
    if who != "admin" and is_admins and status not in {403, 404, 405}:
        return "let others into an admin's page"
    is_managers = route.pattern.startswith("people/")
    if (
        is_managers
        and who in {"viewer", "marketer", "reviewer"}
        and status
        not in {
            403,
            404,
            405,
        }
    ):
        return "let others manage people"
    if who == "admin" and status in {403, 404} and method == "GET" and not is_account:
        return "refused an admin"
    return None


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("who", WHO)
class TestEveryAddress:
    def test_answers_each_as_their_role_allows(self, who: str, method: str) -> None:
        world = World()
        client = Client(raise_request_exception=False)
        person = world.people[who]
        wrong = []
        for route in ROUTES:
            if person is not None:
                client.force_login(person)
            answer = ask(client, method, world.url(route))
            to = answer.headers.get("Location", "")
            said = complaint(who, method, route, answer.status_code, to)
            if said:
                wrong.append(f"{method} {route.pattern}: {said} ({answer.status_code})")

        assert wrong == []


class TestEveryBrandAddress:
    def test_does_not_serve_one_brands_things_under_another(self) -> None:
        world = World()
        client = Client(raise_request_exception=False)
        client.force_login(world.people["stranger"])
        wrong = []
        for route in ROUTES:
            if "brand" not in route.arguments or set(route.arguments) <= NO_THINGS:
                continue
            if route.name in OF_EVERY_BRAND:
                continue
            for method in ("GET", "POST"):
                answer = ask(client, method, world.url(route, brand="contoso"))
                if answer.status_code == 302:
                    answer = ask(client, "GET", answer["Location"])
                if answer.status_code not in {403, 404, 405}:
                    wrong.append(f"{method} {route.pattern}: {answer.status_code}")

        assert wrong == []

    def test_lets_viewers_change_nothing(self) -> None:
        world = World()
        client = Client(raise_request_exception=False)
        client.force_login(world.people["viewer"])
        before = Entry.objects.count()
        wrong = []
        for route in ROUTES:
            if "brand" not in route.arguments:
                continue
            with transaction.atomic():
                client.post(world.url(route))
                if Entry.objects.count() != before:
                    wrong.append(route.pattern)
                transaction.set_rollback(True)

        assert wrong == []


@pytest.mark.parametrize("who", ["anonymous", "marketer", "admin"])
class TestEveryAnswer:
    def test_carries_the_strict_policy(self, who: str) -> None:
        world = World()
        client = Client(raise_request_exception=False)
        if person := world.people[who]:
            client.force_login(person)
        wrong = []
        for url in ["/nowhere", *(world.url(route) for route in ROUTES)]:
            answer = ask(client, "GET", url)
            policy = answer.headers.get("Content-Security-Policy", "")
            is_strict = "default-src 'none'" in policy and "unsafe" not in policy
            scripts = re.findall(r"script-src ([^;]*)", policy)
            if not is_strict or scripts not in ([], ["'self'"]):
                wrong.append(f"{url}: {policy!r}")
            if answer.headers.get("X-Content-Type-Options") != "nosniff":
                wrong.append(f"{url}: sniffing")
            if answer.headers.get("X-Frame-Options") != "DENY":
                wrong.append(f"{url}: frames")
            if answer.headers.get("Referrer-Policy") != "same-origin":
                wrong.append(f"{url}: referrer")

        assert wrong == []
