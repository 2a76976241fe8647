from pathlib import Path

import torch

from benchmarks.full_size import beside_sdxl, randomize
from benchmarks.turns import Row
from brandgen.engine.cascade.engine import CascadeEngine
from brandgen.engine.requests import DecoderRequest, PriorRequest

CPU = torch.device("cpu")
TINY_UNET = {
    "sample_size": 8,
    "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D"),
    "up_block_types": ("CrossAttnUpBlock2D", "UpBlock2D"),
    "block_out_channels": (8, 16),
    "layers_per_block": 1,
    "transformer_layers_per_block": (1, 1),
    "attention_head_dim": (2, 4),
    "norm_num_groups": 4,
    "cross_attention_dim": 16,
    "use_linear_projection": True,
    "addition_embed_type": "text_time",
    "addition_time_embed_dim": 4,
    "projection_class_embeddings_input_dim": 32,
}
TINY_VAE = {
    "block_out_channels": (8, 8),
    "down_block_types": ("DownEncoderBlock2D",) * 2,
    "up_block_types": ("UpDecoderBlock2D",) * 2,
    "norm_num_groups": 4,
    "latent_channels": 4,
}


class TestBesideSdxl:
    def test_compares_with_sdxl_and_the_floor(self) -> None:
        rows = [Row("lean", 1, 2.0, 1.0, 3.0, 0, 1.5, 1)]

        found = beside_sdxl(
            rows,
            device=CPU,
            side_px=32,
            unet=TINY_UNET,
            vae=TINY_VAE,
            matrix_side=64,
        )

        took = found["sdxl_s"]
        assert took.keys() == {"50 steps, batch 1", "30 steps, batch 1"}
        ratio = found["ratio_to_sdxl"]["lean, batch 1, 50 steps"]
        assert abs(ratio - took["50 steps, batch 1"] / 2.0) < 0.01
        assert found["share_of_floor"].keys() == {"lean, batch 1"}


class TestRandomize:
    def test_gives_weights_that_draw_a_picture(self, tiny_hub_folder: Path) -> None:
        engine = CascadeEngine(str(tiny_hub_folder))
        for part in ("text_encoder", "prior", "decoder", "vqgan"):
            randomize(engine.parts.network(part))

        made = engine.run_prior(PriorRequest("teal", 1, 256, 256, steps=4))
        pixels = engine.run_decoder(DecoderRequest(made.embeddings, 1, steps=3))

        assert pixels.shape == (256, 256, 3)
        assert pixels.std() > 0
