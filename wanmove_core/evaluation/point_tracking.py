"""Where points of the first frame are in the later ones, found by looking at the pixels alone (OpenCV, no weights).

Positions follow ``BakedTracks``: (x, y), origin at the corner of the top-left pixel. OpenCV counts from that pixel's
centre; the half pixel is added and taken off here.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ..errors import RequestError
from ..rendering.frames import Picture, as_frame
from .drift import DriftOptions, correct_drift

Grey = NDArray[np.uint8]
Points = NDArray[np.float32]


@dataclass(frozen=True)
class FollowedPoints:
    """Where N points were found in each of T frames."""

    positions: Points
    """[T, N, 2]; a point that was lost stays at its last known place"""
    followed: NDArray[np.bool_]
    """[T, N]; False = lost in this frame"""


@dataclass(frozen=True)
class FlowOptions:
    """Lucas-Kanade's settings."""

    window: int = 15
    """side of the square that is compared, px"""
    levels: int = 4
    """pyramid levels above full size: a step of up to about window * 2**levels / 2 px is found"""
    max_return_error: float = 1.0
    """px between a point and where following it forward and back arrives; above, the point is lost"""
    drift: DriftOptions = field(default_factory=DriftOptions)
    """how the result is matched with the first frame"""


@dataclass(frozen=True)
class PatchOptions:
    """Patch matching's settings."""

    side: int = 21
    """side of the square patch, px, odd"""
    reach: int = 24
    """px around a predicted place that are searched"""
    min_correlation: float = 0.75
    """normalised cross-correlation from which a match counts"""


def texture_strength(picture: Picture, points: NDArray[np.floating], window: int = 15) -> NDArray[np.float32]:
    """How well each point can be followed: the smaller eigenvalue of the gradients' covariance around it (Shi-Tomasi).

    In units of squared grey levels per squared pixel; flat areas and straight edges give about 0, and 0 is what points
    outside the picture get. See ``is_trackable``.
    """
    return sample_nearest(texture_map(to_grey(picture), window), np.asarray(points, np.float32))


def texture_map(grey: Grey, window: int = 15) -> NDArray[np.float32]:
    """``texture_strength`` of every pixel, [H, W]."""
    return np.asarray(cv2.cornerMinEigenVal(grey.astype(np.float32), window, ksize=3), np.float32)


def is_trackable(picture: Picture, points: NDArray[np.floating], minimum: float = 2.0) -> NDArray[np.bool_]:
    """Whether there is enough texture at each point [N, 2] to say where it went."""
    return texture_strength(picture, points) >= minimum


def follow_points(frames: Iterable[Picture], start: NDArray[np.floating], options: FlowOptions | None = None) -> FollowedPoints:
    """Follow points from frame to frame (pyramidal Lucas-Kanade with a check of the way back).

    Each step is then matched with the first frame under the turn and scale of the neighbours, see ``drift``.
    A point once lost stays lost: use ``match_patches`` where things pass in front of each other.

    Args:
        start: [N, 2], places in the first frame.

    Raises:
        RequestError: no frames, or ``start`` has another shape.
    """
    options = options or FlowOptions()
    points = _checked_start(start)
    positions: list[Points] = []
    followed: list[NDArray[np.bool_]] = []
    first = previous = np.empty((0, 0), np.uint8)
    for picture in frames:
        grey = to_grey(picture)
        if not positions:
            first, alive = grey, is_inside(points, grey)
        else:
            points, alive = _step((first, positions[0]), (previous, points), grey, followed[-1], options)
        previous = grey
        positions.append(points)
        followed.append(alive)
    return _stack(positions, followed)


def match_patches(
    frames: Iterable[Picture], predicted: NDArray[np.floating], options: PatchOptions | None = None
) -> FollowedPoints:
    """Find each start patch again near its predicted place or near where it was last seen.

    It survives occlusion, unlike ``follow_points``, but not rotation beyond about 20 degrees. The search is bounded: a
    point that ended more than ``reach`` from both places is reported lost, never as a large error.

    Args:
        predicted: [T, N, 2], e.g. the requested tracks; the first row is the start.

    Raises:
        RequestError: no frames, or fewer predictions than frames.
    """
    options = options or PatchOptions()
    patches: list[Grey] = []
    positions, followed = [], []
    for index, picture in enumerate(frames):
        grey = to_grey(picture)
        if index >= len(predicted):
            raise RequestError(f"There are more frames than the {len(predicted)} predictions; give one row a frame.")
        if index == 0:
            place = _checked_start(predicted[0])
            patches = [_patch(grey, point, options.side) for point in place]
            seen = is_inside(place, grey)
        else:
            place, seen = _find_all(grey, patches, np.asarray(predicted[index], np.float32), positions[-1], options)
        positions.append(place)
        followed.append(seen)
    return _stack(positions, followed)


def flow_both_ways(
    one: Grey, other: Grey, points: Points, options: FlowOptions, expected: Points | None = None
) -> tuple[Points, NDArray[np.bool_]]:
    """Where the points [N, 2] of one frame are in another, and whether the way back returns to them. [N, 2], [N]

    Args:
        expected: [N, 2], where the search begins; None = where the points are.
    """
    begin = points if expected is None else expected
    there, arrived = _flow(one, other, points, begin, options)
    back, returned = _flow(other, one, there, there + points - begin, options)
    error = np.linalg.norm(back - points, axis=1)
    return there, arrived & returned & (error <= options.max_return_error)


