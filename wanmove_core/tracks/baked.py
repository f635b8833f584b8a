"""Tracks as numbers: what a document becomes, and what every other layer of the project reads."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class BakedTracks:
    """Where N points are in each of T frames.

    The order of the N axis is depth: of two tracks in one cell the one with the higher index lies on top.
    Positions are float32 pixels of a ``width`` x ``height`` picture, (x, y), origin at the top-left corner of the
    top-left pixel (a cell of 8 px covers 0 <= x < 8). Values outside the picture are allowed.
    """

    positions: NDArray[np.float32]
    """[T, N, 2]"""
    visibility: NDArray[np.bool_]
    """[T, N]"""
    width: int
    height: int
    layer: NDArray[np.int32]
    """[N], index into ``names``: the layer that a track comes from"""
    names: tuple[str, ...]
    """names of the layers, bottom to top"""

    @property
    def length(self) -> int:
        """Frames T."""
        return self.positions.shape[0]

    @property
    def count(self) -> int:
        """Tracks N."""
        return self.positions.shape[1]
