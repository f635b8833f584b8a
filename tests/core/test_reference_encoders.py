"""Our text encoder, picture tower and VAEs against numbers that the released code of Wan 2.1 and Wan 2.2 computed.

``tests/golden/reference/record_encoders.py`` says how they were made.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.golden.reference.encoder_cases import CLIP, UMT5, VAES, frames, latent, picture, token_ids
from tests.golden.reference.seeded import fill, largest_difference
from wanmove_core.encoding.picture import prepare_picture
from wanmove_core.models.clip_vision import ClipVision, ClipVisionConfig
from wanmove_core.models.umt5 import UMT5Config, UMT5Encoder
from wanmove_core.models.vae21 import VAEConfig, WanVAE21
from wanmove_core.models.vae22 import VAE22Config, WanVAE22

ROUNDING = 2e-5
"""between machines and builds of torch, of results of order 1. Measured where they were recorded: 0, each of them"""
ROUNDING_BFLOAT16 = 0.05


def umt5(dtype: torch.dtype) -> torch.Tensor:
    """The prompt alone, where the released code had it padded to 512 tokens."""
    sizes = ("vocab", "dim", "dim_attn", "dim_ffn", "num_heads", "num_layers", "num_buckets")
    model = UMT5Encoder(UMT5Config(*(UMT5[size] for size in sizes))).eval()
    fill(model, "umt5")
    return model.to(dtype)(token_ids(), dtype)[0]


def clip() -> torch.Tensor:
    dim = CLIP["dim"]
    model = ClipVision(ClipVisionConfig(dim, dim * CLIP["mlp_ratio"], CLIP["num_heads"], CLIP["num_layers"], 28, 14)).eval()
    fill(model, "clip")
    return model(prepare_picture(picture(), CLIP["image_size"]))[0]


def vae(name: str) -> WanVAE21 | WanVAE22:
    dim = VAES[name].sizes["dim"]
    model = WanVAE21(VAEConfig(dim)) if name == "vae21" else WanVAE22(VAE22Config(dim, VAES[name].sizes["dec_dim"]))
    fill(model, name)
    return model.eval()


CASES: dict[str, Callable[[], torch.Tensor]] = {
    "umt5 float32": lambda: umt5(torch.float32),
    "umt5 bfloat16": lambda: umt5(torch.bfloat16),
    "clip": clip,
    "vae21 encode": lambda: vae("vae21").encode(frames(VAES["vae21"])[None])[0],
    "vae21 decode": lambda: vae("vae21").decode(latent(VAES["vae21"])[None])[0],
    "vae22 encode": lambda: vae("vae22").encode(frames(VAES["vae22"])[None])[0],
    "vae22 decode": lambda: vae("vae22").decode(latent(VAES["vae22"])[None])[0],
}


def recorded() -> dict[str, Any]:
    path = Path(__file__).parents[1] / "golden" / "reference" / "encoders.json"
    return json.loads(path.read_text(encoding="utf-8"))["values"]


@pytest.mark.parametrize("name", CASES)
@torch.no_grad()
def test_the_result_is_that_of_the_released_code(name: str):
    limit = ROUNDING_BFLOAT16 if "bfloat16" in name else ROUNDING
    assert largest_difference(CASES[name](), recorded()[name]) < limit


def test_every_recorded_result_is_compared():
    assert set(recorded()) == set(CASES)
