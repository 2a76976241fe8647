"""Real classes at tiny sizes with random weights: seconds on a CPU, no downloads."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
import torch
from diffusers import DDPMWuerstchenScheduler, StableCascadeUNet
from diffusers.pipelines.deprecated.wuerstchen.modeling_paella_vq_model import (
    PaellaVQModel,
)
from transformers import (
    CLIPImageProcessorPil,
    CLIPTextConfig,
    CLIPTextModelWithProjection,
    CLIPTokenizer,
    CLIPVisionConfig,
    CLIPVisionModelWithProjection,
)

from brandgen.engine.adapters.files import AdapterCard, Pair, save_adapter
from brandgen.engine.adapters.names import Layers, attention_blocks, read_layers
from brandgen.engine.cascade.engine import CascadeEngine
from brandgen.engine.registry import default_bundle
from brandgen.engine.tensor_file import Floats

RES_TIME = ("SDCascadeResBlock", "SDCascadeTimestepBlock")
RES_TIME_ATTENTION = (*RES_TIME, "SDCascadeAttnBlock")
TEXT_WIDTH = 32
IMAGE_WIDTH = 24
ADAPTER_RANK = 4


@dataclass(frozen=True)
class Tiny:
    """The parts of Stable Cascade, tiny."""

    tokenizer: Any
    text_encoder: Any
    prior: Any
    decoder: Any
    vqgan: Any
    image_encoder: Any
    image_processor: Any

    def prior_pipeline(self, **parts: Any) -> Any:
        from diffusers import StableCascadePriorPipeline

        pipeline = StableCascadePriorPipeline(
            tokenizer=self.tokenizer,
            text_encoder=self.text_encoder,
            prior=self.prior,
            scheduler=DDPMWuerstchenScheduler(),
            **parts,
        )
        pipeline.set_progress_bar_config(disable=True)
        return pipeline

    def decoder_pipeline(self) -> Any:
        from diffusers import StableCascadeDecoderPipeline

        pipeline = StableCascadeDecoderPipeline(
            decoder=self.decoder,
            tokenizer=self.tokenizer,
            text_encoder=self.text_encoder,
            scheduler=DDPMWuerstchenScheduler(),
            vqgan=self.vqgan,
        )
        pipeline.set_progress_bar_config(disable=True)
        return pipeline


@pytest.fixture(scope="session")
def tiny() -> Tiny:
    torch.manual_seed(0)
    tokenizer = CLIPTokenizer.from_pretrained(default_bundle().get_part("tokenizer"))
    text = CLIPTextConfig(
        vocab_size=len(tokenizer),
        hidden_size=TEXT_WIDTH,
        intermediate_size=64,
        projection_dim=TEXT_WIDTH,
        num_hidden_layers=2,
        num_attention_heads=4,
        max_position_embeddings=tokenizer.model_max_length,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    vision = CLIPVisionConfig(
        hidden_size=32,
        intermediate_size=64,
        projection_dim=IMAGE_WIDTH,
        num_hidden_layers=2,
        num_attention_heads=4,
        image_size=32,
        patch_size=8,
    )
    prior = StableCascadeUNet(
        in_channels=16,
        out_channels=16,
        conditioning_dim=64,
        block_out_channels=(64, 64),
        num_attention_heads=(2, 2),
        down_num_layers_per_block=(1, 1),
        up_num_layers_per_block=(1, 1),
        clip_image_in_channels=IMAGE_WIDTH,
        clip_text_in_channels=TEXT_WIDTH,
        clip_text_pooled_in_channels=TEXT_WIDTH,
        switch_level=(False,),
    )
    decoder = StableCascadeUNet(
        in_channels=4,
        out_channels=4,
        patch_size=2,
        conditioning_dim=64,
        block_out_channels=(16, 32, 64),
        num_attention_heads=(-1, -1, 2),
        down_num_layers_per_block=(1, 1, 1),
        up_num_layers_per_block=(1, 1, 1),
        down_blocks_repeat_mappers=(1, 1, 1),
        up_blocks_repeat_mappers=(2, 2, 1),
        block_types_per_layer=(RES_TIME, RES_TIME, RES_TIME_ATTENTION),
        clip_text_pooled_in_channels=TEXT_WIDTH,
        effnet_in_channels=16,
        pixel_mapper_in_channels=3,
        timestep_conditioning_type=("sca",),
        dropout=(0.1, 0.1, 0.1),
        switch_level=None,
    )
    return Tiny(
        tokenizer=tokenizer,
        text_encoder=CLIPTextModelWithProjection(text).eval(),
        prior=prior.eval(),
        decoder=decoder.eval(),
        vqgan=PaellaVQModel(
            bottleneck_blocks=1, embed_dim=16, num_vq_embeddings=16
        ).eval(),
        image_encoder=CLIPVisionModelWithProjection(vision).eval(),
        image_processor=CLIPImageProcessorPil(
            size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32}
        ),
    )


@pytest.fixture(scope="session")
def tiny_hub_folder(tiny: Tiny, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Save the tiny parts as the two pipeline folders of the published weights."""
    folder = tmp_path_factory.mktemp("hub")
    tiny.prior_pipeline().save_pretrained(folder / "prior")
    tiny.decoder_pipeline().save_pretrained(folder / "decoder")
    return folder


@pytest.fixture(scope="session")
def miniature() -> CascadeEngine:
    """The engine on the weights that ship with brandgen."""
    return CascadeEngine()


@pytest.fixture(scope="session")
def layers() -> Layers:
    return read_layers(default_bundle())


@pytest.fixture(scope="session")
def pairs(layers: Layers) -> dict[str, Pair]:
    """A change to each matrix of attention."""
    random = np.random.default_rng(0)
    return {
        f"{block}.{part}": Pair(
            random.normal(size=(ADAPTER_RANK, 192)).astype(np.float32) * 0.1,
            random.normal(size=(192, ADAPTER_RANK)).astype(np.float32) * 0.1,
            0.5,
        )
        for block in attention_blocks(layers.prior)
        for part in ("to_q", "to_k", "to_v", "to_out.0")
    }


@pytest.fixture
def own_file(tmp_path: Path, layers: Layers, pairs: dict[str, Pair]) -> Path:
    path = tmp_path / "own.safetensors"
    save_adapter(path, AdapterCard("Own", layers.family), {"prior": pairs})
    return path


@pytest.fixture
def onetrainer_file(tmp_path: Path, pairs: dict[str, Pair]) -> Path:
    """Write names as OneTrainer does, with an alpha to each layer."""
    tensors: dict[str, Floats] = {}
    for layer, pair in pairs.items():
        name = layer.replace("attention.to_out.0", "attention.attn.out_proj")
        name = name.replace("attention.to_", "attention.attn.to_").replace(".", "_")
        key = f"lora_prior_unet_{name}"
        tensors[f"{key}.lora_down.weight"] = pair.down
        tensors[f"{key}.lora_up.weight"] = pair.up
        tensors[f"{key}.alpha"] = np.array(pair.scale * ADAPTER_RANK, np.float32)
    path = tmp_path / "onetrainer.safetensors"
    safetensors.numpy.save_file(tensors, path)
    return path
