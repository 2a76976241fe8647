"""Every page that the resolver knows, seen by axe: light, dark and on a phone."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client

from brandgen.accounts.models import User
from tests.browser.conftest import DEVICES, Visitor
from tests.test_access import ROUTES, Route, World

Visit = Callable[..., Visitor]
# Who is asked first: brand managers may open most, guests see what comes before.
WHO = ("manager", "admin", "anonymous")
DESK, PHONE = (DEVICES[name]["viewport"] for name in ("desk", "phone"))


def area_of(route: Route) -> str:
    """Return the part of the app that an address belongs to."""
    pattern = route.pattern.removeprefix("b/<slug:brand>/")
    return pattern.partition("/")[0] or "home"


AREAS = sorted({area_of(route) for route in ROUTES} - {"livez", "readyz"})


def find_pages(world: World, area: str) -> Iterator[tuple[User | None, str]]:
    """Return who can open which whole pages of an area."""
    for route in ROUTES:
        if area_of(route) != area:
            continue
        url = world.url(route)
        for who in WHO:
            person = world.people[who]
            if is_page(person, url):
                yield person, url
                break


def is_page(person: User | None, url: str) -> bool:
    """Whether a GET brings HTML of a whole page, not a part, a file or a redirect."""
    client = Client()
    if person is not None:
        client.force_login(person)
    answer = client.get(url)
    if answer.streaming or answer.status_code != 200:
        return False
    kind = answer.headers.get("Content-Type", "")
    return kind.startswith("text/html") and b"<html" in answer.content


def complaints(visitor: Visitor, url: str) -> list[str]:
    """Open a page; return what is wrong with it in light, in dark and on a phone."""
    page = visitor.page
    page.set_viewport_size(DESK)
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    visitor.open(url)
    wrong = [f"light: {found}" for found in visitor.find_violations()]
    if page.locator("h1").count() != 1 or not page.locator("h1").inner_text().strip():
        wrong.append("it needs one h1 with words")
    if page.title().split(" · ")[0].strip() in {"", "brandgen"}:
        wrong.append(f"its title {page.title()!r} does not say where one is")
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    page.set_viewport_size(PHONE)
    wrong += [f"dark, phone: {found}" for found in visitor.find_violations()]
    if visitor.is_wider_than_window():
        wrong.append("it scrolls sideways at 390 px")
    wrong += [f"console: {trouble}" for trouble in visitor.troubles]
    visitor.troubles.clear()
    return [f"{url} {one}" for one in wrong]


@pytest.mark.parametrize("area", AREAS)
class TestEveryPage:
    def test_is_accessible_fits_and_says_where_one_is(
        self, visit: Visit, area: str
    ) -> None:
        visitors: dict[Any, Visitor] = {}
        wrong = []
        for person, url in find_pages(World(), area):
            if person not in visitors:
                visitors[person] = visit(person)
            wrong += complaints(visitors[person], url)

        assert wrong == []


class TestAreas:
    def test_hold_a_page_each_that_people_open(self) -> None:
        world = World()
        opened = {area for area in AREAS if next(find_pages(world, area), None)}

        # Addresses that only take forms or hand out parts of pages.
        assert set(AREAS) - opened <= {"preferences", "progress", "running"} | {
            "jobs",
            "progress.json",
            "signed",
        }
