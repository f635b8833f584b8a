"""Random outlines of sprites as soft alpha maps."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

SHIFT = 4
"""fractional bits of the outlines that OpenCV fills"""


def shape_alpha(rng: np.random.Generator, width: int, height: int) -> NDArray[np.uint8]:
    """[height, width] alpha of one random shape with an anti-aliased edge; the border pixels are empty."""
    outline = OUTLINES[int(rng.choice(len(OUTLINES), p=WEIGHTS))](rng)
    outline = outline / np.abs(outline).max(axis=0)
    half = np.array([width, height]) / 2 - 3.0
    points = np.array([width, height]) / 2 - 0.5 + outline * half
    alpha = np.zeros((height, width), np.uint8)
    fixed: Sequence[NDArray[np.int32]] = [np.round(points * (1 << SHIFT)).astype(np.int32)]
    cv2.fillPoly(alpha, fixed, 255, cv2.LINE_AA, SHIFT)
    alpha = np.asarray(cv2.GaussianBlur(alpha, (0, 0), float(rng.uniform(0.4, 1.1))), np.uint8)
    alpha[[0, -1]] = 0
    alpha[:, [0, -1]] = 0
    return alpha


def _angles(count: int) -> NDArray[np.float64]:
    """[count] directions once around, in radians."""
    return np.linspace(0, 2 * np.pi, count, endpoint=False)


def _polar(angle: NDArray[np.float64], radius: NDArray[np.float64] | float) -> NDArray[np.float64]:
    """[N, 2] points at ``radius`` in the directions ``angle`` [N]."""
    return np.stack([np.cos(angle) * radius, np.sin(angle) * radius], -1)


def _blob(rng: np.random.Generator) -> NDArray[np.float64]:
    """A smooth closed curve: a circle with three to five random waves on its radius."""
    angle = _angles(96)
    radius = np.ones_like(angle)
    for wave in range(2, int(rng.integers(4, 7))):
        radius += rng.uniform(0.05, 0.55) / wave * np.cos(wave * angle + rng.uniform(0, 2 * np.pi))
    return _polar(angle, np.maximum(radius, 0.25))


def _disc(rng: np.random.Generator) -> NDArray[np.float64]:
    """A disc; width and height of the patch make an ellipse of it, and a turn lays it askew."""
    points = _polar(_angles(72), 1.0) * (1.0, rng.uniform(0.55, 1.0))
    turn = rng.uniform(0, np.pi)
    return points @ np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])


def _polygon(rng: np.random.Generator) -> NDArray[np.float64]:
    """Three to eight corners at uneven angles and radii."""
    count = int(rng.integers(3, 9))
    angle = _angles(count) + rng.uniform(-0.8, 0.8, count) * np.pi / count + rng.uniform(0, 2 * np.pi)
    return _polar(angle, rng.uniform(0.65, 1.0, count))


def _box(rng: np.random.Generator) -> NDArray[np.float64]:
    """A rectangle with rounded corners (a superellipse), upright or turned."""
    angle = _angles(96)
    power = rng.uniform(0.15, 0.6)
    base = _polar(angle, 1.0)
    points = np.sign(base) * np.abs(base) ** power
    turn = rng.uniform(0, np.pi) if rng.random() < 0.5 else 0.0
    return points @ np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])


def _star(rng: np.random.Generator) -> NDArray[np.float64]:
    """Four to seven points."""
    count = int(rng.integers(4, 8))
    radius = np.tile([1.0, float(rng.uniform(0.45, 0.75))], count)
    return _polar(_angles(2 * count) + rng.uniform(0, 2 * np.pi), radius)


OUTLINES = (_blob, _disc, _polygon, _box, _star)
WEIGHTS = (0.45, 0.18, 0.17, 0.14, 0.06)
