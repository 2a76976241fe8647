"""How a preset asks the engine: size, steps and guidance, each within its range."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any
from uuid import UUID

from brandgen.engine.errors import InvalidRequestError
from brandgen.engine.requests import (
    MOST_ADAPTERS,
    MOST_REFERENCES,
    check_count,
    check_range,
    check_side,
)

SCHEDULES = {"even": "Even", "tuned": "Tuned, 29 steps"}


class EngineSettingsError(Exception):
    """Engine settings that no engine takes. The message is fit to show."""


@dataclass(frozen=True)
class AdapterChoice:
    """A LoRA of the registry of models, and how much of it."""

    name: str
    """Its key in the registry."""
    scale: float = 1.0


@dataclass(frozen=True)
class AnchorChoice:
    """A picture of the library that the brand pins, and its weight."""

    asset_id: str
    weight: float = 1.0


@dataclass(frozen=True)
class EngineSettings:
    """What a preset asks of the engine. The defaults suit the miniature."""

    width_px: int = 512
    height_px: int = 512
    prior_steps: int = 20
    prior_guidance_scale: float = 3.0
    guidance_until: float = 1.0
    """The share of the prior's steps that are guided; the others cost half."""
    schedule: str = "even"
    decoder_steps: int = 10
    decoder_guidance_scale: float = 0.0
    palette_strength: float = 0.0
    """How strongly colors are pulled to the brand's palette; 0 is not at all."""
    adapters: tuple[AdapterChoice, ...] = ()
    anchors: tuple[AnchorChoice, ...] = ()
    """References where a marketer gives none."""

    def __post_init__(self) -> None:
        try:
            self._check()
        except (InvalidRequestError, TypeError, ValueError) as error:
            raise EngineSettingsError(str(error)) from error

    def _check(self) -> None:
        check_side("width", self.width_px)
        check_side("height", self.height_px)
        check_range("prior steps", self.prior_steps, 1, 100)
        check_range("prior guidance scale", self.prior_guidance_scale, 0, 20)
        check_range("guided share of the steps", self.guidance_until, 0, 1)
        if self.schedule not in SCHEDULES:
            raise InvalidRequestError(
                f"The schedule is {self.schedule!r}. Use {' or '.join(SCHEDULES)}."
            )
        check_range("decoder steps", self.decoder_steps, 1, 100)
        check_range("decoder guidance scale", self.decoder_guidance_scale, 0, 20)
        check_range("palette strength", self.palette_strength, 0, 1)
        check_count("adapters", len(self.adapters), MOST_ADAPTERS)
        check_count("references", len(self.anchors), MOST_REFERENCES)
        for adapter in self.adapters:
            check_range(f"scale of {adapter.name}", adapter.scale, -2, 2)
        for anchor in self.anchors:
            UUID(anchor.asset_id)
            check_range("weight of a reference", anchor.weight, 0, 10)

    @property
    def step_count(self) -> int:
        """How many steps the prior takes: the tuned schedule has its own number."""
        return 29 if self.schedule == "tuned" else self.prior_steps

    def as_json(self) -> dict[str, Any]:
        """Return what a preset version keeps."""
        return asdict(self)

    def sampling(self) -> dict[str, Any]:
        """Return sizes, steps and guidance: what a generation has columns for."""
        return {
            name: value
            for name, value in asdict(self).items()
            if name not in {"palette_strength", "adapters", "anchors"}
        }


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
    read = dict(data)
    for name, kind in (("adapters", AdapterChoice), ("anchors", AnchorChoice)):
        if name in read:
            read[name] = _read_rows(name, kind, read[name])
    return EngineSettings(**read)


def _read_rows(name: str, kind: type, rows: Sequence[Any]) -> tuple[Any, ...]:
    """Read a list of settings.

    Raises:
        EngineSettingsError: it is none, or a row has other names.
    """
    try:
        return tuple(kind(**row) for row in rows)
    except TypeError as error:
        raise EngineSettingsError(
            f"The {name} can't be read: {error}. Save the preset again."
        ) from error


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
