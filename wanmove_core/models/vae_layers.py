"""What the Wan VAEs are built from: layers that see only the past, and a memory of it from one chunk of frames to the next."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import torch
import torch.nn.functional as F
from einops import rearrange
from torch import nn

from .ops import Ops, cast_like


class CausalMemory:
    """What the layers remember from one chunk to the next: the last frames of their input."""

    def __init__(self) -> None:
        self._frames: dict[nn.Module, torch.Tensor] = {}

    def recall(self, layer: nn.Module) -> torch.Tensor | None:
        """The frames [B, C, 1 or 2, H, W] that the layer last remembered; None at the start of a clip."""
        return self._frames.get(layer)

    def remember(self, layer: nn.Module, frames: torch.Tensor) -> None:
        self._frames[layer] = frames.clone()

    def snapshot(self) -> "Remembered":
        """What every layer remembers now."""
        return dict(self._frames)

    def is_as(self, before: "Remembered") -> bool:
        """Whether every layer remembers the values of that snapshot, laid out as they were there."""
        if self._frames.keys() != before.keys():
            return False
        return all(now is before[layer] or _is_same(now, before[layer]) for layer, now in self._frames.items())


Remembered = dict[nn.Module, torch.Tensor]
Carried = tuple[torch.Tensor, ...]
"""what one step of a coder hands to the next: the frames that it works on, then those that wait beside"""
Step = Callable[[Carried, CausalMemory], Carried]


def as_step(layer: Callable[[torch.Tensor, CausalMemory], torch.Tensor]) -> Step:
    """A layer as a step; what waits beside goes past it."""
    return lambda carried, memory: (layer(carried[0], memory), *carried[1:])


def run_steps(steps: Iterable[Step], x: torch.Tensor, memory: CausalMemory) -> torch.Tensor:
    carried: Carried = (x,)
    for step in steps:
        carried = step(carried, memory)
    return carried[0]


def causal_conv(conv: nn.Conv3d, x: torch.Tensor, memory: CausalMemory) -> torch.Tensor:
    """A 3D convolution that sees only the past: remembered frames, or zeros before the first, stand in front of x."""
    past = conv.kernel_size[0] - 1
    if past == 0:
        return conv(x)
    before = memory.recall(conv)
    if before is not None:
        x = torch.cat([before.to(x.device), x], dim=2)
    known = 0 if before is None else before.shape[2]
    memory.remember(conv, x[:, :, -past:])
    return conv(F.pad(x, (0, 0, 0, 0, past - known, 0)))


class ChannelNorm(nn.Module):
    """RMS norm over the channel axis (axis 1)."""

    def __init__(self, dim: int, spatial_axes: int) -> None:
        super().__init__()
        self.scale = dim**0.5
        self.gamma = nn.Parameter(torch.ones(dim, *[1] * spatial_axes))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.normalize(x, dim=1) * self.scale * cast_like(self.gamma, x)


class ResidualBlock(nn.Module):
    def __init__(self, in_dim: int, out_dim: int, ops: Ops) -> None:
        super().__init__()
        self.residual = nn.Sequential(
            ChannelNorm(in_dim, 3), nn.SiLU(), ops.Conv3d(in_dim, out_dim, 3, padding=(0, 1, 1)),
            ChannelNorm(out_dim, 3), nn.SiLU(), nn.Identity(), ops.Conv3d(out_dim, out_dim, 3, padding=(0, 1, 1)),
        )  # fmt: skip
        self.shortcut = ops.Conv3d(in_dim, out_dim, 1) if in_dim != out_dim else nn.Identity()

    def steps(self) -> Iterator[Step]:
        """A step for each convolution."""
        yield self._first_half
        yield self._second_half

    def forward(self, x: torch.Tensor, memory: CausalMemory) -> torch.Tensor:
        return run_steps(self.steps(), x, memory)

    def _first_half(self, carried: Carried, memory: CausalMemory) -> Carried:
        x, *beside = carried
        return causal_sequence(tuple(self.residual)[:3], x, memory), x, *beside

    def _second_half(self, carried: Carried, memory: CausalMemory) -> Carried:
        hidden, x, *beside = carried
        return causal_sequence(tuple(self.residual)[3:], hidden, memory) + self.shortcut(x), *beside


class AttentionBlock(nn.Module):
    """Single-head attention within each frame."""

    def __init__(self, dim: int, ops: Ops) -> None:
        super().__init__()
        self.norm = ChannelNorm(dim, 2)
        self.to_qkv = ops.Conv2d(dim, dim * 3, 1)
        self.proj = ops.Conv2d(dim, dim, 1)

    def forward(self, x: torch.Tensor, memory: CausalMemory) -> torch.Tensor:
        frames = rearrange(x, "b c t h w -> (b t) c h w")
        qkv = self.to_qkv(self.norm(frames)).flatten(2).unsqueeze(1).transpose(2, 3).contiguous()
        out = F.scaled_dot_product_attention(*qkv.chunk(3, dim=-1))
        # these steps in this order: the strides they leave choose the layout, and so the rounding, of what follows
        out = self.proj(out.squeeze(1).permute(0, 2, 1).reshape(frames.shape))
        return rearrange(out, "(b t) c h w -> b c t h w", t=x.shape[2]) + x


class Downsample(nn.Module):
    """Half the rows and columns; with ``temporal`` half the frames too, the first frame of a clip excepted."""

    def __init__(self, dim: int, temporal: bool, ops: Ops) -> None:
        super().__init__()
        self.resample = nn.Sequential(nn.ZeroPad2d((0, 1, 0, 1)), ops.Conv2d(dim, dim, 3, stride=2))
        self.time_conv = ops.Conv3d(dim, dim, (3, 1, 1), stride=(2, 1, 1)) if temporal else None

    def forward(self, x: torch.Tensor, memory: CausalMemory) -> torch.Tensor:
        x = _each_frame(self.resample, x)
        if self.time_conv is None:
            return x
        before = memory.recall(self)
        memory.remember(self, x[:, :, -1:])
        if before is not None:
            return self.time_conv(torch.cat([before.to(x.device), x], dim=2))
        first = x[:, :, :1]
        return first if x.shape[2] == 1 else torch.cat([first, self.time_conv(x)], dim=2)


class Upsample(nn.Module):
    """Twice the rows and columns; with ``temporal`` twice the frames too, the first frame excepted."""

    def __init__(self, dim: int, out_dim: int, temporal: bool, ops: Ops) -> None:
        super().__init__()
        self.resample = nn.Sequential(_NearestTwice(), ops.Conv2d(dim, out_dim, 3, padding=1))
        self.time_conv = ops.Conv3d(dim, dim * 2, (3, 1, 1)) if temporal else None

    def forward(self, x: torch.Tensor, memory: CausalMemory) -> torch.Tensor:
        if self.time_conv is not None:
            x = self._double_frames(self.time_conv, x, memory)
        return _each_frame(self.resample, x)

    def _double_frames(self, time_conv: nn.Conv3d, x: torch.Tensor, memory: CausalMemory) -> torch.Tensor:
        """The first frame passes, and the convolution never sees it: released behaviour."""
        if memory.recall(self) is not None:
            return _interleave(causal_conv(time_conv, x, memory))
        first, rest = x[:, :, :1], x[:, :, 1:]
        memory.remember(self, first)
        return first if rest.shape[2] == 0 else torch.cat([first, _interleave(causal_conv(time_conv, rest, memory))], dim=2)


class _NearestTwice(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.interpolate(x.float(), scale_factor=2.0, mode="nearest-exact").to(x.dtype)


class Coder(nn.Module, ABC):
    """One half of a VAE: a convolution, the layers of ``in_order`` and a head."""

    conv1: Any
    head: nn.Sequential

    @abstractmethod
    def in_order(self) -> Iterable[nn.Module]:
        """The layers between ``conv1`` and ``head``."""

    def steps(self) -> Iterator[Step]:
        """The whole coder, as finely as its layers can be cut."""
        yield as_step(lambda x, memory: causal_conv(self.conv1, x, memory))
        for layer in self.in_order():
            yield from layer_steps(layer)
        yield as_step(lambda x, memory: causal_sequence(self.head, x, memory))

    def forward(self, x: torch.Tensor, memory: CausalMemory) -> torch.Tensor:
        return run_steps(self.steps(), x, memory)


def layer_steps(layer: Any) -> Iterable[Step]:
    """The layer's own steps; the whole layer as one where it has none."""
    return layer.steps() if hasattr(layer, "steps") else (as_step(layer),)


