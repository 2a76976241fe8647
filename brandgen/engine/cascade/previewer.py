"""Draws image embeddings with the small network that Stable Cascade was published with.

It reads 16 channels of 24 x 24 cells and draws 192 x 192 pixels, with no look at the
prompt: sharper than a linear map, and still far from the decoder's picture.
Source of the shape and of the names: `modules/previewer.py` of the official repository.
"""

from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import nn

from brandgen.engine.errors import WeightsError
from brandgen.engine.previews import enlarge
from brandgen.engine.requests import Pixels
from brandgen.engine.tensor_file import Floats

CHANNELS = 16
WIDTH = 512
"""Channels inside the published network, at the size of the image embeddings."""
UNUSED = "num_batches_tracked"
"""Counts the batches of a training: a file may leave it out."""


class PreviewNetwork(nn.Module):
    """Doubles the sides three times; computes in float32, as it is small."""

    def __init__(self, width: int = WIDTH) -> None:
        super().__init__()
        half, quarter = width // 2, width // 4
        bent: list[tuple[nn.Module, int]] = [
            (nn.Conv2d(CHANNELS, width, 1), width),
            (nn.Conv2d(width, width, 3, padding=1), width),
            (nn.ConvTranspose2d(width, half, 2, 2), half),
            (nn.Conv2d(half, half, 3, padding=1), half),
            (nn.ConvTranspose2d(half, quarter, 2, 2), quarter),
            (nn.Conv2d(quarter, quarter, 3, padding=1), quarter),
            (nn.ConvTranspose2d(quarter, quarter, 2, 2), quarter),
            (nn.Conv2d(quarter, quarter, 3, padding=1), quarter),
        ]
        layers: list[nn.Module] = []
        for layer, channels in bent:
            layers += [layer, nn.GELU(), nn.BatchNorm2d(channels)]
        self.blocks = nn.Sequential(*layers, nn.Conv2d(quarter, 3, 1))

    def forward(self, embeddings: torch.Tensor) -> torch.Tensor:
        """Turn (n, 16, rows, columns) into sRGB, about 0 to 1, of 8 times the sides."""
        colors: torch.Tensor = self.blocks(embeddings)
        return colors

    def draw(self, embeddings: Floats) -> Pixels:
        """Draw embeddings of shape (16, rows, columns), as large as any preview."""
        device = next(self.parameters()).device
        with torch.inference_mode():
            colors = self(torch.tensor(embeddings[None], device=device))[0]
        small = (colors.clamp(0, 1) * 255).round().byte().permute(1, 2, 0)
        return enlarge(small.cpu().numpy())


def load_preview_network(
    path: Path, shapes: Mapping[str, tuple[int, ...]]
) -> PreviewNetwork:
    """Load a network whose header says that it has tensors of these shapes.

    Raises:
        WeightsError: it is no previewer, or holds values that are no numbers.
    """
    width = check_shapes(path, shapes)
    network = PreviewNetwork(width)
    try:
        state = load_file(path)
    except (OSError, ValueError, SafetensorError) as error:
        raise refuse(path, f"it can't be read ({error})") from error
    if broken := [name for name, each in state.items() if not each.isfinite().all()]:
        raise refuse(path, f"{broken[0]} holds values that are no numbers")
    network.load_state_dict(state, strict=False)
    return network.eval().requires_grad_(requires_grad=False)


def check_shapes(path: Path, shapes: Mapping[str, tuple[int, ...]]) -> int:
    """Say how wide a network of these tensors is.

    Raises:
        WeightsError: a tensor is missing, unknown or of another shape.
    """
    first = shapes.get("blocks.0.weight", ())
    if len(first) != 4 or first[0] < 4 or first[0] % 4:
        raise refuse(path, f"its blocks.0.weight has the shape {first}")
    with torch.device("meta"):
        expected = PreviewNetwork(first[0]).state_dict()
    for name, tensor in expected.items():
        found = shapes.get(name)
        if found is None and name.endswith(UNUSED):
            continue
        if found is None:
            raise refuse(path, f"it lacks {name}")
        if found != tuple(tensor.shape):
            raise refuse(
                path, f"its {name} has the shape {found}, not {tuple(tensor.shape)}"
            )
    if extra := sorted(shapes.keys() - expected.keys()):
        raise refuse(path, f"it holds {extra[0][:80]!r} beside")
    return first[0]


def refuse(path: Path, reason: str) -> WeightsError:
    """Say why a file is no previewer, and what to do."""
    return WeightsError(
        f"The previewer {path} can't be used: {reason}. Fetch previewer.safetensors of "
        "the official repository again, or remove it: previews need no file."
    )
