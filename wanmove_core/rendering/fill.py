"""Fill a hole in a picture with texture from around it, from a coarse picture to a fine one; the same every time."""

import cv2
import numpy as np
from numpy.typing import NDArray

from .frames import Frame
from .patch_match import HALF, Level, any_match, enlarge, improve, make_level, vote

Mask = NDArray[np.bool_]
Floats = NDArray[np.float32]

_THIN = 6.0
"""half the width of a hole, px, from which on it is begun without texture: the coarsest level"""
_LEAST_SIDE = 24
_TELEA_RADIUS = 4
_ROUNDS = (3, 3, 2)
"""rounds of matching and voting: at the coarsest level, below it, and where a level is large"""
_LARGE = 16_000
_SEARCHED = 60_000
"""hole pixels a level up to which matches are improved; finer levels only take them over"""
_AROUND = 0.6
"""how far around the hole texture is looked for, as a share of the hole's size"""
_LEAST_AROUND = 64


def fill_hole(picture: Frame, hole: Mask) -> Frame:
    """The picture [H, W, 3] with the marked pixels [H, W] made up; everything else is unchanged.

    Where there is next to nothing to take texture from, the filling has none.
    """
    if not hole.any():
        return picture
    filled = picture.copy()
    count, labels, boxes, _ = cv2.connectedComponentsWithStats(hole.astype(np.uint8), connectivity=8)
    for label in range(1, count):
        rows, columns = _around(boxes[label], hole.shape)
        part = labels[rows, columns] == label
        made = _fill(picture[rows, columns], part, hole[rows, columns])
        filled[rows, columns][part] = made[part]
    return filled


def _fill(picture: Frame, hole: Mask, blocked: Mask) -> Frame:
    generator = np.random.default_rng(0)
    levels = _levels(picture, hole, blocked)
    while levels and not levels[-1].sources.any():
        levels.pop()
    if not levels:
        return _without_texture(picture, blocked)
    coarsest = levels[-1]
    current = _without_texture(_rounded(coarsest.picture), coarsest.hole).astype(np.float32)
    matches = any_match(coarsest, generator)
    for index in range(len(levels) - 1, -1, -1):
        level = levels[index]
        if index < len(levels) - 1:
            matches = enlarge(level, levels[index + 1], matches, generator)
            current = vote(level, matches)
        for _ in range(_rounds(level, coarsest)):
            matches, cost = improve(level, current, matches, generator)
            current = vote(level, matches, cost)
    return _rounded(current)


def _rounds(level: Level, coarsest: Level) -> int:
    if level is coarsest:
        return _ROUNDS[0]
    if len(level.targets) > _SEARCHED:
        return 0
    return _ROUNDS[2] if len(level.targets) > _LARGE else _ROUNDS[1]


def _levels(picture: Frame, hole: Mask, blocked: Mask) -> list[Level]:
    """From fine to coarse, each half as large, until the hole is thin."""
    pixels = picture.astype(np.float32)
    levels = [make_level(pixels, hole, blocked)]
    while _thickness(hole) > _THIN and min(hole.shape) >= 2 * _LEAST_SIDE:
        pixels, hole, blocked = _halved(pixels, hole, blocked)
        levels.append(make_level(pixels, hole, blocked))
    return levels


def _thickness(hole: Mask) -> float:
    # A hole at the picture's edge is open there: what is beyond does not make it thin.
    return float(cv2.distanceTransform(hole.astype(np.uint8), cv2.DIST_L2, 3).max())


def _halved(pixels: Floats, hole: Mask, blocked: Mask) -> tuple[Floats, Mask, Mask]:
    """Means of 2 x 2 known pixels; a pixel of the hole is one with any hole in it."""
    weight = (~(blocked | hole)).astype(np.float32)
    total, mass = _pooled(pixels * weight[..., None]), _pooled(weight)
    means = total / np.maximum(mass, 1e-6)[..., None]
    return means.astype(np.float32), _pooled(hole.astype(np.float32)) > 0, _pooled(blocked.astype(np.float32)) > 0


def _pooled(values: Floats) -> Floats:
    height, width = values.shape[:2]
    padding = [(0, height % 2), (0, width % 2)] + [(0, 0)] * (values.ndim - 2)
    even = np.pad(values, padding, mode="edge")
    mean = (even[::2, ::2] + even[1::2, ::2] + even[::2, 1::2] + even[1::2, 1::2]) / 4
    return mean.astype(np.float32)


def _around(box: NDArray[np.int32], shape: tuple[int, ...]) -> tuple[slice, slice]:
    left, top, width, height = (int(value) for value in box[:4])
    margin = max(_LEAST_AROUND, round(_AROUND * max(width, height))) + HALF
    return (
        slice(max(top - margin, 0), min(top + height + margin, shape[0])),
        slice(max(left - margin, 0), min(left + width + margin, shape[1])),
    )


def _without_texture(picture: Frame, hole: Mask) -> Frame:
    """Colours carried into the hole along lines of equal brightness (Telea 2004); keeps large areas apart."""
    if hole.all():
        return np.full_like(picture, 128)
    return np.asarray(cv2.inpaint(picture, hole.astype(np.uint8), _TELEA_RADIUS, cv2.INPAINT_TELEA), np.uint8)


def _rounded(pixels: Floats) -> Frame:
    return np.rint(np.clip(pixels, 0, 255)).astype(np.uint8)
