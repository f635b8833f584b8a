"""Blocks that pass through the device: while one computes, the next is brought, from a file or from the memory of the CPU.

What a block holds is put into a buffer for the time of its call and is its own again behind it, so a streamed network gives
to the last bit what it gives without. A block's weights may only be used by calling the block.
"""

from collections import deque
from collections.abc import Collection, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from .sizes import tensors_of
from .staging import Staging


@dataclass(frozen=True)
class _Coming:
    """A block on its way into a slot."""

    place: int
    slot: int
    tensors: list[torch.Tensor]
    homes: list[torch.Tensor]
    """their values, where they wait; kept, so that no other values can take their place in memory unnoticed"""
    views: "Future[list[torch.Tensor]]"

    def is_current(self, now: Sequence[torch.Tensor]) -> bool:
        """Whether this is what the block still holds: a LoRA switched meanwhile changes it."""
        return len(now) == len(self.tensors) and all(
            one is other and one.data_ptr() == home.data_ptr()
            for one, other, home in zip(now, self.tensors, self.homes, strict=True)
        )


class BlockStreamer:
    """Brings blocks to the device for their calls, until it is closed.

    The blocks are called again and again in the order given, as the forwards of a network do. Any other order works and is
    slow. Nobody may change values of the blocks in place meanwhile; other tensors may be put in between two calls.

    Args:
        staging: large enough for each of the blocks; closed with this.
        apart: parts of them that stay where they are.
    """

    def __init__(self, blocks: Sequence[nn.Module], staging: Staging, apart: Collection[nn.Module] = ()) -> None:
        self._blocks, self._staging, self._apart = tuple(blocks), staging, apart
        self._worker = ThreadPoolExecutor(1, "block-streamer")
        self._free = deque(range(staging.slots))
        self._coming: deque[_Coming] = deque()
        self._next = 0
        self._here: _Coming | None = None
        self.restarts = 0
        """how often a block was needed that was not on its way"""
        self._hooks = [
            hook
            for place, block in enumerate(self._blocks)
            for hook in (
                block.register_forward_pre_hook(_before(self, place)),
                block.register_forward_hook(_after(self, place)),
            )
        ]
        self._request()

    def enter(self, place: int) -> None:
        """Have a block's weights in their slot; the next ones are on their way."""
        self._leave()  # a forward that was broken off has left a block there
        if not self._coming or self._coming[0].place != place or not self._coming[0].is_current(self._tensors(place)):
            self._restart(place)
        coming = self._coming.popleft()
        views = coming.views.result()
        self._staging.wait(coming.slot)
        self._here = coming
        for tensor, view in zip(coming.tensors, views, strict=True):
            tensor.data = view

    def leave(self, place: int) -> None:
        """Give the block its own weights back, and fill the slot with another one."""
        self._leave()
        self._request()

    def close(self) -> None:
        """The blocks as they were, the buffers free. A second call does nothing."""
        for hook in self._hooks:
            hook.remove()
        self._hooks = []
        self._leave()
        self._await_all()
        self._worker.shutdown()
        self._staging.close()

    def _request(self) -> None:
        while self._free:
            slot, place = self._free.popleft(), self._next
            self._next = (place + 1) % len(self._blocks)
            tensors = self._tensors(place)
            homes = [tensor.data for tensor in tensors]
            views = self._worker.submit(_fill, self._staging, slot, homes)
            self._coming.append(_Coming(place, slot, tensors, homes, views))

    def _tensors(self, place: int) -> list[torch.Tensor]:
        return tensors_of(self._blocks[place], self._apart)

    def _leave(self) -> None:
        here = self._here
        if here is None:
            return
        for tensor, home in zip(here.tensors, here.homes, strict=True):
            tensor.data = home
        self._staging.release(here.slot)
        self._here = None
        self._free.append(here.slot)

    def _restart(self, place: int) -> None:
        self._await_all()
        self._next = place
        self.restarts += 1
        self._request()

    def _await_all(self) -> None:
        wait([coming.views for coming in self._coming])
        self._coming.clear()
        self._free = deque(range(self._staging.slots))


@torch.no_grad()
def _fill(staging: Staging, slot: int, homes: Sequence[torch.Tensor]) -> list[torch.Tensor]:
    return staging.fill(slot, homes)


def _before(streamer: BlockStreamer, place: int) -> Any:
    return lambda block, given: streamer.enter(place)


def _after(streamer: BlockStreamer, place: int) -> Any:
    return lambda block, given, result: streamer.leave(place)
