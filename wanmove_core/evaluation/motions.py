"""Random motions as 2x3 affine matrices over time: eased bezier paths with rotation and scale about a centre.

Coordinates are (x, y) pixels with the origin at the top-left corner of the top-left pixel, as in ``BakedTracks``.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Pose:
    """Where something is over time, relative to frame 0: frame 0 is always the identity."""

    offset: Array
    """[T, 2] pixels"""
    angle: Array
    """[T] radians"""
    scale: Array
    """[T], 1 = as in frame 0"""


def still(length: int) -> Pose:
    """No motion for ``length`` frames."""
    return Pose(np.zeros((length, 2)), np.zeros(length), np.ones(length))


def progress(rng: np.random.Generator, length: int) -> Array:
    """[T] from 0 at the first frame: linear or eased, sometimes after a hold, sometimes there and back."""
    time = np.linspace(0.0, 1.0, length)
    if rng.random() < 0.15:
        hold = rng.uniform(0.05, 0.3)
        time = np.clip((time - hold) / (1 - hold), 0, 1)
    if rng.random() < 0.12:
        time = 1 - np.abs(1 - 2 * time)
    kind = rng.choice(5, p=[0.35, 0.25, 0.15, 0.15, 0.1])
    return _eased(time, int(kind))


def _eased(time: Array, kind: int) -> Array:
    """``time`` in 0..1 through one of five easings: linear, in-out, in, out, steep in-out."""
    if kind == 1:
        return time * time * (3 - 2 * time)
    if kind == 2:
        return time * time
    if kind == 3:
        return time * (2 - time)
    if kind == 4:
        return time**3 * (time * (6 * time - 15) + 10)
    return time


def bezier(rng: np.random.Generator, travel: Array, along: Array) -> Array:
    """[T, 2] offsets from (0, 0) to ``travel`` [2] px at the parameter ``along`` [T], on a cubic that bends to the sides."""
    normal = np.array([-travel[1], travel[0]])
    bends = np.where(rng.random() < 0.3, 0.0, rng.uniform(-0.6, 0.6, 2))
    first = travel * rng.uniform(0.2, 0.45) + normal * bends[0]
    second = travel * rng.uniform(0.55, 0.8) + normal * bends[1]
    s = along[:, None]
    return 3 * (1 - s) ** 2 * s * first + 3 * (1 - s) * s**2 * second + s**3 * travel


def sprite_pose(rng: np.random.Generator, length: int, travel: Array) -> Pose:
    """A sprite that travels ``travel`` [2] px; four in ten also turn (up to 100 degrees), a third also scales (0.6 to 1.6)."""
    along = progress(rng, length)
    angle = rng.uniform(-1.75, 1.75) if rng.random() < 0.4 else 0.0
    zoom = np.exp(rng.uniform(np.log(0.6), np.log(1.6))) if rng.random() < 0.33 else 1.0
    return Pose(bezier(rng, travel, along), angle * along, np.exp(np.log(zoom) * along))


def camera_pose(rng: np.random.Generator, length: int, side: float) -> Pose:
    """A slow camera (``side`` = short side, px): pans up to 30 %, zooms 0.8 to 1.35, turns up to 12 degrees."""
    along = progress(rng, length)
    pans, zooms, turns = rng.random(3) < (0.75, 0.4, 0.25)
    heading, reach = rng.uniform(0, 2 * np.pi), rng.uniform(0.05, 0.3) * side * float(pans)
    travel = reach * np.array([np.cos(heading), np.sin(heading)])
    zoom = np.exp(rng.uniform(np.log(0.8), np.log(1.35)) * float(zooms))
    angle = rng.uniform(-0.21, 0.21) * float(turns)
    return Pose(bezier(rng, travel, along), angle * along, np.exp(np.log(zoom) * along))


def matrices(pose: Pose, centre: Array) -> Array:
    """[T, 2, 3] that move frame 0's pixels to frame t's: turn and scale about ``centre`` [2], then shift."""
    cosine, sine = pose.scale * np.cos(pose.angle), pose.scale * np.sin(pose.angle)
    linear = np.stack([np.stack([cosine, -sine], -1), np.stack([sine, cosine], -1)], -2)
    shift = centre + pose.offset - linear @ centre
    return np.concatenate([linear, shift[..., None]], -1)


def compose(outer: Array, inner: Array) -> Array:
    """[..., 2, 3]: ``inner`` first, then ``outer``."""
    linear = outer[..., :2] @ inner[..., :2]
    shift = outer[..., :2] @ inner[..., 2:] + outer[..., 2:]
    return np.concatenate([linear, shift], -1)


def invert(matrix: Array) -> Array:
    """[..., 2, 3]: the way back."""
    linear = np.asarray(np.linalg.inv(matrix[..., :2]), np.float64)
    return np.concatenate([linear, -linear @ matrix[..., 2:]], -1)


def translation(x: float, y: float) -> Array:
    """[2, 3] that shifts by (x, y) px."""
    return np.array([[1.0, 0.0, x], [0.0, 1.0, y]])


def apply(matrix: Array, points: Array) -> Array:
    """``points`` [N, 2] through ``matrix`` [T, 2, 3] (or [2, 3]): [T, N, 2] (or [N, 2])."""
    return points @ np.swapaxes(matrix[..., :2], -1, -2) + matrix[..., None, :, 2]
