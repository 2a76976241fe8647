"""One training of the miniature: its folder, its settings and its parts."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

import torch

from brandgen.engine.miniature import parts, pictures
from brandgen.engine.miniature.networks import SIZES, Size
from brandgen.engine.miniature.pictures import Album, Plan, keep_album
from brandgen.engine.miniature.plans import Amounts, Plans
from brandgen.engine.miniature.tokenizer import load_tokenizer

Stage = Literal["a", "semantic", "text", "joint", "b", "c", "image", "reader"]
STAGES: tuple[Stage, ...] = get_args(Stage)

START_FILE = "start.json"
SHIPPED = Path(__file__).parent / "weights"


class CourseError(Exception):
    """A stage can't be trained yet. The message is fit to show."""


@dataclass(frozen=True)
class Course:
    """One training of the miniature, kept in one folder."""

    folder: Path
    minutes: float
    init_from: Path | None = None
    """A bundle to begin from; None begins from nothing."""
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))
    is_resumed: bool = False
    steps: int | None = None
    """Steps of each stage at most, for trying."""
    seed: int = 7
    size: Size = SIZES["s"]
    """How large what is made new is made; what a bundle has stays as it is."""
    amounts: Amounts = field(default_factory=Amounts)

    @property
    def bundle(self) -> Path:
        """Where the parts lie, each as last trained."""
        return self.folder / "bundle"

    @property
    def before(self) -> Path:
        """Where tokenizer and text encoder lie as they were before this training."""
        return self.folder / "before"

    @property
    def plans(self) -> Plans:
        """Say what is drawn."""
        return Plans(self.amounts, self.seed)

    @property
    def latents(self) -> Path:
        """Where pictures lie as latents of Stage A."""
        return self.folder / "latents.pt"

    @property
    def tokenizer(self) -> Any:
        """Load the tokenizer, which is never trained."""
        return load_tokenizer(self.part("tokenizer"))

    def album(self, plan: Plan) -> Album:
        """Draw what is learned from, or take it up."""
        return keep_album(self.folder / "drawings", plan, self.tokenizer)

    def part(self, name: str) -> Path:
        """Say where a part lies."""
        return self.bundle / name

    def mark_of(self, stage: Stage) -> Path:
        """Say where it is written that a stage is finished."""
        return self.folder / f"{stage}.finished"

    @property
    def parts_at_start(self) -> frozenset[str]:
        """Name the parts that the training began with."""
        return frozenset(read_start(self.folder)["parts"])

    @property
    def is_warm(self) -> bool:
        """Whether it goes on from a bundle that draws, with its own encoder."""
        return self.parts_at_start >= {*parts.DRAWING_PARTS, "semantic_encoder"}


def read_start(folder: Path) -> dict[str, Any]:
    """Read what was written down when a training began: its parts, its minutes.

    Raises:
        CourseError: none began in this folder.
    """
    path = folder / START_FILE
    if not path.is_file():
        raise CourseError(
            f"No training began in {folder}. Leave --resume out, or name its folder "
            "with --out."
        )
    start: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return start


def lay_out(course: Course) -> None:
    """Lay out the folder of a training, unless it was begun before."""
    with pictures.alone(course.folder / ".lock"):
        if course.bundle.is_dir():
            return
        source = course.init_from or SHIPPED
        names = parts.list_parts(source) if course.init_from else parts.KEPT_PARTS
        start = json.dumps({"parts": sorted(names), "minutes": course.minutes})
        (course.folder / START_FILE).write_text(start, encoding="utf-8")
        parts.lay_out_bundle(course.bundle, source, names, before=course.before)


def draw_ahead(course: Course) -> None:
    """Draw what every stage learns from, in the order in which it is needed."""
    lay_out(course)
    for plan in course.plans.list_all():
        course.album(plan)


def load_part(course: Course, name: str, make: Callable[[], Any] | None = None) -> Any:
    """Load a part in float32, or make it new where there is none.

    Raises:
        CourseError: it is not there and can't be made here.
    """
    folder = course.part(name)
    if folder.is_dir():
        return parts.load_network(folder, name)
    if make is None:
        raise CourseError(
            f"There is no {name} in {course.bundle} yet. Train the stages in their "
            f"order: {', '.join(STAGES)}."
        )
    return make()


def keep_part(course: Course, name: str, network: Any) -> None:
    """Put a trained part into the bundle."""
    parts.keep_network(course.bundle, name, network)
