"""A mask of pixels as a region of the document."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..errors import RequestError
from .shapes import MASK_RUNS, Mask

FINEST_CELL = 2


def mask_region(marked: NDArray[np.bool_]) -> Mask:
    """The marked pixels [H, W] as cells of 2 px, or coarser where that has too many runs.

    A cell is marked where half of its pixels are; where that marks none, where any is.

    Raises:
        RequestError: no pixel is marked.
    """
    if not marked.any():
        raise RequestError("The mask is empty, so there is nothing to move. Paint or connect a mask that marks the thing.")
    cell = FINEST_CELL
    while True:
        cells = _cells(marked, cell)
        runs = _runs(cells)
        if len(runs) <= MASK_RUNS // 4:
            return Mask(cells.shape[1], cells.shape[0], runs, float(cell))
        cell *= 2


def _cells(marked: NDArray[np.bool_], cell: int) -> NDArray[np.bool_]:
    height, width = marked.shape
    rows, columns = -(-height // cell), -(-width // cell)
    padded = np.zeros((rows * cell, columns * cell), np.float32)
    padded[:height, :width] = marked
    share = padded.reshape(rows, cell, columns, cell).mean(axis=(1, 3))
    half: NDArray[np.bool_] = share >= 0.5
    return half if half.any() else share > 0


def _runs(cells: NDArray[np.bool_]) -> tuple[int, ...]:
    """Lengths in reading order, first unmarked."""
    flat = cells.ravel()
    changes: Sequence[int] = (np.flatnonzero(flat[1:] != flat[:-1]) + 1).tolist()
    lengths = np.diff([0, *changes, flat.size]).tolist()
    return (0, *lengths) if flat[0] else tuple(lengths)
