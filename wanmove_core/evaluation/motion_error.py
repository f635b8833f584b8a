"""How far the points of a video were from where the tracks asked them to be: over a whole clip, and for each track.

Two lengths are used: *px* are the clip's own pixels, *px at 832x480* are scaled by the ratio of the diagonals, so that clips of
any size and shape can be compared. Every figure counts **visible points**: pairs of a track and a frame in which it is asked to
be seen. A point that the tracker lost counts with the place that it gave last, and never as within a threshold.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..tracks.baked import BakedTracks
from .metrics import check_shapes
from .point_tracking import FollowedPoints

REFERENCE = (832, 480)
"""px: the size that Wan-Move was trained at, and MoveBench has"""
THRESHOLDS = (1, 2, 4, 8, 16)
"""px at 832x480 of delta@k"""
MOVING_PX = 8.0
"""px at 832x480 of asked way from which a track's path ratio says something: a cell of the latent"""


@dataclass(frozen=True)
class TrackError:
    """One track. Lengths in px of the clip; None where there is nothing to say it from."""

    track: int
    """its number among the requested tracks"""
    layer: str
    visible: int
    """frames in which it is asked to be seen"""
    followed: int
    """how many of those it was followed in"""
    mean_px: float
    median_px: float
    end_px: float
    """in the last frame in which it is asked to be seen"""
    mean_px_at_832x480: float
    asked_path_px: float
    """length of the asked way"""
    path_ratio: float | None
    """achieved way / asked way, over the frames in which it was followed; None = asked for less than ``MOVING_PX`` there"""


@dataclass(frozen=True)
class MotionError:
    """M tracks together."""

    tracks: int
    moving: int
    """tracks that are asked to go at least ``MOVING_PX`` (a path may end where it began)"""
    points: int
    """visible points"""
    mean_px_at_832x480: float
    """mean end-point error (EPE) of the visible points"""
    median_px_at_832x480: float
    mean_px: float
    median_px: float
    mean_percent: float
    """mean in % of the picture's diagonal"""
    end_px_at_832x480: float
    """mean over the tracks of the error in their last visible frame"""
    end_median_px_at_832x480: float
    end_px: float
    end_median_px: float
    within_percent: dict[str, float]
    """delta@k: % of visible points that were followed and are at most k px at 832x480 off"""
    followed_mean_px_at_832x480: float | None
    """mean without the points that were lost; None = all were. Only to be read beside ``lost_percent``"""
    lost_percent: float
    """% of visible points that the tracker lost"""
    lost_at_end_percent: float
    """% of tracks that were lost in their last visible frame"""
    path_ratio_median: float | None
    """of the moving tracks: 1 = as far as asked, 0 = frozen, above 1 = jitter or overshoot; None = none moves"""
    path_ratio_mean: float | None
    frozen_px_at_832x480: float
    """what a video that stands still would have as ``mean_px_at_832x480``: an error near it is no motion at all"""


def motion_error(requested: BakedTracks, achieved: FollowedPoints) -> MotionError:
    """Compare the M requested tracks with where their points were found.

    Raises:
        RequestError: shapes differ, there are no tracks, or none is visible in any frame.
    """
    check_shapes(requested, achieved.positions, achieved.followed)
    scale, seen, kept = _scale(requested), requested.visibility, achieved.followed
    error = _distances(requested, achieved.positions)
    at, columns = _last_visible(seen)
    points, ends = error[seen], error[at, columns]
    followed = error[seen & kept]
    ratios = [ratio for ratio in _path_ratios(requested, achieved) if ratio is not None]
    mean = float(points.mean())
    return MotionError(
        tracks=requested.count,
        moving=int((scale * _path_lengths(requested.positions, _steps(seen)) >= MOVING_PX).sum()),
        points=int(seen.sum()),
        mean_px_at_832x480=scale * mean,
        median_px_at_832x480=scale * float(np.median(points)),
        mean_px=mean,
        median_px=float(np.median(points)),
        mean_percent=100 * mean / float(np.hypot(requested.width, requested.height)),
        end_px_at_832x480=scale * float(ends.mean()),
        end_median_px_at_832x480=scale * float(np.median(ends)),
        end_px=float(ends.mean()),
        end_median_px=float(np.median(ends)),
        within_percent={str(most): 100 * float(((scale * error <= most) & kept)[seen].mean()) for most in THRESHOLDS},
        followed_mean_px_at_832x480=scale * float(followed.mean()) if len(followed) else None,
        lost_percent=100 * float((~kept)[seen].mean()),
        lost_at_end_percent=100 * float((~kept)[at, columns].mean()),
        path_ratio_median=float(np.median(ratios)) if ratios else None,
        path_ratio_mean=float(np.mean(ratios)) if ratios else None,
        frozen_px_at_832x480=scale * float(_distances(requested, requested.positions[:1])[seen].mean()),
    )


