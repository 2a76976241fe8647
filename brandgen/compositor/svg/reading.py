"""Read what is on a drawing into leaves and branches, in pixels."""

from collections.abc import Mapping, Sequence
from xml.etree.ElementTree import Element

from brandgen.compositor.svg.clips import Clips
from brandgen.compositor.svg.css import Sheet, local
from brandgen.compositor.svg.effects import Effects
from brandgen.compositor.svg.images import Images
from brandgen.compositor.svg.nodes import Leaf, Node
from brandgen.compositor.svg.notes import Notes, UnreadableError
from brandgen.compositor.svg.paints import Paints
from brandgen.compositor.svg.parsing import Paper, label_of
from brandgen.compositor.svg.scopes import Scope
from brandgen.compositor.svg.shapes import Percent, Shapes
from brandgen.compositor.svg.texts import Texts
from brandgen.compositor.svg.walking import Walker


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
        return self._effects.group(element, found, scope, tag)

    def leaf(self, element: Element, tag: str, name: str, scope: Scope) -> list[Node]:
        """Make layers of a shape, a text or a picture."""
        return [
            node
            for leaf in self._leaves(element, tag, name, scope)
            for node in self._effects.finish(leaf, scope, element)
        ]

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
