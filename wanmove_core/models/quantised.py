"""Linear layers whose weights stay as their file stores them: 8-bit numbers with a scale, or packed blocks.

A weight is widened where it is used and forgotten again, one at a time. Products are computed in the input's dtype with the
weight rounded once to it, so a layer gives to the bit what ``nn.Linear`` gives with the dequantised weight.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import torch
import torch.nn.functional as F
from torch import nn

from .block_formats import BlockFormat
from .ops import cast_like

CHUNK = 2**22
"""values that are widened at a time: their float32 copies take 16 MiB, whatever the size of the weight"""


@dataclass(frozen=True)
class QuantisedWeight:
    """A weight as stored, and what it takes to widen it.

    Args:
        values: float8 or int8 [shape], or uint8 with the bytes of its blocks in order.
        shape: of the weight that it stands for.
        scale: float32 of one value or [rows, 1, ...]; None: 1.
        blocks: how ``values`` are packed; None: one number each.
    """

    values: torch.Tensor
    shape: tuple[int, ...]
    scale: torch.Tensor | None = None
    blocks: BlockFormat | None = None

    def dequantised(self, dtype: torch.dtype = torch.float32) -> torch.Tensor:
        """The weight: computed in float32 and rounded once to ``dtype``. A new tensor on the device of the values."""
        if self.blocks is None:
            return self._scaled(dtype)
        packed = self.values.reshape(-1, self.blocks.bytes)
        result = torch.empty(len(packed), self.blocks.values, dtype=dtype, device=packed.device)
        step = max(1, CHUNK // self.blocks.values)
        for begin in range(0, len(packed), step):
            result[begin : begin + step] = self.blocks.unpack(packed[begin : begin + step])
        return result.view(self.shape)

    def _scaled(self, dtype: torch.dtype) -> torch.Tensor:
        if self.scale is None:
            return self.values.to(dtype)
        result = torch.empty(self.shape, dtype=dtype, device=self.values.device)
        step = max(1, CHUNK // max(1, math.prod(self.shape[1:])))
        for begin in range(0, self.shape[0], step):
            scale = self.scale if self.scale.numel() == 1 else self.scale[begin : begin + step]
            result[begin : begin + step] = self.values[begin : begin + step].float() * scale
        return result


@runtime_checkable
class StoredWeights(Protocol):
    """A host's linear layer that has its own way to keep a weight as it is stored."""

    def takes_stored(self, weight: QuantisedWeight) -> bool:
        """Whether it can be kept; else it is widened when it is loaded."""
        ...

    def over_stored(self, weight: QuantisedWeight, bias: torch.Tensor | None, dtype: torch.dtype) -> nn.Module:
        """A layer over the stored weight that computes in ``dtype``, to stand in this one's place."""
        ...


class QuantisedLinear(nn.Module):
    """``nn.Linear`` over a ``QuantisedWeight``.

    ``weight`` and ``weight_scale`` are parameters as stored: they move with the network, keep their types when the network is
    cast, and are no weights to compute with. Ask ``dequantised()`` for the weight itself. To change it for good, put an
    ``nn.Linear`` with the changed weight in the place of the layer; to add to its output, hang
    a path beside it (``low_rank.py``), which leaves it as it is.
    """

    weight: torch.Tensor
    weight_scale: torch.Tensor | None
    bias: torch.Tensor | None

    def __init__(self, weight: QuantisedWeight, bias: torch.Tensor | None) -> None:
        super().__init__()
        self.out_features, self.in_features = weight.shape
        self.blocks = weight.blocks
        self.weight = nn.Parameter(weight.values, requires_grad=False)
        self.weight_scale = None if weight.scale is None else nn.Parameter(weight.scale, requires_grad=False)
        self.bias = None if bias is None else nn.Parameter(bias, requires_grad=False)

    @property
    def stored(self) -> QuantisedWeight:
        """The weight as it is stored, on the layer's device."""
        return QuantisedWeight(self.weight, (self.out_features, self.in_features), self.weight_scale, self.blocks)

    def dequantised(self, dtype: torch.dtype = torch.float32) -> torch.Tensor:
        """The weight [out_features, in_features] as a new plain tensor of ``dtype`` on the layer's device."""
        return self.stored.dequantised(dtype)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """[..., in_features] -> [..., out_features] in the dtype of x."""
        return F.linear(x, self.dequantised(x.dtype), None if self.bias is None else cast_like(self.bias, x))

    def extra_repr(self) -> str:
        kind = str(self.weight.dtype) if self.blocks is None else self.blocks.name
        return f"in_features={self.in_features}, out_features={self.out_features}, stored as {kind}"

    def _apply(self, fn: Callable[[torch.Tensor], torch.Tensor], recurse: bool = True) -> nn.Module:
        """Move, but do not cast what is stored: rounding packed bytes or a scale would change the weight."""

        def move(tensor: torch.Tensor) -> torch.Tensor:
            moved = fn(tensor)
            return moved if moved.dtype == tensor.dtype or tensor is self.bias else tensor.to(moved.device)

        return super()._apply(move, recurse)
