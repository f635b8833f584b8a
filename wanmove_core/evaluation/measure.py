"""From a video and the tracks that were asked of it to a score: which tracks to measure, following them, comparing."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ..errors import RequestError
from ..rendering.frames import Frame, Picture, as_frame
from ..tracks.baked import BakedTracks
from .metrics import TrackScore, endpoint_error
from .point_tracking import FollowedPoints, follow_points, match_patches, texture_strength

_CELL = 8


@dataclass(frozen=True)
class MeasureOptions:
    """What is measured and how."""

    min_motion: float = 8.0
    """px from start to end under which a track is left out (pins, small sways): a cell, the least the model can see"""
    max_tracks: int = 256
    """most tracks to follow; the best textured ones, evenly over the layers"""
    min_texture: float = 2.0
    """see ``point_tracking.texture_strength``"""
    margin: float = 4.0
    """px from the picture's edge within which starts and ends are left out: half of what is compared would be missing"""
    method: Literal["flow", "patches"] = "flow"
    """``flow``: LK from frame to frame; ``patches``: correlation near the requested place, survives occlusion"""


@dataclass(frozen=True)
class TrackChoice:
    """Which of N tracks are measured, and how many each rule left out (rules apply in this order)."""

    indices: NDArray[np.intp]
    """[M], ascending"""
    hidden: int
    """hidden in the first or last frame, or outside the picture there"""
    still: int
    """moved less than ``min_motion``"""
    covered: int
    """under an upper layer in the first or last frame"""
    flat: int
    """on too little texture to be followed"""
    surplus: int
    """more than ``max_tracks``"""


@dataclass(frozen=True)
class Measurement:
    """A score and what it was made of."""

    score: TrackScore | None
    """None = no track could be measured; ``choice`` says why"""
    requested: BakedTracks
    """the M measured tracks"""
    achieved: FollowedPoints
    choice: TrackChoice


def measure_tracks(frames: Iterable[Picture], requested: BakedTracks, options: MeasureOptions | None = None) -> Measurement:
    """Follow the requested tracks' starts through a video and say how far from their goals they end.

    The same call on a video that is known to follow the tracks (rendered from them) gives the floor of the measure: what
    is left of a score after the floor is the video's own error.

    Args:
        frames: as many as the tracks have, of the tracks' size.

    Raises:
        RequestError: number or size of the frames differ from the tracks'.
    """
    options = options or MeasureOptions()
    stream = _checked(frames, requested)
    first = next(stream)
    choice = choose_tracks(requested, first, options)
    chosen = take_tracks(requested, choice.indices)
    achieved = _follow(chain([first], stream), chosen, options)
    score = endpoint_error(chosen, achieved.positions, achieved.followed) if chosen.count else None
    return Measurement(score, chosen, achieved, choice)


def choose_tracks(requested: BakedTracks, first: Picture, options: MeasureOptions | None = None) -> TrackChoice:
    """The tracks of which a video can show whether it followed them; the rules are ``TrackChoice``'s fields."""
    options = options or MeasureOptions()
    ends = requested.positions[[0, -1]]
    left = np.ones(requested.count, np.bool_)
    strength = texture_strength(first, ends[0])
    rules = (
        requested.visibility[0] & requested.visibility[-1] & _inside(ends, requested, options.margin),
        np.linalg.norm(ends[1] - ends[0], axis=-1) >= options.min_motion,
        ~(_covered(ends[0], requested.layer) | _covered(ends[1], requested.layer)),
        strength >= options.min_texture,
    )
    dropped = []
    for rule in rules:
        dropped.append(int((left & ~rule).sum()))
        left &= rule
    indices = _best_of_each_layer(np.flatnonzero(left), requested.layer, strength, options.max_tracks)
    return TrackChoice(indices, *dropped, surplus=int(left.sum()) - len(indices))


def take_tracks(tracks: BakedTracks, indices: NDArray[np.intp]) -> BakedTracks:
    """Only these tracks, in this order; size and layers stay."""
    return replace(
        tracks,
        positions=tracks.positions[:, indices],
        visibility=tracks.visibility[:, indices],
        layer=tracks.layer[indices],
    )


def _follow(frames: Iterator[Picture], chosen: BakedTracks, options: MeasureOptions) -> FollowedPoints:
    if options.method == "patches":
        return match_patches(frames, chosen.positions)
    return follow_points(frames, chosen.positions[0])


def _checked(frames: Iterable[Picture], requested: BakedTracks) -> Iterator[Frame]:
    count = 0
    for picture in frames:
        frame = as_frame(picture)
        count += 1
        if frame.shape[:2] != (requested.height, requested.width):
            raise RequestError(
                f"Frame {count - 1} is {frame.shape[1]}x{frame.shape[0]}, the tracks are for "
                f"{requested.width}x{requested.height}; bake the tracks at the video's size."
            )
        if count <= requested.length:
            yield frame
    if count != requested.length:
        raise RequestError(
            f"The video has {count} frames, the tracks have {requested.length}; bake them at the video's length."
        )


def _inside(ends: NDArray[np.float32], tracks: BakedTracks, margin: float) -> NDArray[np.bool_]:
    far = (tracks.width - margin, tracks.height - margin)
    return np.asarray(np.all((ends >= margin) & (ends < far), axis=(0, 2)))


def _covered(places: NDArray[np.float32], layer: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Whether a track higher up (= later) and of another layer is in the same cell."""
    cells = np.floor(places / _CELL).clip(-(2**20), 2**20).astype(np.int64)
    _, cell = np.unique(cells, axis=0, return_inverse=True)
    cell = cell.ravel()
    top = np.zeros(cell.max(initial=-1) + 1, np.int64)
    np.maximum.at(top, cell, np.arange(len(cell)))
    return layer[top[cell]] != layer


def _best_of_each_layer(
    indices: NDArray[np.intp], layer: NDArray[np.int32], strength: NDArray[np.float32], most: int
) -> NDArray[np.intp]:
    """The best textured tracks, taken in turn from the layers until there are ``most``."""
    order = indices[np.argsort(-strength[indices], kind="stable")]
    rank = np.zeros(len(order), np.int64)
    for number in np.unique(layer[order]):
        own = layer[order] == number
        rank[own] = np.arange(own.sum())
    return np.sort(order[np.argsort(rank, kind="stable")][:most])
