"""Networks run where they do not lie: layer by layer, so that no more than one is held twice."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn
from torch.func import functional_call

from ..models.quantised import QuantisedLinear

_CAST = (torch.float64, torch.float32, torch.float16, torch.bfloat16)


def run_on(device: torch.device, dtype: torch.dtype, layer: nn.Module, *inputs: Any) -> Any:
    """The layer's output, computed on ``device`` in ``dtype``; see ``run_each_on``."""
    return run_each_on(device, dtype, layer, [inputs])[0]


def run_each_on(device: torch.device, dtype: torch.dtype, layer: nn.Module, inputs: Sequence[tuple[Any, ...]]) -> list[Any]:
    """The layer's output for each of several inputs, computed on ``device`` in ``dtype``.

    Weights that lie elsewhere, or are stored in another precision, are copied once, for the time of the call. Quantised ones
    are moved only: their layers widen them themselves.
    """
    tensors = dict(layer.named_parameters()) | dict(layer.named_buffers())
    stored = tuple(f"{name}." if name else "" for name, part in layer.named_modules() if isinstance(part, QuantisedLinear))
    placed = {
        name: tensor.to(device, dtype if tensor.dtype in _CAST and not name.startswith(stored) else tensor.dtype)
        for name, tensor in tensors.items()
    }
    if all(placed[name] is tensor for name, tensor in tensors.items()):
        return [layer(*each) for each in inputs]
    return [functional_call(layer, placed, each) for each in inputs]
