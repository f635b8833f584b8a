"""The Wan 2.1 VAE: causal in time, 4 x 8 x 8 pixels a latent cell, frames streamed through in chunks.

Parameter names are those of the released ``Wan2.1_VAE.pth``. Frame 0 stands alone; each later latent frame holds four
frames. Any split of the frames into chunks of 1 + 4k, 4, 4, ... gives the same values, because each layer keeps the last
frames that it saw in a ``CausalMemory``.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import torch
import torch.nn.functional as F
from einops import rearrange
from torch import nn

from .ops import TORCH_OPS, Ops, cast_like


@dataclass(frozen=True)
class VAEConfig:
    """Sizes of a Wan VAE; the defaults are the released Wan 2.1 VAE (126.9 M parameters)."""

    dim: int = 96
    latent_channels: int = 16
    dim_mult: tuple[int, ...] = (1, 2, 4, 4)
    residual_blocks: int = 2
    temporal_downsample: tuple[bool, ...] = (False, True, True)


LATENT_MEAN = (
    -0.7571, -0.7089, -0.9113, 0.1075, -0.1745, 0.9653, -0.1517, 1.5508,
    0.4134, -0.0715, 0.5517, -0.3632, -0.1922, -0.9497, 0.2503, -0.2921,
)  # fmt: skip
LATENT_STD = (
    2.8184, 1.4541, 2.3275, 2.6558, 1.2196, 1.7708, 2.6052, 2.0743,
    3.2687, 2.1526, 2.8652, 1.5579, 1.6382, 1.1253, 2.8251, 1.9160,
)  # fmt: skip


class CausalMemory:
    """What the layers remember from one chunk to the next: the last frames of their input."""

    def __init__(self) -> None:
        self._frames: dict[nn.Module, torch.Tensor] = {}

    def recall(self, layer: nn.Module) -> torch.Tensor | None:
        """The frames [B, C, 1 or 2, H, W] that the layer last remembered; None at the start of a clip."""
        return self._frames.get(layer)

    def remember(self, layer: nn.Module, frames: torch.Tensor) -> None:
        self._frames[layer] = frames.clone()


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

    def forward(self, x: torch.Tensor, memory: CausalMemory) -> torch.Tensor:
        return _causal_sequence(self.residual, x, memory) + self.shortcut(x)


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
    """Twice the rows and columns, half the channels; with ``temporal`` twice the frames too, the first frame excepted."""

    def __init__(self, dim: int, temporal: bool, ops: Ops) -> None:
        super().__init__()
        self.resample = nn.Sequential(_NearestTwice(), ops.Conv2d(dim, dim // 2, 3, padding=1))
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


class Encoder(nn.Module):
    def __init__(self, config: VAEConfig, ops: Ops) -> None:
        super().__init__()
        widths = [config.dim * m for m in (1, *config.dim_mult)]
        self.conv1 = ops.Conv3d(3, widths[0], 3, padding=(0, 1, 1))
        layers: list[nn.Module] = []
        for stage, (in_dim, out_dim) in enumerate(pairwise(widths)):
            for block in range(config.residual_blocks):
                layers.append(ResidualBlock(in_dim if block == 0 else out_dim, out_dim, ops))
            if stage < len(config.dim_mult) - 1:
                layers.append(Downsample(out_dim, config.temporal_downsample[stage], ops))
        self.downsamples = nn.Sequential(*layers)
        self.middle = _middle(widths[-1], ops)
        self.head = _head(widths[-1], config.latent_channels * 2, ops)

    def forward(self, x: torch.Tensor, memory: CausalMemory) -> torch.Tensor:
        x = causal_conv(self.conv1, x, memory)
        for layer in (*self.downsamples, *self.middle):
            x = layer(x, memory)
        return _causal_sequence(self.head, x, memory)


class Decoder(nn.Module):
    def __init__(self, config: VAEConfig, ops: Ops) -> None:
        super().__init__()
        multiples = config.dim_mult[::-1]
        widths = [config.dim * m for m in (multiples[0], *multiples)]
        self.conv1 = ops.Conv3d(config.latent_channels, widths[0], 3, padding=(0, 1, 1))
        self.middle = _middle(widths[0], ops)
        layers: list[nn.Module] = []
        for stage, (in_dim, out_dim) in enumerate(pairwise(widths)):
            first_dim = in_dim if stage == 0 else in_dim // 2
            for block in range(config.residual_blocks + 1):
                layers.append(ResidualBlock(first_dim if block == 0 else out_dim, out_dim, ops))
            if stage < len(multiples) - 1:
                layers.append(Upsample(out_dim, config.temporal_downsample[::-1][stage], ops))
        self.upsamples = nn.Sequential(*layers)
        self.head = _head(widths[-1], 3, ops)

    def forward(self, x: torch.Tensor, memory: CausalMemory) -> torch.Tensor:
        x = causal_conv(self.conv1, x, memory)
        for layer in (*self.middle, *self.upsamples):
            x = layer(x, memory)
        return _causal_sequence(self.head, x, memory)


class WanVAE21(nn.Module):
    """Frames in -1 ... 1 to normalised latents and back."""

    def __init__(self, config: VAEConfig = VAEConfig(), ops: Ops = TORCH_OPS) -> None:
        super().__init__()
        self.config = config
        channels = config.latent_channels
        self.encoder = Encoder(config, ops)
        self.conv1 = ops.Conv3d(channels * 2, channels * 2, 1)
        self.conv2 = ops.Conv3d(channels, channels, 1)
        self.decoder = Decoder(config, ops)

    def encode(self, frames: torch.Tensor, chunk: int = 4, on_chunk: Callable[[int, int], None] | None = None) -> torch.Tensor:
        """Normalised latent means.

        Args:
            frames: [B, 3, 4k + 1, H, W] in -1 ... 1, H and W multiples of 8.
            chunk: frames that go through the network together after the first, a multiple of 4. 4 is the released
                code's choice and bit-equal to it; more is faster, takes memory and differs by rounding only.
            on_chunk: told (chunks done, all chunks) before the first chunk and after each; may raise to stop.

        Returns:
            [B, C, k + 1, H / 8, W / 8]
        """
        memory = CausalMemory()
        first, rest = frames[:, :, :1], frames[:, :, 1:]
        chunks = (first, *rest.split(chunk, dim=2)) if rest.shape[2] else (first,)
        told = on_chunk or (lambda done, total: None)
        told(0, len(chunks))
        parts = []
        for part in chunks:
            parts.append(self.encoder(part, memory))
            told(len(parts), len(chunks))
        encoded = torch.cat(parts, dim=2)
        mean = self.conv1(encoded).chunk(2, dim=1)[0]
        shift, inverse = _latent_statistics(mean)
        return (mean - shift) * inverse

    def decode_frames(self, latent: torch.Tensor, chunk: int = 1) -> Iterator[torch.Tensor]:
        """Frames of a normalised latent [B, C, T', H', W'], ``chunk`` latent frames at a time.

        Yields:
            [B, 3, T, 8 H', 8 W'] in -1 ... 1: one frame for the first latent frame, four for each later one.
        """
        for part in self.decode_unclamped(latent, chunk):
            yield part.clamp(-1, 1)

    def decode_unclamped(self, latent: torch.Tensor, chunk: int) -> Iterator[torch.Tensor]:
        """``decode_frames`` before the clamp, for training."""
        memory = CausalMemory()
        shift, inverse = _latent_statistics(latent)
        for part in self.conv2(latent / inverse + shift).split(chunk, dim=2):
            yield self.decoder(part, memory)

    def decode(self, latent: torch.Tensor, chunk: int = 1) -> torch.Tensor:
        """The whole clip [B, 3, 4 (T' - 1) + 1, H, W] in -1 ... 1; see ``decode_frames``."""
        return torch.cat(list(self.decode_frames(latent, chunk)), dim=2)


def _latent_statistics(like: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Mean and reciprocal deviation of the released latents, [1, C, 1, 1, 1]."""
    shape = (1, -1, 1, 1, 1)
    return like.new_tensor(LATENT_MEAN).view(shape), (1 / like.new_tensor(LATENT_STD)).view(shape)


def _middle(dim: int, ops: Ops) -> nn.Sequential:
    return nn.Sequential(ResidualBlock(dim, dim, ops), AttentionBlock(dim, ops), ResidualBlock(dim, dim, ops))


def _head(dim: int, out: int, ops: Ops) -> nn.Sequential:
    return nn.Sequential(ChannelNorm(dim, 3), nn.SiLU(), ops.Conv3d(dim, out, 3, padding=(0, 1, 1)))


def _causal_sequence(layers: nn.Sequential, x: torch.Tensor, memory: CausalMemory) -> torch.Tensor:
    for layer in layers:
        x = causal_conv(layer, x, memory) if isinstance(layer, nn.Conv3d) else layer(x)
    return x


def _each_frame(layers: nn.Sequential, x: torch.Tensor) -> torch.Tensor:
    return rearrange(layers(rearrange(x, "b c t h w -> (b t) c h w")), "(b t) c h w -> b c t h w", t=x.shape[2])


def _interleave(x: torch.Tensor) -> torch.Tensor:
    """[B, 2 C, T, H, W] -> [B, C, 2 T, H, W], the two halves in turn."""
    return rearrange(x, "b (two c) t h w -> b c (t two) h w", two=2).contiguous(memory_format=_layout(x))


def _layout(x: torch.Tensor) -> torch.memory_format:
    """Channels last where the input came so: convolutions on a CPU are several times faster there."""
    last = x.is_contiguous(memory_format=torch.channels_last_3d)
    return torch.channels_last_3d if last else torch.contiguous_format
