"""Folders in the layouts that models come in, a few KB each."""

import json
from pathlib import Path

import numpy as np
import safetensors.numpy

from brandgen.engine.adapters.files import AdapterCard, Pair, save_adapter
from brandgen.engine.protocol import ModelLicense
from brandgen.model_registry.entries import Entry, Kind, License, Origin, Source

PRIOR = "stabilityai/stable-cascade-prior"
DECODER = "stabilityai/stable-cascade"
NON_COMMERCIAL = License(
    name="Stability AI Non-Commercial Research Community License",
    url="https://huggingface.co/stabilityai/stable-cascade/blob/main/LICENSE",
    purpose="non-commercial research",
    is_commercial_use_allowed=False,
    are_derivatives_allowed=True,
)


def write_weights(path: Path, *, seed: int = 0, count: int = 2000) -> bytes:
    """Write a safetensors file of random values."""
    path.parent.mkdir(parents=True, exist_ok=True)
    values = np.random.default_rng(seed).normal(size=count).astype(np.float32)
    path.write_bytes(safetensors.numpy.save({"weight": values}))
    return path.read_bytes()


def write_adapter(path: Path, *, seed: int = 0) -> bytes:
    """Write a LoRA of one layer of the miniature, in peft's names; it says no more."""
    draw = np.random.default_rng(seed)
    layer = "down_blocks.0.2.attention.to_q"
    path.write_bytes(
        safetensors.numpy.save(
            {
                f"{layer}.lora_A.weight": draw.normal(size=(2, 192)).astype("f4"),
                f"{layer}.lora_B.weight": draw.normal(size=(192, 2)).astype("f4"),
            }
        )
    )
    return path.read_bytes()


def write_own_adapter(path: Path) -> None:
    """Write a LoRA in our format, which says all about itself."""
    halves = np.ones((2, 192), "f4"), np.ones((192, 2), "f4")
    card = AdapterCard(
        "Glass",
        "stable-cascade-miniature",
        ModelLicense("CC BY 4.0", "https://creativecommons.org", True),
    )
    changes = {"down_blocks.0.2.attention.to_q": Pair(*halves)}
    save_adapter(path, card, {"prior": changes}, {"glass": np.zeros((1, 128), "f4")})


def write_json(path: Path, **values: object) -> None:
    """Write a small JSON file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(values))


def write_hub_repositories(root: Path) -> None:
    """Write both official repositories: large and lite, two variants, and more."""
    parts = {
        PRIOR: ["prior", "prior_lite", "text_encoder", "image_encoder"],
        DECODER: ["decoder", "decoder_lite", "vqgan", "text_encoder"],
    }
    for number, (repository, names) in enumerate(parts.items()):
        folder = root / repository
        write_json(folder / "model_index.json", _class_name="StableCascade")
        for place, part in enumerate(names):
            write_json(folder / part / "config.json", part=part)
            stem = "model" if part.endswith("encoder") else "diffusion_pytorch_model"
            for shift, variant in enumerate(("", ".bf16")):
                if part == "vqgan" and variant:
                    continue
                write_weights(
                    folder / part / f"{stem}{variant}.safetensors",
                    seed=100 * number + 10 * place + shift,
                )
            (folder / part / f"{stem}.bin").write_bytes(b"\x80\x04pickle")
        for part, file in (("tokenizer", "tokenizer.json"), ("scheduler", "a.json")):
            write_json(folder / part / file, part=part)
        write_json(folder / "feature_extractor" / "preprocessor_config.json", size=224)
        (folder / "README.md").write_text("A model card.")
    write_weights(root / DECODER / "effnet_encoder.safetensors", seed=7)
    write_weights(root / DECODER / "comfyui" / "all_in_one.safetensors", seed=8)


def hub_entry(folder: Path, *, size: str = "", **fields: object) -> Entry:
    """Return the entry of the published model, large or lite, below a folder."""
    shared = ("text_encoder", "tokenizer", "scheduler", "image_encoder")
    return Entry(
        **{  # type: ignore[arg-type]
            "key": "stable-cascade",
            "name": "Stable Cascade",
            "kind": Kind.MODEL,
            "family": "stable-cascade",
            "folder": folder,
            "license": NON_COMMERCIAL,
            "origin": Origin.SHIPPED,
            "sources": (
                Source(
                    PRIOR,
                    folder="stable-cascade-prior",
                    parts=(f"prior{size}", *shared),
                    files=("model_index.json",),
                    variant="bf16",
                ),
                Source(
                    DECODER,
                    folder="stable-cascade",
                    parts=(f"decoder{size}", "vqgan"),
                    files=("model_index.json", "effnet_encoder.safetensors"),
                    variant="bf16",
                ),
            ),
        }
        | fields
    )
