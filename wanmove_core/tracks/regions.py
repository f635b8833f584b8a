"""Which places of the start picture a layer carries: as a mask, and as the start points of its tracks.

Every place belongs to the topmost layer that covers it: a body's layer does not carry the head that lies above it, and
the background carries neither. Under all other layers lie the ``rest`` layers, and under those the ``frame`` layers.
"""

from math import ceil, floor, isfinite, prod, sqrt

import numpy as np
from numpy.typing import NDArray

from ..errors import DocumentError
from .document import Layer, TrackDocument, layer_title
from .motion import scales_at
from .shapes import Box, Frame, Pair, Point, Rest, bounds, contains

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

MAX_TRACKS = 65_536
BACKGROUND_TRACKS = 32_768
"""A ``frame`` or ``rest`` layer is sown this densely at most, however far the camera zooms in."""

_SAMPLES = 129
"""clip progresses at which the largest scale is looked for"""
_DIGITS = 9
"""decimals of that scale that count"""
_MAX_GRID = 2_097_152
_MAX_FINE_GRID = 262_144
_HALVINGS = 6
_EDGE = 1e-3
"""cells; a centre nearer to the right or lower edge may be rounded out of the picture"""


def region_mask(document: TrackDocument, layer: Layer) -> Bools:
    """The layer's region as drawn, by the centres of the reference picture's pixels. bool [H, W]

    The ``frame`` is all True; the ``rest`` is what no other layer covers; a point is the pixel that it lies in.
    """
    xs, ys = _pixel_centres(document)
    if isinstance(layer.region, Rest):
        return _owned(document, layer, xs, ys, (1.0, 1.0), (0.0, 0.0))
    return _covered(layer, xs, ys, (1.0, 1.0), (0.0, 0.0))


def own_mask(document: TrackDocument, layer: Layer) -> Bools:
    """``region_mask`` without what layers above cover: the pixels of the start picture that move with this layer. [H, W]"""
    xs, ys = _pixel_centres(document)
    return _owned(document, layer, xs, ys, (1.0, 1.0), (0.0, 0.0))


def in_depth_order(document: TrackDocument) -> list[int]:
    """Indices of the enabled layers from the bottom to the top: frames, rests, then all others as they are listed."""
    enabled = [index for index, layer in enumerate(document.layers) if layer.enabled]
    return sorted(enabled, key=lambda index: (_storey(document.layers[index]), index))


def seed_points(document: TrackDocument, layer: Layer, cell: float | Pair = 8.0, window: Box | None = None) -> Floats:
    """Start points of the layer's tracks, in reading order, at centres of grid cells. [N, 2] reference pixels

    The grid has one point a ``cell`` (times the layer's density) where the layer is largest: a region that grows twofold is
    sown twice as densely each way. A region that misses every centre gets one point. A point region gives its point,
    wherever it is; other starts outside the window are left out.

    Args:
        cell: reference pixels that one latent cell covers, or (across, down).
        window: left, top, right, bottom of the part of the reference picture that the target shows; None = all of it.
    """
    if isinstance(layer.region, Point):
        return np.array([layer.region.at], dtype=np.float64)
    window = window or (0.0, 0.0, float(document.width), float(document.height))
    cells = (cell, cell) if isinstance(cell, (int, float)) else cell
    factor = _sowing_factor(document, layer, cells, window)
    spacing = (cells[0] / factor, cells[1] / factor)
    inner = (window[0], window[1], window[2] - _EDGE * spacing[0], window[3] - _EDGE * spacing[1])
    box = _overlap(bounds(layer.region, document.width, document.height), inner)
    _check_grid(document, layer, box, spacing)
    xs, ys = _centres(box[0], box[2], window[0], spacing[0]), _centres(box[1], box[3], window[1], spacing[1])
    if not contains(layer.region, xs, ys).any():
        return _single_seed(layer, box, window[:2], spacing)
    return _at(_owned(document, layer, xs, ys, cells, window[:2]), xs, ys)


def _sowing_factor(document: TrackDocument, layer: Layer, cells: Pair, window: Box) -> float:
    """Start points per cell side."""
    with np.errstate(all="ignore"):
        largest = float(scales_at(document, layer, np.linspace(0.0, 1.0, _SAMPLES)).max())
    if not isfinite(largest):
        raise DocumentError(f"{_name(document, layer)} grows beyond all bounds; lower its scale or the camera's.")
    # the last bits of a turned matrix differ between maths libraries, and a factor a hair over 1 moves every grid point
    factor = max(round(largest, _DIGITS), 1.0) * sqrt(layer.density)
    if not isinstance(layer.region, (Frame, Rest)):
        return factor
    across, down = (window[2] - window[0]) / cells[0], (window[3] - window[1]) / cells[1]
    return min(factor, sqrt(BACKGROUND_TRACKS / (across * down)))


