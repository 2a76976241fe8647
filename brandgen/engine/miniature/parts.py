"""Loads and keeps the parts of a bundle in training."""

import shutil
from collections.abc import Collection
from pathlib import Path
from typing import Any

import torch
from diffusers import StableCascadeUNet
from diffusers.pipelines.deprecated.wuerstchen.modeling_paella_vq_model import (
    PaellaVQModel,
)
from transformers import CLIPTextModelWithProjection, CLIPVisionModelWithProjection

from brandgen.engine.cascade.semantic import load_own_encoder
from brandgen.engine.miniature import networks
from brandgen.engine.miniature.grammar import VOCABULARY
from brandgen.engine.miniature.words import teach_words, widen_text_encoder
from brandgen.engine.vocabulary import FILE_NAME as VOCABULARY_FILE

KEPT_PARTS = ("tokenizer", "scheduler")
"""Parts that are never trained."""
LOADERS: dict[str, tuple[Any, str]] = {
    "vqgan": (PaellaVQModel, "torch_dtype"),
    "decoder": (StableCascadeUNet, "torch_dtype"),
    "prior": (StableCascadeUNet, "torch_dtype"),
    "text_encoder": (CLIPTextModelWithProjection, "dtype"),
    "image_encoder": (CLIPVisionModelWithProjection, "dtype"),
}
DRAWING_PARTS = ("vqgan", "decoder", "prior", "text_encoder")
"""Parts that together draw a picture of a caption."""


def list_parts(bundle: Path) -> list[str]:
    """Name the parts that a bundle has."""
    # A name with a dot in front is of a part that a kill left half written.
    folders = (path.name for path in bundle.iterdir() if path.is_dir())
    return sorted(name for name in folders if not name.startswith("."))


def lay_out_bundle(
    target: Path, source: Path, names: Collection[str], *, before: Path
) -> None:
    """Lay out a bundle from some parts of another; it appears in one move.

    Tokenizer and text encoder are taught the words of today's captions at once; as they
    were, they stay in the folder `before`. What a model knows is that of the source
    until its prior has learned more.
    """
    unfinished = target.with_name(target.name + ".part")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    for name in names:
        shutil.copytree(source / name, unfinished / name)
    if "prior" in names and (source / VOCABULARY_FILE).is_file():
        shutil.copy(source / VOCABULARY_FILE, unfinished)
    shutil.rmtree(before, ignore_errors=True)
    before.mkdir()
    for name in ("tokenizer", "text_encoder"):
        if name in names:
            shutil.copytree(source / name, before / name)
    if (unfinished / VOCABULARY_FILE).is_file():
        shutil.copy(unfinished / VOCABULARY_FILE, before)
    every_word = (*VOCABULARY.words, *VOCABULARY.colors)
    spelled = teach_words(unfinished / "tokenizer", every_word)
    text = unfinished / "text_encoder"
    if text.is_dir():
        encoder = widen_text_encoder(load_network(text, "text_encoder"), spelled)
        encoder.half().save_pretrained(text)
    unfinished.rename(target)


def load_network(folder: Path, name: str) -> Any:
    """Load a part from its folder in float32."""
    if name == "semantic_encoder":
        return load_own_encoder(folder)
    loader, dtype = LOADERS[name]
    model = loader.from_pretrained(
        folder, local_files_only=True, **{dtype: torch.float32}
    )
    return model.eval().requires_grad_(requires_grad=False)


def keep_network(bundle: Path, name: str, network: Any) -> None:
    """Put a trained part into a bundle as float16, in one move."""
    unfinished = bundle / f".{name}"
    shutil.rmtree(unfinished, ignore_errors=True)
    if name == "semantic_encoder":
        networks.save_semantic_encoder(network, unfinished)
    else:
        network.to("cpu").half().save_pretrained(unfinished)
    if name == "image_encoder":
        networks.make_image_processor().save_pretrained(unfinished)
    shutil.rmtree(bundle / name, ignore_errors=True)
    unfinished.rename(bundle / name)
