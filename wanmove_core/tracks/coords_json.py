"""Tracks as the JSON text of ComfyUI's WanMoveTracksFromCoords and KJNodes' editor: [[{"x": .., "y": ..}, ..], ..].

A list of tracks, each a list of places, one a frame, in pixels. Visibility cannot be said in it.
"""

import json
import math

import numpy as np

from ..errors import TrackError
from .baked import BakedTracks
from .npy_file import FARTHEST
from .regions import MAX_TRACKS
from .sampling import MAX_LENGTH

MAX_CHARACTERS = 2**28


def read_coords(text: str, width: int, height: int) -> BakedTracks:
    """Tracks of a ``width`` x ``height`` picture from JSON; one track may stand without the outer list. All are visible.

    Raises:
        TrackError: it is not such JSON, the tracks have different lengths, or a place is no pair of finite numbers.
    """
    tracks = _read_lists(text)
    lengths = {len(track) for track in tracks}
    if len(lengths) > 1:
        raise TrackError(f"The tracks in the text have from {min(lengths)} to {max(lengths)} places; all need the same number.")
    length, count = lengths.pop(), len(tracks)
    if not 1 <= length <= MAX_LENGTH or count > MAX_TRACKS:
        raise TrackError(
            f"The text has {count} tracks of {length} places; at most {MAX_TRACKS} tracks of 1 to {MAX_LENGTH} are read."
        )
    places = [[_place(item, number, frame) for frame, item in enumerate(track)] for number, track in enumerate(tracks)]
    positions = np.array(places, np.float32).transpose(1, 0, 2).copy()
    return BakedTracks(positions, np.ones((length, count), np.bool_), width, height, np.zeros(count, np.int32), ("tracks",))


def write_coords(tracks: BakedTracks) -> str:
    """The JSON text of all places, hidden ones too, to a thousandth of a pixel."""
    rounded = np.round(tracks.positions.astype(np.float64), 3).transpose(1, 0, 2).tolist()
    return json.dumps([[{"x": x, "y": y} for x, y in track] for track in rounded], separators=(",", ":"))


def _read_lists(text: str) -> list[list[object]]:
    if len(text) > MAX_CHARACTERS:
        raise TrackError(f"The text has {len(text):,} characters; at most {MAX_CHARACTERS:,} are read. Keep fewer tracks.")
    try:
        data = json.loads(text.replace("'", '"'))  # KJNodes has written Python's quotes
    except (ValueError, RecursionError) as error:
        raise TrackError(f"The text is not JSON ({str(error)[:200]}). Tracks look like {EXAMPLE}.") from error
    tracks = [data] if isinstance(data, list) and data and isinstance(data[0], dict) else data
    if not isinstance(tracks, list) or not tracks or not all(isinstance(track, list) for track in tracks):
        raise TrackError(f"The text holds no list of tracks. Tracks look like {EXAMPLE}.")
    return tracks


def _place(item: object, track: int, frame: int) -> tuple[float, float]:
    if isinstance(item, dict) and _is_number(item.get("x")) and _is_number(item.get("y")):
        return float(item["x"]), float(item["y"])
    raise TrackError(
        f"Place {frame} of track {track} is no x and y within ±{FARTHEST:,.0f} pixels. Tracks look like {EXAMPLE}."
    )


def _is_number(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return abs(value) <= FARTHEST and math.isfinite(value)


EXAMPLE = '[[{"x": 10, "y": 20}, {"x": 12, "y": 20}]]'
