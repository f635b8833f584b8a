"""Folders and files as diffusers itself writes them become our networks, which compute what diffusers' classes compute."""

import copy
from pathlib import Path
from typing import Any

import pytest
import torch

from wanmove_core.loading import load_dit, load_vae
from wanmove_core.loading.model_folder import find_experts
from wanmove_core.models.vae21 import WanVAE21
from wanmove_core.models.vae22 import WanVAE22

pytestmark = pytest.mark.parity
diffusers = pytest.importorskip("diffusers")

FAMILIES = {
    "t2v-14b": {"in_channels": 16},
    "i2v-a14b": {"in_channels": 36},
    "wan-move-14b": {"in_channels": 36, "image_dim": 32, "added_kv_proj_dim": 24},
    "flf2v-14b": {"in_channels": 36, "image_dim": 32, "added_kv_proj_dim": 24, "pos_embed_seq_len": 514},
    "ti2v-5b": {"in_channels": 48, "out_channels": 48},
}


def transformer(name: str) -> Any:
    torch.manual_seed(5)
    sizes = {"num_attention_heads": 2, "attention_head_dim": 12, "ffn_dim": 32, "num_layers": 2, "text_dim": 16, "freq_dim": 8}
    model = diffusers.WanTransformer3DModel(**{"out_channels": 16, **sizes, **FAMILIES[name]}).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.normal_(0, 0.1)
    return model


@pytest.mark.parametrize("shards", [1, 3])
@pytest.mark.parametrize("name", FAMILIES)
@torch.no_grad()
def test_a_saved_transformer_computes_the_same(tmp_path: Path, name: str, shards: int):
    theirs = transformer(name)
    size = sum(value.numel() * 4 for value in theirs.state_dict().values())
    theirs.save_pretrained(tmp_path / "transformer", max_shard_size=size // shards + 4096 if shards > 1 else "1GB")
    assert len(list((tmp_path / "transformer").glob("*.safetensors"))) >= shards
    loaded = load_dit(tmp_path)
    assert loaded.variant.name == name and loaded.config.head_dim == 12
    x = torch.randn(1, loaded.config.in_channels, 2, 4, 4)
    text, time = torch.randn(1, 512, 16), torch.tensor([700.0])
    tokens = loaded.config.image_tokens
    image = torch.randn(1, tokens, 32) if tokens else None
    # diffusers takes the two pictures of FLF2V one behind the other in the batch
    given = None if image is None else image.reshape(-1, 257, 32)
    expected = theirs(x, time, text, given).sample
    found = loaded.model(x, time, text, image)
    assert float((found - expected).abs().max()) < 2e-5 * float(expected.abs().max())


@pytest.mark.parametrize("kind", [torch.bfloat16, torch.float16])
def test_a_transformer_saved_in_half_precision_has_the_same_weights(tmp_path: Path, kind: torch.dtype):
    theirs = transformer("wan-move-14b").to(kind)
    theirs.save_pretrained(tmp_path)
    loaded = load_dit(tmp_path)
    assert loaded.dtype == kind
    assert torch.equal(loaded.model.get_parameter("blocks.1.norm3.bias"), theirs.blocks[1].norm2.bias)
    assert torch.equal(loaded.model.get_parameter("blocks.1.cross_attn.k_img.weight"), theirs.blocks[1].attn2.add_k_proj.weight)


@torch.no_grad()
def test_a_saved_pipeline_of_two_experts_is_found_with_its_boundary(tmp_path: Path):
    high, low = transformer("i2v-a14b"), transformer("i2v-a14b")
    low.proj_out.bias.add_(1)
    scheduler = diffusers.FlowMatchEulerDiscreteScheduler()
    pipeline = diffusers.WanImageToVideoPipeline(
        tokenizer=None, text_encoder=None, vae=diffusers.AutoencoderKLWan(base_dim=4), scheduler=scheduler, transformer=high,
        transformer_2=low, boundary_ratio=0.9, image_encoder=None, image_processor=None,
    )  # fmt: skip
    pipeline.save_pretrained(tmp_path)
    experts = find_experts(tmp_path)
    assert experts and experts.boundary == 0.9
    for path, theirs in ((experts.high, high), (experts.low, low)):
        assert torch.equal(load_dit(path).model.head.head.bias, theirs.proj_out.bias)
    assert isinstance(load_vae(tmp_path), WanVAE21)


VAES = {
    "2.1": {"base_dim": 8, "num_res_blocks": 2},
    "2.2": {
        "base_dim": 8, "decoder_base_dim": 8, "z_dim": 48, "num_res_blocks": 1, "is_residual": True, "in_channels": 12,
        "out_channels": 12, "patch_size": 2, "scale_factor_spatial": 16, "latents_mean": [0.0] * 48, "latents_std": [1.0] * 48,
    },
}  # fmt: skip


@pytest.mark.parametrize("name", VAES)
@torch.no_grad()
def test_a_saved_vae_computes_the_same(tmp_path: Path, name: str):
    torch.manual_seed(6)
    theirs = diffusers.AutoencoderKLWan(**VAES[name]).eval()
    theirs.save_pretrained(tmp_path / "vae")
    ours = copy.deepcopy(load_vae(tmp_path))
    assert isinstance(ours, WanVAE22 if name == "2.2" else WanVAE21)
    clip = torch.rand(1, 3, 5, 32, 32) * 2 - 1
    shape = (1, -1, 1, 1, 1)
    mean, inverse = torch.tensor(ours.latent_mean).view(shape), (1.0 / torch.tensor(ours.latent_std)).view(shape)
    latent = (theirs.encode(clip).latent_dist.mean - mean) * inverse
    assert torch.equal(ours.encode(clip), latent)
    assert torch.equal(ours.decode(latent), theirs.decode(latent / inverse + mean).sample)
