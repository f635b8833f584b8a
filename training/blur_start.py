"""Start the VAE as a working one: a blurred copy of each frame goes through it untouched, and training adds the rest.

From a random start the small network spent its first thousand steps on learning brightness, and had no colours after
twenty minutes (training/LOG.md). Here the residual branches begin at zero, the path beside them carries red, green and
blue (channels 0-2) averaged over 8x8 pixels, and a large constant (channel 3) keeps the norms before the two heads
linear. SiLU(u) - SiLU(-u) = u undoes the heads' activation.
"""

from typing import Any

import torch
from torch import nn

from wanmove_core.models.vae21 import LATENT_MEAN, LATENT_STD, WanVAE21
from wanmove_core.models.vae_layers import AttentionBlock, Downsample, ResidualBlock, Upsample

CONSTANT = 8.0
SPREAD = 2.0
"""pixels are in -1 ... 1 with deviation about 0.5: times 2 makes latents of deviation about 1"""
OTHERS = 0.3
"""what is left of the random weights beside the carried path"""
_CARRIED = 4


@torch.no_grad()
def start_as_blur(vae: WanVAE21) -> None:
    """Overwrite the fresh weights of ``vae``."""
    layers: Any = tuple(vae.named_modules())
    for name, layer in layers:
        if isinstance(layer, nn.Conv3d) and layer.kernel_size[0] > 1:
            layer.weight[:, :, :-1] = 0
            if name.endswith("time_conv"):
                _repeat_last_frame(layer)
    for _, layer in layers:
        if isinstance(layer, ResidualBlock):
            _take_block(layer)
        elif isinstance(layer, AttentionBlock):
            nn.init.zeros_(layer.proj.weight)
            nn.init.zeros_(layer.proj.bias)  # type: ignore[arg-type]
        elif isinstance(layer, Downsample):
            corner = torch.zeros(3, 3)
            corner[:2, :2] = 0.25
            _carry(layer.resample[1], corner)
        elif isinstance(layer, Upsample):
            tent = torch.tensor([0.25, 0.5, 0.25])
            _carry(layer.resample[1], tent.outer(tent))
    _start_encoder(vae)
    _start_decoder(vae)


def _repeat_last_frame(conv: Any) -> None:
    """Of the frames that are halved the last stays; each frame that is doubled comes twice."""
    conv.weight[:, :, -1, 0, 0] = torch.eye(conv.in_channels).repeat(conv.out_channels // conv.in_channels, 1)
    conv.bias.zero_()


def _take_block(layer: Any) -> None:
    """Nothing comes from the branch; its input passes beside it."""
    layer.residual[6].weight.zero_()
    layer.residual[6].bias.zero_()
    if isinstance(layer.shortcut, nn.Conv3d):
        _carry(layer.shortcut, torch.ones(1, 1))


def _start_encoder(vae: WanVAE21) -> None:
    first = vae.encoder.conv1
    _carry(first, _centre(), carried=3)
    _set_constant(first)
    widen = next(layer for layer in reversed(vae.encoder.downsamples) if isinstance(layer, ResidualBlock)).shortcut
    _negate(widen)
    head = vae.encoder.head[2]
    _join_pairs(head, head.in_channels)
    shift, scale = torch.tensor(LATENT_MEAN), torch.tensor(LATENT_STD)
    channels = len(shift)
    vae.conv1.weight[:channels] = 0
    for channel in range(channels):
        vae.conv1.weight[channel, channel] = scale[channel]
    vae.conv1.bias[:channels] = shift
    vae.conv2.weight.zero_()
    for channel in range(channels):
        vae.conv2.weight[channel, channel] = 1 / scale[channel]
    vae.conv2.bias[:] = -shift / scale


def _start_decoder(vae: WanVAE21) -> None:
    first = vae.decoder.conv1
    _carry(first, _centre() / SPREAD, carried=3)
    _set_constant(first)
    last = [layer for layer in vae.decoder.upsamples if isinstance(layer, Upsample)][-1].resample[1]
    _negate(last)
    head = vae.decoder.head[2]
    _join_pairs(head, head.in_channels, factor=1.0)


def _centre() -> torch.Tensor:
    kernel = torch.zeros(3, 3)
    kernel[1, 1] = 1
    return kernel


def _carry(conv: Any, kernel: torch.Tensor, carried: int = _CARRIED) -> None:
    """Channels 0 ... carried - 1 pass through ``kernel`` [h, w] alone; the others keep some of their random weights."""
    present = conv.weight[:, :, -1] if conv.weight.ndim == 5 else conv.weight
    present *= OTHERS
    present[:_CARRIED] = 0
    conv.bias[:_CARRIED] = 0
    for channel in range(carried):
        present[channel, channel] = kernel


def _set_constant(conv: Any) -> None:
    conv.weight[3] = 0
    conv.bias[3] = CONSTANT


def _negate(conv: Any) -> None:
    """Channels 4-6 become the negatives of 0-2."""
    conv.weight[4:7] = -conv.weight[:3]
    conv.bias[4:7] = -conv.bias[:3]


def _join_pairs(head: Any, width: Any, factor: float = SPREAD) -> None:
    """Red, green and blue out of their two halves, with the norm's division undone."""
    head.weight *= OTHERS
    head.weight[:3] = 0
    head.bias[:3] = 0
    undone = factor * CONSTANT / width**0.5
    for channel in range(3):
        head.weight[channel, channel, -1, 1, 1] = undone
        head.weight[channel, channel + 4, -1, 1, 1] = -undone
