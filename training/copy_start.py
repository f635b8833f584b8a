"""Start the transformer as one that believes its condition: the denoised latent is the condition latent, untouched.

Guidance has put the moved features there already. From random weights the small network spent its time on learning to pass
them (and the noise, which the velocity contains) through, and after 1,800 steps did so worse than a plain copy
(training/LOG.md). Here 64 channels of a token carry the noise of its cells, 64 the condition, and a few hold large constants
that keep the last norm linear; every block adds nothing at first.
"""

from typing import Any

import torch
from torch import nn

from wanmove_core.models.dit import WanDiT

CONSTANT = 16.0
CONSTANTS = 8
_LATENT = 16
_MASK = 4


@torch.no_grad()
def start_as_copy(dit: WanDiT) -> None:
    """Overwrite the fresh weights of ``dit``."""
    volume = dit.config.patch[1] * dit.config.patch[2]
    carried = _LATENT * volume
    embed, head = dit.patch_embedding, dit.head
    embed.weight[: 2 * carried + CONSTANTS] = 0
    embed.bias.zero_()
    head.head.weight.zero_()
    head.head.bias.zero_()
    # a token's length: the constants, the noise (deviation 1) and the condition (a little less)
    undone = ((CONSTANTS * CONSTANT**2 + 1.7 * carried) / dit.config.dim) ** 0.5
    for place in range(volume):
        row, column = divmod(place, dit.config.patch[2])
        for channel in range(_LATENT):
            out = place * _LATENT + channel
            embed.weight[out, channel, 0, row, column] = 1
            embed.weight[carried + out, _LATENT + _MASK + channel, 0, row, column] = 1
            head.head.weight[out, out] = undone
            head.head.weight[out, carried + out] = -undone
    signs = torch.tensor([1.0, -1.0]).repeat(CONSTANTS // 2)
    embed.bias[2 * carried : 2 * carried + CONSTANTS] = CONSTANT * signs
    head.modulation.zero_()
    last: Any = dit.time_embedding[2]
    last.weight.zero_()
    last.bias.zero_()
    dit.time_projection.get_parameter("1.bias").zero_()
    blocks: Any = dit.blocks
    for block in blocks:
        block.modulation.zero_()
        block.modulation[:, [2, 5]] = 1
        for layer in (block.self_attn.o, block.cross_attn.o, block.ffn[2]):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)
