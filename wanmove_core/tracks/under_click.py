"""What lies under a click: places around it of nearly its colour, up to the strongest edge.

Texture is smoothed away (mean shift), then the piece under the click is grown with rising tolerance of colour. Of all the
pieces, the one counts whose border is everywhere a clear step and that a little more tolerance would not change much.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from .picture_window import Bools, Bytes, PictureWindow, take_window
from .shapes import Pair

_WINDOWS = (1.0, 0.35)
"""parts of the picture's longer side that are looked at: the whole picture, and for small things the surroundings"""
_PIXELS = 18_000
_SMOOTHINGS = ((3, 3, 10), (5, 12, 32))
"""size of the median, mean shift's reach in pixels and in colour"""
_TOLERANCES = (4, 6, 8, 10, 12, 15, 18, 22, 27, 33)
"""of colour (CIE Lab, lightness at half)"""
_LARGEST = 0.6
"""of the picture: more than that is the background"""
_BLOCK = np.ones((3, 3), np.uint8)


@dataclass(frozen=True)
class Piece:
    """A connected part of a window."""

    window: PictureWindow
    mask: Bools
    """[h, w]"""


def piece_under(picture: Bytes, click: Pair) -> Piece:
    """The piece of the picture under a click that stands out best; at the least a few pixels around it."""
    tried = [rated for share in _WINDOWS for rated in _pieces_of_window(picture, click, share)]
    return max(tried, key=lambda rated: rated[0])[1]


def _pieces_of_window(picture: Bytes, click: Pair, share: float) -> Iterator[tuple[float, Piece]]:
    height, width = picture.shape[:2]
    reach = max(share * max(width, height), 32.0)
    box = click[0] - reach / 2, click[1] - reach / 2, click[0] + reach / 2, click[1] + reach / 2
    window = take_window(picture, box if share < 1 else (0, 0, width, height), _PIXELS)
    part = (window.right - window.left) * (window.bottom - window.top) / (width * height)
    column, row = window.at(click)
    at = min(column, window.pixels.shape[1] - 1), min(row, window.pixels.shape[0] - 1)
    for median, space, colour in _SMOOTHINGS:
        smooth = cv2.pyrMeanShiftFiltering(cv2.medianBlur(window.pixels, median), space, colour, maxLevel=1)
        lab = cv2.cvtColor(smooth, cv2.COLOR_RGB2LAB).astype(np.float32) * np.array((0.5, 1, 1), np.float32)
        for rating, mask in _grow(lab, at, 1 if space < 6 else 2, part):
            yield rating, Piece(window, mask)


def _grow(lab: NDArray[np.float32], at: tuple[int, int], reach: int, part: float) -> Iterator[tuple[float, Bools]]:
    """The piece under the click at each tolerance, with how well it stands out.

    Args:
        part: how much of the picture the window is.
    """
    seed = np.zeros(lab.shape[:2], np.uint8)
    cv2.circle(seed, at, reach, 1, -1)
    far = np.linalg.norm(lab - np.median(lab[seed > 0], axis=0), axis=-1)
    steps = _steps(lab)
    before = 0.0
    for tolerance in _TOLERANCES:
        mask = _connected((far < tolerance) | (seed > 0), seed, at)
        area = float(mask.mean()) * part
        rating = _rating(mask, steps) * area**0.15 * math.sqrt(min(before / area, 1.0) if before else 0.5)
        yield (rating if area < _LARGEST else rating - 100), mask
        before = area


def _connected(alike: Bools, seed: Bytes, at: tuple[int, int]) -> Bools:
    """The piece at a place, without threads, its holes filled."""
    clean = cv2.bitwise_or(cv2.morphologyEx(alike.astype(np.uint8), cv2.MORPH_OPEN, _BLOCK), seed)
    _, marks = cv2.connectedComponents(clean, connectivity=4)
    piece = (marks == marks[at[1], at[0]]).astype(np.uint8)
    contours, _ = cv2.findContours(piece, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return cv2.drawContours(piece, contours, -1, 1, -1).astype(np.bool_)


def _rating(mask: Bools, steps: NDArray[np.float32]) -> float:
    """How clear the border of a piece is against what happens inside it; less where it is blurred or ragged."""
    piece = mask.astype(np.uint8)
    edge: Bools = cv2.dilate(piece, _BLOCK) != cv2.erode(piece, _BLOCK)
    edge[:2], edge[-2:], edge[:, :2], edge[:, -2:] = (False,) * 4
    if not edge.any():
        return 0.0
    clear = float(np.minimum(steps[edge], 25).mean()) / (2 + float(np.median(steps[mask])))
    sides = np.concatenate([mask[0], mask[-1], mask[:, 0], mask[:, -1]])
    sharp = float((steps[edge] > 3).mean())
    return clear * sharp**2 * _solidity(piece) * (1 - float(sides.mean())) ** 4


def _solidity(piece: Bytes) -> float:
    """How much of its convex hull a piece fills: things do mostly, leaks into the background do not."""
    contours, _ = cv2.findContours(piece, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    hull = cv2.contourArea(cv2.convexHull(np.concatenate(contours)))
    return min(float(piece.sum()) / max(hull, 1.0), 1.0)


def _steps(lab: NDArray[np.float32]) -> NDArray[np.float32]:
    """The steepest change of colour at each pixel. [h, w]"""
    across, down = cv2.Scharr(lab, cv2.CV_32F, 1, 0) / 16, cv2.Scharr(lab, cv2.CV_32F, 0, 1) / 16
    return np.sqrt((across**2 + down**2).sum(axis=-1))
