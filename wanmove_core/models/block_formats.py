"""Block-quantised weights (GGUF): what the bytes of a block stand for, as float32, on any device.

Each block holds 32 or 256 values of a row in few bits, and factors for them in half precision. The formats are ggml's
(https://github.com/ggml-org/ggml, ``ggml-common.h`` and ``ggml-quants.c``); the arithmetic is in its order, so that the numbers
are the same to the bit.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch

Unpack = Callable[[torch.Tensor], torch.Tensor]
"""uint8 [blocks, bytes] -> float32 [blocks, values]"""


@dataclass(frozen=True)
class BlockFormat:
    """One way to pack a block of values."""

    name: str
    values: int
    bytes: int
    unpack: Unpack


def _half(blocks: torch.Tensor, begin: int) -> torch.Tensor:
    """The factor in half precision at a byte of each block: [blocks, 1]"""
    return blocks[:, begin : begin + 2].contiguous().view(torch.float16).float()


def _shifted(packed: torch.Tensor, shifts: tuple[int, ...], mask: int) -> torch.Tensor:
    """Bit fields of bytes [blocks, groups, bytes]: [blocks, groups, shifts, bytes]"""
    amounts = torch.tensor(shifts, dtype=torch.uint8, device=packed.device).view(1, 1, -1, 1)
    return (packed.unsqueeze(2) >> amounts) & mask


def _nibbles(packed: torch.Tensor) -> torch.Tensor:
    """Low halves of the bytes of each block, then the high halves: [blocks, bytes] -> [blocks, 2 * bytes]"""
    return torch.cat([packed & 15, packed >> 4], dim=1)


def _fifth_bits(blocks: torch.Tensor, begin: int) -> torch.Tensor:
    """32 single bits, lowest first, as 0 or 16: [blocks, 32]"""
    bits = blocks[:, begin : begin + 4].unsqueeze(2) >> torch.arange(8, dtype=torch.uint8, device=blocks.device)
    return (bits & 1).flatten(1) << 4


def _q4_0(blocks: torch.Tensor) -> torch.Tensor:
    return _half(blocks, 0) * (_nibbles(blocks[:, 2:]).float() - 8)


def _q4_1(blocks: torch.Tensor) -> torch.Tensor:
    return _half(blocks, 0) * _nibbles(blocks[:, 4:]).float() + _half(blocks, 2)


def _q5_0(blocks: torch.Tensor) -> torch.Tensor:
    return _half(blocks, 0) * ((_nibbles(blocks[:, 6:]) | _fifth_bits(blocks, 2)).float() - 16)


def _q5_1(blocks: torch.Tensor) -> torch.Tensor:
    return _half(blocks, 0) * (_nibbles(blocks[:, 8:]) | _fifth_bits(blocks, 4)).float() + _half(blocks, 2)


def _q8_0(blocks: torch.Tensor) -> torch.Tensor:
    return _half(blocks, 0) * blocks[:, 2:].contiguous().view(torch.int8).float()


def _q2_k(blocks: torch.Tensor) -> torch.Tensor:
    packed = blocks[:, :16]
    quants = _shifted(blocks[:, 16:80].reshape(-1, 2, 32), (0, 2, 4, 6), 3).reshape(-1, 16, 16).float()
    factors = (_half(blocks, 80) * (packed & 15).float()).unsqueeze(2)
    offsets = (_half(blocks, 82) * (packed >> 4).float()).unsqueeze(2)
    return (factors * quants - offsets).flatten(1)


def _q3_k(blocks: torch.Tensor) -> torch.Tensor:
    low = _shifted(blocks[:, 32:96].reshape(-1, 2, 32), (0, 2, 4, 6), 3).reshape(-1, 8, 32)
    high = _shifted(blocks[:, None, :32], tuple(range(8)), 1).reshape(-1, 8, 32)
    quants = (low.to(torch.int8) - 4 * (1 - high.to(torch.int8))).reshape(-1, 16, 16).float()
    top = _shifted(blocks[:, None, 104:108], (0, 2, 4, 6), 3).flatten(1)
    scales = ((_nibbles(blocks[:, 96:104]) | (top << 4)).to(torch.int8) - 32).float()
    return ((_half(blocks, 108) * scales).unsqueeze(2) * quants).flatten(1)


def _scales_and_offsets(packed: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Eight scales and eight offsets of 6 bits each from 12 bytes: two [blocks, 8, 1] in float32."""
    first, second, last = packed[:, :4], packed[:, 4:8], packed[:, 8:]
    scales = torch.cat([first & 63, (last & 15) | ((first >> 6) << 4)], dim=1)
    offsets = torch.cat([second & 63, (last >> 4) | ((second >> 6) << 4)], dim=1)
    return scales.float().unsqueeze(2), offsets.float().unsqueeze(2)


