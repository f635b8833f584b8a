"""The Wan 2.1 VAE: causal in time, 4 x 8 x 8 pixels a latent cell.

Parameter names are those of the released ``Wan2.1_VAE.pth``.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from torch import nn

from .ops import TORCH_OPS, Ops
from .streamed_vae import StreamedVAE
from .vae_layers import Coder, Downsample, ResidualBlock, Upsample, head, middle


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


class Encoder(Coder):
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
        self.middle = middle(widths[-1], ops)
        self.head = head(widths[-1], config.latent_channels * 2, ops)

    def in_order(self) -> Iterable[nn.Module]:
        return (*self.downsamples, *self.middle)


class Decoder(Coder):
    def __init__(self, config: VAEConfig, ops: Ops) -> None:
        super().__init__()
        multiples = config.dim_mult[::-1]
        widths = [config.dim * m for m in (multiples[0], *multiples)]
        self.conv1 = ops.Conv3d(config.latent_channels, widths[0], 3, padding=(0, 1, 1))
        self.middle = middle(widths[0], ops)
        layers: list[nn.Module] = []
        for stage, (in_dim, out_dim) in enumerate(pairwise(widths)):
            first_dim = in_dim if stage == 0 else in_dim // 2
            for block in range(config.residual_blocks + 1):
                layers.append(ResidualBlock(first_dim if block == 0 else out_dim, out_dim, ops))
            if stage < len(multiples) - 1:
                layers.append(Upsample(out_dim, out_dim // 2, config.temporal_downsample[::-1][stage], ops))
        self.upsamples = nn.Sequential(*layers)
        self.head = head(widths[-1], 3, ops)

    def in_order(self) -> Iterable[nn.Module]:
        return (*self.middle, *self.upsamples)


class WanVAE21(StreamedVAE):
    """16 latent channels; the VAE of Wan 2.1, of Wan-Move and of Wan 2.2 A14B."""

    latent_mean, latent_std, spatial_stride = LATENT_MEAN, LATENT_STD, 8
    encoder: Encoder
    decoder: Decoder

    def __init__(self, config: VAEConfig = VAEConfig(), ops: Ops = TORCH_OPS) -> None:
        super().__init__()
        self.config = config
        channels = config.latent_channels
        self.encoder = Encoder(config, ops)
        self.conv1 = ops.Conv3d(channels * 2, channels * 2, 1)
        self.conv2 = ops.Conv3d(channels, channels, 1)
        self.decoder = Decoder(config, ops)
