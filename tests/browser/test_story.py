"""The whole story by hand: five people, real browsers, a real worker, real files."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from brandgen.compositor import load_document
from brandgen.compositor.examples.northwind import DESIGNS
from brandgen.config.demo.northwind import (
    COPY,
    DESTINATION,
    STORY_PRESET,
    TEMPLATE,
    TEMPLATES,
)
from brandgen.config.demo.people import PEOPLE
from brandgen.config.demo.story import FORMATS
from tests.browser.conftest import Visitor
from tests.browser.served import install, served

PATIENCE_MS = 60_000
"""How long a step may take on a machine that is busy with other tests."""
DESIGN = load_document(DESIGNS[TEMPLATES[TEMPLATE]].read_bytes())
WISH = "The light sits too high for the headline"

pytestmark = [pytest.mark.timeout(400)]


class Office:
    """The five people at their screens, in front of one installation."""

    def __init__(self, chromium: Any, address: str, data_dir: Path) -> None:
        self.chromium = chromium
        self.address = address
        self.exports = data_dir / "exports"
        self.visitors: list[Visitor] = []

    def seat(self) -> Visitor:
        """Open a window of its own."""
        visitor = Visitor(self.chromium, self.address, accept_downloads=True)
        visitor.context.set_default_timeout(PATIENCE_MS)
        self.visitors.append(visitor)
        return visitor

    def sign_in(self, name: str) -> Any:
        """Sign a person of the demo in by e-mail and password; return the page."""
        person = next(person for person in PEOPLE if person.name == name)
        page = self.seat().open("/")
        page.get_by_label("E-mail").fill(person.email)
        page.get_by_label("Password").fill(person.password)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("heading", name="Home", exact=True).wait_for()
        return page

    @property
    def troubles(self) -> list[str]:
        """Every error and blocked resource in any window."""
        return [trouble for one in self.visitors for trouble in one.troubles]


@pytest.fixture
def office(chromium: Any, tmp_path: Path, migrated_file: Path) -> Iterator[Office]:
    with served(install(tmp_path, migrated_file)) as address:
        office = Office(chromium, address, tmp_path)
        yield office
        for visitor in office.visitors:
            visitor.context.close()


def follow(link: Any) -> None:
    """Follow a link until the new page's scripts run: keys and previews need them."""
    with link.page.expect_navigation(wait_until="load"):
        link.click()


def go(page: Any, name: str) -> None:
    """Follow an entry of the navigation."""
    main = page.get_by_role("navigation", name="Main")
    follow(main.get_by_role("link", name=re.compile(f"^{name}")))


def press(page: Any, name: str) -> None:
    page.get_by_role("button", name=name).click()


def read(page: Any, words: str) -> None:
    """Wait until a person can read these words."""
    page.get_by_text(words).first.wait_for()


def sketch_and_finish(mara: Any) -> None:
    """Mara fills in the form, watches the sketches come and finishes two."""
    previews: list[str] = []
    mara.on("request", lambda sent: previews.append(sent.url))
    go(mara, "Create")
    follow(mara.get_by_role("link", name=re.compile(STORY_PRESET)).first)
    mara.get_by_text("Gradient", exact=True).click()
    mara.locator("#prompt", has_text="soft gradient background from cream").wait_for()
    mara.get_by_label("How many").fill("3")
    mara.get_by_text("More settings").click()
    mara.get_by_label("First seed").fill("7")
    mara.keyboard.press("Escape")
    press(mara, "Generate contact sheet")
    mara.locator(".cell").nth(2).wait_for()
    assert mara.get_by_role("progressbar").count() >= 3

    for number in (1, 3):
        tick = mara.get_by_label(f"Pick sketch {number}")
        with mara.expect_response(re.compile("/pick$")):
            tick.check()
    mara.get_by_role("status").filter(has_text="3 of 3 sketched").wait_for()
    # They came by themselves: nobody has loaded the page again so far.
    assert len({url for url in previews if "/preview?" in url}) >= 3
    mara.reload()
    assert mara.get_by_label("Pick sketch 3").is_checked()
    press(mara, "Finish 2 images")
    mara.locator(".cell .frame a img").nth(1).wait_for()


def send_to_review(mara: Any) -> None:
    go(mara, "Library")
    mara.get_by_role("link", name="All work", exact=True).click()
    for tick in mara.get_by_role("checkbox", name=re.compile("^Select ")).all():
        tick.check()
    press(mara, "Send to review")
    mara.get_by_label("Message").fill("For the spring launch")
    press(mara, "Send 2 to review")
    read(mara, "Waiting for a decision")


def decide_on_images(ravi: Any) -> None:
    """Ravi approves one and asks for changes on the other, without a mouse."""
    go(ravi, "Review")
    read(ravi, "For the spring launch")
    ravi.keyboard.press("a")
    ravi.locator("#result", has_text="approved").wait_for()
    ravi.keyboard.press("c")
    ravi.locator("#no-request_changes[open]").wait_for()
    ravi.keyboard.press("2")
    dialog = ravi.get_by_role("dialog")
    dialog.get_by_label("In your words").press_sequentially(WISH)
    dialog.get_by_role("button", name="Ask for changes").press("Enter")
    ravi.locator("main", has_text="Nothing waits for you").wait_for()
    read(ravi, WISH)


