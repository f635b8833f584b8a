"""Tracks as JSON: lists of places as KJNodes and LTX write them, bare lists of numbers, and ``trajectory_config``."""

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...errors import TrackError
from ..arrange import merge_tracks
from ..baked import BakedTracks
from ..coords_json import MAX_CHARACTERS, read_coords
from .arrays import read_arrays
from .raw_tracks import RawTracks, Uneven, check_counts

PLACES = 3
"""decimals that are written"""
_DEEPEST = 5


def read_json(content: bytes, source: str) -> object:
    """The values in JSON text; Python's quotes are taken for JSON's, and lists of texts for what stands in them.

    Raises:
        TrackError: it is no such text.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise TrackError(f"{source} is no UTF-8 text: byte {error.start} is {content[error.start]:#04x}.") from error
    if len(text) > MAX_CHARACTERS:
        raise TrackError(f"{source} has {len(text):,} characters; at most {MAX_CHARACTERS:,} are read. Keep fewer tracks.")
    data = _decode(text, source)
    if isinstance(data, list) and data and all(isinstance(item, str) for item in data):
        return [_decode(str(item), source) for item in data]
    return data


def read_lists(data: object, source: str, uneven: Uneven | None) -> RawTracks:
    """Lists of {"x", "y"}, or arrays of numbers in lists.

    Raises:
        TrackError: it is neither, or the lists differ in length and ``uneven`` does not say what that means.
    """
    if not isinstance(data, list) or not data:
        raise TrackError(f'{source} holds no list of tracks; [[{{"x": 10, "y": 20}}, ...], ...] is needed.')
    inner = data[0][0] if isinstance(data[0], list) and data[0] else data[0]
    if not isinstance(inner, dict):
        return _read_numbers(data, source, uneven)
    tracks = [data] if isinstance(data[0], dict) else data
    positions, shown, notes = _even(tracks, source, uneven)
    return RawTracks(source, "lists of x and y", positions, shown, _SEEN if shown is not None else "", "frames", notes=notes)


def read_config(data: dict[str, object], source: str, uneven: Uneven | None) -> RawTracks:
    """``{"points", "trajectories", "duration"}``: starts, for each the places or offsets to come, and seconds.

    Raises:
        TrackError: a field is missing, they do not fit together, or a trajectory begins neither at its point nor at 0, 0.
    """
    points, paths = data.get("points"), data.get("trajectories")
    if not isinstance(points, list) or not isinstance(paths, list) or len(points) != len(paths) or not paths:
        raise TrackError(f'{source} needs "points" and as many "trajectories", one list of places for each point.')
    starts = [_pair(point, f"{source}: point {number}") for number, point in enumerate(points)]
    tracks: list[object] = []
    for number, (path, (x, y)) in enumerate(zip(paths, starts, strict=True)):
        places = [_pair(place, f"{source}: trajectory {number}") for place in path] if isinstance(path, list) else []
        if not places or places[0] not in ((x, y), (0.0, 0.0)):
            raise TrackError(
                f"{source}: trajectory {number} must begin at its point {x:g}, {y:g} (then it holds places) "
                "or at 0, 0 (then it holds offsets from there)."
            )
        left, top = (0.0, 0.0) if places[0] == (x, y) else (x, y)
        tracks.append([{"x": left + across, "y": top + down} for across, down in places])
    # each trajectory takes the whole duration, however many places it has
    positions, shown, notes = _even(tracks, source, uneven or "stretch")
    fps = _rate(data.get("duration"), len(positions), source)
    seen = _SEEN if shown is not None else ""
    return RawTracks(source, "trajectory_config", positions, shown, seen, "frames", fps=fps, notes=notes)


def write_lists(positions: NDArray[np.float32]) -> bytes:
    """A list of {"x", "y"} for each track of [T, N, 2]."""
    return _text([[{"x": x, "y": y} for x, y in track] for track in _rounded(positions)])


def write_config(positions: NDArray[np.float32], fps: float) -> bytes:
    """The ``trajectory_config`` of positions [T, N, 2] in places, not offsets."""
    tracks, seconds = _rounded(positions), round((len(positions) - 1) / fps, 6)
    return _text({"points": [track[0] for track in tracks], "trajectories": tracks, "duration": seconds})


_SEEN = "lists that end early are hidden from there"


def _decode(text: str, source: str) -> object:
    try:
        return json.loads(text.replace("'", '"'))  # KJNodes has written Python's quotes
    except (ValueError, RecursionError) as error:
        raise TrackError(f"{source} is not JSON ({str(error)[:160]}).") from error


def _read_numbers(data: list[Any], source: str, uneven: Uneven | None) -> RawTracks:
    lengths = {len(item) for item in data if isinstance(item, list)}
    if len(lengths) > 1:
        tracks = [[{"x": x, "y": y} for x, y in (_pair(place, source) for place in track)] for track in data]
        return read_lists(tracks, source, uneven)
    try:
        values = np.array(data, np.float64)
    except (ValueError, TypeError, OverflowError) as error:
        raise TrackError(f"{source} holds neither places with x and y nor numbers in lists of one shape.") from error
    if values.ndim > _DEEPEST:
        raise TrackError(f"{source} has the shape {list(values.shape)}; [frames, tracks, 2] is needed.")
    return read_arrays({"tracks": values}, source, "lists of numbers")


def _even(
    tracks: list[Any], source: str, uneven: Uneven | None
) -> tuple[NDArray[np.float64], NDArray[np.float64] | None, tuple[str, ...]]:
    """Positions [T, N, 2] of lists of places and, where lists end early, their visibility."""
    lengths = [len(track) if isinstance(track, list) else 0 for track in tracks]
    shortest, longest = min(lengths), max(lengths)
    check_counts(longest, len(tracks), source)
    check_counts(shortest, len(tracks), source)
    if shortest == longest:
        return _coords(tracks, source).positions.astype(np.float64), None, ()
    if uneven is None:
        raise TrackError(
            f"{source} has lists of {shortest} to {longest} places; give --uneven stretch (each takes the whole time) "
            "or --uneven end (a short one ends early and is hidden from there)."
        )
    if uneven == "end":
        filled = [[*track, *[track[-1]] * (longest - len(track))] for track in tracks]
        shown = np.arange(longest)[:, None] < np.array(lengths)
        return _coords(filled, source).positions.astype(np.float64), shown.astype(np.float64), ()
    merged = merge_tracks([_coords([track], source) for track in tracks])
    note = f"tracks of {shortest} to {longest} places were stretched in time to {longest}"
    return merged.positions.astype(np.float64), None, (note,)


def _coords(tracks: list[Any], source: str) -> BakedTracks:
    try:
        return read_coords(json.dumps(tracks), 1, 1)
    except TrackError as error:
        raise TrackError(f"{source}: {error}") from error


def _pair(value: object, source: str) -> tuple[float, float]:
    pair: list[Any] = [value.get("x"), value.get("y")] if isinstance(value, dict) else value if isinstance(value, list) else []
    plain = len(pair) == 2 and all(type(number) in (int, float) for number in pair)
    if not plain or not all(abs(number) < 1e12 for number in pair):
        raise TrackError(f"{source} has {json.dumps(value)[:60]} where a place of x and y is needed.")
    return float(pair[0]), float(pair[1])


def _rate(duration: object, length: int, source: str) -> float | None:
    if duration is None:
        return None
    if isinstance(duration, bool) or not isinstance(duration, int | float) or not 0 < duration <= 3600:
        raise TrackError(f"{source} lasts {json.dumps(duration)[:40]}; a duration over 0 and up to 3600 seconds is needed.")
    return (length - 1) / duration if length > 1 else None


def _rounded(positions: NDArray[np.float32]) -> list[list[list[float]]]:
    return np.round(positions.astype(np.float64), PLACES).transpose(1, 0, 2).tolist()


def _text(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()
