"""Check the pages of a template document, and which layers stand on them."""

from collections.abc import Iterator, Sequence

from brandgen.compositor.boxes import Attached
from brandgen.compositor.document import Document
from brandgen.compositor.layers import Layer, each_layer
from brandgen.compositor.strict import DataError, name_nearest


def check_pages(document: Document) -> None:
    """Check the names of pages, and what else has the name that bindings use.

    Raises:
        DataError: points at what can't be.
    """
    if not document.pages:
        return
    names = [page.name for page in document.pages]
    for index, name in enumerate(names):
        if name in names[:index]:
            raise DataError(
                f"/pages/{index}/name", f"{name!r} is the name of two pages."
            )
    if document.motion:
        raise DataError(
            "/motion", "a document with pages can't move. Take 'motion' or 'pages' out."
        )
    for part in ("slots", "data"):
        if "page" in getattr(document, part):
            raise DataError(
                f"/{part}/page",
                "in a document with pages 'page' is what bindings call the page.",
            )


def check_standing(document: Document, layers: Sequence[Layer]) -> None:
    """Check that one layout's layers stand on pages that are there, and none is bare.

    Raises:
        DataError: points at what can't be.
    """
    names = [page.name for page in document.pages]
    for pointer, layer, parent in each_layer(layers):
        for index, name in enumerate(layer.pages):
            place = f"{pointer}/pages/{index}"
            if parent is not None:
                raise DataError(
                    f"{pointer}/pages",
                    f"it stands where {parent.id!r} does. Set the pages there.",
                )
            if not names:
                raise DataError(place, "the document has no 'pages'.")
            if name not in names:
                hint = name_nearest(name, names)
                raise DataError(place, f"no page is called {name!r}. {hint}")
            if name in layer.pages[:index]:
                raise DataError(place, f"{name!r} stands twice in the list.")
    for pointer, layer, other in _attached(layers):
        missing = set(layer.pages or names) - set(other.pages or names)
        if missing:
            page = next(name for name in names if name in missing)
            raise DataError(
                pointer, f"on the page {page!r} there is no {other.id!r} beside it."
            )
    for index, name in enumerate(names):
        if not any(not layer.pages or name in layer.pages for layer in layers):
            raise DataError(f"/pages/{index}", f"no layer stands on {name!r}.")


def _attached(layers: Sequence[Layer]) -> Iterator[tuple[str, Layer, Layer]]:
    """Yield the layers of the first level that hold on to others, with those.

    What is inside a stack stands on the pages that the stack stands on.
    """
    holders = {
        inner.id: layer for layer in layers for _, inner, _ in each_layer((layer,))
    }
    for index, layer in enumerate(layers):
        for axis in ("x", "y"):
            held = getattr(layer.box, axis, None)
            if isinstance(held, Attached):
                yield f"/layers/{index}/box/{axis}/to", layer, holders[held.to]
