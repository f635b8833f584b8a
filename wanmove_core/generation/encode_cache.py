"""What encoders gave, kept by what they were given: in memory, and in a folder where one is chosen.

A picture that is drawn on again and again, and a prompt, are encoded once. A key holds the content itself, the encoder's
weights (``loading.file_identity``), the device and the version of the code, so nothing has to be told when something changes.
"""

import hashlib
import os
import threading
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

import torch

from ..errors import MediaError, RequestError
from ..host import Host
from .encode_folder import GIGABYTE, EncodeFolder

MEMORY_BYTES = 256 * 2**20
ENCODERS_VERSION = 1
"""to be counted up where an encoder of this package comes to give other values for the same input"""
FOLDER_VARIABLE, SIZE_VARIABLE = "WANMOVE_CACHE", "WANMOVE_CACHE_GB"

Content = str | int | torch.Tensor | None


class EncodeCache:
    """Tensors by key. May be used by several threads.

    Args:
        folder: where they are kept beyond this program; None = in memory only.
        memory_bytes: of all that are kept in memory; those not used longest go first.
    """

    def __init__(self, folder: EncodeFolder | None = None, memory_bytes: int = MEMORY_BYTES) -> None:
        self._folder, self._memory_bytes = folder, memory_bytes
        self._values: OrderedDict[str, torch.Tensor] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def bytes(self) -> int:
        """Of what is in memory."""
        with self._lock:
            return sum(value.nbytes for value in self._values.values())

    def find(self, key: str) -> torch.Tensor | None:
        """The tensor, on the CPU and not to be written into; None if it is not kept."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key]
        value = None if self._folder is None else self._folder.find(key)
        if value is not None:
            self._keep_in_memory(key, value)
        return value

    def keep(self, key: str, value: torch.Tensor, host: Host) -> torch.Tensor:
        """The value, on the CPU; the host is told if it cannot be written to the folder, which is no error."""
        kept = value.detach().cpu()
        self._keep_in_memory(key, kept)
        if self._folder is not None:
            try:
                self._folder.keep(key, kept)
            except MediaError as error:
                host.note(f"What was encoded is not kept for the next time: {error}")
        return kept

    def get(self, key: str, make: Callable[[], torch.Tensor], host: Host) -> torch.Tensor:
        """The kept tensor, or what ``make`` gives, which is kept then; on the CPU."""
        found = self.find(key)
        return self.keep(key, make(), host) if found is None else found

    def _keep_in_memory(self, key: str, value: torch.Tensor) -> None:
        with self._lock:
            self._values[key] = value
            self._values.move_to_end(key)
            total = sum(kept.nbytes for kept in self._values.values())
            while total > self._memory_bytes:
                total -= self._values.popitem(last=False)[1].nbytes


def open_cache(folder: Path | None = None, gigabytes: float | None = None) -> EncodeCache:
    """A cache with this folder, or the one in the environment (``WANMOVE_CACHE``, ``WANMOVE_CACHE_GB``), or in memory only.

    Raises:
        RequestError: the folder cannot be made, or its size cannot be.
    """
    named = os.environ.get(FOLDER_VARIABLE, "")
    chosen = folder or (Path(named) if named else None)
    if chosen is None:
        return EncodeCache()
    if gigabytes is None:
        gigabytes = _size(os.environ.get(SIZE_VARIABLE, "4"))
    return EncodeCache(EncodeFolder(chosen, int(gigabytes * GIGABYTE)))


def encode_key(encoder: str, identity: str, device: torch.device, *content: Content) -> str:
    """64 hexadecimal digits that are equal for what encodes to the same values.

    Args:
        encoder: which code encodes.
        identity: of its weights, see ``loading.file_identity``.
        device: that it runs on; others round otherwise.
        content: all that it is given; of tensors their type, shape and values count.
    """
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else device.type
    key = hashlib.sha256()
    for part in (f"{ENCODERS_VERSION}, torch {torch.__version__}, {name}", encoder, identity, *content):
        if isinstance(part, torch.Tensor):
            about = f"{part.dtype} {list(part.shape)}"
            data = part.detach().cpu().contiguous().view(torch.uint8).numpy().tobytes()
        else:
            about, data = type(part).__name__, str(part).encode()
        key.update(f"{about} {len(data)} ".encode() + data)
    return key.hexdigest()


def _size(text: str) -> float:
    try:
        size = float(text)
    except ValueError:
        size = 0.0
    if not 0 < size < 2**20:
        raise RequestError(f'{SIZE_VARIABLE} is "{text}"; give the size of the folder as a number of gigabytes, such as 4.')
    return size
