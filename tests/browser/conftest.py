"""A real Chromium against a real server: sign in, look, and ask axe what it thinks."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from django.test import Client

from brandgen.accounts.models import User
from tests.chromium import CHROMIUM

AXE = Path(__file__).parent / "vendor" / "axe.min.js"
AT_REST = """async () => {
    // A change of theme or of the window's size counts from the next frame on.
    await new Promise(next => requestAnimationFrame(() => requestAnimationFrame(next)));
    const ending = document.getAnimations().filter(
        one => one.effect.getComputedTiming().endTime < Infinity);
    await Promise.allSettled(ending.map(one => one.finished));
}"""
DEVICES: dict[str, dict[str, Any]] = {
    "desk": {"viewport": {"width": 1440, "height": 900}},
    "phone": {
        "viewport": {"width": 390, "height": 844},
        "is_mobile": True,
        "has_touch": True,
    },
}
"""What people look with: ``visit(user, **DEVICES[device])``."""
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
RUN_AXE = """rules => axe.run(
    document, {runOnly: rules, resultTypes: ["violations"]})"""
AXE_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test below this folder; skip it where there is no Chromium."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.django_db(transaction=True))
            if CHROMIUM is None:
                item.add_marker(pytest.mark.skip(reason="Chromium is not installed"))


class Visitor:
    """One browser window with its own cookies, and what went wrong in it."""

    def __init__(self, chromium: Any, address: str, **options: Any) -> None:
        options = DEVICES["desk"] | options
        self.address = address
        self.context = chromium.new_context(**options)
        self.page = self.context.new_page()
        self.troubles: list[str] = []
        self.page.on("pageerror", lambda error: self.troubles.append(str(error)))
        self.page.on("console", self._hear)

    def _hear(self, message: Any) -> None:
        """Keep what the policy blocked and what broke.

        A 4xx page is no trouble, nor a request that ended because one left the page:
        htmx says of it that it ended, and then that it was aborted.
        """
        if message.type != "error":
            return
        if message.text.startswith("htmx:sendAbort"):
            self.troubles = [
                trouble
                for trouble in self.troubles
                if not trouble.startswith("htmx:afterRequest")
            ]
        elif "Failed to load resource: the server responded" not in message.text:
            self.troubles.append(message.text)

    def sign_in(self, user: User) -> "Visitor":
        """Bring a session, as after the sign-in page, which has a test of its own."""
        client = Client()
        client.force_login(user)
        cookie = client.cookies["session"]
        self.context.add_cookies(
            [{"name": "session", "value": cookie.value, "url": self.address}]
        )
        return self

    def open(self, path: str) -> Any:
        """Go to a path and return the page."""
        self.page.goto(self.address + path)
        return self.page

    def find_violations(self) -> list[str]:
        """Return what axe finds wrong on the page once its transitions have ended."""
        self.page.evaluate(AT_REST)
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found = self.page.evaluate(RUN_AXE, AXE_RULES)
        return [
            f"{one['id']}: {one['help']}: {one['nodes'][0]['html'][:120]}"
            for one in found["violations"]
        ]

    def find_faults(self) -> list[str]:
        """Return what is wrong with the page in light and in dark.

        What axe finds, and whether one would have to scroll sideways.
        """
        faults = []
        for scheme in SCHEMES:
            # Without motion: of the fading colors of a change of scheme, Chromium
            # leaves some unfinished that are out of a phone's sight.
            self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            faults += [f"{scheme}: {found}" for found in self.find_violations()]
        if self.is_wider_than_window():
            faults.append("wider than the window")
        return faults

    def find_faults_of(self, paths: Iterable[str]) -> list[str]:
        """Open each page and return what is wrong with it."""
        faults = []
        for path in paths:
            self.open(path)
            faults += [f"{path} {fault}" for fault in self.find_faults()]
        return faults

    def is_wider_than_window(self) -> bool:
        """Whether one would have to scroll sideways."""
        wide: bool = self.page.evaluate(
            "document.documentElement.scrollWidth > innerWidth"
        )
        return wide


@pytest.fixture
def visit(chromium: Any, live_server: Any) -> Iterator[Callable[..., Visitor]]:
    """Open browser windows: ``visit(user, viewport=..., color_scheme="dark")``.

    At the end of the test no window may have seen an error or a blocked resource.
    """
    visitors: list[Visitor] = []

    def open_window(user: User | None = None, **options: Any) -> Visitor:
        visitor = Visitor(chromium, live_server.url, **options)
        visitors.append(visitor)
        return visitor.sign_in(user) if user else visitor

    yield open_window
    for visitor in visitors:
        visitor.context.close()
    assert [trouble for visitor in visitors for trouble in visitor.troubles] == []
