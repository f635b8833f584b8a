"""Where in the start picture each pixel of a later frame comes from: the way of a layer, run backwards.

Places here count as OpenCV does, from the centre of the top-left pixel.
"""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ..tracks.document import Layer
from ..tracks.motion import has_ripple, ripple_at
from ..tracks.sampling import Fit

Floats = NDArray[np.float64]
Map = NDArray[np.float32]
"""[h, w, 2], x and y"""
Window = tuple[int, int, int, int]
"""left, top, right, bottom in whole pixels; the last two outside"""

NOWHERE = -20_000.0
"""x and y of pixels that come from nowhere, far enough outside to have no alpha; OpenCV's maps end at -32,768"""
_STEP = 4
_ROUNDS = 8
_TEAR = 0.8
"""change of the ripple per px from which neighbours part or fold over and running it backwards cannot work"""


@dataclass(frozen=True)
class Moment:
    """A frame of the clip."""

    index: int
    progress: float
    fit: Fit


def source_map(layer: Layer | None, affine: Floats, moment: Moment, window: Window, origin: Window | None) -> Map:
    """Where the pixels of a ``window`` of the frame come from.

    Args:
        layer: for its ripple; None = it has none.
        affine: [2, 3], start picture to frame, applied after the ripple.
        origin: the part of the start picture that the layer has; pixels that a torn ripple leaves empty come from
            ``NOWHERE``. None = all of it, as for the background, and what is left empty is taken from below the tear.
    """
    left, top, right, bottom = window
    plain = affine_grid(cv2.invertAffineTransform(affine), np.arange(left, right), np.arange(top, bottom))
    if layer is None or not has_ripple(layer):
        return plain
    taken = origin or (0, 0, moment.fit.width, moment.fit.height)
    if _tears(layer, moment, taken):
        return _scattered(layer, affine, moment, (window, taken), plain if origin is None else np.full_like(plain, NOWHERE))
    return plain + _backwards(layer, affine, moment, window)


def affine_grid(affine: NDArray[Any], xs: NDArray[Any], ys: NDArray[Any]) -> Map:
    """The affine [2, 3] of every place of a grid. [len(ys), len(xs), 2]"""
    rows = [(affine[axis, 1] * ys + affine[axis, 2])[:, None] + (affine[axis, 0] * xs)[None] for axis in (0, 1)]
    return np.stack(rows, axis=-1).astype(np.float32)


def ripple_in_frame(layer: Layer, places: Floats, moment: Moment) -> Floats:
    """The layer's ripple in pixels of the frames. [N, 2]"""
    if not has_ripple(layer):
        return np.zeros_like(places)
    scale, corner = np.array(moment.fit.scale), np.array(moment.fit.corner)
    return ripple_at(layer, (places + 0.5 + corner) / scale, moment.progress) * scale


def _backwards(layer: Layer, affine: Floats, moment: Moment, window: Window) -> Map:
    """What to add to where the affine map alone says, by fixed-point iteration on every fourth pixel."""
    left, top, right, bottom = window
    columns, rows = -(-(right - left) // _STEP), -(-(bottom - top) // _STEP)
    middle = (_STEP - 1) / 2
    xs, ys = left + np.arange(columns) * _STEP + middle, top + np.arange(rows) * _STEP + middle
    places = affine_grid(cv2.invertAffineTransform(affine), xs, ys).reshape(-1, 2).astype(np.float64)
    found = places
    for _ in range(_ROUNDS):
        found = places - ripple_in_frame(layer, found, moment)
    shift = (found - places).reshape(rows, columns, 2).astype(np.float32)
    full = cv2.resize(shift, (columns * _STEP, rows * _STEP), interpolation=cv2.INTER_LINEAR)
    return np.asarray(full[: bottom - top, : right - left], np.float32)


def _tears(layer: Layer, moment: Moment, origin: Window) -> bool:
    """Whether neighbouring pixels go such different ways that the ripple has no inverse."""
    left, top, right, bottom = origin
    grid = affine_grid(np.eye(2, 3), np.arange(left, right, _STEP), np.arange(top, bottom, _STEP))
    ripple = ripple_in_frame(layer, grid.reshape(-1, 2).astype(np.float64), moment).reshape(grid.shape)
    steepest = max(float(np.abs(np.diff(ripple, axis=axis)).max(initial=0)) for axis in (0, 1))
    return steepest > _TEAR * _STEP


def _scattered(layer: Layer, affine: Floats, moment: Moment, windows: tuple[Window, Window], empty: Map) -> Map:
    """The map from throwing each pixel of the start picture to the four pixels around where it lands."""
    (left, top, right, bottom), (x0, y0, x1, y1) = windows
    places = affine_grid(np.eye(2, 3), np.arange(x0, x1), np.arange(y0, y1)).reshape(-1, 2).astype(np.float64)
    landed = (places + ripple_in_frame(layer, places, moment)) @ affine[:, :2].T + affine[:, 2]
    back = np.linalg.inv(affine[:, :2])
    where = empty.copy()
    for corner in ((0, 0), (1, 0), (0, 1), (1, 1)):
        pixel = np.floor(landed).astype(np.int64) + corner
        inside = ((pixel >= (left, top)) & (pixel < (right, bottom))).all(axis=1)
        column, row = (pixel[inside] - (left, top)).T
        where[row, column] = places[inside] + (pixel[inside] - landed[inside]) @ back.T
    return where
