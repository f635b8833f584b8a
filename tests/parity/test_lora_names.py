"""Our names for diffusers' layers against diffusers' own, and its conversion of LoRA against our reading of both."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from tests.core.lora_files import SIZES, SPELLINGS, network, pair_tensors, spelled, write
from wanmove_core.loading.lora import read_lora
from wanmove_core.loading.lora_names import diffusers_name
from wanmove_core.models.dit import WanDiT

pytestmark = pytest.mark.parity
diffusers = pytest.importorskip("diffusers")


@pytest.mark.parametrize("image_tokens", [0, 257, 514])
def test_every_layer_has_diffusers_name(image_tokens: int) -> None:
    config = replace(SIZES, image_tokens=image_tokens, image_dim=1280)
    with torch.device("meta"):
        ours = WanDiT(config).state_dict()
        theirs = diffusers.WanTransformer3DModel(
            patch_size=config.patch, num_attention_heads=config.heads, attention_head_dim=config.head_dim,
            in_channels=config.in_channels, out_channels=config.out_channels, text_dim=config.text_dim,
            freq_dim=config.freq_dim, ffn_dim=config.ffn_dim, num_layers=config.layers,
            cross_attn_norm=True, qk_norm="rms_norm_across_heads",
            image_dim=1280 if image_tokens else None, added_kv_proj_dim=config.dim if image_tokens else None,
            pos_embed_seq_len=image_tokens if image_tokens > 257 else None,
        ).state_dict()  # fmt: skip
    named = {}
    for name, value in ours.items():
        layer, _, last = name.rpartition(".")
        is_bare = last not in ("weight", "bias")
        named[diffusers_name(name) if is_bare else f"{diffusers_name(layer)}.{last}"] = tuple(value.shape)
    assert named == {name: tuple(value.shape) for name, value in theirs.items()}


def converters() -> dict[str, Callable[[dict[str, torch.Tensor]], dict[str, torch.Tensor]]]:
    from diffusers.loaders import lora_conversion_utils as conversions

    return {
        "ComfyUI, lora_down": conversions._convert_non_diffusers_wan_lora_to_diffusers,
        "ComfyUI, lora_A": conversions._convert_non_diffusers_wan_lora_to_diffusers,
        "kohya": conversions._convert_musubi_wan_lora_to_diffusers,
    }


@pytest.mark.parametrize("spelling", ["ComfyUI, lora_down", "ComfyUI, lora_A", "kohya"])
def test_what_diffusers_converts_is_read_to_the_same_change(tmp_path: Path, spelling: str) -> None:
    """alpha is the rank here: diffusers multiplies it into ``down``, which is right but rounded elsewhere."""
    blocks = range(SIZES.layers)
    attention = [f"{kind}.{part}" for kind in ("self_attn", "cross_attn") for part in "qkvo"]
    parts = (*attention, "cross_attn.k_img", "cross_attn.v_img", "ffn.0", "ffn.2")
    tensors = pair_tensors(network(), tuple(f"blocks.{block}.{part}" for block in blocks for part in parts))
    if spelling == "kohya":
        tensors |= {f"{name.removesuffix('.down')}.alpha": torch.tensor(3.0) for name in tensors if name.endswith(".down")}
    file = spelled(tensors, SPELLINGS[spelling])
    converted = converters()[spelling](dict(file))
    ours = read_lora(write(tmp_path, file), network())
    theirs = read_lora(write(tmp_path, converted, "converted.safetensors"), network())
    assert theirs.report.spelling == "diffusers"
    by_name = {pair.parameter: pair for pair in theirs.pairs}
    assert len(by_name) == len(ours.pairs) == len(parts) * SIZES.layers
    for pair in ours.pairs:
        other = by_name[pair.parameter]
        assert torch.equal(pair.down, other.down) and torch.equal(pair.up, other.up) and pair.scale == other.scale
