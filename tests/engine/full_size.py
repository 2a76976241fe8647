"""Builds folders of the published sizes without their bytes: headers and holes."""

import json
import struct
from pathlib import Path
from typing import Any

import torch
from diffusers import StableCascadeUNet
from diffusers.pipelines.deprecated.wuerstchen.modeling_paella_vq_model import (
    PaellaVQModel,
)
from transformers import (
    CLIPTextConfig,
    CLIPTextModelWithProjection,
    CLIPVisionConfig,
    CLIPVisionModelWithProjection,
)

from brandgen.engine.layout import Component, Size
from brandgen.engine.published import CONFIGS
from brandgen.engine.registry import default_bundle

NAMES = {torch.float32: "F32", torch.bfloat16: "BF16", torch.int64: "I64"}


def build(part: Component, size: Size = "large") -> Any:
    """Build a published network with no memory behind its weights."""
    config: dict[str, Any] = dict(CONFIGS[part, size])
    with torch.device("meta"):
        if part in {"prior", "decoder"}:
            model: Any = StableCascadeUNet(**config)
        elif part == "vqgan":
            model = PaellaVQModel(**config)
        elif part == "text_encoder":
            model = CLIPTextModelWithProjection(CLIPTextConfig(**config))
        else:
            model = CLIPVisionModelWithProjection(CLIPVisionConfig(**config))
    return model.eval()


def write_empty_weights(path: Path, model: Any, dtype: torch.dtype) -> None:
    """Write a safetensors file whose values are a hole that takes no space."""
    header, end = {}, 0
    for name, tensor in model.state_dict().items():
        kept = dtype if tensor.is_floating_point() else tensor.dtype
        start, end = end, end + tensor.numel() * kept.itemsize
        header[name] = {
            "dtype": NAMES[kept],
            "shape": list(tensor.shape),
            "data_offsets": [start, end],
        }
    text = json.dumps(header).encode()
    with path.open("wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        file.truncate(8 + len(text) + end)


def write_full_size(folder: Path) -> Path:
    """Lay out both sizes of everything as the hub does, in bfloat16."""
    roots: dict[Component, str] = {
        "prior": "stable-cascade-prior",
        "text_encoder": "stable-cascade-prior",
        "image_encoder": "stable-cascade-prior",
        "decoder": "stable-cascade",
        "vqgan": "stable-cascade",
    }
    for (part, size), config in CONFIGS.items():
        place = folder / roots[part] / (f"{part}_lite" if size == "lite" else part)
        place.mkdir(parents=True)
        model = build(part, size)
        stem = "model" if part.endswith("encoder") else "diffusion_pytorch_model"
        write_empty_weights(place / f"{stem}.bf16.safetensors", model, torch.bfloat16)
        written = model.config
        values = written.to_dict() if hasattr(written, "to_dict") else dict(written)
        (place / "config.json").write_text(json.dumps(values | dict(config)))
    for root in ("stable-cascade-prior", "stable-cascade"):
        (folder / root / "model_index.json").write_text("{}")
    for part in ("tokenizer", "scheduler"):
        source = default_bundle().get_part(part)
        target = folder / "stable-cascade-prior" / part
        target.mkdir()
        for file in source.iterdir():
            (target / file.name).write_bytes(file.read_bytes())
    return folder
