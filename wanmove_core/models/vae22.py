"""The Wan 2.2 VAE: causal in time, 4 x 16 x 16 pixels a latent cell, 48 channels.

Parameter names are those of the released ``Wan2.2_VAE.pth`` (Wan-Video/Wan2.2 ``wan/modules/vae2_2.py``). To the layers of
Wan 2.1 it adds 2 x 2 patches at both ends and, around each stage, a shortcut without weights: groups of values averaged on
the way down, repeated on the way up.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import torch
import torch.nn.functional as F
from einops import rearrange, reduce
from torch import nn

from .ops import TORCH_OPS, Ops
from .streamed_vae import StreamedVAE
from .vae_layers import CausalMemory, Coder, Downsample, ResidualBlock, Step, Upsample, head, layer_steps, middle, run_steps

PATCH = 2
_PATCHED_CHANNELS = 3 * PATCH * PATCH


@dataclass(frozen=True)
class VAE22Config:
    """Sizes of a Wan 2.2 VAE; the defaults are the released one (704.7 M parameters)."""

    dim: int = 160
    decoder_dim: int = 256
    latent_channels: int = 48
    dim_mult: tuple[int, ...] = (1, 2, 4, 4)
    residual_blocks: int = 2
    temporal_downsample: tuple[bool, ...] = (False, True, True)


LATENT_MEAN = (
    -0.2289, -0.0052, -0.1323, -0.2339, -0.2799, 0.0174, 0.1838, 0.1557, -0.1382, 0.0542, 0.2813, 0.0891,
    0.1570, -0.0098, 0.0375, -0.1825, -0.2246, -0.1207, -0.0698, 0.5109, 0.2665, -0.2108, -0.2158, 0.2502,
    -0.2055, -0.0322, 0.1109, 0.1567, -0.0729, 0.0899, -0.2799, -0.1230, -0.0313, -0.1649, 0.0117, 0.0723,
    -0.2839, -0.2083, -0.0520, 0.3748, 0.0152, 0.1957, 0.1433, -0.2944, 0.3573, -0.0548, -0.1681, -0.0667,
)  # fmt: skip
LATENT_STD = (
    0.4765, 1.0364, 0.4514, 1.1677, 0.5313, 0.4990, 0.4818, 0.5013, 0.8158, 1.0344, 0.5894, 1.0901,
    0.6885, 0.6165, 0.8454, 0.4978, 0.5759, 0.3523, 0.7135, 0.6804, 0.5833, 1.4146, 0.8986, 0.5659,
    0.7069, 0.5338, 0.4889, 0.4917, 0.4069, 0.4999, 0.6866, 0.4093, 0.5709, 0.6065, 0.6415, 0.4944,
    0.5726, 1.2042, 0.5458, 1.6887, 0.3971, 1.0600, 0.3943, 0.5537, 0.5444, 0.4089, 0.7468, 0.7744,
)  # fmt: skip


class DownStage(nn.Module):
    """Residual blocks, then half the size (``temporal``: half the frames too), beside a shortcut of averages."""

    def __init__(self, in_dim: int, out_dim: int, blocks: int, temporal: bool | None, ops: Ops) -> None:
        """``temporal`` is None in the last stage, which keeps the size."""
        super().__init__()
        self.out_dim, self.scale, self.time = out_dim, 1 if temporal is None else 2, 2 if temporal else 1
        layers: list[nn.Module] = [ResidualBlock(in_dim if i == 0 else out_dim, out_dim, ops) for i in range(blocks)]
        if temporal is not None:
            layers.append(Downsample(out_dim, temporal, ops))
        self.downsamples = nn.Sequential(*layers)

    def steps(self) -> Iterator[Step]:
        """Those of the layers, with the shortcut beside."""
        yield lambda carried, memory: (carried[0], self._average(carried[0]), *carried[1:])
        for layer in self.downsamples:
            yield from layer_steps(layer)
        yield lambda carried, memory: (carried[0] + carried[1], *carried[2:])

    def forward(self, x: torch.Tensor, memory: CausalMemory) -> torch.Tensor:
        return run_steps(self.steps(), x, memory)

    def _average(self, x: torch.Tensor) -> torch.Tensor:
        """Space and time unfolded into channels, and as many neighbouring channels averaged as leave ``out_dim``.

        A clip's first frame alone has a black frame before it: released behaviour.
        """
        x = F.pad(x, (0, 0, 0, 0, -x.shape[2] % self.time, 0))
        unfolded = rearrange(
            x, "b c (t f) (h p) (w q) -> b (c f p q) t h w", f=self.time, p=self.scale, q=self.scale
        ).contiguous()  # fmt: skip
        return reduce(unfolded, "b (c group) t h w -> b c t h w", "mean", c=self.out_dim)


class UpStage(nn.Module):
    """Residual blocks, then twice the size (``temporal``: twice the frames too), beside a shortcut of repeated values."""

    def __init__(self, in_dim: int, out_dim: int, blocks: int, temporal: bool | None, ops: Ops) -> None:
        """``temporal`` is None in the last stage, which keeps the size and has no shortcut."""
        super().__init__()
        self.out_dim, self.time, self.grows = out_dim, 2 if temporal else 1, temporal is not None
        layers: list[nn.Module] = [ResidualBlock(in_dim if i == 0 else out_dim, out_dim, ops) for i in range(blocks)]
        if temporal is not None:
            layers.append(Upsample(out_dim, out_dim, temporal, ops))
        self.upsamples = nn.Sequential(*layers)

    def forward(self, x: torch.Tensor, memory: CausalMemory) -> torch.Tensor:
        shortcut = self._repeat(x, memory) if self.grows else None
        for layer in self.upsamples:
            x = layer(x, memory)
        return x if shortcut is None else x + shortcut

    def _repeat(self, x: torch.Tensor, memory: CausalMemory) -> torch.Tensor:
        """Channels repeated and folded into space and time; of a clip's first frame only the last of its frames."""
        first = memory.recall(self) is None
        memory.remember(self, x[:, :, :0])
        repeats = self.out_dim * self.time * 4 // x.shape[1]
        x = x.repeat_interleave(repeats, dim=1)
        x = rearrange(x, "b (c f p q) t h w -> b c (t f) (h p) (w q)", f=self.time, p=2, q=2)
        return x[:, :, self.time - 1 :] if first else x


