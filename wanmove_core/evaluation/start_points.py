"""Where tracks of a video start: on a grid, inside a mask, at given points; and where later frames have room for new ones."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ..errors import RequestError
from ..tracks.regions import MAX_TRACKS
from .point_tracking import Grey, Points, sample_nearest, texture_map

_ROOM = 0.75
"""share of the spacing that a new point keeps from those that are followed"""


@dataclass(frozen=True)
class StartPoints:
    """Which points of the first frame are followed."""

    spacing: int = 32
    """px between the points of a grid"""
    mask: NDArray[np.bool_] | None = None
    """[H, W]: only here; None = everywhere"""
    points: NDArray[np.floating] | None = None
    """[N, 2]: just these, in this order, instead of a grid"""
    min_texture: float = 2.0
    """see ``point_tracking.texture_strength``; a point of a grid needs as much, given points need none"""


def first_points(grey: Grey, start: StartPoints) -> Points:
    """The places [N, 2] in the first frame that are followed.

    Raises:
        RequestError: a spacing, a mask or points that do not fit, more than ``MAX_TRACKS``, or nowhere texture.
    """
    _check(grey, start)
    if start.points is not None:
        return np.array(start.points, np.float32)
    found = grid_points(grey, start)
    if len(found) == 0:
        where = "inside the mask" if start.mask is not None else "in the first frame"
        raise RequestError(
            f"Nothing {where} has enough texture to be followed; begin with another frame, or give another mask or points."
        )
    if len(found) > MAX_TRACKS:
        raise RequestError(
            f"A spacing of {start.spacing} px gives {len(found):,} points; {MAX_TRACKS:,} are allowed. Make the spacing larger."
        )
    return found


def grid_points(grey: Grey, start: StartPoints, taken: Points | None = None) -> Points:
    """A point for each square of ``spacing`` px that has texture, row by row: in its middle, or where it has most.

    Args:
        taken: [M, 2], places to keep away from.
    """
    strength = texture_map(grey)
    if start.mask is not None:
        strength[~start.mask] = 0
    if taken is not None and len(taken):
        strength[_distance(grey.shape, taken) < _ROOM * start.spacing] = 0
    height, width = grey.shape
    rows, columns = -(-height // start.spacing), -(-width // start.spacing)
    # The squares at the edges are cut alike on both sides.
    top, left = (rows * start.spacing - height) // 2, (columns * start.spacing - width) // 2
    padded = np.zeros((rows * start.spacing, columns * start.spacing), np.float32)
    padded[top : top + height, left : left + width] = strength
    squares = padded.reshape(rows, start.spacing, columns, start.spacing).swapaxes(1, 2).reshape(rows * columns, -1)
    middle = start.spacing // 2 * (start.spacing + 1)
    chosen = np.where(squares[:, middle] >= start.min_texture, middle, squares.argmax(axis=1))
    good = np.flatnonzero(squares[np.arange(len(squares)), chosen] >= start.min_texture)
    row = good // columns * start.spacing + chosen[good] // start.spacing - top
    column = good % columns * start.spacing + chosen[good] % start.spacing - left
    return np.stack([column, row], axis=-1).astype(np.float32) + np.float32(0.5)


def count_flat(grey: Grey, points: Points, start: StartPoints) -> int:
    """How many of the points lie on too little texture to be followed well."""
    return int((sample_nearest(texture_map(grey), points) < start.min_texture).sum())


def _distance(shape: tuple[int, ...], points: Points) -> NDArray[np.float32]:
    """Of each pixel to the nearest of the points. [H, W]"""
    free = np.full(shape, 255, np.uint8)
    column, row = np.floor(points).astype(int).T
    free[row.clip(0, shape[0] - 1), column.clip(0, shape[1] - 1)] = 0
    return np.asarray(cv2.distanceTransform(free, cv2.DIST_L2, 3), np.float32)


def _check(grey: Grey, start: StartPoints) -> None:
    height, width = grey.shape
    if start.points is not None:
        _check_points(np.asarray(start.points), width, height)
    if start.spacing < 1:
        raise RequestError(f"The points are {start.spacing} px apart; a whole number of at least 1 is needed.")
    if start.mask is not None and start.mask.shape != grey.shape:
        raise RequestError(
            f"The mask is {start.mask.shape[-1]}x{start.mask.shape[0]}, the video is {width}x{height}; scale the mask first."
        )
    if start.mask is not None and not start.mask.any():
        raise RequestError("The mask is empty, so no point starts in it; paint what is to be followed, or give no mask.")


def _check_points(points: NDArray[np.floating], width: int, height: int) -> None:
    if points.ndim != 2 or points.shape[1] != 2 or not 1 <= len(points) <= MAX_TRACKS:
        raise RequestError(
            f"The points to follow have the shape {list(points.shape)}; [points, 2] with 1 to {MAX_TRACKS:,} points is needed."
        )
    outside = np.flatnonzero(~np.all((points >= 0) & (points < (width, height)), axis=1))
    if len(outside):
        raise RequestError(
            f"Point {outside[0]} at {points[outside[0]].tolist()} lies outside the first frame of {width}x{height}; "
            "move it inside or leave it out."
        )
