"""How many blocks of a network stay on the device, and how many are streamed through two buffers in each forward."""

from collections.abc import Sequence
from dataclasses import dataclass

from ..errors import RequestError
from .sizes import NetworkSizes

BUFFERS = 2
"""one is computed with while the other is filled"""


@dataclass(frozen=True)
class ResidencyPlan:
    """Where the weights of one network lie while it runs. All sizes are bytes.

    Streamed blocks lie evenly among the resident ones, so that each is copied while several others compute.
    """

    allowance: int
    """what the network may take, ``sizes`` and ``activations`` together"""
    sizes: NetworkSizes
    activations: int
    """what is computed in, at its most"""
    streamed: tuple[int, ...]
    """places of the blocks that are streamed, ascending; empty: the whole network stays"""

    @property
    def resident_blocks(self) -> int:
        return len(self.sizes.blocks) - len(self.streamed)

    @property
    def buffer(self) -> int:
        """Of each of the two buffers; 0 without streamed blocks."""
        return _buffer(self.sizes, self.streamed)

    @property
    def weights(self) -> int:
        """On the device at a time, buffers included."""
        return _weights(self.sizes, self.streamed)

    @property
    def peak(self) -> int:
        return self.weights + self.activations

    @property
    def streamed_bytes(self) -> int:
        """Copied to the device in each forward."""
        return sum(self.sizes.blocks[place] for place in self.streamed)

    def __str__(self) -> str:
        taken = f"at most {_shown(self.peak)} of {_shown(self.allowance)}, {_shown(self.activations)} to compute in"
        if not self.streamed:
            return f"The whole network stays on the device: {taken}."
        return (
            f"Of {len(self.sizes.blocks)} blocks {self.resident_blocks} stay on the device and {len(self.streamed)} "
            f"({_shown(self.streamed_bytes)}) pass through {BUFFERS} buffers of {_shown(self.buffer)} in each forward: "
            f"{taken}."
        )


def plan_residency(sizes: NetworkSizes, activations: int, allowance: int) -> ResidencyPlan:
    """The plan with the fewest streamed blocks that keeps to the allowance.

    Raises:
        RequestError: not even two buffers fit.
    """
    for count in range(len(sizes.blocks) + 1):
        streamed = _spread(len(sizes.blocks), count)
        if _weights(sizes, streamed) + activations <= allowance:
            return ResidencyPlan(allowance, sizes, activations, streamed)
    buffer = max(sizes.blocks, default=0)
    least = sizes.base + BUFFERS * buffer + activations
    raise RequestError(
        f"The diffusion network may take {_shown(allowance)} and needs {_shown(least)} at the least: "
        f"{_shown(activations)} to compute in, {BUFFERS} buffers of {_shown(buffer)} for its blocks and "
        f"{_shown(sizes.base)} of other weights. Make the video smaller or shorter, use an 8-bit or GGUF file, or free "
        "memory of the device (or allow more with --memory)."
    )


def _spread(blocks: int, streamed: int) -> tuple[int, ...]:
    """So many of the places 0 ... blocks - 1, evenly."""
    return tuple((2 * index + 1) * blocks // (2 * streamed) for index in range(streamed))


def _buffer(sizes: NetworkSizes, streamed: Sequence[int]) -> int:
    return max((sizes.blocks[place] for place in streamed), default=0)


def _weights(sizes: NetworkSizes, streamed: Sequence[int]) -> int:
    resident = sum(sizes.blocks) - sum(sizes.blocks[place] for place in streamed)
    return sizes.base + resident + BUFFERS * _buffer(sizes, streamed)


def _shown(size: int) -> str:
    return f"{size / 1e9:.2f} GB" if size >= 1e8 else f"{size / 1e6:.2f} MB"