def middle(dim: int, ops: Ops) -> nn.Sequential:
    return nn.Sequential(ResidualBlock(dim, dim, ops), AttentionBlock(dim, ops), ResidualBlock(dim, dim, ops))


def head(dim: int, out: int, ops: Ops) -> nn.Sequential:
    return nn.Sequential(ChannelNorm(dim, 3), nn.SiLU(), ops.Conv3d(dim, out, 3, padding=(0, 1, 1)))


def causal_sequence(layers: Iterable[nn.Module], x: torch.Tensor, memory: CausalMemory) -> torch.Tensor:
    for layer in layers:
        x = causal_conv(layer, x, memory) if isinstance(layer, nn.Conv3d) else layer(x)
    return x


def _is_same(one: torch.Tensor, other: torch.Tensor) -> bool:
    """Values and layout: the layout chooses how a convolution rounds."""
    return one.stride() == other.stride() and torch.equal(one, other)


def _each_frame(layers: nn.Sequential, x: torch.Tensor) -> torch.Tensor:
    return rearrange(layers(rearrange(x, "b c t h w -> (b t) c h w")), "(b t) c h w -> b c t h w", t=x.shape[2])


def _interleave(x: torch.Tensor) -> torch.Tensor:
    """[B, 2 C, T, H, W] -> [B, C, 2 T, H, W], the two halves in turn."""
    return rearrange(x, "b (two c) t h w -> b c (t two) h w", two=2).contiguous(memory_format=_layout(x))


def _layout(x: torch.Tensor) -> torch.memory_format:
    """Channels last where the input came so: convolutions on a CPU are several times faster there."""
    last = x.is_contiguous(memory_format=torch.channels_last_3d)
    return torch.channels_last_3d if last else torch.contiguous_format
