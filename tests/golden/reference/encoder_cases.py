"""The tiny encoders and VAEs that were recorded from the released code, and what they were given."""

from dataclasses import dataclass

import torch

from tests.golden.reference.seeded import seeded

TOKENS = 23
UMT5 = {"vocab": 300, "dim": 64, "dim_attn": 48, "dim_ffn": 160, "num_heads": 3, "num_layers": 2, "num_buckets": 32}
"""in the words of the released ``T5Encoder``"""
CLIP = {"image_size": 28, "patch_size": 14, "dim": 80, "mlp_ratio": 2, "out_dim": 8, "num_heads": 1, "num_layers": 3}
"""in the words of the released ``VisionTransformer``"""


@dataclass(frozen=True)
class VAECase:
    """A VAE: where its released code is, the sizes in that code's words, and how many pixels a cell has."""

    source: str
    module: str
    wrapper: str
    sizes: dict[str, int]
    cell: int


VAES = {
    "vae21": VAECase("Wan2.1", "vae", "WanVAE", {"dim": 8, "z_dim": 16}, 8),
    "vae22": VAECase("Wan2.2", "vae2_2", "Wan2_2_VAE", {"dim": 8, "dec_dim": 8, "z_dim": 48}, 16),
}


def token_ids() -> torch.Tensor:
    """[1, TOKENS]"""
    return (seeded("ids", 1, TOKENS).abs() * 100).long() % UMT5["vocab"]


def picture() -> torch.Tensor:
    """[40, 56, 3] in 0 ... 1, of whole 255ths"""
    return ((torch.tanh(seeded("picture", 40, 56, 3)) + 1) * 127.5).round() / 255


def frames(case: VAECase) -> torch.Tensor:
    """[3, 9, 2 cells, 3 cells] in -1 ... 1"""
    return torch.tanh(seeded("frames", 3, 9, 2 * case.cell, 3 * case.cell))


def latent(case: VAECase) -> torch.Tensor:
    """[channels, 3, 2, 3]"""
    return seeded("latent", case.sizes["z_dim"], 3, 2, 3)
