"""What a track file holds before its axes, its scale and its hidden points are understood."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ...errors import TrackError
from ..npy_file import MAX_BYTES
from ..regions import MAX_TRACKS
from ..sampling import MAX_LENGTH

Axis = Literal["frames", "tracks"]
"""Which comes first: [frames, tracks, 2] or [tracks, frames, 2]."""
Scale = Literal["pixels", "unit", "centred"]
"""Pixels; 0…1 of each side of the picture; -1…1 of each side."""
Hidden = Literal["none", "nan", "-1", "-100", "negative"]
"""What marks a hidden point where nothing else says it: nothing, not a number, both coordinates -1 or -100, any below 0."""
Uneven = Literal["stretch", "end"]
"""What shorter lists mean: slower tracks, stretched to the longest, or tracks that end early and are hidden from there."""

NO_ARRAYS: Mapping[str, NDArray[Any]] = MappingProxyType({})


@dataclass(frozen=True)
class RawTracks:
    """Numbers as stored, and what their format says of them. None = it does not say."""

    source: str
    """what messages call the file"""
    layout: str
    """how the numbers lie in it, for people"""
    positions: NDArray[np.float64]
    """[A, B, 2], one of A and B frames, the other tracks"""
    visibility: NDArray[np.float64] | None = None
    """[A, B], 1 = visible, or a probability"""
    seen_by: str = ""
    """where the visibility comes from, for people"""
    axis: Axis | None = None
    scale: Scale | None = None
    hidden: Hidden | None = None
    size: tuple[int, int] | None = None
    """width and height of the picture"""
    fps: float | None = None
    notes: tuple[str, ...] = ()


def read_content(path: Path) -> bytes:
    """All bytes of a file.

    Raises:
        TrackError: it cannot be read, is no file, is empty or too large.
    """
    try:
        if path.exists() and not path.is_file():
            raise TrackError(f"{path} is a folder, a pipe or a device; give a track file.")
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise TrackError(f"{path} has {size:,} bytes; at most {MAX_BYTES:,} are read. Keep fewer tracks or frames.")
        content = path.read_bytes()
    except OSError as error:
        raise TrackError(f"{path} cannot be read: {error.strerror or error}.") from error
    if not content:
        raise TrackError(f"{path} is empty; give a file with tracks in it.")
    return content


def check_counts(length: int, count: int, source: str) -> None:
    """Refuse no tracks, no frames, and more of either than anything here takes."""
    if not 1 <= length <= MAX_LENGTH or not 1 <= count <= MAX_TRACKS:
        raise TrackError(
            f"{source} holds {count:,} tracks of {length:,} frames; 1 to {MAX_TRACKS:,} tracks of 1 to {MAX_LENGTH:,} frames "
            "are read. Keep fewer, or say with --axis which of its axes is which."
        )


def needs_length(source: str, what: str) -> TrackError:
    """The error for what has no frames of its own."""
    return TrackError(f"{source} holds {what}, which have no number of frames; give it with --length, for example 81.")