def track_errors(requested: BakedTracks, achieved: FollowedPoints, numbers: NDArray[np.intp] | None = None) -> list[TrackError]:
    """``motion_error`` of each track by itself; tracks that are never visible are left out.

    Args:
        numbers: [M], what each is called; None = 0, 1, 2 ...

    Raises:
        RequestError: shapes differ, or there are no tracks.
    """
    check_shapes(requested, achieved.positions, achieved.followed)
    names = np.arange(requested.count) if numbers is None else numbers
    error, scale, ratios = _distances(requested, achieved.positions), _scale(requested), _path_ratios(requested, achieved)
    asked = _path_lengths(requested.positions, _steps(requested.visibility))
    rows = []
    for index in np.flatnonzero(requested.visibility.any(axis=0)):
        seen = requested.visibility[:, index]
        mine = error[seen, index]
        rows.append(
            TrackError(
                track=int(names[index]),
                layer=requested.names[requested.layer[index]],
                visible=int(seen.sum()),
                followed=int((seen & achieved.followed[:, index]).sum()),
                mean_px=float(mine.mean()),
                median_px=float(np.median(mine)),
                end_px=float(mine[-1]),
                mean_px_at_832x480=scale * float(mine.mean()),
                asked_path_px=float(asked[index]),
                path_ratio=ratios[index],
            )
        )
    return rows


def reference_scale(width: int, height: int) -> float:
    """px at 832x480 a pixel of a picture of this size: the ratio of the diagonals."""
    return float(np.hypot(*REFERENCE) / np.hypot(width, height))


def _scale(requested: BakedTracks) -> float:
    return reference_scale(requested.width, requested.height)


def _distances(requested: BakedTracks, places: NDArray[np.floating]) -> NDArray[np.float64]:
    return np.linalg.norm(places.astype(np.float64) - requested.positions, axis=-1)


def _last_visible(seen: NDArray[np.bool_]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The last visible frame of each track that has one, and the numbers of those tracks."""
    columns = np.flatnonzero(seen.any(axis=0))
    return len(seen) - 1 - seen[::-1, columns].argmax(axis=0), columns


def _steps(shown: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Steps of which both ends are shown. [T - 1, N]"""
    return shown[1:] & shown[:-1]


def _path_lengths(positions: NDArray[np.float32], steps: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Length of the way in the counted steps. [N]"""
    return (np.linalg.norm(np.diff(positions.astype(np.float64), axis=0), axis=-1) * steps).sum(axis=0)


def _path_ratios(requested: BakedTracks, achieved: FollowedPoints) -> list[float | None]:
    """Achieved way / asked way of each track over the steps in which it was followed; None where too little was asked."""
    counted = _steps(requested.visibility & achieved.followed)
    asked, went = _path_lengths(requested.positions, counted), _path_lengths(achieved.positions, counted)
    enough = MOVING_PX / _scale(requested)
    return [float(way / wish) if wish >= enough else None for way, wish in zip(went, asked, strict=True)]
