"""Our Wan 2.1 VAE against diffusers' AutoencoderKLWan on the same random weights: equal bit for bit in default chunks."""

from typing import Any

import pytest
import torch

from wanmove_core.models.vae21 import LATENT_MEAN, LATENT_STD, VAEConfig, WanVAE21

pytestmark = pytest.mark.parity
diffusers = pytest.importorskip("diffusers")

ROWS = [(8, 1, 17, 32, 48), (8, 2, 9, 64, 64), (12, 1, 1, 40, 24), (8, 1, 5, 16, 8), (16, 1, 5, 8, 8), (4, 2, 5, 8, 16)]
"""(base width, batch, frames, rows, columns); one-cell rows and batches leave the layouts that are easiest to get wrong"""


def pair_of_networks(dim: int) -> tuple[WanVAE21, Any]:
    from diffusers.loaders.single_file_utils import convert_wan_vae_to_diffusers

    torch.manual_seed(dim)
    ours = WanVAE21(VAEConfig(dim)).eval()
    theirs = diffusers.AutoencoderKLWan(base_dim=dim).eval()
    theirs.load_state_dict(convert_wan_vae_to_diffusers(dict(ours.state_dict())))
    return ours, theirs


def statistics() -> tuple[torch.Tensor, torch.Tensor]:
    """Mean and reciprocal deviation as diffusers' pipelines apply them."""
    shape = (1, -1, 1, 1, 1)
    return torch.tensor(LATENT_MEAN).view(shape), (1.0 / torch.tensor(LATENT_STD)).view(shape)


def test_latent_statistics_are_those_of_diffusers():
    config = diffusers.AutoencoderKLWan(base_dim=4).config
    assert tuple(config.latents_mean) == LATENT_MEAN
    assert tuple(config.latents_std) == LATENT_STD


@pytest.mark.parametrize(("dim", "batch", "frames", "rows", "columns"), ROWS)
@torch.no_grad()
def test_encoding_and_decoding_equal_diffusers(dim: int, batch: int, frames: int, rows: int, columns: int):
    ours, theirs = pair_of_networks(dim)
    mean, inverse = statistics()
    clip = torch.rand(batch, 3, frames, rows, columns) * 2 - 1
    assert torch.equal(ours.encode(clip), (theirs.encode(clip).latent_dist.mean - mean) * inverse)
    clip[:, :, 1:] = 0
    assert torch.equal(ours.encode(clip), (theirs.encode(clip).latent_dist.mean - mean) * inverse)
    latent = torch.randn(batch, 16, (frames - 1) // 4 + 1, rows // 8, columns // 8)
    assert torch.equal(ours.decode(latent), theirs.decode(latent / inverse + mean).sample)
