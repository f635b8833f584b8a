"""Random numbers that two programs can agree on: each tensor from its name alone, whatever was drawn before it."""

import math
import zlib
from collections.abc import Sequence
from typing import Any

import torch
from torch import nn

SAMPLES = 64


def seeded(name: str, *shape: int) -> torch.Tensor:
    """Normally distributed float32 numbers, always the same for a name."""
    return torch.randn(shape, generator=torch.Generator().manual_seed(zlib.crc32(name.encode())))


@torch.no_grad()
def fill(network: nn.Module, seed: str) -> None:
    """Give each parameter numbers by its name: vectors near 1 (norms) or 0, others small enough to keep the scale."""
    for name, parameter in network.named_parameters():
        value = seeded(f"{seed} {name}", *parameter.shape)
        if parameter.ndim == 1:
            value = value * 0.1 + ("norm" in name and name.endswith("weight"))
        else:
            value = value / math.sqrt(parameter[0].numel() if "modulation" not in name else parameter.shape[-1])
        parameter.copy_(value)


def summary(tensor: torch.Tensor) -> dict[str, Any]:
    """What is kept of a tensor: its shape, evenly spaced values, and its mean square."""
    flat = tensor.detach().float().flatten()
    return {
        "shape": list(tensor.shape),
        "values": [float(f"{float(value):.9g}") for value in flat[positions(len(flat))]],
        "mean_square": float(f"{float(flat.double().square().mean()):.9g}"),
    }


def positions(length: int) -> torch.Tensor:
    """Of the values that ``summary`` keeps."""
    return torch.linspace(0, length - 1, min(SAMPLES, length), dtype=torch.float64).round().long()


def largest_difference(tensor: torch.Tensor, kept: dict[str, Any]) -> float:
    """Between a tensor and what was kept of another of the same shape: over the kept values and the mean square."""
    mine = summary(tensor)
    if mine["shape"] != kept["shape"]:
        raise ValueError(f"the shape is {mine['shape']} and not {kept['shape']}")
    pairs: Sequence[tuple[float, float]] = list(zip(mine["values"], kept["values"], strict=True))
    return max(abs(a - b) for a, b in [*pairs, (mine["mean_square"], kept["mean_square"])])
