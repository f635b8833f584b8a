"""Start the transformer as one that believes its condition: where a cell is guided, it gives the condition's latent.

Guidance has put the moved features there already; a cell without any stands still and gets what frame 0 shows there. From
random weights the small network spent its time on learning to pass the condition and the noise (which the velocity contains)
through, and after 1,800 steps did so worse than this (training/LOG.md). What is written by hand here:

- noise and condition of the token's four cells; large constants, which keep every layer norm nearly linear.
- block 0: attention fetches frame 0's features of the same place; its feed-forward tells whether a cell is grey, that is
  unguided (``training.guided_cells`` learns this beforehand).
- block 1: attention replaces what was fetched by the token's own condition in the cells that are guided.
- block 2: attention fetches the mean of the guided cells around.
- blocks 3 and 4: where most of a frame is guided, a cell that is not is a hole which something left: it gets that mean.
- the head gives (noisy latent - result) / sigma, whatever sigma is: the timestep scales it.

All else adds nothing at first.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
import torch.nn.functional as F
from torch import nn

from wanmove_core.models.dit import Block, WanDiT, timestep_wave
from wanmove_core.models.dit_attention import RMSNorm
from wanmove_core.models.rope import axis_pairs

CONSTANT, CONSTANTS = 48.0, 8
QUIET = 0.15
"""how much of the noise the blocks see: at first it says nothing to them"""
CHANNELS, MASK_CHANNELS, CELLS = 16, 4, 4
NOISE, CONDITION, CONSTANT_AT, RESULT, UNGUIDED, FIRST, AROUND, SHARE, HOLE = 0, 64, 128, 136, 200, 204, 205, 221, 222
"""where a token holds 64 numbers each of noise, condition and result, a flag a cell, whether it is frame 0, a mean cell, the
unguided share of its frame, and another flag a cell"""
USED = HOLE + CELLS
SHARP = 8.0
"""factor that makes a GELU nearly a ramp"""
MOSTLY_GUIDED = 0.45
"""unguided share of a frame from which on what is not guided stands still"""
LARGEST = 6.0
"""difference of two features that a gate can hold back"""
SAME_PLACE, SAME_FRAME, FAVOUR, MEAN_WIDTH = 20.0, 12.0, 25.0, 8.0
"""logits"""

Sources = dict[int, float]


@dataclass(frozen=True)
class Match:
    """One channel of a head in which a query meets a key, both of mean square about 1."""

    channel: int
    logit: float
    query: Sources = field(default_factory=dict[int, float])
    query_bias: float = 1.0
    key: Sources = field(default_factory=dict[int, float])
    key_bias: float = 1.0


@torch.no_grad()
def start_as_copy(dit: WanDiT, guided_cells: nn.Sequential | None = None) -> None:
    """Overwrite the fresh weights of ``dit``.

    Args:
        guided_cells: what ``training.guided_cells`` learned; without it every cell is taken for guided.
    """
    undone = ((CONSTANTS * CONSTANT**2 + 2.4 * CHANNELS * CELLS) / dit.config.dim) ** 0.5  # a token's root mean square
    _pass_through(dit)
    dit.head.modulation.zero_()
    dit.head.modulation[:, 1] = undone - 1
    scale = torch.full((dit.config.dim,), undone - 1)
    scale[NOISE : NOISE + CHANNELS * CELLS] = QUIET * undone - 1
    scale[CONSTANT_AT : CONSTANT_AT + CONSTANTS] = -1
    for block in _blocks(dit):
        block.modulation.zero_()
        block.modulation[:, [2, 5]] = 1
        block.modulation[:, [1, 4]] = scale
        for layer in (block.self_attn.o, block.cross_attn.o, block.ffn[2]):
            assert isinstance(layer, nn.Linear)
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)
    _divide_by_sigma(dit, undone)
    _attend(dit)
    if guided_cells is not None:
        _tell_guided_cells(_blocks(dit)[0], guided_cells)
        _fill_holes(*_blocks(dit)[3:5])


def _blocks(dit: WanDiT) -> list[Block]:
    return [block for block in dit.blocks if isinstance(block, Block)]


def _pass_through(dit: WanDiT) -> None:
    embed, head = dit.patch_embedding, dit.head.head
    assert isinstance(embed, nn.Conv3d) and embed.bias is not None and isinstance(head, nn.Linear)
    for parameter in (embed.weight, embed.bias, head.weight, head.bias):
        parameter.zero_()
    nn.init.normal_(embed.weight[USED:, CHANNELS:], std=0.05)
    for cell in range(CELLS):
        row, column = divmod(cell, dit.config.patch[2])
        for channel in range(CHANNELS):
            out = cell * CHANNELS + channel
            embed.weight[NOISE + out, channel, 0, row, column] = 1
            embed.weight[CONDITION + out, CHANNELS + MASK_CHANNELS + channel, 0, row, column] = 1
            head.weight[out, NOISE + out] = 1
            head.weight[out, RESULT + out] = -1
    embed.bias[CONSTANT_AT : CONSTANT_AT + CONSTANTS] = CONSTANT * torch.tensor([1.0, -1.0]).repeat(CONSTANTS // 2)
    embed.weight[FIRST, CHANNELS : CHANNELS + MASK_CHANNELS] = 2 / (MASK_CHANNELS * CELLS)
    embed.bias[FIRST] = -1


def _divide_by_sigma(dit: WanDiT, undone: float) -> None:
    """The time embedding becomes 1 / sigma - 1 in the channels of noise and result; as a shift of the head that cancels out."""
    wide, _, narrow = dit.time_embedding
    assert isinstance(wide, nn.Linear) and isinstance(narrow, nn.Linear)
    for parameter in dit.time_projection.parameters():
        parameter.zero_()
    sigma = torch.cat([torch.linspace(0.04, 1, 1500), torch.ones(400)])
    seen = F.silu(wide(timestep_wave(sigma * 1000, dit.config.freq_dim))).double()
    seen, wanted = torch.cat([seen, torch.ones(len(seen), 1)], 1) * sigma[:, None], (1 - sigma).double()
    found = torch.linalg.solve(seen.T @ seen + 1e-6 * torch.eye(seen.shape[1]), seen.T @ wanted).float() * undone
    narrow.weight.zero_()
    narrow.bias.zero_()
    for first in (NOISE, RESULT):
        narrow.weight[first : first + CHANNELS * CELLS] = found[:-1]
        narrow.bias[first : first + CHANNELS * CELLS] = found[-1]


def _attend(dit: WanDiT) -> None:
    """The attention of the first three blocks; a head for each cell of a token."""
    frames, rows, columns = axis_pairs(dit.config.head_dim)
    quickest = [2 * (frames + axis * rows + pair) for axis in range(2) for pair in range(3)]
    place = [Match(channel, SAME_PLACE) for channel in quickest]
    frame = [Match(2 * pair, SAME_FRAME) for pair in range(4)]
    last = (frames + rows, frames + rows + columns)
    slow = [2 * (end - pair) for end in last for pair in (1, 2)]
    near = [Match(channel, MEAN_WIDTH) for channel in (quickest[1], quickest[2], quickest[4], quickest[5])]
    cells = range(CELLS)
    fetch, choose, around, count = _blocks(dit)[:4]
    first = [Match(channel, 5.0, key={FIRST: 1.0}, key_bias=0.0) for channel in slow]
    _write(fetch, [place + first] * CELLS, [_cell(RESULT, cell, {CONDITION: 1.0}) for cell in cells])
    still = [{UNGUIDED + cell: 2.0, FIRST: 1.5} for cell in cells]
    own = [place + frame + [Match(channel, FAVOUR, asks, 0.5, {FIRST: 1.0}, 0.0) for channel in slow] for asks in still]
    _write(choose, own, [_cell(RESULT, cell, {CONDITION: 1.0, RESULT: -1.0}) for cell in cells])
    guided = [[Match(slow[0], SAME_PLACE, key={UNGUIDED + cell: -1.0}, key_bias=0.0)] for cell in cells]
    _write(around, [near + frame + row for row in guided], [_mean(cell) for cell in cells])
    _write(count, [frame] * CELLS, [[(SHARE, {UNGUIDED + cell: 1 / CELLS})] for cell in cells])


def _fill_holes(find: Block, fill: Block) -> None:
    """The feed-forwards of two blocks: holes are found, and get the mean of the guided cells around."""
    unit = 0
    for cell in range(CELLS):  # min(1, ramp(8 (unguided - 0.75) - 8 (share - MOSTLY_GUIDED + 0.25)))
        hole, bias = {UNGUIDED + cell: 8.0, SHARE: -8.0}, 8 * (MOSTLY_GUIDED - 1)
        for height, sign in ((0.0, 1.0), (1.0, -1.0)):
            _ramp(find, unit, hole, bias - height, {HOLE + cell: sign})
            unit += 1
    unit = 0
    for cell in range(CELLS):
        for channel in range(CHANNELS):
            target = RESULT + cell * CHANNELS + channel
            for sign in (1.0, -1.0):
                _ramp(fill, unit, {AROUND + channel: sign, target: -sign, HOLE + cell: LARGEST}, -LARGEST, {target: sign})
                unit += 1


def _ramp(block: Block, unit: int, sources: Sources, bias: float, targets: Sources) -> None:
    """A hidden unit of the feed-forward: targets += max(0, sources + bias), nearly."""
    wide, _, narrow = block.ffn
    assert isinstance(wide, nn.Linear) and isinstance(narrow, nn.Linear)
    wide.weight[unit] = 0
    wide.bias[unit] = SHARP * bias
    for source, share in sources.items():
        wide.weight[unit, source] = SHARP * share
    for target, share in targets.items():
        narrow.weight[target, unit] = share / SHARP


def _cell(target: int, cell: int, sources: Sources) -> list[tuple[int, Sources]]:
    """For a head's first channels: where they go, and what they are made of."""
    places = range(cell * CHANNELS, (cell + 1) * CHANNELS)
    return [(target + place, {source + place: share for source, share in sources.items()}) for place in places]


