"""Baked tracks put together, moved, retimed and brought to another picture size; whoever drew or followed them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from ..errors import RequestError, TrackError
from .baked import BakedTracks
from .regions import MAX_TRACKS
from .sampling import MAX_LENGTH, FitName

Lengths = Literal["stretch", "cut", "refuse"]
"""What becomes of tracks of different lengths: all stretched in time to the longest, cut to the shortest, or an error."""


@dataclass(frozen=True)
class Placement:
    """How tracks are put elsewhere: their motion changed, then all turned and scaled about the picture's middle, then moved."""

    motion: float = 1.0
    """factor on how far each point gets from its start: 0 pins it, -1 sends it the other way"""
    rotation: float = 0.0
    """degrees clockwise"""
    scale: float = 1.0
    move: tuple[float, float] = (0.0, 0.0)
    """pixels"""


def merge_tracks(parts: Sequence[BakedTracks], lengths: Lengths = "stretch") -> BakedTracks:
    """All tracks as one; the parts' order is depth, the last on top.

    Raises:
        TrackError: no part, other picture sizes or, where ``lengths`` refuses them, lengths; or too many tracks.
        RequestError: an unknown ``lengths``.
    """
    _check_parts(parts, lengths)
    found = [part.length for part in parts]
    fitted = [resample_tracks(part, max(found)) if lengths == "stretch" else _cut(part, min(found)) for part in parts]
    below = np.cumsum([0, *(len(part.names) for part in fitted)])
    layers = [part.layer + np.int32(first) for part, first in zip(fitted, below, strict=False)]
    return BakedTracks(
        positions=np.concatenate([part.positions for part in fitted], axis=1),
        visibility=np.concatenate([part.visibility for part in fitted], axis=1),
        width=fitted[0].width,
        height=fitted[0].height,
        layer=np.concatenate(layers).astype(np.int32),
        names=tuple(name for part in fitted for name in part.names),
    )


def resample_tracks(tracks: BakedTracks, length: int) -> BakedTracks:
    """The same motion over ``length`` frames, first and last frame kept; straight between frames.

    A point is visible where it is in the nearest frame. Next to a hidden frame it is not between frames but where the nearest
    one has it: the position of a hidden point may mean nothing.

    Raises:
        RequestError: the length is out of limits.
    """
    if not 1 <= length <= MAX_LENGTH:
        raise RequestError(f"The length of the tracks is {length}; 1 to {MAX_LENGTH} is needed.")
    if length == tracks.length:
        return tracks
    moments = np.linspace(0.0, tracks.length - 1, length)
    before = np.floor(moments).astype(np.int64)
    after = np.minimum(before + 1, tracks.length - 1)
    nearest = np.rint(moments).astype(np.int64)
    share = (moments - before)[:, None, None]
    between = tracks.positions[before] * (1 - share) + tracks.positions[after] * share
    both = tracks.visibility[before] & tracks.visibility[after]
    positions = np.where(both[..., None], between, tracks.positions[nearest])
    return replace(tracks, positions=positions.astype(np.float32), visibility=tracks.visibility[nearest])


def reverse_tracks(tracks: BakedTracks) -> BakedTracks:
    """Backwards in time: what is at a track's end is what it carries."""
    return replace(tracks, positions=tracks.positions[::-1].copy(), visibility=tracks.visibility[::-1].copy())


def place_tracks(tracks: BakedTracks, placement: Placement) -> BakedTracks:
    """The tracks elsewhere, in a picture of the same size.

    Raises:
        RequestError: a number is not finite, or the scale is not over 0.
    """
    numbers = (placement.motion, placement.rotation, placement.scale, *placement.move)
    if not np.isfinite(numbers).all() or placement.scale <= 0:
        raise RequestError(
            f"The tracks are scaled by {placement.scale:g}; a finite scale over 0 and finite numbers are needed."
        )
    start, middle = tracks.positions[:1].astype(np.float64), np.array([tracks.width, tracks.height]) / 2
    moved = start + (tracks.positions - start) * placement.motion
    placed = (moved - middle) @ _turn(placement.rotation).T * placement.scale + middle + np.array(placement.move)
    return replace(tracks, positions=placed.astype(np.float32))


def refit_tracks(tracks: BakedTracks, width: int, height: int, fit: FitName) -> BakedTracks:
    """The tracks for a picture of another size: ``stretch`` scales each side on its own, ``crop`` both alike and cuts.

    Raises:
        RequestError: the size is not positive, or ``fit`` is neither.
    """
    if min(width, height) < 1 or fit not in get_args(FitName):
        raise RequestError(
            f'The tracks are to fit {width} x {height} by "{fit}"; a positive size and stretch or crop is needed.'
        )
    across, down = width / tracks.width, height / tracks.height
    if fit == "crop":
        across = down = max(across, down)
    corner = np.array([tracks.width * across - width, tracks.height * down - height]) / 2 if fit == "crop" else np.zeros(2)
    positions = tracks.positions.astype(np.float64) * np.array([across, down]) - corner
    return replace(tracks, positions=positions.astype(np.float32), width=width, height=height)


def _check_parts(parts: Sequence[BakedTracks], lengths: str) -> None:
    if lengths not in get_args(Lengths):
        raise RequestError(f'Different lengths are treated by "{lengths}"; it must be one of {", ".join(get_args(Lengths))}.')
    if not parts:
        raise TrackError("There are no tracks to merge; connect at least one.")
    sizes = sorted({(part.width, part.height) for part in parts})
    if len(sizes) > 1:
        said = " and ".join(f"{width} x {height}" for width, height in sizes)
        raise TrackError(f"The tracks are for pictures of {said}; bring all to one size first (Transform Tracks).")
    found = sorted({part.length for part in parts})
    if lengths == "refuse" and len(found) > 1:
        raise TrackError(
            f"The tracks have {' and '.join(map(str, found))} frames; bring all to one length, or stretch or cut them."
        )
    count = sum(part.count for part in parts)
    if count > MAX_TRACKS:
        raise TrackError(f"Together there are {count} tracks; {MAX_TRACKS} are allowed. Lower a layer's density.")


def _cut(tracks: BakedTracks, length: int) -> BakedTracks:
    return replace(tracks, positions=tracks.positions[:length], visibility=tracks.visibility[:length])


def _turn(degrees: float) -> NDArray[np.float64]:
    angle = np.radians(degrees)
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
