"""Networks run on a device where they do not lie: layer by layer, so that the device never holds more than one."""

from typing import Any

import torch
from torch import nn
from torch.func import functional_call


def run_on(device: torch.device, layer: nn.Module, *inputs: Any) -> Any:
    """The layer's output, computed on ``device``; its weights go there for the time of the call if they are elsewhere."""
    tensors = dict(layer.named_parameters()) | dict(layer.named_buffers())
    if all(tensor.device == device for tensor in tensors.values()):
        return layer(*inputs)
    return functional_call(layer, {name: tensor.to(device) for name, tensor in tensors.items()}, inputs)
