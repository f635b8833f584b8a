"""Which axis of an array of positions counts frames: said, or told by how far apart neighbours lie."""

import numpy as np
from numpy.typing import NDArray

from ...errors import TrackError
from .raw_tracks import Axis

CLEARLY = 6.0
"""how many times smaller the steps along the frames must be; wrong then only for a dense row that jumps 50 px a frame"""


def find_axis(positions: NDArray[np.float64], known: NDArray[np.bool_], source: str) -> tuple[Axis, str]:
    """The axis of [A, B, 2] that comes first, and why.

    A point moves little from one frame to the next, while two tracks may lie anywhere; a dense patch in fast motion is the
    exception, so a length of 4k + 1 on the other axis alone is taken as a contradiction.

    Args:
        known: [A, B], where the position means something.

    Raises:
        TrackError: it cannot be told.
    """
    rows, columns = positions.shape[:2]
    if min(rows, columns) == 1 < max(rows, columns):
        first: Axis = "frames" if rows > 1 else "tracks"
        return first, "one track"
    down, across = _step(positions, known), _step(positions.swapaxes(0, 1), known.T)
    if down is not None and across is not None and max(down, across) > 0:
        measured: Axis | None = None
        if down * CLEARLY <= across:
            measured = "frames"
        elif across * CLEARLY <= down:
            measured = "tracks"
        length, other = (rows, columns) if measured == "frames" else (columns, rows)
        if measured is not None and (_is_clip(length) or not _is_clip(other)):
            return measured, f"detected: steps of {min(down, across):.3g} in time, {max(down, across):.3g} between tracks"
    raise TrackError(
        f"{source} has the shape {list(positions.shape)}, and which axis counts frames cannot be told; "
        "give --axis frames if frames come first, --axis tracks if tracks do."
    )


def _is_clip(length: int) -> bool:
    return length > 1 and length % 4 == 1


def _step(positions: NDArray[np.float64], known: NDArray[np.bool_]) -> float | None:
    """The mean distance of neighbours along the first axis; None where no two neighbours are known."""
    both = known[1:] & known[:-1]
    if not both.any():
        return None
    steps = positions[1:] - positions[:-1]
    return float(np.hypot(steps[..., 0], steps[..., 1])[both].mean())
