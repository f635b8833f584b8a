"""Networks with random weights of any size and precision, as files and in memory: for what asks how fast, not how good."""

from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import nn

from wanmove_core.models.dit import DiTConfig, WanDiT
from wanmove_core.models.quantised import QuantisedLinear, QuantisedWeight

PRECISIONS = {"float32": torch.float32, "bfloat16": torch.bfloat16, "fp8": torch.float8_e4m3fn}
SPREAD = 0.02
"""standard deviation of a weight"""
_SCALE = SPREAD / 100
"""of 8-bit weights, whose stored values then spread by 100 of at most 448"""


def write_model(path: Path, config: DiTConfig, precision: str, seed: int = 0) -> Path:
    """A safetensors file of a diffusion network; "fp8" is scaled fp8 with the rest in bfloat16."""
    generator = torch.Generator().manual_seed(seed)
    with torch.device("meta"):
        shapes = {name: value.shape for name, value in WanDiT(config).state_dict().items()}
    tensors: dict[str, torch.Tensor] = {}
    for name, shape in shapes.items():
        value = torch.randn(shape, generator=generator) * SPREAD
        if precision == "fp8" and _is_packed(name, value):
            tensors[name] = (value / _SCALE).to(torch.float8_e4m3fn)
            tensors[name.replace(".weight", ".scale_weight")] = torch.tensor(_SCALE)
        else:
            tensors[name] = value.to(torch.bfloat16 if precision == "fp8" else PRECISIONS[precision])
    if precision == "fp8":
        tensors["scaled_fp8"] = torch.empty(2, dtype=torch.float8_e4m3fn)
    save_file(tensors, path)
    return path


@torch.no_grad()
def make_model(config: DiTConfig, precision: str, seed: int = 0) -> WanDiT:
    """A network in the CPU's memory whose blocks all have the values of one, each tensor in memory once.

    Forty blocks of 14 billion weights would take minutes to draw; read and computed with they cost what different ones cost.
    """
    generator = torch.Generator().manual_seed(seed)
    dtype = torch.bfloat16 if precision == "fp8" else PRECISIONS[precision]
    with torch.device("meta"):
        network = WanDiT(config)
    drawn: dict[str, torch.Tensor] = {}
    state: dict[str, torch.Tensor] = {}
    for name, value in network.state_dict().items():
        key = ".".join(name.split(".")[2:]) if name.startswith("blocks.") else name
        if key not in drawn:
            drawn[key] = (torch.randn(value.shape, generator=generator) * SPREAD).to(dtype)
        state[name] = drawn[key]
    network.load_state_dict(state, assign=True)
    if precision == "fp8":
        _pack(network)
    return network.requires_grad_(False).eval()


def _pack(network: WanDiT) -> None:
    """Linear layers of the blocks over 8-bit weights, those of the same weight over the same one."""
    packed: dict[int, QuantisedWeight] = {}
    for block in network.blocks:
        for name, layer in list(block.named_modules()):
            if isinstance(layer, nn.Linear):
                key = layer.weight.data_ptr()
                if key not in packed:
                    values = (layer.weight.float() / _SCALE).to(torch.float8_e4m3fn)
                    packed[key] = QuantisedWeight(values, tuple(values.shape), torch.tensor(_SCALE))
                parent, _, last = name.rpartition(".")
                setattr(block.get_submodule(parent), last, QuantisedLinear(packed[key], layer.bias.data))


def _is_packed(name: str, value: torch.Tensor) -> bool:
    return name.startswith("blocks.") and name.endswith(".weight") and value.ndim == 2