def make_creatives(mara: Any) -> None:
    """Mara reads the answers, and places the approved picture in three formats."""
    go(mara, "Home")
    read(mara, "changes requested")
    go(mara, "Library")
    assert mara.locator("figure.tile").count() == 1
    mara.locator("figure.tile a").click()
    follow(mara.get_by_role("link", name="Use in a template"))
    card = mara.locator(".templates li", has=mara.get_by_role("link", name=TEMPLATE))
    follow(card.get_by_role("link", name="Use it"))
    mara.get_by_role("heading", name=TEMPLATE).wait_for()
    for name in set(DESIGN.formats) - set(FORMATS):
        mara.locator(f"[name=formats][value={name}]").uncheck(force=True)
    with mara.expect_response(shows_the_button) as drawn:
        for slot, words in COPY.items():
            mara.locator(f"[name=t-{slot}]").fill(words)
    assert drawn.value.ok
    press(mara, "Make 3 creatives")
    mara.locator("#grid .shot img").nth(2).wait_for()
    press(mara, "Send 3 to review")
    read(mara, "3 sent to review")


def shows_the_button(response: Any) -> bool:
    """Whether a preview was drawn with the last of the copy."""
    asked = response.request.post_data or ""
    return "/look/" in response.url and "t-cta=" in asked


def approve_creatives(ravi: Any) -> None:
    go(ravi, "Review")
    for _ in range(3):
        title = ravi.locator(".about h1").inner_text()
        ravi.keyboard.press("a")
        ravi.get_by_text(f"“{title}” approved").or_(
            ravi.get_by_text("Nothing waits for you")
        ).first.wait_for()
    ravi.locator("main", has_text="Nothing waits for you").wait_for()


def export(mara: Any) -> None:
    mara.reload()
    follow(mara.get_by_role("link", name="Export 3 approved"))
    mara.get_by_text(DESTINATION, exact=True).first.click()
    press(mara, "Export 3 files")
    read(mara, "3 of 3 delivered")
    mara.locator("summary", has_text="Receipt").first.click()
    sent, back = (
        mara.locator("details[open] dl dt", has_text=label).locator("+ dd").inner_text()
        for label in ("SHA-256 sent", "Read back")
    )
    assert sent == back


def change_the_brand(bea: Any) -> None:
    """Bea publishes a second brand kit and a second version of a preset."""
    go(bea, "Brand kit")
    press(bea, "Change the brand kit")
    bea.get_by_role("link", name="Change Apricot").click()
    bea.locator("[name=hex]").fill("#f2a65a")
    press(bea, "Keep in the draft")
    bea.locator("summary", has_text="Publish version 2").click()
    bea.locator("[name=note]").fill("A warmer apricot")
    bea.get_by_role("button", name="Publish", exact=True).click()
    read(bea, "Brand kit version 2")
    read(bea, "#f2a65a")

    go(bea, "Presets")
    bea.get_by_role("link", name=STORY_PRESET, exact=True).click()
    press(bea, "Change it")
    bea.get_by_label("Description").fill("A calm ground for a headline")
    press(bea, "Save and publish")
    read(bea, f"{STORY_PRESET} version 2 is published")


def ask_for_proof(lena: Any) -> None:
    """Lena reads who approved what, verifies the chain and takes the rows home."""
    go(lena, "Audit")
    lena.get_by_label("Action").fill("review.approved")
    press(lena, "Filter")
    rows = lena.locator("tbody tr")
    lena.get_by_role("link", name="Clear").wait_for()
    assert rows.count() == 4
    assert all("Ravi" in words for words in rows.all_inner_texts())
    read(lena, "Chain verified")
    with lena.expect_download() as saved:
        lena.get_by_role("link", name="JSON Lines").click()
    lines = Path(saved.value.path()).read_text(encoding="utf-8").splitlines()
    assert {json.loads(line)["actor_name"] for line in lines} == {"Ravi"}


def run_the_installation(ari: Any, newcomer: Any) -> None:
    """Ari looks after the workers and lets somebody in, who sets a password."""
    go(ari, "Admin")
    ari.get_by_role("heading", name="Workers").wait_for()
    assert ari.get_by_text("Waits for work").count() >= 1
    ari.get_by_role("link", name="All jobs").click()
    assert ari.locator("tbody tr").count() >= 5
    go(ari, "People")
    ari.get_by_role("link", name="Invite").click()
    ari.get_by_label("Name").fill("Noor")
    ari.get_by_label("E-mail").fill("noor@northwind.example")
    ari.get_by_text("Reviewer", exact=True).first.click()
    press(ari, "Invite")
    link = ari.get_by_label("Link to set a password").input_value()

    newcomer.open(urlsplit(link).path)
    page = newcomer.page
    for field in page.locator("input[type=password]").all():
        field.fill("the-north-wind-blows")
    press(page, "Save and go on to sign-in")
    page.get_by_role("link", name="Sign in").click()
    page.get_by_label("E-mail").fill("noor@northwind.example")
    page.get_by_label("Password").fill("the-north-wind-blows")
    press(page, "Sign in")
    page.get_by_role("heading", name="Home", exact=True).wait_for()


class TestStory:
    def test_leads_from_a_preset_to_files_in_the_dam(self, office: Office) -> None:
        mara, ravi = office.sign_in("Mara"), office.sign_in("Ravi")

        sketch_and_finish(mara)
        send_to_review(mara)
        decide_on_images(ravi)
        make_creatives(mara)
        approve_creatives(ravi)
        export(mara)
        change_the_brand(office.sign_in("Bea"))
        ask_for_proof(office.sign_in("Lena"))
        run_the_installation(office.sign_in("Ari"), office.seat())

        (folder,) = {path.parent for path in office.exports.rglob("_COMPLETE.json")}
        proof = subprocess.run(
            ["sha256sum", "--check", "--strict", "sha256sums.txt"],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert len(list(office.exports.rglob("*.jpg"))) == 3
        assert proof.returncode == 0, proof.stderr
        assert office.troubles == []
