"""Our Wan 2.2 VAE against diffusers' AutoencoderKLWan on the same random weights: equal bit for bit in default chunks."""

from typing import Any

import pytest
import torch

from wanmove_core.loading.names_vae22 import wan_name
from wanmove_core.models.vae22 import LATENT_MEAN, LATENT_STD, VAE22Config, WanVAE22

pytestmark = pytest.mark.parity
diffusers = pytest.importorskip("diffusers")

ROWS = [(8, 16, 1, 9, 32, 48), (8, 8, 2, 5, 32, 32), (4, 8, 1, 1, 16, 16), (4, 4, 1, 5, 16, 32)]
"""(base width, decoder's base width, batch, frames, rows, columns); one-cell rows and batches leave unusual layouts"""


def pair_of_networks(dim: int, decoder_dim: int) -> tuple[WanVAE22, Any]:
    """The same weights by way of our map of diffusers' names."""
    torch.manual_seed(dim)
    theirs = diffusers.AutoencoderKLWan(
        base_dim=dim, decoder_base_dim=decoder_dim, z_dim=48, is_residual=True, patch_size=2, in_channels=12, out_channels=12,
        temperal_downsample=[False, True, True], scale_factor_spatial=16,
    ).eval()  # fmt: skip
    ours = WanVAE22(VAE22Config(dim, decoder_dim)).eval()
    ours.load_state_dict({str(wan_name(name)): value for name, value in theirs.state_dict().items()})
    return ours, theirs


@pytest.mark.parametrize(("dim", "decoder_dim", "batch", "frames", "rows", "columns"), ROWS)
@torch.no_grad()
def test_encoding_and_decoding_equal_diffusers(dim: int, decoder_dim: int, batch: int, frames: int, rows: int, columns: int):
    ours, theirs = pair_of_networks(dim, decoder_dim)
    mean, inverse = torch.tensor(LATENT_MEAN).view(1, -1, 1, 1, 1), (1.0 / torch.tensor(LATENT_STD)).view(1, -1, 1, 1, 1)
    clip = torch.rand(batch, 3, frames, rows, columns) * 2 - 1
    assert torch.equal(ours.encode(clip), (theirs.encode(clip).latent_dist.mean - mean) * inverse)
    latent = torch.randn(batch, 48, (frames - 1) // 4 + 1, rows // 16, columns // 16)
    assert torch.equal(ours.decode(latent), theirs.decode(latent / inverse + mean).sample)
