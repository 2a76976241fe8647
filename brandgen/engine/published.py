"""The configurations of the published Stable Cascade networks.

Source: convert_stable_cascade.py and convert_stable_cascade_lite.py of diffusers 0.42.1
and the modules of the official repository. Numbers only: nothing imports torch.
"""

from collections.abc import Mapping
from typing import Any

from brandgen.engine.layout import Component, Size

RES_TIME = ("SDCascadeResBlock", "SDCascadeTimestepBlock")
RES_TIME_ATTENTION = (*RES_TIME, "SDCascadeAttnBlock")

_PRIOR = {
    "in_channels": 16,
    "out_channels": 16,
    "patch_size": 1,
    "down_blocks_repeat_mappers": (1, 1),
    "up_blocks_repeat_mappers": (1, 1),
    "block_types_per_layer": (RES_TIME_ATTENTION, RES_TIME_ATTENTION),
    "clip_text_in_channels": 1280,
    "clip_text_pooled_in_channels": 1280,
    "clip_image_in_channels": 768,
    "clip_seq": 4,
    "switch_level": (False,),
}
_DECODER = {
    "in_channels": 4,
    "out_channels": 4,
    "patch_size": 2,
    "conditioning_dim": 1280,
    "down_blocks_repeat_mappers": (1, 1, 1, 1),
    "block_types_per_layer": (
        RES_TIME, RES_TIME, RES_TIME_ATTENTION, RES_TIME_ATTENTION,
    ),
    "clip_text_pooled_in_channels": 1280,
    "clip_seq": 4,
    "effnet_in_channels": 16,
    "pixel_mapper_in_channels": 3,
    "dropout": (0, 0, 0.1, 0.1),
    "timestep_conditioning_type": ("sca",),
}  # fmt: skip

CONFIGS: Mapping[tuple[Component, Size], Mapping[str, Any]] = {
    ("prior", "large"): {
        **_PRIOR,
        "conditioning_dim": 2048,
        "block_out_channels": (2048, 2048),
        "num_attention_heads": (32, 32),
        "down_num_layers_per_block": (8, 24),
        "up_num_layers_per_block": (24, 8),
    },
    ("prior", "lite"): {
        **_PRIOR,
        "conditioning_dim": 1536,
        "block_out_channels": (1536, 1536),
        "num_attention_heads": (24, 24),
        "down_num_layers_per_block": (4, 12),
        "up_num_layers_per_block": (12, 4),
    },
    ("decoder", "large"): {
        **_DECODER,
        "block_out_channels": (320, 640, 1280, 1280),
        "num_attention_heads": (-1, -1, 20, 20),
        "down_num_layers_per_block": (2, 6, 28, 6),
        "up_num_layers_per_block": (6, 28, 6, 2),
        "up_blocks_repeat_mappers": (3, 3, 2, 2),
    },
    ("decoder", "lite"): {
        **_DECODER,
        "block_out_channels": (320, 576, 1152, 1152),
        "num_attention_heads": (-1, 9, 18, 18),
        "down_num_layers_per_block": (2, 4, 14, 4),
        "up_num_layers_per_block": (4, 14, 4, 2),
        "up_blocks_repeat_mappers": (2, 2, 2, 2),
    },
    ("vqgan", "large"): {
        "in_channels": 3,
        "out_channels": 3,
        "up_down_scale_factor": 2,
        "levels": 2,
        "bottleneck_blocks": 12,
        "embed_dim": 384,
        "latent_channels": 4,
        "num_vq_embeddings": 8192,
        "scale_factor": 0.3764,
    },
    ("text_encoder", "large"): {
        "vocab_size": 49408,
        "hidden_size": 1280,
        "intermediate_size": 5120,
        "projection_dim": 1280,
        "num_hidden_layers": 32,
        "num_attention_heads": 20,
        "max_position_embeddings": 77,
        "hidden_act": "gelu",
    },
    ("image_encoder", "large"): {
        "hidden_size": 1024,
        "intermediate_size": 4096,
        "projection_dim": 768,
        "num_hidden_layers": 24,
        "num_attention_heads": 16,
        "image_size": 224,
        "patch_size": 14,
    },
}
