"""What holds where an element of a drawing stands."""

from dataclasses import dataclass

from brandgen.compositor.svg.css import Style
from brandgen.compositor.svg.geometry import Matrix


@dataclass(frozen=True)
class Scope:
    """An element's style, its matrix, and what was used on the way to it."""

    style: Style
    matrix: Matrix
    used: tuple[str, ...] = ()
