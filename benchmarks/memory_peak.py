"""The most memory that a piece of work took: of a GPU from its allocator, of the CPU what is no mapped file (Linux)."""

import ctypes
import threading
from contextlib import suppress
from pathlib import Path
from types import TracebackType

import torch

_STATUS = Path("/proc/self/status")
_PAUSE = 0.002
"""seconds between two looks at the process's memory"""

_MMAP_THRESHOLD = -3
"""glibc's mallopt"""


def give_back_freed_memory() -> None:
    """What is free goes back; and from now on each tensor of 64 KiB and more, as it lies in pages of its own (glibc)."""
    with suppress(OSError, AttributeError):
        library = ctypes.CDLL("libc.so.6")
        library.mallopt(_MMAP_THRESHOLD, 1 << 16)
        library.malloc_trim(0)


def anonymous_bytes() -> int:
    """Memory of this process that is backed by no file; 0 where the system does not tell."""
    if not _STATUS.exists():
        return 0
    lines = [line for line in _STATUS.read_text().splitlines() if line.startswith("RssAnon")]
    return int(lines[0].split()[1]) * 1024 if lines else 0


class MemoryPeak:
    """``with MemoryPeak(device) as peak: ...``; then ``peak.most`` and ``peak.grown`` say what was taken, in bytes."""

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._before = 0
        self.most = 0
        self._over = threading.Event()
        self._watcher = threading.Thread(target=self._watch, daemon=True)

    @property
    def grown(self) -> int:
        """More than before."""
        return self.most - self._before

    def __enter__(self) -> "MemoryPeak":
        if self._device.type == "cuda":
            torch.cuda.synchronize(self._device)
            torch.cuda.reset_peak_memory_stats(self._device)
            self._before = torch.cuda.memory_allocated(self._device)
        else:
            self._before = self.most = anonymous_bytes()
            self._watcher.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._device.type == "cuda":
            torch.cuda.synchronize(self._device)
            self.most = torch.cuda.max_memory_allocated(self._device)
        else:
            self._over.set()
            self._watcher.join()

    def _watch(self) -> None:
        while not self._over.wait(_PAUSE):
            self.most = max(self.most, anonymous_bytes())
