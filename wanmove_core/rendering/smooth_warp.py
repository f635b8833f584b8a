"""A smooth bend of the whole picture through a few moving points: where they pull, it follows; far away, it stays.

The bend is built up frame by frame from small steps, each far smaller than the reach of a point, so it never folds:
a thing that is dragged across the picture stretches what it leaves and never appears twice.
"""

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
Field = NDArray[np.float32]

_NODES_A_REACH = 5
"""how many nodes, on which the bend is computed, lie within the reach of a point"""
_RIDGE = 1e-3
"""how much points in nearly one place may disagree with the bend rather than tear it"""


def displacements(places: Points, width: int, height: int, reach: float) -> Iterator[Field]:
    """For each frame, what to add to a pixel's place to come to where it was in the first frame, [H, W, 2] px.

    Args:
        places: [T, K, 2], (x, y) in pixels, origin at the corner of the top-left pixel.
        reach: px from a point beyond which it has no influence.
    """
    spacing = int(np.clip(reach / _NODES_A_REACH, 2, 16))
    nodes = _nodes(width, height, spacing)
    bend = np.zeros_like(nodes)
    previous = places[0]
    for current in places:
        steps = max(1, int(np.ceil(np.abs(current - previous).max(initial=0) / (reach / 8))))
        for step in range(1, steps + 1):
            before = previous + (current - previous) * (step - 1) / steps
            now = previous + (current - previous) * step / steps
            bend = _advance(bend, nodes, (places[0], before, now), reach, spacing)
        previous = current
        yield _to_pixels(bend, width, height, spacing)


def nearest_distance(points: Points) -> float:
    """The median distance from a point to its nearest neighbour; 0 for fewer than two points."""
    if len(points) < 2:
        return 0.0
    distance = np.linalg.norm(points[:, None] - points[None], axis=-1)
    np.fill_diagonal(distance, np.inf)
    return float(np.median(distance.min(axis=1)))


def _advance(bend: Points, nodes: Points, moves: tuple[Points, Points, Points], reach: float, spacing: int) -> Points:
    """Compose the bend with one small step, then take off what it misses at the points themselves."""
    start, before, now = moves
    if np.array_equal(before, now):
        return bend
    weights = np.linalg.inv(_kernel(now, now, reach) + _RIDGE * np.eye(len(now)))
    shape = _kernel(nodes.reshape(-1, 2), now, reach) @ weights
    step = (shape @ (now - before)).reshape(nodes.shape)
    bend = _sample(bend, nodes - step, spacing) - step
    # Outside the nodes the bend is not known, so nothing can be said about a miss there.
    known = ((now >= 0) & (now <= nodes[-1, -1] + spacing / 2)).all(axis=1)
    missed = now + _sample(bend, now[None], spacing)[0] - start
    missed[~known] = 0
    return bend - (shape @ missed).reshape(nodes.shape)


def _kernel(places: Points, centres: Points, reach: float) -> Points:
    """Wendland's C2 function of the distance: 1 at a centre, 0 from ``reach`` on. [M, K]"""
    squared = (places**2).sum(1)[:, None] + (centres**2).sum(1)[None] - 2 * places @ centres.T
    near = np.maximum(1 - np.sqrt(np.maximum(squared, 0)) / reach, 0)
    return near**4 * (5 - 4 * near)


def _nodes(width: int, height: int, spacing: int) -> Points:
    xs, ys = np.meshgrid(np.arange(-(-width // spacing)), np.arange(-(-height // spacing)))
    return ((np.stack([xs, ys], axis=-1) + 0.5) * spacing).astype(np.float64)


def _sample(bend: Points, places: Points, spacing: int) -> Points:
    where = (places / spacing - 0.5).astype(np.float32)
    return cv2.remap(
        bend.astype(np.float32), where[..., 0], where[..., 1], cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    ).astype(np.float64)


def _to_pixels(bend: Points, width: int, height: int, spacing: int) -> Field:
    rows, columns = bend.shape[:2]
    full = cv2.resize(bend.astype(np.float32), (columns * spacing, rows * spacing), interpolation=cv2.INTER_CUBIC)
    return full[:height, :width].astype(np.float32, copy=False)
