"""The layers that the networks are built from, passed in so that a host can bring its own (ComfyUI: ``comfy.ops``)."""

from typing import Any, Protocol

import torch
from torch import nn


class Ops(Protocol):
    """Layer constructors with torch.nn's signatures. ``torch.nn`` itself is one.

    The networks also give float32 inputs to layers with narrower weights (time embedding, affine norms). For torch.nn's own
    layers they cast the weights themselves; layers of any other class have to cast to their input's dtype, as
    ``comfy.ops.manual_cast`` does.
    """

    @property
    def Linear(self) -> Any: ...

    @property
    def Conv2d(self) -> Any: ...

    @property
    def Conv3d(self) -> Any: ...

    @property
    def LayerNorm(self) -> Any: ...


TORCH_OPS: Ops = nn


def cast_like(parameter: torch.Tensor, like: torch.Tensor) -> torch.Tensor:
    """A bare parameter on the device and in the dtype of the tensor that it meets."""
    return parameter.to(device=like.device, dtype=like.dtype)
