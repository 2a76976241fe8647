"""What the parts of a whole picture are painted with: colors and gradients, exactly."""

import math
from collections.abc import Mapping
from xml.etree.ElementTree import Element

from brandgen.compositor.display import Course, Paint, Rect, Stop
from brandgen.compositor.svg.colors import Ink, read_color, read_share, reference_in
from brandgen.compositor.svg.css import Style, local
from brandgen.compositor.svg.geometry import Matrix, read_length
from brandgen.compositor.svg.gradients import Gradients
from brandgen.compositor.svg.notes import UnreadableError

_INSIDE = 0.999
"""How far from its center, in radii, the focus of a radial gradient may lie."""


class Inks:
    """Reads what is painted; what can't be painted just so is refused."""

    def __init__(
        self,
        *,
        by_id: Mapping[str, Element],
        gradients: Gradients,
        view: tuple[float, float],
    ) -> None:
        self._by_id, self._gradients, self._view = by_id, gradients, view

    def paint(
        self, style: Style, which: str, *, matrix: Matrix, box: Rect
    ) -> Paint | None:
        """Give what a fill or a stroke paints with; None where nothing is seen.

        `box` is that of the outline, before the matrix.

        Raises:
            UnreadableError: it is of a kind that is not known, or can't be read.
        """
        text = style.get(which, "#000000" if which == "fill" else "none")
        opacity = read_share(style, f"{which}-opacity")
        if id_ := reference_in(text):
            after = text.partition(")")[2].strip()
            found = self._by_id.get(id_)
            if found is not None:
                return self._gradient(found, opacity, matrix, box)
            if not after:
                raise UnreadableError(f"it is painted with {id_[:40]!r}: not there.")
            text = after
        current = read_color(style.get("color", "#000000"))
        ink = read_color(text, current.color if current else "#000000")
        if ink is None or ink.opacity * opacity <= 0:
            return None
        return Paint((Stop(0, ink.color, ink.opacity * opacity),))

    def _gradient(
        self, element: Element, opacity: float, matrix: Matrix, box: Rect
    ) -> Paint | None:
        kind = local(element.tag)
        if kind not in ("linearGradient", "radialGradient"):
            raise UnreadableError(
                f"it is painted with a {kind[:40]}. Give it a color or a gradient."
            )
        stops = self._gradients.stops(element)
        if not stops or opacity <= 0:
            return None
        if self._attribute(element, "spreadMethod", "pad") != "pad":
            raise UnreadableError("its gradient repeats. Draw it once.")
        is_user = self._attribute(element, "gradientUnits", "") == "userSpaceOnUse"
        if not is_user:
            if box.width <= 0 or box.height <= 0:
                return self._plain(stops[-1][1], opacity)
            matrix = matrix.then(Matrix(box.width, 0, 0, box.height, box.x, box.y))
        turned = self._attribute(element, "gradientTransform", "")
        matrix = matrix.then(Matrix.read(turned))
        read = self._linear if kind == "linearGradient" else self._radial
        course = read(element, matrix, is_user=is_user)
        looks = {(stop[1].color, stop[1].opacity) for stop in stops}
        if course is None or len(looks) == 1:
            return self._plain(stops[-1][1], opacity)
        found = (Stop(at, ink.color, ink.opacity * opacity) for at, ink in stops)
        return Paint(tuple(found), course=course)

    def _plain(self, ink: Ink, opacity: float) -> Paint | None:
        seen = ink.opacity * opacity
        return Paint((Stop(0, ink.color, seen),)) if seen > 0 else None

    def _linear(
        self, element: Element, matrix: Matrix, *, is_user: bool
    ) -> Course | None:
        names = (("x1", "0%"), ("y1", "0%"), ("x2", "100%"), ("y2", "0%"))
        x1, y1, x2, y2 = (self._place(element, *one, is_user) for one in names)
        x, y = x2 - x1, y2 - y1
        if not x and not y:
            return None
        return _course(matrix.then(Matrix(x, y, -y, x, x1, y1)))

    def _radial(
        self, element: Element, matrix: Matrix, *, is_user: bool
    ) -> Course | None:
        names = (("cx", "50%"), ("cy", "50%"), ("r", "50%"), ("fr", "0%"))
        cx, cy, radius, inner = (self._place(element, *one, is_user) for one in names)
        if radius <= 0:
            return None
        if inner:
            raise UnreadableError("its gradient begins with a circle. Draw it anew.")
        x, y = (
            (self._place(element, name, f"{center}", is_user) - center) / radius
            for name, center in (("fx", cx), ("fy", cy))
        )
        far = math.hypot(x, y)
        if far > _INSIDE:
            x, y = x * _INSIDE / far, y * _INSIDE / far
        return _course(matrix.then(Matrix(radius, 0, 0, radius, cx, cy)), (x, y))

    def _place(self, element: Element, name: str, default: str, is_user: bool) -> float:
        value, unit = read_length(self._attribute(element, name, default))
        if unit != "%":
            return value
        wide, tall = self._view if is_user else (1.0, 1.0)
        if name in ("r", "fr"):
            return value / 100 * math.sqrt((wide**2 + tall**2) / 2)
        return value / 100 * (wide if "x" in name else tall)

    def _attribute(self, element: Element, name: str, default: str) -> str:
        return self._gradients.attribute(element, name, default)


def _course(matrix: Matrix, focus: tuple[float, float] | None = None) -> Course | None:
    if abs(matrix.area) < 1e-12:
        return None
    return Course(matrix, focus is not None, focus or (0.0, 0.0))
