"""Paths: straight lines, centripetal Catmull-Rom and cubic Bezier curves, walked at constant speed.

A curve is flattened to chords (``STEPS`` a segment, evenly in its parameter) and walked along them: what a second
implementation has to repeat is arithmetic, not a solver.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..errors import DocumentError
from .schema import (
    COORDINATE_LIMIT,
    POINT_LIMIT,
    Field,
    Place,
    choice,
    list_of,
    number,
    numbers,
    points,
    read_fields,
    write_fields,
)
from .timing import check_rising

Floats = NDArray[np.float64]
Pair = tuple[float, float]

STEPS = 64

_STANDING = 1e-9
"""pixels: a shorter chord is no movement"""
_TOUCHING = 1e-6
"""square root of pixels: nearer points count as one"""


@dataclass(frozen=True)
class Path:
    """A way across the picture: points [x, y] in pixels, as offsets from where the layer stands in the start picture.

    Only differences count: what a layer adds to its place is ``walk(path, phase) - walk(path, phase at progress 0)``.
    """

    kind: str
    points: tuple[Pair, ...]
    handles: tuple[tuple[float, float, float, float], ...] = ()
    """``bezier`` only: for each point [in x, in y, out x, out y], relative to the point; () = no handles"""
    times: tuple[float, ...] = ()
    """the phase at which each point is reached, rising from 0 to 1; () = the same speed all along"""


def walk(path: Path, phase: Floats) -> Floats:
    """The place on the path at phases [T]; phases beyond 0…1 go on straight ahead. [T, 2] pixels"""
    chords = flatten(path)
    distance = _distances(chords)
    moving = np.flatnonzero(np.concatenate([[True], np.diff(distance) > _STANDING]))
    if len(moving) < 2:
        return np.repeat(chords[:1], len(phase), axis=0)
    target = phase * distance[-1] if not path.times else _piecewise(phase, np.array(path.times), distance[_at_points(path)])
    travelled, places = distance[moving], chords[moving]
    return np.stack([_piecewise(target, travelled, places[:, 0]), _piecewise(target, travelled, places[:, 1])], axis=1)


def flatten(path: Path) -> Floats:
    """The path as corners of chords, its own points among them. [K, 2] pixels"""
    corners = np.array(path.points, dtype=np.float64)
    if len(corners) == 1:
        return corners
    return KINDS[path.kind](path, corners)


def path_length(path: Path) -> float:
    """Length in pixels."""
    return float(_distances(flatten(path))[-1])


def _linear(path: Path, corners: Floats) -> Floats:
    return corners


def _catmull_rom(path: Path, corners: Floats) -> Floats:
    """Centripetal (knots by the square root of the distance), ends doubled by reflection; no loops, no cusps."""
    before, after = 2 * corners[0] - corners[1], 2 * corners[-1] - corners[-2]
    control = np.concatenate([before[None], corners, after[None]])
    segments = [_centripetal(control[i : i + 4]) for i in range(len(corners) - 1)]
    return np.concatenate([corners[:1], *segments])


def _bezier(path: Path, corners: Floats) -> Floats:
    handles = np.array(path.handles, dtype=np.float64) if path.handles else np.zeros((len(corners), 4))
    leaving, arriving = corners + handles[:, 2:], corners + handles[:, :2]
    segments = [_cubic(corners[i], leaving[i], arriving[i + 1], corners[i + 1]) for i in range(len(corners) - 1)]
    return np.concatenate([corners[:1], *segments])


KINDS: Mapping[str, Callable[[Path, Floats], Floats]] = {"linear": _linear, "catmull-rom": _catmull_rom, "bezier": _bezier}


def read_path(value: object, place: Place) -> Path:
    """A ``path`` object."""
    path = Path(**read_fields(value, place, PATH_FIELDS))
    if path.handles and path.kind != "bezier":
        raise DocumentError(f'{place} is {path.kind} and has handles; only "bezier" has them.')
    for name, count in (("handles", len(path.handles)), ("times", len(path.times))):
        if count and count != len(path.points):
            raise DocumentError(f"{place.at(name)} has {count} rows for {len(path.points)} points; one each is needed.")
    if path.times:
        check_rising(path.times, place.at("times"))
        if path.times[0] != 0 or path.times[-1] != 1:
            raise DocumentError(f"{place.at('times')} runs from {path.times[0]:g} to {path.times[-1]:g}; 0 to 1 is needed.")
    return path


PATH_FIELDS = (
    Field("kind", choice(list(KINDS)), "linear"),
    Field("points", points(2)),
    Field("handles", list_of(numbers(4, -COORDINATE_LIMIT, COORDINATE_LIMIT), 0, POINT_LIMIT, "handles"), ()),
    Field("times", list_of(number(0, 1), 0, POINT_LIMIT, "times"), ()),
)


def write_path(path: Path) -> object:
    """The object that ``read_path`` reads back."""
    return write_fields(path, PATH_FIELDS)


def _centripetal(control: Floats) -> Floats:
    """One segment between the middle two of four points, by Barry and Goldman's pyramid. [STEPS, 2], start left out"""
    gaps = np.sqrt(np.hypot(*np.diff(control, axis=0).T))
    if gaps[1] < _TOUCHING:
        return np.repeat(control[2:3], STEPS, axis=0)
    gaps = np.where(gaps < _TOUCHING, gaps[1], gaps)
    knots = np.concatenate([[0.0], np.cumsum(gaps)])
    t = knots[1] + (knots[2] - knots[1]) * (np.arange(1, STEPS + 1) / STEPS)
    level = [np.repeat(point[None], STEPS, axis=0) for point in control]
    for span in (1, 2):
        level = [_between(level[i], level[i + 1], t, knots[i], knots[i + span]) for i in range(len(level) - 1)]
    curve = _between(level[0], level[1], t, knots[1], knots[2])
    return np.concatenate([curve[:-1], control[2:3]])


def _between(a: Floats, b: Floats, t: Floats, start: float, end: float) -> Floats:
    fraction = ((t - start) / (end - start))[:, None]
    return a + (b - a) * fraction


def _cubic(start: Floats, leaving: Floats, arriving: Floats, end: Floats) -> Floats:
    s = (np.arange(1, STEPS + 1) / STEPS)[:, None]
    rest = 1 - s
    return rest**3 * start + 3 * rest**2 * s * leaving + 3 * rest * s**2 * arriving + s**3 * end


def _distances(chords: Floats) -> Floats:
    """Length of the path up to each corner. [K]"""
    return np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(chords, axis=0).T))])


def _at_points(path: Path) -> NDArray[np.intp]:
    """Indices of the path's own points among its chords' corners."""
    return np.arange(len(path.points)) * (1 if path.kind == "linear" else STEPS)


def _piecewise(x: Floats, knots: Floats, values: Floats) -> Floats:
    """Linear interpolation over rising knots; the first and last piece go on beyond the ends."""
    piece = np.clip(np.searchsorted(knots, x, side="right") - 1, 0, len(knots) - 2)
    start, width = knots[piece], knots[piece + 1] - knots[piece]
    return values[piece] + (values[piece + 1] - values[piece]) * ((x - start) / width)
