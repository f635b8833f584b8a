"""From a video and the tracks that were asked of it to a score: which tracks to measure, following them, comparing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from ..rendering.frames import Frame, Picture, checked_frames
from ..rendering.thinning import thin_tracks
from ..tracks.baked import BakedTracks
from .metrics import TrackScore, endpoint_error
from .point_tracking import FollowedPoints, is_trackable
from .trackers import LucasKanade, PatchMatching, Tracker

_CELL = 8
_ENOUGH = 8
_NO_LAYER = np.float32(2**24)
_BESIDE = np.ones((3, 3), np.uint8)


@dataclass(frozen=True)
class MeasureOptions:
    """What is measured and how."""

    min_motion: float = 8.0
    """px from start to end under which a track is left out (pins, small sways): a cell, the least the model can see"""
    max_tracks: int = 256
    """most tracks to follow, evenly over the layers and their areas (``thin_tracks``)"""
    min_texture: float = 2.0
    """see ``point_tracking.texture_strength``"""
    margin: float = 4.0
    """px from the picture's edge within which starts and ends are left out: half of what is compared would be missing"""
    to_the_end: bool = True
    """whether tracks must be visible in the last frame; if not, in the first frame is enough"""
    tracker: Tracker = field(default_factory=LucasKanade)
    """who follows the points; ``PatchMatching`` looks near the requested places too"""


@dataclass(frozen=True)
class TrackChoice:
    """Which of N tracks are measured, and how many each rule left out (rules apply in this order)."""

    indices: NDArray[np.intp]
    """[M], ascending"""
    hidden: int
    """hidden in the first (or, with ``to_the_end``, last) frame, or outside the picture there"""
    still: int
    """moved less than ``min_motion``"""
    covered: int
    """under or beside (one cell) a layer above in some frame: what passes in front takes the tracker along"""
    flat: int
    """on too little texture to be followed"""
    surplus: int
    """at the edge of a layer that has enough others, or more than ``max_tracks``"""


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
    video = list(checked_frames(frames, requested))
    return measure_chosen(video, requested, choose_tracks(requested, video[0], options), options.tracker)


def measure_chosen(frames: Sequence[Frame], requested: BakedTracks, choice: TrackChoice, tracker: Tracker) -> Measurement:
    """``measure_tracks`` of tracks that were chosen before, such as by another video's first frame."""
    chosen = take_tracks(requested, choice.indices)
    if chosen.count == 0:
        return Measurement(None, chosen, FollowedPoints(chosen.positions, chosen.visibility), choice)
    if isinstance(tracker, PatchMatching):
        tracker = tracker.expecting(chosen.positions)
    achieved = tracker.follow(frames, chosen.positions[0])
    return Measurement(endpoint_error(chosen, achieved.positions, achieved.followed), chosen, achieved, choice)


def choose_tracks(requested: BakedTracks, first: Picture, options: MeasureOptions | None = None) -> TrackChoice:
    """The tracks of which a video can show whether it followed them; the rules are ``TrackChoice``'s fields."""
    options = options or MeasureOptions()
    ends = requested.positions[[0, -1]]
    left = np.ones(requested.count, np.bool_)
    looked = [0, -1] if options.to_the_end else [0]
    rules = (
        requested.visibility[looked].all(axis=0) & _inside(requested.positions[looked], requested, options.margin),
        np.linalg.norm(ends[1] - ends[0], axis=-1) >= options.min_motion,
        ~_covered(requested),
        is_trackable(first, ends[0], options.min_texture),
    )
    dropped = []
    for rule in rules:
        dropped.append(int((left & ~rule).sum()))
        left &= rule
    candidates = np.flatnonzero(left & _in_the_middle(requested, left))
    indices = candidates[thin_tracks(take_tracks(requested, candidates), options.max_tracks)]
    return TrackChoice(indices, *dropped, surplus=int(left.sum()) - len(indices))


def take_tracks(tracks: BakedTracks, indices: NDArray[np.intp]) -> BakedTracks:
    """Only these tracks, in this order; size and layers stay."""
    return replace(
        tracks,
        positions=tracks.positions[:, indices],
        visibility=tracks.visibility[:, indices],
        layer=tracks.layer[indices],
    )


def _inside(ends: NDArray[np.float32], tracks: BakedTracks, margin: float) -> NDArray[np.bool_]:
    far = (tracks.width - margin, tracks.height - margin)
    return np.asarray(np.all((ends >= margin) & (ends < far), axis=(0, 2)))


def _covered(tracks: BakedTracks) -> NDArray[np.bool_]:
    """Whether a track higher up (= later) and of another layer is ever in the same or a neighbouring cell. [N]"""
    covered = np.zeros(tracks.count, np.bool_)
    numbers = np.arange(tracks.count, dtype=np.float32)
    for places, seen in zip(tracks.positions, tracks.visibility, strict=True):
        row, column, inside = _cells(places, tracks)
        top = np.full(_grid_shape(tracks), -1, np.float32)
        here = inside & seen
        np.maximum.at(top, (row[here], column[here]), numbers[here])
        highest = cv2.dilate(top, _BESIDE)[row, column].astype(np.int64)
        covered |= inside & (highest >= 0) & (tracks.layer[highest] != tracks.layer)
    return covered


def _in_the_middle(tracks: BakedTracks, left: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Tracks as deep inside their layer as still leaves enough of them: at an edge two motions meet in one window. [N]"""
    chosen = np.ones(tracks.count, np.bool_)
    for rings in (1, 2):
        deep = ~_near_edge(tracks, rings)
        counts = np.bincount(tracks.layer[left & deep], minlength=len(tracks.names))
        chosen = np.where(counts[tracks.layer] >= _ENOUGH, deep, chosen)
    return chosen


def _near_edge(tracks: BakedTracks, rings: int) -> NDArray[np.bool_]:
    """Whether one of the cells around a track's start holds no track of its own layer, or one of another layer. [N]"""
    row, column, inside = _cells(tracks.positions[0], tracks)
    layer = tracks.layer.astype(np.float32)
    most = np.full(_grid_shape(tracks), -1, np.float32)
    least = np.full(_grid_shape(tracks), _NO_LAYER)
    at = row[inside], column[inside]
    np.maximum.at(most, at, layer[inside])
    np.minimum.at(least, at, layer[inside])
    least[least == _NO_LAYER] = -1
    around = np.ones((2 * rings + 1, 2 * rings + 1), np.uint8)
    return np.asarray((cv2.dilate(most, around)[row, column] > layer) | (cv2.erode(least, around)[row, column] < layer))


def _cells(places: NDArray[np.float32], tracks: BakedTracks) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
    """Row and column of each place's cell, clipped to the picture, and whether it is inside. [N] each"""
    rows, columns = _grid_shape(tracks)
    column, row = np.floor(np.clip(places, -1e6, 1e6) / _CELL).astype(np.int64).T
    inside = (row >= 0) & (row < rows) & (column >= 0) & (column < columns)
    return row.clip(0, rows - 1), column.clip(0, columns - 1), inside


def _grid_shape(tracks: BakedTracks) -> tuple[int, int]:
    return -(-tracks.height // _CELL), -(-tracks.width // _CELL)
