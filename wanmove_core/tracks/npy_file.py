"""Wan-Move's own track files: ``tracks.npy`` and ``visibility.npy`` in pixels of the original picture."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib.format import open_memmap
from numpy.typing import NDArray

from ..errors import TrackError
from .baked import BakedTracks

MAX_BYTES = 2**28
"""of one file: over 200,000 tracks of 81 frames in float64"""
FARTHEST = 1e6
"""pixels"""


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
    if places.shape[2] != 2 or 0 in places.shape:
        raise TrackError(f"{positions} has the shape {list(places.shape)}; [frames, tracks, 2] is needed, none of them 0.")
    shown = np.ones(places.shape[:2], np.bool_)
    if visibility is not None:
        shown = _without_batch(_read_numbers(visibility), 2, visibility) != 0
    if shown.shape != places.shape[:2]:
        raise TrackError(f"{visibility} has the shape {list(shown.shape)}; {positions} needs {list(places.shape[:2])}.")
    near = (np.abs(places) <= FARTHEST).all(axis=-1)  # NaN is not
    if bool((shown & ~near).any()):
        frame, track = np.argwhere(shown & ~near)[0].tolist()
        raise TrackError(
            f"{positions}: track {track} is visible at frame {frame} but its position is {places[frame, track].tolist()}; "
            f"give a position within ±{FARTHEST:,.0f} pixels or mark it hidden."
        )
    safe = np.where(near[..., None], places, np.float32(-1))
    return BakedTracks(safe, shown, width, height, np.zeros(places.shape[1], np.int32), (positions.stem,))


def _read_numbers(path: Path) -> NDArray[Any]:
    try:
        if path.exists() and not path.is_file():
            raise TrackError(f"{path} is a folder, a pipe or a device; give a npy file.")
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise TrackError(f"{path} has {size:,} bytes; at most {MAX_BYTES:,} are read. Keep fewer tracks or frames.")
        values = _mapped(path)
    except OSError as error:
        raise TrackError(f"{path} cannot be read: {error.strerror or error}.") from error
    if values.dtype.kind not in "biuf":
        raise TrackError(f"{path} holds values of the type {str(values.dtype)[:60]}; plain numbers are needed.")
    return np.array(values)


def _mapped(path: Path) -> NDArray[Any]:
    """The array of a file as memory of the file: a header that lies about the shape allocates nothing, objects are refused."""
    try:
        return open_memmap(path, mode="r")
    except OSError:
        raise
    except Exception as error:  # numpy's header parser raises nearly every kind on hostile bytes
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise TrackError(f"{path} is no npy file of numbers ({reason}); save one array with numpy.save.") from error


def _without_batch(values: NDArray[Any], axes: int, path: Path) -> NDArray[Any]:
    if values.ndim == axes + 1 and values.shape[0] == 1:
        return values[0]
    if values.ndim != axes:
        raise TrackError(f"{path} has the shape {list(values.shape)}; {axes} axes are needed, or one more of size 1 in front.")
    return values
