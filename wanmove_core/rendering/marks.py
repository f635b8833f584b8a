"""Dots, rings and crosses by the thousand, with smooth edges at fractions of a pixel.

A mark's pixels are worked out once for each place within a pixel; drawing copies them for all marks at once.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from .frames import Frame
from .lettering import INK

Shape = Literal["dot", "ring", "cross"]
Floats = NDArray[np.float64]

_PHASES = 8
"""places within a pixel, each way"""
_SHADES = 16
"""steps from a mark's dark rim to its colour"""
_FAR = 1e6
"""px; places further out are nowhere near a picture, and would not fit into whole numbers"""


@dataclass(frozen=True)
class Look:
    """What a mark looks like; each has a dark rim. Pixels."""

    shape: Shape
    radius: float
    """of a dot or ring; half the side of a cross"""
    line: float
    """width of the rim, half the width of a ring's or a cross's strokes"""

    @property
    def reach(self) -> int:
        """Whole pixels from a mark's own to its farthest."""
        return int(np.ceil(self.radius + 2 * self.line + 1))


class MarkLayer:
    """Marks that lie over a frame: added kind by kind, then mixed into it."""

    def __init__(self, height: int, width: int, margin: int = 16) -> None:
        """
        Args:
            margin: px around the picture for what hangs over its edge; at least a mark's reach.
        """
        self._height, self._width, self._margin = height, width, margin
        self._pixels = np.zeros((height + 2 * margin) * (width + 2 * margin), np.uint32)
        """red, green, blue and how much of what lies below is covered, a byte each from the lowest"""

    def add(self, places: NDArray[np.floating], shade: NDArray[np.intp], palette: NDArray[np.uint8], look: Look) -> None:
        """Lay n marks over those that are there; where they meet the later one lies on top.

        Args:
            places: [n, 2], x and y in pixels, counted from the picture's corner.
            shade: [n], index into ``palette`` [k, 3].
        """
        margin, across = self._margin, self._width + 2 * self._margin
        fine = np.floor(np.nan_to_num(np.clip(places, -_FAR, _FAR), nan=-_FAR) * _PHASES).astype(np.int64)
        whole, phase = fine // _PHASES, fine % _PHASES
        near = margin - look.reach
        seen = ((whole >= -near) & (whole < (self._width + near, self._height + near))).all(axis=1)
        home = (whole[seen, 1] + margin) * across + whole[seen, 0] + margin
        colours = _shades(palette)
        # Soft edges first: of pixels named several times the last counts, and an edge must not cut into another mark.
        for part in _stamps(look):
            chosen = phase[seen, 1] * _PHASES + phase[seen, 0]
            target = home[:, None] + (part.row * across + part.column)[chosen]
            self._pixels[target] = colours[shade[seen, None], part.shade[chosen]] | part.cover[chosen]

    def over(self, frame: Frame) -> Frame:
        """A new frame under the marks; the layer is empty again."""
        margin = self._margin
        shape = (self._height + 2 * margin, self._width + 2 * margin)
        inside = self._pixels.reshape(shape)[margin : margin + self._height, margin : margin + self._width]
        layers = np.ascontiguousarray(inside).view(np.uint8).reshape(self._height, self._width, 4)
        share = cv2.extractChannel(layers, 3).astype(np.float32) * np.float32(1 / 255)
        mixed = cv2.blendLinear(cv2.cvtColor(layers, cv2.COLOR_RGBA2RGB), frame, share, 1 - share)
        self._pixels[:] = 0
        return np.ascontiguousarray(mixed, np.uint8)


@dataclass(frozen=True)
class _Stamp:
    """Pixels of a mark for each phase; where a phase has fewer, its last ones are repeated."""

    row: NDArray[np.int64]
    """[phases, m], from the mark's own pixel"""
    column: NDArray[np.int64]
    shade: NDArray[np.int64]
    """[phases, m], 0 … _SHADES: from the rim's ink to the colour"""
    cover: NDArray[np.uint32]
    """[phases, m], the byte that says how much of what lies below is covered, in its place"""


@lru_cache(maxsize=32)
def _stamps(look: Look) -> tuple[_Stamp, _Stamp]:
    """Edges, which are mixed with what lies below, and what covers it wholly."""
    steps = np.arange(-look.reach, look.reach + 1)
    centre = (np.arange(_PHASES) + 0.5) / _PHASES
    away = steps + 0.5 - centre[:, None]  # [phases one way, k]
    outside = _distance(away[None, :, None, :], away[:, None, :, None], look).reshape(_PHASES**2, len(steps), len(steps))
    cover = np.clip(0.5 + look.line - outside, 0, 1)
    fill = np.minimum(np.clip(0.5 - outside, 0, 1), cover) / np.maximum(cover, 1e-6)
    byte = np.rint(255 * cover).astype(np.uint32)
    shade = np.rint(_SHADES * fill).astype(np.int64)
    return _stamp(byte, shade, (byte > 0) & (byte < 255), look.reach), _stamp(byte, shade, byte == 255, look.reach)


def _stamp(cover: NDArray[np.uint32], shade: NDArray[np.int64], chosen: NDArray[np.bool_], reach: int) -> _Stamp:
    # A phase without such pixels repeats its strongest one: that is drawn anyway.
    strongest = [np.argwhere(one == one.max())[:1] for one in cover]
    found = [np.argwhere(one) if one.any() else strongest[phase] for phase, one in enumerate(chosen)]
    most = max(len(one) for one in found)
    full = np.stack([np.pad(one, ((0, most - len(one)), (0, 0)), mode="edge") for one in found])
    row, column = full[..., 0], full[..., 1]
    phase = np.arange(len(chosen))[:, None]
    return _Stamp(row - reach, column - reach, shade[phase, row, column], cover[phase, row, column] << np.uint32(24))


def _distance(across: Floats, down: Floats, look: Look) -> Floats:
    """How far a pixel lies outside the shape, px; below 0 inside."""
    if look.shape == "cross":
        one, other = np.abs(across + down) * 0.5**0.5, np.abs(across - down) * 0.5**0.5
        return np.maximum(np.minimum(one, other) - look.line, np.maximum(one, other) - look.radius * 2**0.5)
    away = np.hypot(across, down) - look.radius
    return np.abs(away) - look.line if look.shape == "ring" else away


def _shades(palette: NDArray[np.uint8]) -> NDArray[np.uint32]:
    """[k, _SHADES + 1]: from the ink to each colour, red in the lowest byte."""
    share = (np.arange(_SHADES + 1) / _SHADES)[:, None]
    mixed = np.rint(np.array(INK) * (1 - share) + palette[:, None].astype(np.float64) * share).astype(np.uint32)
    return np.asarray(mixed @ np.array([1, 1 << 8, 1 << 16], np.uint32), np.uint32)
