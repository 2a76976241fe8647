"""Where a picture lies on the larger ground that it is extended to."""

from dataclasses import dataclass

from brandgen.engine.framing import Fit

FURTHEST_PX = 1024
"""By how much a side is extended at most."""

Part = tuple[float, float, float, float]
"""Left, top, right and bottom of a part of a picture, as shares of it."""
WHOLE: Part = (0.0, 0.0, 1.0, 1.0)


@dataclass(frozen=True)
class Extension:
    """A picture as the model sees it, and the new ground on each side of it in px."""

    fit: Fit
    left: int = 0
    top: int = 0
    right: int = 0
    bottom: int = 0

    @property
    def sides(self) -> dict[str, int]:
        """By how much each side grows, by name."""
        names = ("left", "top", "right", "bottom")
        return {name: getattr(self, name) for name in names}

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the extended picture in px."""
        return (
            self.left + self.fit.width_px + self.right,
            self.top + self.fit.height_px + self.bottom,
        )

    @property
    def kept(self) -> Part:
        """The part of the extended picture that was there before."""
        width, height = self.size
        return (
            self.left / width,
            self.top / height,
            1 - self.right / width,
            1 - self.bottom / height,
        )

    def find_focal(
        self, focal: tuple[float, float], *, of: tuple[int, int]
    ) -> tuple[float, float]:
        """Say which point of the extended picture a crop must keep.

        Along an axis that is extended it is the middle of what was there before: so no
        crop that has room for all of it cuts it for the sake of new ground. Along the
        other axis it stays where it was in the picture, which had the size `of`.
        """
        x = _inside(focal[0] * of[0], self.fit.left, self.fit.right)
        y = _inside(focal[1] * of[1], self.fit.top, self.fit.bottom)
        left, top, right, bottom = self.kept
        return (
            (left + right) / 2 if self.left or self.right else x,
            (top + bottom) / 2 if self.top or self.bottom else y,
        )

    def kept_share(self, *, of: tuple[int, int]) -> float:
        """Say how much of the picture the model sees, which had the size `of`."""
        fit = self.fit
        return (fit.right - fit.left) * (fit.bottom - fit.top) / (of[0] * of[1])


def _inside(at: float, start: int, end: int) -> float:
    """Return where a point lies between two others, from 0 to 1."""
    return min(max((at - start) / (end - start), 0.0), 1.0)
