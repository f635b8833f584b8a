"""A window of a picture, made smaller, and boxes in pixels of the picture."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from .shapes import Box, Pair

Bytes = NDArray[np.uint8]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class PictureWindow:
    """Some of a picture's pixels, perhaps at a smaller scale."""

    pixels: Bytes
    """RGB [h, w, 3]"""
    left: int
    top: int
    right: int
    bottom: int
    """in pixels of the picture; right and bottom are outside"""

    @property
    def scale(self) -> Pair:
        """Pixels of the window per pixel of the picture, across and down."""
        rows, columns = self.pixels.shape[:2]
        return columns / (self.right - self.left), rows / (self.bottom - self.top)

    def at(self, place: Pair) -> tuple[int, int]:
        """Column and row of a place of the picture, perhaps outside the window."""
        across, down = self.scale
        return math.floor((place[0] - self.left) * across), math.floor((place[1] - self.top) * down)

    def slices(self, box: Box) -> tuple[slice, slice]:
        """The rows and columns that a box of the picture covers, at least one of each."""
        (across, down), (rows, columns) = self.scale, self.pixels.shape[:2]
        left, top, right, bottom = box
        return (
            _span((top - self.top) * down, (bottom - self.top) * down, rows),
            _span((left - self.left) * across, (right - self.left) * across, columns),
        )

    def box_of(self, mask: Bools) -> Box:
        """The box of the picture around what a mask of the window marks."""
        (across, down), rows, columns = self.scale, np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
        left, right = self.left + columns[0] / across, self.left + (columns[-1] + 1) / across
        return float(left), self.top + rows[0] / down, float(right), self.top + (rows[-1] + 1) / down

    def mask_from(self, mask: Bools, other: "PictureWindow") -> Bools:
        """A mask of another window on the pixels of this one; unmarked where the other has none."""
        (across, down), (rows, columns) = self.scale, self.pixels.shape[:2]
        ys, xs = (np.arange(rows) + 0.5) / down + self.top, (np.arange(columns) + 0.5) / across + self.left
        row = np.floor((ys - other.top) * other.scale[1]).astype(np.int64)
        column = np.floor((xs - other.left) * other.scale[0]).astype(np.int64)
        known = ((row >= 0) & (row < mask.shape[0]))[:, None] & ((column >= 0) & (column < mask.shape[1]))
        return known & mask[row.clip(0, mask.shape[0] - 1)][:, column.clip(0, mask.shape[1] - 1)]


def take_window(picture: Bytes, box: Box, most_pixels: int) -> PictureWindow:
    """What a box shows of the picture, rounded outwards, scaled down to at most so many pixels."""
    left, top, right, bottom = within(box, picture.shape[1], picture.shape[0])
    x0, y0, x1, y1 = math.floor(left), math.floor(top), math.ceil(right), math.ceil(bottom)
    crop = np.ascontiguousarray(picture[y0:y1, x0:x1])
    scale = math.sqrt(most_pixels / (crop.shape[0] * crop.shape[1]))
    if scale < 1:
        crop = shrunk(crop, max(1, round(crop.shape[1] * scale)), max(1, round(crop.shape[0] * scale)))
    return PictureWindow(crop, x0, y0, x1, y1)


def shrunk(picture: Bytes, width: int, height: int) -> Bytes:
    """The picture at a smaller size, each pixel the mean of those that it stands for."""
    return np.asarray(cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def around(boxes: Iterable[Box]) -> Box:
    """The smallest box around boxes."""
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def grown(box: Box, share: float, least: float = 8.0) -> Box:
    """The box with a margin on each side: a share of its width and height, but not under ``least`` pixels."""
    across, down = max(share * (box[2] - box[0]), least), max(share * (box[3] - box[1]), least)
    return box[0] - across, box[1] - down, box[2] + across, box[3] + down


def within(box: Box, width: float, height: float) -> Box:
    """The part of a box that lies in a picture."""
    return max(box[0], 0.0), max(box[1], 0.0), min(box[2], float(width)), min(box[3], float(height))


def _span(low: float, high: float, size: int) -> slice:
    start = min(max(math.floor(low + 0.25), 0), size - 1)
    return slice(start, max(start + 1, min(math.ceil(high - 0.25), size)))
