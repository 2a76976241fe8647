"""Stable Cascade and SDXL of the published sizes, with random weights, on a GPU.

Both are built from their configurations: nothing is downloaded. The arithmetic of a
network, and so its time, does not depend on what its weights are.
"""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from diffusers import (
    AutoencoderKL,
    EulerDiscreteScheduler,
    StableDiffusionXLPipeline,
    UNet2DConditionModel,
)
from torch import nn

from benchmarks.turns import Row
from benchmarks.ways import SHIPPED, STOCK
from brandgen.engine.cascade.engine import CascadeEngine
from brandgen.engine.layout import Component
from tests.engine.full_size import write_full_size

PARTS: tuple[Component, ...] = ("text_encoder", "prior", "decoder", "vqgan")

# Counted with torch.utils.flop_counter on the published networks without weights, at
# 1024 x 1024 px; a multiplication with its addition is 2.
TFLOP_OF_CASCADE = 227.3
"""20 guided steps of the prior, 10 of the decoder, Stage A and the text encoder."""
TFLOP_OF_SDXL = {50: 686.8, 30: 416.0}
"""By the number of guided steps, with the autoencoder and the text encoders."""

# Source: unet/config.json, vae/config.json and scheduler/scheduler_config.json of
# stabilityai/stable-diffusion-xl-base-1.0.
SDXL_UNET: Mapping[str, Any] = {
    "sample_size": 128,
    "down_block_types": (
        "DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D",
    ),
    "up_block_types": ("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
    "block_out_channels": (320, 640, 1280),
    "transformer_layers_per_block": (1, 2, 10),
    "attention_head_dim": (5, 10, 20),
    "cross_attention_dim": 2048,
    "use_linear_projection": True,
    "addition_embed_type": "text_time",
    "addition_time_embed_dim": 256,
    "projection_class_embeddings_input_dim": 2816,
}  # fmt: skip
SDXL_VAE: Mapping[str, Any] = {
    "down_block_types": ("DownEncoderBlock2D",) * 4,
    "up_block_types": ("UpDecoderBlock2D",) * 4,
    "block_out_channels": (128, 256, 512, 512),
    "layers_per_block": 2,
    "latent_channels": 4,
    "sample_size": 1024,
    "scaling_factor": 0.13025,
}
SDXL_SCHEDULER: Mapping[str, Any] = {
    "beta_schedule": "scaled_linear",
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "timestep_spacing": "leading",
    "steps_offset": 1,
}


def build_cascade(folder: Path, *, device: str) -> CascadeEngine:
    """Lay out a folder of the published sizes, and load it with random weights."""
    engine = CascadeEngine(write_full_size(folder), device=device, dtype="bfloat16")
    for part in PARTS:
        randomize(engine.parts.network(part))
    return engine


def beside_sdxl(
    rows: Sequence[Row],
    *,
    device: torch.device,
    side_px: int,
    unet: Mapping[str, Any] = SDXL_UNET,
    vae: Mapping[str, Any] = SDXL_VAE,
    matrix_side: int = 8192,
) -> dict[str, Any]:
    """Measure SDXL and the matrix rate on the same device; compare the rows with them.

    The TFLOP counts are those of 1024 px.
    """
    dtype = torch.bfloat16
    rate = measure_matrix_rate(device, dtype, matrix_side)
    sdxl = build_sdxl(unet, vae, device=device, dtype=dtype)
    seconds = {
        (steps, batch): time_sdxl(sdxl, steps=steps, batch=batch, side_px=side_px)
        for steps in TFLOP_OF_SDXL
        for batch in sorted({row.batch for row in rows})
    }
    return {
        "matrix_tflops": round(rate, 3),
        "sdxl_s": {f"{s} steps, batch {b}": took for (s, b), took in seconds.items()},
        "sdxl_share_of_floor": {
            f"{s} steps, batch {b}": round(TFLOP_OF_SDXL[s] / rate / took, 3)
            for (s, b), took in seconds.items()
        },
        **compare(rows, seconds, rate),
    }


def compare(
    rows: Sequence[Row], sdxl_s: Mapping[tuple[int, int], float], rate: float
) -> dict[str, Any]:
    """Say how much faster than SDXL each way is, and how near to the floor.

    `rate` is in TFLOP a second. A share of 1 would be matrix products and nothing else.
    """
    ratios, shares = {}, {}
    for row in rows:
        name = f"{row.way}, batch {row.batch}"
        shares[name] = round(TFLOP_OF_CASCADE / rate / row.image_s, 3)
        if row.way in (STOCK, SHIPPED) or "compiled" in row.way:
            for (steps, batch), seconds in sdxl_s.items():
                if batch == row.batch:
                    ratios[f"{name}, {steps} steps"] = round(seconds / row.image_s, 2)
    return {"ratio_to_sdxl": ratios, "share_of_floor": shares}


def randomize(model: nn.Module) -> None:
    """Give a network random weights that keep its values finite."""
    generator = torch.Generator(next(model.parameters()).device).manual_seed(0)
    with torch.no_grad():
        for name, tensor in model.named_parameters():
            if tensor.dim() < 2 or "response" in name or name.endswith("gamma"):
                tensor.fill_(1.0 if name.endswith("norm.weight") else 0.0)
            else:
                spread = 0.5 * tensor[0].numel() ** -0.5
                tensor.normal_(0.0, spread, generator=generator)


def build_sdxl(
    unet: Mapping[str, Any],
    vae: Mapping[str, Any],
    *,
    device: torch.device,
    dtype: torch.dtype,
) -> Any:
    """Build the stock pipeline of SDXL; it reads prompts that are encoded already."""
    with torch.device(device):
        networks = [UNet2DConditionModel(**unet), AutoencoderKL(**vae)]
    pipeline = StableDiffusionXLPipeline(
        unet=networks[0].eval().to(dtype),
        vae=networks[1].eval().to(dtype),
        text_encoder=None,
        text_encoder_2=None,
        tokenizer=None,
        tokenizer_2=None,
        scheduler=EulerDiscreteScheduler(**SDXL_SCHEDULER),
        add_watermarker=False,
    )
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def time_sdxl(
    pipeline: Any, *, steps: int, batch: int, side_px: int, repeats: int = 2
) -> float:
    """Take the least seconds for each image of a batch, after one that warms up."""
    unet = pipeline.unet
    width = unet.config.cross_attention_dim
    pooled_width = unet.config.projection_class_embeddings_input_dim - 6 * (
        unet.config.addition_time_embed_dim
    )
    text = torch.randn(batch, 77, width, device=unet.device, dtype=unet.dtype)
    pooled = torch.randn(batch, pooled_width, device=unet.device, dtype=unet.dtype)
    taken = []
    for _ in range(repeats + 1):
        started = time.perf_counter()
        pipeline(
            prompt_embeds=text,
            negative_prompt_embeds=torch.zeros_like(text),
            pooled_prompt_embeds=pooled,
            negative_pooled_prompt_embeds=torch.zeros_like(pooled),
            width=side_px,
            height=side_px,
            num_inference_steps=steps,
            output_type="np",  # comes to the CPU: the GPU has finished
        )
        taken.append(time.perf_counter() - started)
    return round(min(taken[1:]) / batch, 4)


def measure_matrix_rate(
    device: torch.device, dtype: torch.dtype, side: int = 8192, repeats: int = 20
) -> float:
    """Measure how fast large matrices are multiplied, in TFLOP a second."""
    one, other = (torch.randn(side, side, device=device, dtype=dtype) for _ in "ab")
    product = one @ other
    taken = []
    for _ in range(repeats):
        wait(device)
        started = time.perf_counter()
        torch.mm(one, other, out=product)
        wait(device)
        taken.append(time.perf_counter() - started)
    return 2 * side**3 / min(taken) / 1e12


def wait(device: torch.device) -> None:
    """Wait until the device has done all that was asked of it."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
