"""Where layers lie: lengths, the anchors of an axis, and sizes in a stack."""

import re
from dataclasses import dataclass
from typing import Any, Literal, Self

from brandgen.compositor.names import Align, Fraction, Name
from brandgen.compositor.strict import DataError, show


@dataclass(frozen=True)
class Length:
    """A length in pixels of the format, or in percent of its short side."""

    value: float
    is_percent: bool = False

    PATTERN = r"-?\d{1,4}(\.\d{1,3})?%"

    @classmethod
    def read_json(cls, value: object, pointer: str) -> Self:
        """Read a number of pixels, or a text such as "4.5%".

        Raises:
            DataError: it is neither.
        """
        if isinstance(value, str) and re.fullmatch(cls.PATTERN, value, re.ASCII):
            return cls(float(value[:-1]), is_percent=True)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise DataError(
                pointer, f'{show(value)} is not a length. Write 24 (pixels) or "4.5%".'
            )
        if not -16384 <= value <= 16384:
            raise DataError(pointer, f"{show(value)} is beyond 16384 pixels.")
        return cls(float(value))

    @classmethod
    def json_schema(cls) -> dict[str, Any]:
        """Say the same as JSON Schema."""
        return {
            "anyOf": [
                {"type": "number", "minimum": -16384, "maximum": 16384},
                {"type": "string", "pattern": f"^{cls.PATTERN}$"},
            ]
        }

    def write_json(self) -> float | str:
        """Write it as it is read."""
        return f"{self.value:g}%" if self.is_percent else self.value

    def pixels(self, short_side_px: int) -> float:
        """Give the length in pixels."""
        return self.value * short_side_px / 100 if self.is_percent else self.value


ZERO = Length(0)


@dataclass(frozen=True)
class Extent(Length):
    """A length, or "hug" for as long as the content, or "fill" for what is left."""

    word: str = ""

    @classmethod
    def read_json(cls, value: object, pointer: str) -> Self:
        """Read a length or one of the two words.

        Raises:
            DataError: it is neither.
        """
        if isinstance(value, str) and value in ("hug", "fill"):
            return cls(0, word=value)
        return super().read_json(value, pointer)

    @classmethod
    def json_schema(cls) -> dict[str, Any]:
        """Say the same as JSON Schema."""
        return {"anyOf": [*super().json_schema()["anyOf"], {"enum": ["hug", "fill"]}]}

    def write_json(self) -> float | str:
        """Write it as it is read."""
        return self.word or super().write_json()


@dataclass(frozen=True)
class Pinned:
    """A fixed size, held to the start, center or end of an axis."""

    anchor: Align
    size: Length
    offset: Length = ZERO


@dataclass(frozen=True)
class Stretched:
    """Held to both ends of an axis with a distance to each."""

    anchor: Literal["both"]
    start: Length = ZERO
    end: Length = ZERO


@dataclass(frozen=True)
class Scaled:
    """A share of the axis: from `start`, `size` long, both 0 to 1."""

    anchor: Literal["scale"]
    start: Fraction
    size: Fraction


@dataclass(frozen=True)
class Attached:
    """Set after, before or along another layer's box, a text's being its lines'.

    Without a `size`: after and before reach to the edge, along is as long as the other.
    What is attached to a layer that does not show stands where that would begin.
    """

    anchor: Literal["after", "before", "along"]
    to: Name
    gap: Length = ZERO
    size: Length | None = None
    align: Align = "start"


Axis = Pinned | Stretched | Scaled | Attached


@dataclass(frozen=True)
class Box:
    """Where a layer lies in the format, or in its group."""

    x: Pinned | Stretched | Scaled | Attached
    y: Pinned | Stretched | Scaled | Attached


@dataclass(frozen=True)
class Size:
    """How large a child of a stack is; what is left out is hugged or filled.

    `before` is the room before it, in place of the stack's gap.
    """

    width: Extent | None = None
    height: Extent | None = None
    before: Length | None = None
