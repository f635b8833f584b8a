"""Buffers on the device that blocks pass through: filled in one thread, computed with in another.

A slot is filled, waited for, computed with and released, in this order. ``Staging`` copies as the CPU does, at once;
``CudaStaging`` copies beside the computing, and orders both by events, so that no thread waits for the device to compute.
"""

from collections.abc import Sequence

import torch

from .plan import BUFFERS
from .sizes import PHASE, lay_out


class Staging:
    """Buffers of one size.

    Args:
        size: bytes of each.
    """

    def __init__(self, size: int, device: torch.device, slots: int = BUFFERS) -> None:
        with torch.inference_mode(False):  # else no other thread could fill them
            self._buffers = [torch.empty(size, dtype=torch.uint8, device=device) for _ in range(slots)]

    @property
    def slots(self) -> int:
        return len(self._buffers)

    @property
    def bytes(self) -> int:
        """On the device."""
        return sum(buffer.numel() for buffer in self._buffers)

    def fill(self, slot: int, homes: Sequence[torch.Tensor]) -> list[torch.Tensor]:
        """Copy tensors into a slot that was released: the same values, types and shapes, there."""
        return copy_into(self._buffers[slot], homes)

    def wait(self, slot: int) -> None:
        """What is computed from here on finds the slot filled."""

    def release(self, slot: int) -> None:
        """What was computed until here is the last to need the slot's values."""

    def close(self) -> None:
        """Free the buffers; nothing may be filling them."""
        self._buffers = []


class CudaStaging(Staging):
    """Beside each buffer one in pinned memory, from which a stream of its own copies.

    Weights are mostly mapped from a file. Copied from there they would stop the thread that asks for it until they are on the
    device; so the filling thread brings them to pinned memory, and the device fetches them when it has time.
    """

    def __init__(self, size: int, device: torch.device, slots: int = BUFFERS) -> None:
        super().__init__(size, device, slots)
        self._device = device
        self._pinned = [torch.empty(size, dtype=torch.uint8, pin_memory=True) for _ in range(slots)]
        self._stream = torch.cuda.Stream(device)
        # what used the buffers' memory before may still be at work on the stream that they were made on
        self._stream.wait_stream(torch.cuda.current_stream(device))
        self._filled = [torch.cuda.Event() for _ in range(slots)]
        self._released = [torch.cuda.Event() for _ in range(slots)]

    def fill(self, slot: int, homes: Sequence[torch.Tensor]) -> list[torch.Tensor]:
        self._filled[slot].synchronize()  # the last copy out of the pinned memory; an event never recorded is over
        pinned, buffer = self._pinned[slot], self._buffers[slot]
        copy_into(pinned, homes, in_phase=False)
        offsets, size = lay_out(homes)
        with torch.cuda.stream(self._stream):
            self._stream.wait_event(self._released[slot])
            buffer[:size].copy_(pinned[:size], non_blocking=True)
            self._filled[slot].record(self._stream)
        return [_view(buffer, offset, home) for offset, home in zip(offsets, homes, strict=True)]

    def wait(self, slot: int) -> None:
        torch.cuda.current_stream(self._device).wait_event(self._filled[slot])

    def release(self, slot: int) -> None:
        self._released[slot].record(torch.cuda.current_stream(self._device))

    def close(self) -> None:
        self._stream.synchronize()
        self._pinned = []
        super().close()


def open_staging(size: int, device: torch.device, slots: int = BUFFERS) -> Staging:
    """The staging that a device is served best with."""
    return (CudaStaging if device.type == "cuda" else Staging)(size, device, slots)


def copy_into(buffer: torch.Tensor, homes: Sequence[torch.Tensor], in_phase: bool = True) -> list[torch.Tensor]:
    """Copies of the tensors in a buffer of bytes, one behind the other (see ``lay_out``).

    Args:
        in_phase: on a CPU each begins at the same place of a cache line as before, so that it is added up in the same order.
    """
    offsets, _ = lay_out(homes)
    if in_phase and buffer.device.type == "cpu":
        offsets = [_shifted(buffer, offset, home) for offset, home in zip(offsets, homes, strict=True)]
    views = [_view(buffer, offset, home) for offset, home in zip(offsets, homes, strict=True)]
    for view, home in zip(views, homes, strict=True):
        view.copy_(home)
    return views


def _shifted(buffer: torch.Tensor, offset: int, home: torch.Tensor) -> int:
    shift = (home.data_ptr() - buffer.data_ptr() - offset) % PHASE
    return offset + (shift if (buffer.storage_offset() + offset + shift) % home.element_size() == 0 else 0)


def _view(buffer: torch.Tensor, offset: int, like: torch.Tensor) -> torch.Tensor:
    """A tensor of the type and shape of ``like`` in the bytes from ``offset`` on."""
    size = like.numel() * like.element_size()
    return buffer[offset : offset + size].view(like.dtype).view(like.shape)