def _q4_k(blocks: torch.Tensor) -> torch.Tensor:
    quants = _shifted(blocks[:, 16:].reshape(-1, 4, 32), (0, 4), 15).reshape(-1, 8, 32).float()
    scales, offsets = _scales_and_offsets(blocks[:, 4:16])
    return (_half(blocks, 0).unsqueeze(2) * scales * quants - _half(blocks, 2).unsqueeze(2) * offsets).flatten(1)


def _q5_k(blocks: torch.Tensor) -> torch.Tensor:
    low = _shifted(blocks[:, 48:].reshape(-1, 4, 32), (0, 4), 15).reshape(-1, 8, 32)
    high = _shifted(blocks[:, None, 16:48], tuple(range(8)), 1).reshape(-1, 8, 32)
    quants = (low | (high << 4)).float()
    scales, offsets = _scales_and_offsets(blocks[:, 4:16])
    return (_half(blocks, 0).unsqueeze(2) * scales * quants - _half(blocks, 2).unsqueeze(2) * offsets).flatten(1)


def _q6_k(blocks: torch.Tensor) -> torch.Tensor:
    low = _shifted(blocks[:, :128].reshape(-1, 2, 64), (0, 4), 15).reshape(-1, 8, 32)
    high = _shifted(blocks[:, 128:192].reshape(-1, 2, 32), (0, 2, 4, 6), 3).reshape(-1, 8, 32)
    quants = ((low | (high << 4)).to(torch.int8) - 32).reshape(-1, 16, 16).float()
    scales = blocks[:, 192:208].contiguous().view(torch.int8).float()
    return ((_half(blocks, 208) * scales).unsqueeze(2) * quants).flatten(1)


_STEPS = (-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113)
"""the sixteen values of the non-linear formats"""


def _iq4_nl(blocks: torch.Tensor) -> torch.Tensor:
    steps = torch.tensor(_STEPS, dtype=torch.float32, device=blocks.device)
    return _half(blocks, 0) * steps[_nibbles(blocks[:, 2:]).int()]


def _iq4_xs(blocks: torch.Tensor) -> torch.Tensor:
    steps = torch.tensor(_STEPS, dtype=torch.float32, device=blocks.device)
    low = (blocks[:, 4:8].unsqueeze(2) >> torch.tensor([0, 4], dtype=torch.uint8, device=blocks.device)) & 15
    high = _shifted(blocks[:, None, 2:4], (0, 2, 4, 6), 3).squeeze(1).transpose(1, 2)
    scales = ((low.flatten(1) | (high.flatten(1) << 4)).to(torch.int8) - 32).float()
    quants = steps[_shifted(blocks[:, 8:].reshape(-1, 8, 16), (0, 4), 15).reshape(-1, 8, 32).int()]
    return ((_half(blocks, 0) * scales).unsqueeze(2) * quants).flatten(1)


BLOCK_FORMATS: dict[str, BlockFormat] = {
    row.name: row
    for row in (
        BlockFormat("Q4_0", 32, 18, _q4_0), BlockFormat("Q4_1", 32, 20, _q4_1), BlockFormat("Q5_0", 32, 22, _q5_0),
        BlockFormat("Q5_1", 32, 24, _q5_1), BlockFormat("Q8_0", 32, 34, _q8_0), BlockFormat("Q2_K", 256, 84, _q2_k),
        BlockFormat("Q3_K", 256, 110, _q3_k), BlockFormat("Q4_K", 256, 144, _q4_k), BlockFormat("Q5_K", 256, 176, _q5_k),
        BlockFormat("Q6_K", 256, 210, _q6_k), BlockFormat("IQ4_NL", 32, 18, _iq4_nl), BlockFormat("IQ4_XS", 256, 136, _iq4_xs),
    )
}  # fmt: skip
"""the formats that are read here, by GGUF's names"""
