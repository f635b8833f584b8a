"""From a coarse mask to an outline: the edge is looked up in the picture, then drawn as few points."""

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from .picture_window import shrunk
from .shapes import Pair

Floats = NDArray[np.float32]

MAX_POINTS = 4096
LEAST_AREA = 4.0
"""square pixels of a piece"""
_LONGEST_SIDE = 1400
"""pixels, at which the edge is looked up"""
_TOLERANCE = 0.6
"""pixels of that size, by which the outline may miss the edge"""


def trace(picture: NDArray[np.uint8], mask: NDArray[np.bool_]) -> tuple[Pair, ...] | None:
    """The outline of what a mask marks, its edge moved to where the picture has one.

    Several pieces become one outline, joined by lines that are walked there and back and so enclose nothing by the even-odd
    rule. Holes are filled.

    Args:
        picture: uint8 RGB [H, W, 3].
        mask: [h, w] over the same window, of any size.

    Returns:
        3 to 4,096 points in pixels of ``picture``; None where no piece has ``LEAST_AREA``.
    """
    height, width = picture.shape[:2]
    scale = min(1.0, _LONGEST_SIDE / max(height, width))
    columns, rows = max(1, round(width * scale)), max(1, round(height * scale))
    fine = shrunk(picture, columns, rows) if scale < 1 else picture
    sharp = _sharpened(fine, mask)
    unit = columns / width, rows / height
    loops = [
        loop / np.array(unit, np.float32) for loop in _loops(sharp) if cv2.contourArea(loop) >= LEAST_AREA * unit[0] * unit[1]
    ]
    return _joined(loops) if loops else None


def _sharpened(picture: NDArray[np.uint8], mask: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """The mask at the picture's size; near its edge each pixel goes with the pixels around that are alike. [H, W], 0 or 1"""
    height, width = picture.shape[:2]
    rows, columns = mask.shape
    soft: Floats = np.asarray(cv2.resize(mask.astype(np.float32), (width, height)), np.float32)
    ratio = max(height / rows, width / columns)
    if ratio > 1.05 and 0 < soft.mean() < 1:
        radius = math.ceil(1.5 * ratio)
        band = (soft > 0.001) & (soft < 0.999)
        band = cv2.dilate(band.astype(np.uint8), np.ones((2 * radius + 1, 2 * radius + 1), np.uint8)) > 0
        soft = np.where(band, _guided(_contrast(picture, soft, band), soft, radius), soft).astype(np.float32)
    return (soft > 0.5).astype(np.uint8)


def _contrast(picture: NDArray[np.uint8], soft: Floats, band: NDArray[np.bool_]) -> Floats:
    """The one mixture of red, green and blue that best tells inside from outside near the edge (Fisher). [H, W]"""
    colours = picture[band].astype(np.float64)
    inside = soft[band] > 0.5
    if inside.all() or not inside.any():
        return picture.mean(axis=-1).astype(np.float32)
    within = sum(np.cov(part.T, bias=True) for part in (colours[inside], colours[~inside]))
    apart = colours[inside].mean(axis=0) - colours[~inside].mean(axis=0)
    weights = np.linalg.solve(within + 4.0 * np.eye(3), apart)
    weights /= max(float(np.abs(weights).sum()), 1e-9)
    return (picture @ weights).astype(np.float32)


def _guided(guide: Floats, values: Floats, radius: int) -> Floats:
    """He, Sun and Tang, "Guided Image Filtering" (2010): in each box the values are taken for linear in the guide."""
    box = (2 * radius + 1, 2 * radius + 1)
    mean, guide_mean = cv2.blur(values, box), cv2.blur(guide, box)
    covariance = cv2.blur(guide * values, box) - guide_mean * mean
    variance = cv2.blur(guide * guide, box) - guide_mean**2
    slope = covariance / (variance + 16.0)
    return np.asarray(cv2.blur(slope, box) * guide + cv2.blur(mean - slope * guide_mean, box), np.float32)


def _loops(mask: NDArray[np.uint8]) -> list[NDArray[np.float32]]:
    """Outlines of the mask's pieces in its pixels, largest first. [n, 2] each

    The mask is doubled, so that a line through the middles of the outermost pixels lies a quarter pixel off the true edge.
    """
    doubled = np.pad(mask.repeat(2, 0).repeat(2, 1), 1)
    contours, _ = cv2.findContours(doubled, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    loops = [_smooth(np.asarray((contour[:, 0] - 0.5) / 2, np.float32)) for contour in contours if len(contour) > 3]
    return sorted(loops, key=cv2.contourArea, reverse=True)


def _smooth(loop: NDArray[np.float32]) -> NDArray[np.float32]:
    """Each point the mean of its neighbours: the stairs of the pixels are gone, corners lose half a pixel."""
    reach = 2 if len(loop) > 40 else 0
    shifted = np.stack([np.roll(loop, shift, axis=0) for shift in range(-reach, reach + 1)])
    return np.asarray(shifted.mean(axis=0), np.float32)


def _joined(loops: list[NDArray[np.float32]]) -> tuple[Pair, ...]:
    """Few points for all loops; the tolerance grows until there are few enough."""
    tolerance = _TOLERANCE
    while True:
        few = [np.asarray(cv2.approxPolyDP(loop, tolerance, closed=True), np.float32)[:, 0] for loop in loops]
        path = few[0]
        for loop in few[1:]:
            path = _bridged(path, loop)
        if len(path) <= MAX_POINTS:
            break
        tolerance *= 1.5
    if len(path) < 3:
        path = np.asarray(cv2.boxPoints(cv2.minAreaRect(loops[0])), np.float32)
    return tuple((round(float(x), 2), round(float(y), 2)) for x, y in path)


def _bridged(path: NDArray[np.float32], loop: NDArray[np.float32]) -> NDArray[np.float32]:
    """A closed path that leaves at its point nearest to a loop, walks the loop, and comes back the same way."""
    distances = np.linalg.norm(path[:, None] - loop[None], axis=-1)
    here, there = np.unravel_index(int(np.argmin(distances)), distances.shape)
    turned = np.roll(loop, -int(there), axis=0)
    return np.concatenate([path[: here + 1], turned, turned[:1], path[here:]])
