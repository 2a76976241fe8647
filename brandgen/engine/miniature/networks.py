"""The networks of the miniature at their sizes, and how they start from nothing."""

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from diffusers import StableCascadeUNet
from diffusers.pipelines.deprecated.wuerstchen.modeling_paella_vq_model import (
    PaellaVQModel,
)
from safetensors.torch import save_file
from torch import nn
from transformers import (
    CLIPImageProcessorPil,
    CLIPTextConfig,
    CLIPTextModelWithProjection,
    CLIPVisionConfig,
    CLIPVisionModelWithProjection,
)

from brandgen.engine.cascade.semantic import MixingBlock, SemanticEncoder

RES, TIME, ATTENTION = (
    "SDCascadeResBlock", "SDCascadeTimestepBlock", "SDCascadeAttnBlock",
)  # fmt: skip
TEXT_WIDTH = 128
IMAGE_WIDTH = 64
"""Width of an image encoder's embedding."""
IMAGE_PX = 96
"""Side of the picture that the image encoder reads."""
PRIOR_KERNEL = 7
"""Cells that a convolution of the prior spans.

Position comes from the zero padding at the border. The full-size prior has 64 blocks to
carry it inwards; these four reach twelve cells, a whole picture of 512 px, only so.
"""
CELL_PX = SemanticEncoder.cell_px
"""Side of a cell of the image embeddings, in the picture the semantic encoder reads."""


class Reconstructor(nn.Module):
    """Draws a small picture from image embeddings; teaches the semantic encoder."""

    def __init__(self, width: int = 160, blocks: int = 3) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(16, width, 1),
            *[MixingBlock(width) for _ in range(blocks)],
            nn.ConvTranspose2d(width, 96, 2, 2),
            MixingBlock(96),
            nn.Conv2d(96, 192, 1),
            nn.PixelShuffle(8),
        )

    def forward(self, embeddings: torch.Tensor) -> torch.Tensor:
        """Draw colors from -1 to 1."""
        colors: torch.Tensor = self.body(embeddings)
        return colors


def save_semantic_encoder(encoder: SemanticEncoder, folder: Path) -> None:
    """Write a semantic encoder as float16 safetensors with its shape beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    # Counts of batches are whole numbers and have no use once training is over.
    state = {
        name: value.detach().cpu().half().contiguous()
        for name, value in encoder.state_dict().items()
        if value.is_floating_point()
    }
    save_file(state, folder / "model.safetensors")
    text = json.dumps(encoder.shape, indent=2) + "\n"
    (folder / "config.json").write_text(text, encoding="utf-8")


@dataclass(frozen=True)
class Size:
    """How large each network is made."""

    prior_width: int = 192
    prior_layers: tuple[int, int] = (1, 1)
    decoder_widths: tuple[int, int, int] = (64, 128, 192)
    decoder_layers: tuple[int, int, int] = (1, 1, 1)
    vqgan_width: int = 64
    vqgan_blocks: int = 4
    text_layers: int = 3


SIZES: dict[str, Size] = {
    "s": Size(),
    "m": Size(
        prior_width=224,
        prior_layers=(1, 2),
        decoder_widths=(80, 160, 224),
        decoder_layers=(1, 1, 2),
        text_layers=4,
    ),
}
"""`s` has 5.4 M parameters and learns on a CPU, `m` 10 M and wants a GPU.