def sample_nearest(values: NDArray[Any], points: Points) -> NDArray[np.float32]:
    """The value [H, W] in the pixel of each point [N, 2]; 0 outside. [N]"""
    inside = is_inside(points, values)
    column, row = np.where(inside[:, None], points, 0).astype(int).T
    return np.where(inside, values[row, column], 0).astype(np.float32)


def is_inside(points: Points, picture: NDArray[np.generic]) -> NDArray[np.bool_]:
    """Whether each point [N, 2] lies in the picture. [N]"""
    height, width = picture.shape[:2]
    return np.asarray(np.all((points >= 0) & (points < (width, height)), axis=1))


def to_grey(picture: Picture) -> Grey:
    """The picture in grey levels, [H, W]."""
    return np.asarray(cv2.cvtColor(as_frame(picture), cv2.COLOR_RGB2GRAY), np.uint8)


def _step(
    first: tuple[Grey, Points], before: tuple[Grey, Points], grey: Grey, tried: NDArray[np.bool_], options: FlowOptions
) -> tuple[Points, NDArray[np.bool_]]:
    positions, alive = before[1].copy(), tried.copy()
    if not tried.any():
        return positions, alive
    place, good = flow_both_ways(before[0], grey, positions[tried], options)
    place, recognised = correct_drift(first[0], grey, first[1][tried], place, options.drift)
    good = (good | recognised) & is_inside(place, grey)
    alive[tried] = good
    positions[alive] = place[good]
    return positions, alive


def _flow(one: Grey, other: Grey, points: Points, begin: Points, options: FlowOptions) -> tuple[Points, NDArray[np.bool_]]:
    found, status, _ = cv2.calcOpticalFlowPyrLK(
        one,
        other,
        (points - 0.5).reshape(-1, 1, 2),
        (begin - 0.5).reshape(-1, 1, 2),
        winSize=(options.window, options.window),
        maxLevel=options.levels,
        criteria=(cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 30, 0.01),
        flags=cv2.OPTFLOW_USE_INITIAL_FLOW,
        minEigThreshold=1e-4,
    )
    return found.reshape(-1, 2).astype(np.float32) + np.float32(0.5), status.ravel().astype(np.bool_)


def _find_all(
    grey: Grey, patches: list[Grey], predicted: Points, last: Points, options: PatchOptions
) -> tuple[Points, NDArray[np.bool_]]:
    place, seen = last.copy(), np.zeros(len(last), np.bool_)
    for index, patch in enumerate(patches):
        found = max((_find(grey, patch, around, options) for around in (predicted[index], last[index])), key=lambda hit: hit[0])
        if found[0] >= options.min_correlation:
            place[index], seen[index] = found[1:], True
    return place, seen


def _find(grey: Grey, patch: Grey, around: Points, options: PatchOptions) -> tuple[float, float, float]:
    """Best correlation and its place within ``reach``; correlation -1 when there is nowhere to look."""
    height, width = grey.shape
    half = options.side // 2
    centre = np.floor(around).astype(int)
    left, top = np.maximum(centre - options.reach - half, 0)
    right, bottom = np.minimum(centre + options.reach + half + 1, (width, height))
    if right - left < options.side or bottom - top < options.side or float(patch.std()) < 1.0:
        return -1.0, float(around[0]), float(around[1])
    score = cv2.matchTemplate(grey[top:bottom, left:right], patch, cv2.TM_CCOEFF_NORMED)
    _, best, _, (x, y) = cv2.minMaxLoc(score)
    return best, left + x + half + 0.5 + _peak_shift(score[y], x), top + y + half + 0.5 + _peak_shift(score[:, x], y)


def _peak_shift(values: NDArray[Any], index: int) -> float:
    """Where the parabola through a peak and its neighbours has its top, -0.5 to 0.5."""
    if index == 0 or index == len(values) - 1:
        return 0.0
    before, at, after = (float(values[index + offset]) for offset in (-1, 0, 1))
    curvature = before - 2 * at + after
    return 0.0 if curvature > -1e-9 else float(np.clip(0.5 * (before - after) / curvature, -0.5, 0.5))


def _patch(grey: Grey, point: Points, side: int) -> Grey:
    patch: NDArray[Any] = np.asarray(cv2.getRectSubPix(grey, (side, side), (float(point[0]) - 0.5, float(point[1]) - 0.5)))
    return patch.astype(np.uint8)


def _checked_start(start: NDArray[np.floating]) -> Points:
    points = np.array(start, np.float32)
    if points.ndim != 2 or points.shape[1] != 2 or not np.isfinite(points).all():
        raise RequestError(
            f"The points to follow have the shape {list(points.shape)}; [points, 2] of finite numbers is needed."
        )
    return points


def _stack(positions: list[Points], followed: list[NDArray[np.bool_]]) -> FollowedPoints:
    if not positions:
        raise RequestError("There are no frames to follow points through; give at least one.")
    return FollowedPoints(np.stack(positions), np.stack(followed))