def _mean(cell: int) -> list[tuple[int, Sources]]:
    return [(AROUND + channel, {CONDITION + cell * CHANNELS + channel: 1 / CELLS}) for channel in range(CHANNELS)]


def _write(block: Block, heads: Sequence[Sequence[Match]], values: Sequence[list[tuple[int, Sources]]]) -> None:
    """Give a block's self-attention these queries, keys and values, a row for each head."""
    attention = block.self_attn
    query, key, value, out = attention.q, attention.k, attention.v, attention.o
    assert isinstance(query, nn.Linear) and isinstance(key, nn.Linear)
    assert isinstance(value, nn.Linear) and isinstance(out, nn.Linear)
    for layer in (query, key, value):
        layer.weight.zero_()
        layer.bias.zero_()
    width = query.out_features // len(heads)
    square = sum(len(head) for head in heads) / query.out_features  # before the norm that queries and keys go through
    for head, (matches, made) in enumerate(zip(heads, values, strict=True)):
        for match in matches:
            channel = head * width + match.channel
            query.bias[channel], key.bias[channel] = match.query_bias, match.key_bias
            for source, share in match.query.items():
                query.weight[channel, source] = share
            for source, share in match.key.items():
                key.weight[channel, source] = share
            for norm in (attention.norm_q, attention.norm_k):
                assert isinstance(norm, RMSNorm)
                norm.weight[channel] = (match.logit * width**0.5 * square) ** 0.5
        for number, (target, sources) in enumerate(made):
            out.weight[target, head * width + number] = 1
            for source, share in sources.items():
                value.weight[head * width + number, source] = share


def _tell_guided_cells(block: Block, guided_cells: nn.Sequential) -> None:
    """Put the small network into the feed-forward of ``block``, once for each cell."""
    wide, _, narrow = guided_cells
    own_wide, _, own_narrow = block.ffn
    assert isinstance(wide, nn.Linear) and isinstance(narrow, nn.Linear)
    assert isinstance(own_wide, nn.Linear) and isinstance(own_narrow, nn.Linear)
    for cell in range(CELLS):
        rows = slice(cell * wide.out_features, (cell + 1) * wide.out_features)
        own_wide.weight[rows] = 0
        for target, columns in ((CONDITION, slice(0, CHANNELS)), (RESULT, slice(CHANNELS, 2 * CHANNELS))):
            start = target + cell * CHANNELS
            own_wide.weight[rows, start : start + CHANNELS] = wide.weight[:, columns]
        own_wide.bias[rows] = wide.bias
        own_narrow.weight[UNGUIDED + cell, rows] = narrow.weight[0]
        own_narrow.bias[UNGUIDED + cell] = narrow.bias[0]