class Encoder(Coder):
    def __init__(self, config: VAE22Config, ops: Ops) -> None:
        super().__init__()
        widths = [config.dim * m for m in (1, *config.dim_mult)]
        self.conv1 = ops.Conv3d(_PATCHED_CHANNELS, widths[0], 3, padding=(0, 1, 1))
        stages = zip(pairwise(widths), (*config.temporal_downsample, None), strict=True)
        self.downsamples = nn.Sequential(
            *(DownStage(*dims, config.residual_blocks, temporal, ops) for dims, temporal in stages)
        )
        self.middle = middle(widths[-1], ops)
        self.head = head(widths[-1], config.latent_channels * 2, ops)

    def in_order(self) -> Iterable[nn.Module]:
        return (*self.downsamples, *self.middle)


class Decoder(Coder):
    def __init__(self, config: VAE22Config, ops: Ops) -> None:
        super().__init__()
        multiples = config.dim_mult[::-1]
        widths = [config.decoder_dim * m for m in (multiples[0], *multiples)]
        self.conv1 = ops.Conv3d(config.latent_channels, widths[0], 3, padding=(0, 1, 1))
        self.middle = middle(widths[0], ops)
        stages = zip(pairwise(widths), (*config.temporal_downsample[::-1], None), strict=True)
        self.upsamples = nn.Sequential(
            *(UpStage(*dims, config.residual_blocks + 1, temporal, ops) for dims, temporal in stages)
        )
        self.head = head(widths[-1], _PATCHED_CHANNELS, ops)

    def in_order(self) -> Iterable[nn.Module]:
        return (*self.middle, *self.upsamples)


class WanVAE22(StreamedVAE):
    """48 latent channels; the VAE of Wan 2.2 TI2V-5B."""

    latent_mean, latent_std, spatial_stride = LATENT_MEAN, LATENT_STD, 16
    encoder: Encoder
    decoder: Decoder

    def __init__(self, config: VAE22Config = VAE22Config(), ops: Ops = TORCH_OPS) -> None:
        super().__init__()
        self.config = config
        channels = config.latent_channels
        self.encoder = Encoder(config, ops)
        self.conv1 = ops.Conv3d(channels * 2, channels * 2, 1)
        self.conv2 = ops.Conv3d(channels, channels, 1)
        self.decoder = Decoder(config, ops)

    def to_patches(self, frames: torch.Tensor) -> torch.Tensor:
        """[B, 3, T, H, W] -> [B, 12, T, H / 2, W / 2], within a patch column by column."""
        return rearrange(frames, "b c t (h p) (w q) -> b (c q p) t h w", p=PATCH, q=PATCH)

    def from_patches(self, decoded: torch.Tensor) -> torch.Tensor:
        return rearrange(decoded, "b (c q p) t h w -> b c t (h p) (w q)", p=PATCH, q=PATCH)
