"""A network of many small blocks, in each precision that files have: for what moves weights block by block."""

import functools
from collections.abc import Callable
from pathlib import Path

import torch
from safetensors.torch import save_file

from tests.core.format_files import State, is_matrix, quantise, write_gguf
from wanmove_core.models.dit import DiTConfig, WanDiT

DEEP = DiTConfig(dim=128, ffn_dim=256, layers=14, text_dim=32, text_length=8, freq_dim=32)
"""of the released head dimension, so that no file has to state it; all widths are whole blocks of 32"""


@functools.cache
def deep_state(seed: int = 2) -> State:
    torch.manual_seed(seed)
    return {name: value.detach() for name, value in WanDiT(DEEP).state_dict().items()}


def _plain(dtype: torch.dtype) -> Callable[[Path, State], Path]:
    def write(folder: Path, state: State) -> Path:
        save_file({name: value.to(dtype).contiguous() for name, value in state.items()}, folder / "deep.safetensors")
        return folder / "deep.safetensors"

    return write


def _scaled_fp8(folder: Path, state: State) -> Path:
    stored = {name: value.to(torch.bfloat16).contiguous() for name, value in state.items()}
    for name in [name for name in stored if is_matrix(name)]:
        stored[name], scale = quantise(state[name], torch.float8_e4m3fn)
        stored[name.replace(".weight", ".scale_weight")] = scale
    stored["scaled_fp8"] = torch.empty(2, dtype=torch.float8_e4m3fn)
    save_file(stored, folder / "deep.safetensors")
    return folder / "deep.safetensors"


def _gguf(folder: Path, state: State) -> Path:
    kinds = {name: "Q8_0" if is_matrix(name) else "F32" for name in state}
    return write_gguf(folder / "deep.gguf", state, kinds)


WRITERS: dict[str, Callable[[Path, State], Path]] = {
    "float32": _plain(torch.float32),
    "bfloat16": _plain(torch.bfloat16),
    "scaled fp8": _scaled_fp8,
    "GGUF Q8_0": _gguf,
}


@torch.no_grad()
def velocity(model: WanDiT, timestep: float = 700.0, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    """The network's answer to an input that depends on the timestep alone."""
    generator = torch.Generator().manual_seed(int(timestep))
    device = model.patch_embedding.weight.device
    x = torch.randn(1, DEEP.in_channels, 2, 4, 4, generator=generator).to(device, dtype)
    text = torch.randn(1, DEEP.text_length, DEEP.text_dim, generator=generator).to(device, dtype)
    return model(x, torch.tensor([timestep], device=device), text)
