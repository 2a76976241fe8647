"""How a preset asks the engine: size, steps and guidance, each within its range."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from brandgen.engine.errors import InvalidRequestError
from brandgen.engine.requests import check_range, check_side

# Width and height in units of the shorter side's ratio; sides become multiples of 128.
SHAPES: tuple[tuple[str, int, int], ...] = (
    ("Square", 256, 256),
    ("Square", 512, 512),
    ("Landscape", 640, 512),
    ("Wide", 768, 512),
    ("Portrait", 512, 640),
    ("Tall", 512, 768),
    ("Square", 1024, 1024),
    ("Landscape", 1280, 1024),
    ("Wide", 1536, 1024),
    ("Portrait", 1024, 1280),
    ("Tall", 1024, 1536),
)


class EngineSettingsError(Exception):
    """Engine settings that no engine takes. The message is fit to show."""


@dataclass(frozen=True)
class EngineSettings:
    """What a preset asks of the engine. The defaults suit the miniature."""

    width_px: int = 512
    height_px: int = 512
    prior_steps: int = 20
    prior_guidance_scale: float = 3.0
    decoder_steps: int = 10
    decoder_guidance_scale: float = 0.0

    def __post_init__(self) -> None:
        try:
            check_side("width", self.width_px)
            check_side("height", self.height_px)
            check_range("prior steps", self.prior_steps, 1, 100)
            check_range("prior guidance scale", self.prior_guidance_scale, 0, 20)
            check_range("decoder steps", self.decoder_steps, 1, 100)
            check_range("decoder guidance scale", self.decoder_guidance_scale, 0, 20)
        except (InvalidRequestError, TypeError) as error:
            raise EngineSettingsError(str(error)) from error

    def as_json(self) -> dict[str, Any]:
        """Return what a preset version keeps."""
        return asdict(self)


def read_engine_settings(data: Mapping[str, Any]) -> EngineSettings:
    """Read the settings that a preset version keeps; what it leaves out is a default.

    Raises:
        EngineSettingsError: an unknown name, or a value outside its range.
    """
    known = {field.name for field in fields(EngineSettings)}
    if unknown := sorted(data.keys() - known):
        raise EngineSettingsError(
            f"There is no engine setting {unknown[0]!r}. Settings: "
            f"{', '.join(sorted(known))}."
        )
    return EngineSettings(**data)


def size_choices() -> list[tuple[str, str]]:
    """List the sizes to pick from: value and words."""
    return [
        (f"{width}x{height}", f"{name}, {width} × {height}")
        for name, width, height in SHAPES
    ]


def read_size(text: str) -> tuple[int, int]:
    """Read "512x640" as width and height in px.

    Raises:
        EngineSettingsError: not two sides that the model can draw.
    """
    width, _, height = text.partition("x")
    try:
        sides = int(width), int(height)
        check_side("width", sides[0])
        check_side("height", sides[1])
    except ValueError as error:
        raise EngineSettingsError(
            f"The size is {text[:20]!r}. Write it as 512x640."
        ) from error
    except InvalidRequestError as error:
        raise EngineSettingsError(str(error)) from error
    return sides