def _check_grid(document: TrackDocument, layer: Layer, box: Box, spacing: Pair) -> None:
    """Refuse before making it a grid that memory should not be spent on."""
    across, down = _sides(box, spacing)
    if across * down > _MAX_GRID:
        raise DocumentError(
            f"{_name(document, layer)} is so large and dense that a grid of {across:.3g} x {down:.3g} start points would be "
            f"needed; {MAX_TRACKS} tracks are allowed. Lower its density or its scale."
        )


def _sides(box: Box, spacing: Pair) -> Pair:
    """Grid cells across and down a box, one at least."""
    return max((box[2] - box[0]) / spacing[0], 1.0), max((box[3] - box[1]) / spacing[1], 1.0)


def _owned(document: TrackDocument, layer: Layer, xs: Floats, ys: Floats, cells: Pair, origin: Pair) -> Bools:
    """Which places of a grid the layer covers and no layer above does. [H, W]"""
    owned = _covered(layer, xs, ys, cells, origin)
    for above in _layers_above(document, layer):
        left, top, right, bottom = bounds(above.region, document.width, document.height)
        margin = cells if isinstance(above.region, Point) else (0.0, 0.0)
        across, down = _span(xs, left - margin[0], right + margin[0]), _span(ys, top - margin[1], bottom + margin[1])
        if owned[down, across].any():
            owned[down, across] &= ~_covered(above, xs[across], ys[down], cells, origin)
    return owned


def _span(values: Floats, low: float, high: float) -> slice:
    """Which of rising values lie from ``low`` to ``high``."""
    return slice(int(np.searchsorted(values, low, side="left")), int(np.searchsorted(values, high, side="right")))


def _covered(layer: Layer, xs: Floats, ys: Floats, cells: Pair, origin: Pair) -> Bools:
    """Which places of a grid a region takes; a point takes the cell that it lies in. [H, W]"""
    if not isinstance(layer.region, Point):
        return contains(layer.region, xs, ys)
    column, row = (np.floor((at - start) / cell) for at, start, cell in zip(layer.region.at, origin, cells, strict=True))
    return (np.floor((xs - origin[0]) / cells[0]) == column)[None] & (np.floor((ys - origin[1]) / cells[1]) == row)[:, None]


def _layers_above(document: TrackDocument, layer: Layer) -> list[Layer]:
    order = [document.layers[index] for index in in_depth_order(document)]
    below = next((depth for depth, other in enumerate(order) if other is layer), None)
    if below is not None:
        return order[below + 1 :]
    storey = _storey(layer)
    return [other for other in order if _storey(other) > storey]


def _storey(layer: Layer) -> int:
    if isinstance(layer.region, Frame):
        return 0
    return 1 if isinstance(layer.region, Rest) else 2


def _single_seed(layer: Layer, box: Box, origin: Pair, spacing: Pair) -> Floats:
    """One start point for a region that lies between the centres: on ever finer grids the one nearest to its box's middle."""
    across, down = box[2] - box[0], box[3] - box[1]
    if across <= 0 or down <= 0:
        return np.zeros((0, 2))
    middle = np.array([[(box[0] + box[2]) / 2, (box[1] + box[3]) / 2]])
    for fine in [(spacing[0] / 2**halving, spacing[1] / 2**halving) for halving in range(1, _HALVINGS + 1)]:
        if prod(_sides(box, fine)) > _MAX_FINE_GRID:
            break
        xs, ys = _centres(box[0], box[2], origin[0], fine[0]), _centres(box[1], box[3], origin[1], fine[1])
        found = _at(contains(layer.region, xs, ys), xs, ys)
        if len(found):
            return found[[int(((found - middle) ** 2).sum(axis=1).argmin())]]
    return middle if across < spacing[0] and down < spacing[1] else np.zeros((0, 2))


def _centres(low: float, high: float, origin: float, spacing: float) -> Floats:
    """Centres of grid cells from ``low`` to ``high``."""
    first, last = ceil((low - origin) / spacing - 0.5), floor((high - origin) / spacing - 0.5)
    return origin + (np.arange(first, max(first, last + 1), dtype=np.float64) + 0.5) * spacing


def _at(mask: Bools, xs: Floats, ys: Floats) -> Floats:
    rows, columns = np.nonzero(mask)
    return np.stack([xs[columns], ys[rows]], axis=1)


def _overlap(a: Box, b: Box) -> Box:
    return max(a[0], b[0]), max(a[1], b[1]), min(a[2], b[2]), min(a[3], b[3])


def _pixel_centres(document: TrackDocument) -> tuple[Floats, Floats]:
    xs, ys = np.arange(document.width, dtype=np.float64), np.arange(document.height, dtype=np.float64)
    return xs + 0.5, ys + 0.5


def _name(document: TrackDocument, layer: Layer) -> str:
    index = next((index for index, other in enumerate(document.layers) if other is layer), None)
    return f'The layer "{layer.name}"' if index is None else layer_title(document, index)
