"""Small model files and headers of real sizes for the loading tests."""

import functools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save

from wanmove_core.loading import state_config
from wanmove_core.loading.checkpoint import build_on_meta
from wanmove_core.loading.stated_config import NetworkConfig
from wanmove_core.loading.tensor_file import TensorFile, TensorInfo
from wanmove_core.models.dit import DiTConfig, WanDiT
from wanmove_core.models.vae21 import VAEConfig, WanVAE21
from wanmove_core.variants import DEMO

TINY = DiTConfig(dim=24, ffn_dim=32, layers=2, head_dim=12, freq_dim=8, text_dim=8)
TINY_VAE = VAEConfig(4, residual_blocks=1)

I2V_14B = DiTConfig(dim=5120, ffn_dim=13824, layers=40, image_tokens=257)
T2V_14B = DiTConfig(dim=5120, ffn_dim=13824, layers=40, in_channels=16)
T2V_1_3B = DiTConfig(dim=1536, ffn_dim=8960, layers=30, in_channels=16)
I2V_A14B = DiTConfig(dim=5120, ffn_dim=13824, layers=40)
FLF2V_14B = DiTConfig(dim=5120, ffn_dim=13824, layers=40, image_tokens=514)
TI2V_5B = DiTConfig(dim=3072, ffn_dim=14336, layers=30, in_channels=48, out_channels=48)


@functools.cache
def tiny_dit() -> WanDiT:
    torch.manual_seed(0)
    return WanDiT(TINY).eval().requires_grad_(False)


@functools.cache
def tiny_vae() -> WanVAE21:
    torch.manual_seed(1)
    return WanVAE21(TINY_VAE).eval().requires_grad_(False)


@functools.cache
def real_header(config: NetworkConfig) -> dict[str, TensorInfo]:
    """Names and shapes of a full-size network, from the meta device."""
    return {name: TensorInfo("BF16", tuple(value.shape)) for name, value in build_on_meta(config).state_dict().items()}


def header_only(tensors: Mapping[str, TensorInfo], metadata: Mapping[str, str] | None = None) -> TensorFile:
    return TensorFile(Path("model.safetensors"), tensors, metadata or {}, sum(info.bytes for info in tensors.values()))


def named(*names: str) -> TensorFile:
    """A file of small tensors with these names."""
    return header_only({name: TensorInfo("F16", (1,)) for name in names})


def safetensors_bytes(header: Any, values: bytes = b"") -> bytes:
    """A file with any JSON value for its header."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + values


@functools.cache
def tiny_dit_bytes() -> bytes:
    """The tiny network as the demo model is saved."""
    return save(tiny_dit().state_dict(), state_config(DEMO, TINY))


def sparse_file(path: Path, tensors: Mapping[str, TensorInfo]) -> Path:
    """A full-size safetensors file whose values are a hole that takes no room on the disk."""
    header, position = {}, 0
    for name, info in tensors.items():
        span = [position, position + info.bytes]
        header[name] = {"dtype": info.dtype, "shape": list(info.shape), "data_offsets": span}
        position = span[1]
    content = safetensors_bytes(header)
    with path.open("wb") as file:
        file.write(content)
        file.truncate(len(content) + position)
    return path
