"""A folder of encoded pictures and prompts that outlives the program, shared by as many programs as there are.

An entry is a safetensors file named by its key, with a checksum of its values in its metadata. It is written beside its place
and renamed, so that a reader finds the whole of it or nothing. What cannot be read or is not what was written is removed, and
made again by whoever wanted it; the least recently used entries go when the folder grows beyond its limit.
"""

import contextlib
import hashlib
import json
import os
import re
import time
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save_file

from ..errors import MediaError, RequestError
from ..rendering.atomic_file import unfinished

GIGABYTE = 2**30
DEFAULT_BYTES = 4 * GIGABYTE
"""of 832x480 and 81 frames a picture takes 8 MB, a prompt up to 8 MB"""
ABANDONED_S = 3600.0
"""after so many seconds an unfinished file is one of a program that was killed"""

_NAME, _VALUE, _CHECKSUM = re.compile(r"[0-9a-f]{64}\.safetensors"), "value", "sha256"


class EncodeFolder:
    """Tensors by key; see the module.

    Args:
        path: made if it is not there.
        most_bytes: of all entries together, once nobody is writing.

    Raises:
        RequestError: there can be no such folder.
    """

    def __init__(self, path: Path, most_bytes: int = DEFAULT_BYTES) -> None:
        self.path, self._most_bytes = path, most_bytes
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise RequestError(
                f'The folder "{path}" for encoded pictures and prompts cannot be made: {error.strerror or error}. Name another.'
            ) from error

    def find(self, key: str) -> torch.Tensor | None:
        """The tensor, on the CPU; None if it is not there or was damaged."""
        place = self._place(key)
        try:
            if place.stat().st_size > self._most_bytes:
                return None
            value = _unpacked(place.read_bytes(), key)
        except OSError:
            return None
        if value is None:
            _remove(place)
            return None
        with contextlib.suppress(OSError):  # another program may have removed it
            os.utime(place)
        return value

    def keep(self, key: str, value: torch.Tensor) -> None:
        """Write it, unless it is larger than the folder may be; then remove what was not used longest.

        Raises:
            MediaError: it cannot be written.
        """
        if value.nbytes >= self._most_bytes:
            return
        place, tensor = self._place(key), value.contiguous()
        try:
            with unfinished(place) as partial:
                save_file({_VALUE: tensor}, partial, {_CHECKSUM: _checksum(tensor, key)})
        except (OSError, SafetensorError) as error:
            raise MediaError(f'Cannot write "{place}": {error}.') from error
        self._make_room()

    def _place(self, key: str) -> Path:
        return self.path / f"{key}.safetensors"

    def _make_room(self) -> None:
        entries: list[tuple[float, int, Path]] = []
        with contextlib.suppress(OSError), os.scandir(self.path) as found:
            for entry in found:
                with contextlib.suppress(OSError):  # gone meanwhile
                    state, path = entry.stat(), Path(entry.path)
                    if _NAME.fullmatch(entry.name):
                        entries.append((state.st_mtime, state.st_size, path))
                    elif ".part" in entry.name and time.time() - state.st_mtime > ABANDONED_S:
                        _remove(path)
        total = sum(size for _, size, _ in entries)
        for _, size, path in sorted(entries):
            if total <= self._most_bytes:
                return
            _remove(path)
            total -= size


def _unpacked(data: bytes, key: str) -> torch.Tensor | None:
    """The tensor of a file's bytes; None unless they are what ``keep`` wrote for this key."""
    try:
        header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
        value = load(data)[_VALUE]
        return value if header["__metadata__"][_CHECKSUM] == _checksum(value, key) else None
    # whatever the bytes are; MemoryError for a length that cannot be
    except (SafetensorError, ValueError, KeyError, TypeError, RuntimeError, RecursionError, MemoryError):
        return None


def _checksum(value: torch.Tensor, key: str) -> str:
    about = f"{key} {value.dtype} {list(value.shape)} ".encode()
    return hashlib.sha256(about + value.contiguous().view(torch.uint8).numpy().tobytes()).hexdigest()


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):  # gone meanwhile, or held by a reader on Windows
        path.unlink(missing_ok=True)
