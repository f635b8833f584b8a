"""Pixels, 0…1 or -1…1: said, or told by the values; and how they become pixels."""

import numpy as np
from numpy.typing import NDArray

from ...errors import TrackError
from .raw_tracks import Scale

_NORMALISED = 2.0
"""beyond it no normalised point is believed to lie ..."""
_PIXELS = 16.0
"""... and within it no picture full of pixels"""

SCALE_WORDS: dict[Scale, str] = {"pixels": "pixels", "unit": "0…1 of the picture", "centred": "-1…1 of the picture"}


def find_scale(positions: NDArray[np.float64], known: NDArray[np.bool_], source: str) -> tuple[Scale, str]:
    """The scale of positions [T, N, 2] and why.

    Args:
        known: [T, N], where the position means something.

    Raises:
        TrackError: it cannot be told.
    """
    values = positions[known]
    if not values.size:
        raise _ambiguous(source, "no point that is seen")
    low, high = float(values.min()), float(values.max())
    said = f"detected: values from {low:.4g} to {high:.4g}"
    if max(-low, high) > _PIXELS:
        return "pixels", said
    if max(-low, high) <= _NORMALISED:
        starts = positions[:1][known[:1]]
        if low >= 0 and (not starts.size or starts.max() <= 1):
            return "unit", said
        # no start lies half a picture outside, so it lies left of the middle
        if starts.size and starts.min() <= -0.5 and np.abs(starts).max() <= 1:
            return "centred", said
    raise _ambiguous(source, f"values from {low:.4g} to {high:.4g}")


def to_pixels(positions: NDArray[np.float64], scale: Scale, size: tuple[int, int] | None, source: str) -> NDArray[np.float64]:
    """Positions in pixels of a picture of ``size`` (width, height), which pixels themselves do without.

    Raises:
        TrackError: the size is needed and is not known.
    """
    if scale == "pixels":
        return positions
    if size is None:
        raise TrackError(
            f"{source} holds positions as {SCALE_WORDS[scale]}; give the picture's size with --size, for example 832x480."
        )
    return (positions if scale == "unit" else (positions + 1) / 2) * np.array(size, np.float64)


def _ambiguous(source: str, what: str) -> TrackError:
    return TrackError(
        f"{source} has {what}, which can be pixels or parts of the picture; "
        "give --scale pixels, --scale unit (0…1) or --scale centred (-1…1)."
    )
