"""Points that somebody chose in a picture, as JSON text: to be followed through a video."""

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import TrackError
from .regions import MAX_TRACKS

_MAX_TEXT = 32 * 2**20
_FORMS = '[[10, 20], ...], [{"x": 10, "y": 20}, ...] or tracks, whose first places are taken'


def read_points(text: str, source: str = "The list of points") -> NDArray[np.float32]:
    """The points [N, 2] in pixels: of a list of pairs, of a list of {"x", "y"}, or the first place of each track of a list.

    The second is what KJNodes' points editor gives, the third what Export Tracks gives as coordinates.

    Raises:
        TrackError: it is none of these, is empty, or is too long.
    """
    if len(text) > _MAX_TEXT:
        raise TrackError(f"{source} has {len(text):,} characters; {_MAX_TEXT:,} are allowed.")
    try:
        value: Any = json.loads(text)
    except (ValueError, RecursionError) as error:
        said = " ".join(str(error).split())[:120]
        raise TrackError(f"{source} is no JSON ({said}); give {_FORMS}.") from error
    if not isinstance(value, list) or not value:
        raise TrackError(f"{source} holds no points; give {_FORMS}.")
    if len(value) > MAX_TRACKS:
        raise TrackError(f"{source} holds {len(value):,} points; {MAX_TRACKS:,} are allowed.")
    return np.array([_point(entry, index, source) for index, entry in enumerate(value)], np.float32)


def _point(entry: Any, index: int, source: str) -> tuple[float, float]:
    """A pair, an x and a y, or the first of a track."""
    if isinstance(entry, list) and entry and isinstance(entry[0], list | dict):
        entry = entry[0]
    if isinstance(entry, dict):
        entry = [entry.get("x"), entry.get("y")]
    if isinstance(entry, list) and len(entry) == 2:
        x, y = entry
        if _is_number(x) and _is_number(y):
            return float(x), float(y)
    raise TrackError(f"{source}: entry {index} is no point; give {_FORMS}.")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e6
