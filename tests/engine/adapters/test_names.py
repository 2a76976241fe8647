from brandgen.engine.adapters.names import Layers, attention_blocks, flat_names


class TestReadLayers:
    def test_names_every_layer_of_the_miniature(self, layers: Layers) -> None:
        assert layers.family == "stable-cascade-miniature"
        assert layers.prior["down_blocks.0.2.attention.to_q"] == (192, 192)
        assert layers.prior["up_blocks.1.0.channelwise.0"] == (768, 384)
        assert "text_model.encoder.layers.0.self_attn.q_proj" in layers.text_encoder
        assert layers.token_width == 128


class TestFlatNames:
    def test_knows_both_spellings_of_attention(self, layers: Layers) -> None:
        names = flat_names(layers.prior)

        for spelling in ("attention_to_out_0", "attention_attn_out_proj"):
            layer = names[f"up_blocks_0_2_{spelling}"]
            assert layer == "up_blocks.0.2.attention.to_out.0"
        assert names["clip_txt_mapper"] == "clip_txt_mapper"


class TestAttentionBlocks:
    def test_lists_them_in_running_order(self) -> None:
        shuffled = [
            f"{place}.attention.to_q"
            for place in (
                "up_blocks.0.2", "down_blocks.1.11", "down_blocks.1.2", "up_blocks.1.5",
                "down_blocks.0.2",
            )
        ]  # fmt: skip

        found = attention_blocks(dict.fromkeys(shuffled, (8, 8)))

        assert [block.removesuffix(".attention") for block in found] == [
            "down_blocks.0.2", "down_blocks.1.2", "down_blocks.1.11", "up_blocks.0.2",
            "up_blocks.1.5",
        ]  # fmt: skip
