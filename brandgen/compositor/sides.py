"""Lengths on the four sides of a page: its bleed, and the margin around it."""

from collections.abc import Mapping
from dataclasses import astuple, dataclass
from typing import Annotated, Any, Self

from brandgen.compositor.strict import (
    DataError,
    Limit,
    read,
    read_object,
    schema_of_object,
    write,
)

MOST_MM = 20.0
Length = Annotated[float, Limit(0, MOST_MM)]


@dataclass(frozen=True)
class Sides:
    """A length on each side; as JSON one number where all are equal."""

    top: Length = 0
    right: Length = 0
    bottom: Length = 0
    left: Length = 0

    @classmethod
    def of(cls, value: "float | Sides | None") -> "Sides":
        """Take one length for all sides, or those of each; none is zero."""
        if isinstance(value, Sides):
            return value
        return cls(*[value or 0.0] * 4)

    @classmethod
    def read_json(cls, value: object, pointer: str) -> Self:
        """Read a number for all sides, or an object of sides.

        Raises:
            DataError: it is neither, or too large.
        """
        if isinstance(value, Mapping):
            found: Self = read_object(cls, value, pointer)
            return found
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise DataError(pointer, "a number, or an object of sides, is needed here.")
        return cls(*[read(Length, value, pointer)] * 4)

    @classmethod
    def json_schema(cls, defs: dict[str, Any]) -> dict[str, Any]:
        """Say the same as JSON Schema."""
        number = {"type": "number", "minimum": 0, "maximum": MOST_MM}
        return {"anyOf": [number, schema_of_object(cls, defs)]}

    def write_json(self) -> Any:
        """Write the shortest that reads as this."""
        if self.is_even:
            return self.top
        sides = {"top": self.top, "right": self.right}
        sides |= {"bottom": self.bottom, "left": self.left}
        return {name: write(length) for name, length in sides.items() if length}

    def __bool__(self) -> bool:
        return any(astuple(self))

    @property
    def is_even(self) -> bool:
        """Whether all sides have the same."""
        return len(set(astuple(self))) == 1

    @property
    def most(self) -> float:
        """The largest of the four."""
        return float(max(astuple(self)))

    def times(self, factor: float) -> "Sides":
        """Give all sides in another unit."""
        return Sides(*(length * factor for length in astuple(self)))

    def at_least(self, length: float) -> "Sides":
        """Give sides none of which is shorter than this."""
        return Sides(*(max(length, own) for own in astuple(self)))

    def plus(self, length: float) -> "Sides":
        """Give all sides this much longer."""
        return Sides(*(own + length for own in astuple(self)))

    def minus(self, other: "Sides") -> "Sides":
        """Give what is left of each side."""
        pairs = zip(astuple(self), astuple(other), strict=True)
        return Sides(*(own - less for own, less in pairs))

    def __str__(self) -> str:
        if self.is_even:
            return f"{self.top:g} mm"
        return " ".join(f"{length:g}" for length in astuple(self)) + " mm"


NO_SIDES = Sides()
