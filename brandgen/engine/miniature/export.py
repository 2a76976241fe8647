"""Packs a trained bundle: weights, previewer, manifest."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from brandgen.engine.bundle import (
    Bundle,
    Manifest,
    Profile,
    read_manifest,
    write_manifest,
)
from brandgen.engine.cascade.semantic import load_own_encoder
from brandgen.engine.color_map import FILE_NAME as COLOR_MAP_FILE
from brandgen.engine.color_map import fit_color_map, save_color_map
from brandgen.engine.layout import PARTS
from brandgen.engine.miniature.networks import CELL_PX
from brandgen.engine.miniature.pictures import SMALL_PX, Plan, draw_pictures
from brandgen.engine.miniature.stages.semantic import embed_pictures
from brandgen.engine.previews import fit_previewer, save_previewer
from brandgen.engine.protocol import ModelLicense
from brandgen.engine.vocabulary import FILE_NAME as VOCABULARY_FILE

CARD = "MODEL_CARD.md"
READER = "reader"
PREVIEW_BLOCK_PX = 8
PREVIEW_PICTURES = 600

LICENSE = ModelLicense(
    name="Apache-2.0",
    url="https://www.apache.org/licenses/LICENSE-2.0",
    is_commercial_use_allowed=True,
)
# Guidance and limits were tried on sheets: more guidance adds nothing, and without
# limits so small a model overshoots.
PROFILE = Profile(
    native_side_px=512,
    prior_steps=20,
    prior_guidance_scale=3.0,
    decoder_steps=10,
    decoder_guidance_scale=0.0,
    prior_x0_limit=2.6,
    decoder_x0_limit=3.5,
)


@dataclass(frozen=True)
class Edition:
    """What a bundle is called."""

    revision: str
    name: str = "Stable Cascade miniature"
    family: str = "stable-cascade-miniature"


def export_bundle(
    source: Path, target: Path, *, edition: Edition, profile: Profile = PROFILE
) -> Bundle:
    """Copy the parts of a trained bundle and write what belongs to them.

    The target appears in one move; what stood there is replaced, its model card kept.
    """
    unfinished = target.with_name(target.name + ".part")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    for part in (*PARTS, READER):
        if (source / part).is_dir():
            shutil.copytree(source / part, unfinished / part)
    if (unfinished / "semantic_encoder").is_dir():
        write_previewer(unfinished)
    if (target / CARD).is_file():
        shutil.copy(target / CARD, unfinished / CARD)
    if (source / VOCABULARY_FILE).is_file():
        shutil.copy(source / VOCABULARY_FILE, unfinished / VOCABULARY_FILE)
    manifest = Manifest(
        name=edition.name,
        revision=edition.revision,
        family=edition.family,
        license=LICENSE,
        profile=profile,
    )
    write_manifest(unfinished, manifest)
    shutil.rmtree(target, ignore_errors=True)
    unfinished.rename(target)
    return Bundle(target)


def write_previewer(bundle: Path) -> None:
    """Fit the linear maps from image embeddings to colors, on drawings."""
    encoder = load_own_encoder(bundle / "semantic_encoder")
    album = draw_pictures(Plan(23, PREVIEW_PICTURES, (SMALL_PX, SMALL_PX)))
    embeddings = embed_pictures(encoder, album, torch.device("cpu")).numpy()
    ratio = CELL_PX // PREVIEW_BLOCK_PX
    drawn = album.float()
    small = torch.nn.functional.avg_pool2d(drawn, ratio)
    cells = torch.nn.functional.avg_pool2d(drawn, CELL_PX).permute(0, 2, 3, 1) / 255
    pictures = small.round().byte().permute(0, 2, 3, 1).numpy()
    previewer = fit_previewer(
        embeddings.astype(np.float32), pictures, block=PREVIEW_BLOCK_PX
    )
    folder = bundle / "previewer"
    folder.mkdir(exist_ok=True)
    save_previewer(previewer, folder / "previewer.safetensors")
    color_map = fit_color_map(embeddings.astype(np.float32), cells.numpy())
    save_color_map(color_map, folder / COLOR_MAP_FILE)


def next_revision(folder: Path) -> str:
    """Return the revision after that of a bundle, or the first."""
    path = folder / "bundle.json"
    if not path.is_file():
        return "0.1"
    major, _, minor = read_manifest(path).revision.partition(".")
    return f"{major}.{int(minor or 0) + 1}"
