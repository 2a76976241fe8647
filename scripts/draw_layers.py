"""Draw the pictures of `docs/reference/templates.md`: one for each example document.

``.venv/bin/python scripts/draw_layers.py`` renders every `docs/reference/layers/*.json`
with the demo brand into a WebP beside it.
"""

from pathlib import Path

from brandgen.compositor import (
    Encoding,
    ImageSource,
    Rendered,
    load_document,
    render_creative,
)
from brandgen.compositor.document import TextSlot
from brandgen.compositor.examples.northwind import northwind_style
from brandgen.compositor.examples.scene import SUN, draw_scene

LAYERS = Path(__file__).resolve().parents[1] / "docs" / "reference" / "layers"
PICTURE = Encoding("webp", 84)


def main() -> None:
    """Draw every example."""
    for path in sorted(LAYERS.glob("*.json")):
        rendered = render_example(path)
        path.with_suffix(".webp").write_bytes(rendered.data)


def render_example(path: Path, encoding: Encoding = PICTURE) -> Rendered:
    """Render an example in its first locale, its slots filled with their examples."""
    document = load_document(path.read_bytes())
    texts = {
        name: slot.example
        for name, slot in document.slots.items()
        if isinstance(slot, TextSlot)
    }
    picture = ImageSource(draw_scene(), focal=SUN, is_ai_made=True)
    return render_creative(
        document,
        format=next(iter(document.formats)),
        modifications=texts,
        images={name: picture for name in document.slots if name not in texts},
        brand=northwind_style(),
        encoding=encoding,
        locale=next(iter(document.locales), ""),
    )


if __name__ == "__main__":
    main()