A contact sheet of four must come in seconds on a laptop; a prior of twice the size, as
a GPU could train it in minutes, takes 5.6 s for it on two cores.
"""


def make_prior(size: Size = SIZES["s"], kernel: int = PRIOR_KERNEL) -> Any:
    """Make a Stage C; of size `s` it has 2.5 M parameters."""
    width, layers = size.prior_width, size.prior_layers
    prior = StableCascadeUNet(
        in_channels=16,
        out_channels=16,
        timestep_ratio_embedding_dim=64,
        patch_size=1,
        conditioning_dim=128,
        block_out_channels=(width, width),
        num_attention_heads=(width // 32, width // 32),
        down_num_layers_per_block=layers,
        up_num_layers_per_block=layers[::-1],
        down_blocks_repeat_mappers=(1, 1),
        up_blocks_repeat_mappers=(1, 1),
        block_types_per_layer=((RES, TIME, ATTENTION),) * 2,
        clip_text_in_channels=TEXT_WIDTH,
        clip_text_pooled_in_channels=TEXT_WIDTH,
        clip_image_in_channels=IMAGE_WIDTH,
        clip_seq=4,
        kernel_size=kernel,
        dropout=(0.0, 0.0),
        self_attn=True,
        timestep_conditioning_type=("sca", "crp"),
        switch_level=(False,),
    )
    return start_unet(prior, blocks=sum(layers))


def widen_prior(prior: Any, kernel: int = PRIOR_KERNEL) -> Any:
    """Let the convolutions of a prior span more cells; what it says stays the same."""
    margin = (kernel - prior.config.kernel_size) // 2
    if margin <= 0:
        return prior
    settings = {k: v for k, v in prior.config.items() if not k.startswith("_")}
    wide = StableCascadeUNet.from_config(settings | {"kernel_size": kernel})
    shapes = {name: value.shape for name, value in wide.state_dict().items()}
    state = {
        name: value
        if value.shape == shapes[name]
        else nn.functional.pad(value, (margin,) * 4)
        for name, value in prior.state_dict().items()
    }
    wide.load_state_dict(state)
    return wide


def make_decoder(size: Size = SIZES["s"]) -> Any:
    """Make a Stage B; of size `s` it has 1.9 M parameters."""
    widths, layers = size.decoder_widths, size.decoder_layers
    decoder = StableCascadeUNet(
        in_channels=4,
        out_channels=4,
        timestep_ratio_embedding_dim=64,
        patch_size=2,
        conditioning_dim=128,
        block_out_channels=widths,
        num_attention_heads=(0, 0, widths[2] // 32),
        down_num_layers_per_block=layers,
        up_num_layers_per_block=layers[::-1],
        down_blocks_repeat_mappers=(1, 1, 1),
        up_blocks_repeat_mappers=(1, 1, 1),
        block_types_per_layer=((RES, TIME), (RES, TIME), (RES, TIME, ATTENTION)),
        clip_text_pooled_in_channels=TEXT_WIDTH,
        clip_seq=4,
        effnet_in_channels=16,
        pixel_mapper_in_channels=3,
        kernel_size=3,
        dropout=(0.0, 0.0, 0.0),
        self_attn=True,
        timestep_conditioning_type=("sca",),
    )
    return start_unet(decoder, blocks=sum(layers))


def make_vqgan(size: Size = SIZES["s"]) -> Any:
    """Make a Stage A, of size `s` with 0.25 M parameters; its codebook is not used."""
    vqgan = PaellaVQModel(
        bottleneck_blocks=size.vqgan_blocks,
        embed_dim=size.vqgan_width,
        levels=2,
        up_down_scale_factor=2,
        latent_channels=4,
        num_vq_embeddings=64,
        scale_factor=1.0,
    )
    for module in vqgan.modules():
        if isinstance(module, nn.Linear):
            nn.init.xavier_uniform_(module.weight)
            nn.init.zeros_(module.bias)
    for name, gains in vqgan.named_parameters():
        if name.endswith("gammas"):
            # Entries 2 and 5 scale what a block adds; at zero it would start dead.
            gains.data[2] = gains.data[5] = 0.3
    norm = vqgan.down_blocks[-1][1]
    norm.weight.requires_grad_(requires_grad=False)
    norm.bias.requires_grad_(requires_grad=False)
    return vqgan


def make_text_encoder(
    vocabulary: int, size: Size = SIZES["s"], tokens: int = 40
) -> Any:
    """Make a CLIP text encoder; of size `s` it has 0.7 M parameters."""
    return CLIPTextModelWithProjection(
        CLIPTextConfig(
            vocab_size=vocabulary,
            hidden_size=TEXT_WIDTH,
            intermediate_size=4 * TEXT_WIDTH,
            projection_dim=TEXT_WIDTH,
            num_hidden_layers=size.text_layers,
            num_attention_heads=4,
            max_position_embeddings=tokens,
            hidden_act="gelu",
            bos_token_id=0,
            eos_token_id=1,
            pad_token_id=1,
        )
    )


def make_image_encoder() -> Any:
    """Make a CLIP image encoder of 0.7 M parameters."""
    return CLIPVisionModelWithProjection(
        CLIPVisionConfig(
            hidden_size=128,
            intermediate_size=512,
            projection_dim=IMAGE_WIDTH,
            num_hidden_layers=3,
            num_attention_heads=4,
            image_size=IMAGE_PX,
            patch_size=12,
            hidden_act="gelu",
        )
    )


def make_image_processor() -> Any:
    """State how a picture is prepared for the image encoder: colors from -1 to 1."""
    return CLIPImageProcessorPil(
        size={"shortest_edge": IMAGE_PX},
        crop_size={"height": IMAGE_PX, "width": IMAGE_PX},
        image_mean=[0.5] * 3,
        image_std=[0.5] * 3,
    )


def start_unet(unet: Any, *, blocks: int) -> Any:
    """Set the first weights, which `StableCascadeUNet` leaves to PyTorch's defaults.

    Follows the original Stages B and C, with one change: see below.
    """
    for module in unet.modules():
        is_depthwise = isinstance(module, nn.Conv2d) and module.groups > 1
        if isinstance(module, nn.Conv2d | nn.ConvTranspose2d | nn.Linear):
            if is_depthwise:
                continue
            nn.init.xavier_uniform_(module.weight)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
    for name in ("clip_txt_pooled_mapper", "clip_txt_mapper", "clip_img_mapper"):
        if mapper := getattr(unet, name, None):
            nn.init.normal_(mapper.weight, std=0.02)
    for name in ("effnet_mapper", "pixels_mapper"):
        if mapper := getattr(unet, name, None):
            nn.init.normal_(mapper[0].weight, std=0.02)
            nn.init.normal_(mapper[2].weight, std=0.02)
    nn.init.zeros_(unet.clf[1].weight)
    # A LayerNorm follows: without a bias the amplitude of the noisy input is lost.
    embedding = unet.embedding[1]
    spread = float(embedding.weight.detach().std()) * math.sqrt(embedding.in_channels)
    nn.init.normal_(embedding.bias, std=spread)
    for block in (b for level in (*unet.down_blocks, *unet.up_blocks) for b in level):
        kind = type(block).__name__
        if kind == RES:
            block.channelwise[-1].weight.data *= math.sqrt(1 / blocks)
        elif kind == TIME:
            for module in block.modules():
                if isinstance(module, nn.Linear):
                    nn.init.zeros_(module.weight)
    return unet
