"""Wan-Move's own track files: ``tracks.npy`` and ``visibility.npy`` in pixels of the original picture."""

import io
import math
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.lib import format as npy_format
from numpy.typing import NDArray

from ..errors import TrackError
from .baked import BakedTracks

MAX_BYTES = 2**28
"""of one file: over 200,000 tracks of 81 frames in float64"""
FARTHEST = 1e6
"""pixels"""
_HEADERS = {(1, 0): npy_format.read_array_header_1_0, (2, 0): npy_format.read_array_header_2_0}
"""version 3 is for structured types only"""


def read_npy_tracks(positions: Path, visibility: Path | None, width: int, height: int) -> BakedTracks:
    """Tracks of a ``width`` x ``height`` picture from npy files; no pickled objects are ever read.

    Args:
        positions: [T, N, 2] or [1, T, N, 2], (x, y) in pixels of the picture.
        visibility: [T, N] or [1, T, N], non-zero = visible; None = everything visible.

    Raises:
        TrackError: a file cannot be read, or its shape, type or values do not fit.
    """
    with np.errstate(over="ignore"):  # too large for float32 becomes infinite, and that is refused where it is visible
        places = _without_batch(_read_numbers(positions), 3, positions).astype(np.float32)
    if places.shape[2] != 2:
        raise TrackError(f"{positions} has the shape {list(places.shape)}; [frames, tracks, 2] is needed.")
    shown: NDArray[np.bool_] = np.ones(places.shape[:2], np.bool_)
    if visibility is not None:
        shown = _without_batch(_read_numbers(visibility), 2, visibility).astype(np.bool_)
    if shown.shape != places.shape[:2]:
        raise TrackError(f"{visibility} has the shape {list(shown.shape)}; {positions} needs {list(places.shape[:2])}.")
    near: NDArray[np.bool_] = np.all(np.abs(places) <= FARTHEST, axis=-1)  # NaN is not
    if bool((shown & ~near).any()):
        frame, track = np.argwhere(shown & ~near)[0].tolist()
        raise TrackError(
            f"{positions}: track {track} is visible at frame {frame} but its position is {places[frame, track].tolist()}; "
            f"give a position within ±{FARTHEST:,.0f} pixels or mark it hidden."
        )
    safe = np.where(near[..., None], places, np.float32(-1))
    return BakedTracks(safe, shown, width, height, np.zeros(places.shape[1], np.int32), (positions.stem,))


def write_npy(values: NDArray[Any]) -> bytes:
    """The npy file of an array: positions float32 [T, N, 2], or visibility bool [T, N], as ``read_npy_tracks`` takes them."""
    stream = io.BytesIO()
    npy_format.write_array(stream, np.ascontiguousarray(values), version=(1, 0), allow_pickle=False)
    return stream.getvalue()


def _read_numbers(path: Path) -> NDArray[Any]:
    try:
        if path.exists() and not path.is_file():
            raise TrackError(f"{path} is a folder, a pipe or a device; give a npy file.")
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise TrackError(f"{path} has {size:,} bytes; at most {MAX_BYTES:,} are read. Keep fewer tracks or frames.")
        content = path.read_bytes()
    except OSError as error:
        raise TrackError(f"{path} cannot be read: {error.strerror or error}.") from error
    return parse_npy(content, str(path))


def parse_npy(content: bytes, source: str) -> NDArray[Any]:
    """The array of numbers in the bytes of a npy file; ``source`` is what messages call it.

    Raises:
        TrackError: it is no such file.
    """
    try:
        return _parse(io.BytesIO(content), len(content))
    except Exception as error:  # numpy's header parser raises nearly every kind on hostile bytes
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise TrackError(f"{source} is no npy file of numbers ({reason}); save one array with numpy.save.") from error


def _parse(file: BinaryIO, size: int) -> NDArray[Any]:
    """The array of a npy file. Not by ``numpy.load``: mapping an array of a type of no bytes, numpy 2 ends the process."""
    version = npy_format.read_magic(file)
    if version not in _HEADERS:
        raise ValueError(f"version {version} of the format is not known")
    shape, column_major, dtype = _HEADERS[version](file)
    if dtype.kind not in "biuf":
        raise ValueError(f"its values are of the type {dtype}")
    expected, there = math.prod(shape) * dtype.itemsize, size - file.tell()
    if min(shape, default=1) < 1 or expected > there:
        raise ValueError(f"of the shape {list(shape)} and the type {dtype} it cannot have {there} bytes of values")
    return np.frombuffer(file.read(expected), dtype).reshape(shape, order="F" if column_major else "C")


def _without_batch(values: NDArray[Any], axes: int, path: Path) -> NDArray[Any]:
    if values.ndim == axes + 1 and values.shape[0] == 1:
        return values[0]
    if values.ndim != axes:
        raise TrackError(f"{path} has the shape {list(values.shape)}; {axes} axes are needed, or one more of size 1 in front.")
    return values
