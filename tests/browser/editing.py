"""The template editor in a browser: open it, wait for it, act as designers do."""

from collections.abc import Callable
from typing import Any

from brandgen.creatives.models import TemplateVersion
from tests.browser.conftest import Visitor
from tests.factories import make_layout_kit, make_manager, make_template_version

Visit = Callable[..., Visitor]
DRAWN = "() => document.querySelector('[data-editor]').dataset.drawn === 'now'"
SAVED = """() => /^(Saved|Read only)/.test(
    document.querySelector('[data-part=saved]').textContent)"""


def open_editor(
    visit: Visit, person: Any = None, query: str = "", **options: Any
) -> Visitor:
    if not TemplateVersion.objects.exists():
        make_layout_kit()
        make_template_version(published_at=None)
    version = TemplateVersion.objects.latest("id")
    visitor = visit(person or make_manager(), **options)
    page = visitor.open(f"/b/northwind/templates/{version.template_id}/edit{query}")
    page.wait_for_selector(".ed-sheet img[src]")
    settle(page)
    return visitor


def settle(page: Any) -> None:
    """Wait until what is shown is what is being changed, and is saved."""
    page.wait_for_function(DRAWN)
    page.wait_for_function(SAVED)


def document() -> dict[str, Any]:
    found: dict[str, Any] = TemplateVersion.objects.latest("id").document
    return found


def layer(name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(
        one for one in document()["layers"] if one["id"] == name
    )
    return found


def choose(page: Any, name: str) -> None:
    page.locator(".ed-row", has_text=name).first.click()


def drag(
    page: Any, start: tuple[float, float], by: tuple[float, float], *, steps: int = 8
) -> None:
    """Drag from a point of the page of the format by so many of its pixels."""
    box = page.locator(".ed-sheet").bounding_box()
    zoom = box["width"] / 1080
    x, y = box["x"] + start[0] * zoom, box["y"] + start[1] * zoom
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + by[0] * zoom, y + by[1] * zoom, steps=steps)
    page.mouse.up()


def panel_field(page: Any, name: str) -> Any:
    """Return a field of the chosen layer's panel."""
    return page.locator("[data-part=panel]").locator(f'[data-field="{name}"]')


def number(page: Any, name: str) -> float:
    return float(panel_field(page, f"rect/{name}").input_value())
