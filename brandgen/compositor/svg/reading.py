"""Read what is on a drawing into leaves and branches, in pixels."""

from collections.abc import Mapping, Sequence
from xml.etree.ElementTree import Element

from brandgen.compositor.svg.clips import Clips
from brandgen.compositor.svg.css import Sheet, local
from brandgen.compositor.svg.effects import Effects
from brandgen.compositor.svg.images import Images
from brandgen.compositor.svg.nodes import Anchors, Branch, Leaf, Node
from brandgen.compositor.svg.notes import Notes, UnreadableError
from brandgen.compositor.svg.paints import Paints
from brandgen.compositor.svg.parsing import Paper, label_of
from brandgen.compositor.svg.scopes import Scope
from brandgen.compositor.svg.shapes import Percent, Shapes
from brandgen.compositor.svg.texts import Texts
from brandgen.compositor.svg.walking import Walker

ANCHORS = ("start", "center", "end", "both", "scale")


class Reader(Walker[Node]):
    """Reads the elements of one drawing."""

    def __init__(
        self,
        *,
        paper: Paper,
        by_id: Mapping[str, Element],
        sheet: Sheet,
        texts: Texts,
        paints: Paints,
        notes: Notes,
        percent: Percent,
    ) -> None:
        super().__init__(view=paper.view, by_id=by_id, sheet=sheet)
        self._paper, self._texts, self._paints, self._notes = (
            paper,
            texts,
            paints,
            notes,
        )
        self._shapes = Shapes(paints, notes, percent)
        self._images = Images(
            by_id=by_id, view=paper.view, notes=notes, percent=percent
        )
        self._effects = Effects(
            paper=paper, clips=Clips(by_id, sheet, notes), notes=notes, percent=percent
        )

    def read(self, root: Element) -> list[Node]:
        """Give what is drawn, from back to front.

        Raises:
            SvgError: it is more than can be read.
        """
        return self.walk(root, self._paper.matrix)

    def miss(self, name: str, error: UnreadableError) -> None:
        """Say what is left out."""
        self._notes.add(name, f"It is left out: {error}", "Draw it anew.")

    def hide(self, name: str) -> None:
        """Say what is left out because it is hidden."""
        self._notes.add(name, "It is hidden, and left out.", "Show it to import it.")

    def group(
        self, element: Element, found: list[Node], scope: Scope, tag: str
    ) -> list[Node]:
        """Make a group where it has a name, or an effect upon the whole."""
        if tag == "a":
            self._notes.add(
                label_of(element) or "a",
                "Its link is left out.",
                "Give PDFs a link when they are rendered.",
            )
        grouped = self._effects.group(element, found, scope, tag)
        if len(grouped) == 1 and isinstance(grouped[0], Branch):
            grouped[0].anchors = _anchors_of(element)
        return grouped

    def leaf(self, element: Element, tag: str, name: str, scope: Scope) -> list[Node]:
        """Make layers of a shape, a text or a picture."""
        leaves = self._leaves(element, tag, name, scope)
        for leaf in leaves:
            leaf.anchors = _anchors_of(element)
        found = [
            node
            for leaf in leaves
            for node in self._effects.finish(leaf, scope, element)
        ]
        for node in found:
            node.anchors = _anchors_of(element)
        return found

    def _leaves(
        self, element: Element, tag: str, name: str, scope: Scope
    ) -> Sequence[Leaf]:
        if tag == "text":
            return self._texts.read(element, scope.style, scope.matrix, name)
        if tag == "image":
            return [self._images.read(element, element, scope.matrix, name)]
        pattern = self._paints.referred(scope.style)
        if pattern is not None and local(pattern.tag) == "pattern":
            picture = self._images.find_in(pattern)
            if picture is not None:
                return [self._images.read(element, picture, scope.matrix, name)]
        view = self._paper.view
        leaf = self._shapes.read(element, scope.style, scope.matrix, name, view)
        return [leaf] if leaf else []


def _anchors_of(element: Element) -> Anchors:
    """Give where an element is held when the format changes, as its maker says."""
    x, y = (element.get(f"data-anchor-{axis}", "") for axis in "xy")
    return (x if x in ANCHORS else ""), (y if y in ANCHORS else "")
