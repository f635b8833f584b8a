"""A low-rank path beside a layer: what the layer gives, and up(scale * down(input)) added to it.

The layer and its weights stay as they are, whatever they are stored in. The path moves with the layer from device to device
and adds no name to its state dict.
"""

import math
from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import torch
import torch.nn.functional as F
from torch import nn

from .ops import cast_like

_NAME = "low_rank_path"


@runtime_checkable
class LinearLike(Protocol):
    """A linear layer of any class: ``torch.nn.Linear``, or one that stores its weights in another way."""

    in_features: int
    out_features: int


class LowRankPath(nn.Module):
    """Pairs of factors for one layer, side by side as one pair of the sum of their ranks.

    Args:
        pairs: (down [R, in] or, for a convolution, [R, in, kernel...]; up [out, R]), one or more, R of each its own.
        layer: the layer to hang beside; a convolution gives its stride and padding to ``down``.
    """

    down: torch.Tensor
    up: torch.Tensor
    scale: torch.Tensor
    kept: torch.Tensor

    def __init__(self, pairs: Sequence[tuple[torch.Tensor, torch.Tensor]], layer: nn.Module) -> None:
        super().__init__()
        self.ranks = tuple(len(down) for down, _ in pairs)
        self.active = False
        self.stride, self.padding = ((), ()) if not isinstance(layer, nn.Conv3d) else (layer.stride, layer.padding)
        self.register_buffer("down", torch.cat([down for down, _ in pairs]), persistent=False)
        self.register_buffer("up", torch.cat([up for _, up in pairs], dim=1), persistent=False)
        self.register_buffer("scale", torch.zeros(0, device=self.down.device), persistent=False)
        self.register_buffer("kept", torch.zeros(0, dtype=torch.int64, device=self.down.device), persistent=False)

    @property
    def bytes(self) -> int:
        return sum(buffer.numel() * buffer.element_size() for buffer in self.buffers())

    def set_scales(self, scales: Sequence[float]) -> None:
        """One factor for each pair. One of factor 0 takes no part; with zeros only the output is passed on untouched."""
        of_ranks = [scale for scale, rank in zip(scales, self.ranks, strict=True) for _ in range(rank)]
        kept = [index for index, scale in enumerate(of_ranks) if scale]
        self.scale = torch.tensor([of_ranks[index] for index in kept], dtype=torch.float32, device=self.down.device)
        self.kept = torch.tensor(kept, dtype=torch.int64, device=self.down.device)
        self.active = bool(kept)

    def forward(self, x: torch.Tensor, output: torch.Tensor) -> torch.Tensor:
        """The layer's output for x, with the path's added, in the output's shape and dtype."""
        if not self.active:
            return output
        down, up = self.down, self.up
        if len(self.kept) < len(down):
            down, up = down.index_select(0, self.kept), up.index_select(1, self.kept)
        down, up, scale = cast_like(down, x), cast_like(up, x), cast_like(self.scale, x)
        if down.ndim > 2:
            inner = F.conv3d(x, down, stride=self.stride, padding=self.padding) * scale.view(-1, 1, 1, 1)
            return output + F.conv3d(inner, up[..., None, None, None]).to(output.dtype)
        inner = F.linear(x, down) * scale
        if output.dtype != x.dtype:
            return output + F.linear(inner, up).to(output.dtype)
        # One product that starts from the output: in half precision it is rounded once less.
        return torch.addmm(output.flatten(0, -2), inner.flatten(0, -2), up.t()).view(output.shape)


def hang_path(layer: nn.Module, path: LowRankPath) -> torch.utils.hooks.RemovableHandle:
    """Let the layer's calls go past the path; the layer must have none. Give the handle to ``take_path``."""
    layer.add_module(_NAME, path)
    return layer.register_forward_hook(_add_path)


def take_path(layer: nn.Module, handle: torch.utils.hooks.RemovableHandle) -> None:
    """Undo ``hang_path``."""
    handle.remove()
    del layer._modules[_NAME]


def has_path(layer: nn.Module) -> bool:
    return _NAME in layer._modules


def full_rank_pair(delta: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The pair whose product is a whole change of a weight [out, in, ...]: one factor is the identity, the smaller one."""
    rows, columns = len(delta), math.prod(delta.shape[1:])
    if rows <= columns or delta.ndim > 2:
        return delta, torch.eye(rows, dtype=delta.dtype, device=delta.device)
    return torch.eye(columns, dtype=delta.dtype, device=delta.device), delta


def _add_path(layer: nn.Module, args: tuple[torch.Tensor, ...], output: torch.Tensor) -> torch.Tensor:
    return layer.get_submodule(_NAME)(args[0], output)
