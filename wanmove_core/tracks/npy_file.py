"""Wan-Move's own track files: ``tracks.npy`` and ``visibility.npy`` in pixels of the original picture."""

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import TrackError
from .baked import BakedTracks

MAX_BYTES = 2**30


def read_npy_tracks(positions: Path, visibility: Path | None, width: int, height: int) -> BakedTracks:
    """Tracks of a ``width`` x ``height`` picture from npy files; no pickled objects are ever read.

    Args:
        positions: [T, N, 2] or [1, T, N, 2], (x, y) in pixels of the picture.
        visibility: [T, N] or [1, T, N], non-zero = visible; None = everything visible.

    Raises:
        TrackError: a file cannot be read, or its shape, type or values do not fit.
    """
    places = _without_batch(_read_numbers(positions), 3, positions)
    if places.shape[2] != 2 or 0 in places.shape:
        raise TrackError(f"{positions} has the shape {list(places.shape)}; [frames, tracks, 2] is needed.")
    shown: NDArray[np.bool_] = np.ones(places.shape[:2], np.bool_)
    if visibility is not None:
        shown = _without_batch(_read_numbers(visibility), 2, visibility).astype(np.bool_)
    if shown.shape != places.shape[:2]:
        raise TrackError(f"{visibility} has the shape {list(shown.shape)}; {positions} needs {list(places.shape[:2])}.")
    finite = np.asarray((np.abs(np.nan_to_num(places, nan=np.inf)) < 1e6).all(axis=-1))
    if bool((shown & ~finite).any()):
        frame, track = (int(axis[0]) for axis in np.nonzero(shown & ~finite))
        raise TrackError(
            f"{positions}: track {track} is visible at frame {frame} but its position is {places[frame, track].tolist()}; "
            "give a position within ±1,000,000 pixels or mark it hidden."
        )
    safe = np.where(finite[..., None], places, -1).astype(np.float32)
    return BakedTracks(safe, shown, width, height, np.zeros(places.shape[1], np.int32), (positions.stem,))


def _read_numbers(path: Path) -> NDArray[Any]:
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise TrackError(f"{path} has {size:,} bytes; at most {MAX_BYTES:,} are read. Keep fewer tracks or frames.")
        values = np.load(path, mmap_mode="r", allow_pickle=False)
    except OSError as error:
        raise TrackError(f"{path} cannot be read: {error.strerror or error}.") from error
    except (ValueError, EOFError, SyntaxError, TypeError, KeyError, OverflowError, MemoryError, zipfile.BadZipFile) as error:
        raise TrackError(f"{path} is not a npy file of numbers: {error}. Save it with numpy.save.") from error
    if not isinstance(values, np.ndarray) or values.dtype.kind not in "biuf":
        raise TrackError(f"{path} does not hold one array of numbers; save positions or visibility with numpy.save.")
    return np.array(values)


def _without_batch(values: NDArray[Any], axes: int, path: Path) -> NDArray[Any]:
    if values.ndim == axes + 1 and values.shape[0] == 1:
        return values[0]
    if values.ndim != axes:
        raise TrackError(f"{path} has the shape {list(values.shape)}; {axes} axes are needed, or one more of size 1 in front.")
    return values
