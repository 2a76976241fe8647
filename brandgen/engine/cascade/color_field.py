"""Reads the colors of latents and moves them, on the device, with no network."""

import torch

from brandgen.engine.color_map import ColorMap
from brandgen.lib import colors as lib_colors


class ColorField:
    """The colors of a few hundred cells, as a linear map sees them.

    Computes in float32 whatever the latents are; waits for nothing on a GPU.
    """

    def __init__(self, color_map: ColorMap, device: torch.device) -> None:
        self.device = device
        self.factors = self.tensor(color_map.factors)
        self.offset = self.tensor(color_map.offset)
        self.moves = self.tensor(color_map.moves)
        self.cones = self.tensor(lib_colors.RGB_TO_LMS.T)
        self.lab = self.tensor(lib_colors.LMS_TO_OKLAB.T)
        self.from_cones = self.tensor(lib_colors.LMS_TO_RGB.T)
        self.from_lab = self.tensor(lib_colors.OKLAB_TO_LMS.T)
        self.luminance_shares = self.tensor(lib_colors.LUMINANCE)

    def tensor(self, values: object) -> torch.Tensor:
        """Put numbers on the device, as float32."""
        return torch.tensor(values, dtype=torch.float32, device=self.device)

    def read(self, latents: torch.Tensor) -> torch.Tensor:
        """Read the sRGB of latents (n, channels, rows, columns), 0 to 1 or past it.

        Returns shape (n, rows, columns, 3).
        """
        cells = latents.float().permute(0, 2, 3, 1)
        return cells @ self.factors + self.offset

    def move(self, latents: torch.Tensor, change: torch.Tensor) -> torch.Tensor:
        """Move latents so that their sRGB changes by (n, rows, columns, 3)."""
        moved = latents.float() + (change @ self.moves).permute(0, 3, 1, 2)
        return moved.to(latents.dtype)

    def to_oklab(self, srgb: torch.Tensor) -> torch.Tensor:
        """Turn sRGB from 0 to 1 into OKLab."""
        # Rounding may leave a hair below 0, which has no root.
        cones = (to_linear(srgb) @ self.cones).clamp_min(0)
        return cones.pow(1 / 3) @ self.lab

    def from_oklab(self, lab: torch.Tensor) -> torch.Tensor:
        """Turn OKLab into sRGB, cut to 0 to 1."""
        linear = (lab @ self.from_lab).pow(3) @ self.from_cones
        return from_linear(linear.clamp(0, 1))

    def luminance(self, linear: torch.Tensor) -> torch.Tensor:
        """Give the relative luminance of linear light (..., 3), shape (..., 1)."""
        return (linear @ self.luminance_shares).unsqueeze(-1)


def to_linear(srgb: torch.Tensor) -> torch.Tensor:
    """Turn sRGB from 0 to 1 into linear light (IEC 61966-2-1)."""
    return torch.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055).pow(2.4))


def from_linear(linear: torch.Tensor) -> torch.Tensor:
    """Turn linear light from 0 to 1 into sRGB from 0 to 1."""
    high = 1.055 * linear.clamp_min(1e-8).pow(1 / 2.4) - 0.055
    return torch.where(linear <= 0.0031308, linear * 12.92, high)
