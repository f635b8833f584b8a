"""The ``d`` of an SVG path as polylines, curves in fine pieces. Rules: SVG 1.1, chapter 8; arcs: its appendix F.6."""

import math
import re
from collections.abc import Iterator
from itertools import pairwise

from ...errors import TrackError

Place = tuple[float, float]
_LEAST_RADIUS = 1e-6
PIECES = 32
"""straight pieces of a curve"""
MAX_PLACES = 2_000_000
_NUMBERS = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6, "S": 4, "Q": 4, "T": 2, "A": 7, "Z": 0}
_COMMAND = re.compile(r"[\s,]*([MmLlHhVvCcSsQqTtAaZz])")
_NUMBER = re.compile(r"[\s,]*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)")
_END = re.compile(r"\s*\Z")
_FLAG = re.compile(r"[\s,]*([01])")


def flatten_path(text: str, source: str, most: int = MAX_PLACES) -> list[list[Place]]:
    """A list of places for each part of the path that begins with a move.

    Raises:
        TrackError: it cannot be read, or has over ``most`` places.
    """
    parts: list[list[Place]] = []
    count = 0
    bend: Place | None = None  # the last control point, which S and T mirror
    last = ""
    for command, numbers in _commands(text, source):
        here = parts[-1][-1] if parts else (0.0, 0.0)
        kind = command.upper()
        if not parts and kind != "M":
            raise TrackError(f'{source} begins with "{command}"; a path begins with a move (M).')
        values = _absolute(kind, numbers, here) if command.islower() else numbers
        if kind == "M":
            parts.append([(values[0], values[1])])
            count += 1
        elif kind == "Z":
            parts[-1].append(parts[-1][0])
            count += 1
        else:
            mirrored = _mirror(here, bend) if bend and last in _MIRRORS[kind] else here
            places, bend = _draw(kind, values, here, mirrored)
            parts[-1].extend(places)
            count += len(places)
        if kind not in "CSQT":
            bend = None
        last = kind
        if count > most:
            raise TrackError(f"{source} has over {MAX_PLACES:,} places; simplify its paths.")
    return [part for part in parts if len(part) > 1 or len(parts) == 1]


_MIRRORS = {"S": "CS", "T": "QT", "C": "", "Q": "", "L": "", "H": "", "V": "", "A": ""}


def _commands(text: str, source: str) -> Iterator[tuple[str, list[float]]]:
    """Commands with their numbers; more numbers repeat a command, and a move goes on as lines."""
    at = 0
    while not _END.match(text, at):
        found = _COMMAND.match(text, at)
        if found is None:
            raise TrackError(f'{source} has "{text[at : at + 20].strip()}" where a path command is needed.')
        command, at = found[1], found.end()
        if command in "Zz":
            yield command, []
            continue
        while True:
            numbers, at = _numbers(command, text, at, source)
            yield command, numbers
            command = {"M": "L", "m": "l"}.get(command, command)
            if not _NUMBER.match(text, at):
                break


def _numbers(command: str, text: str, at: int, source: str) -> tuple[list[float], int]:
    numbers: list[float] = []
    for index in range(_NUMBERS[command.upper()]):
        pattern = _FLAG if command in "Aa" and index in (3, 4) else _NUMBER
        found = pattern.match(text, at)
        value = float(found[1]) if found else math.nan
        if found is None or not abs(value) < 1e9:
            raise TrackError(f'{source}: the path command "{command}" lacks a number at "{text[at : at + 20].strip()}".')
        numbers.append(value)
        at = found.end()
    return numbers, at


def _absolute(kind: str, numbers: list[float], here: Place) -> list[float]:
    if kind == "H":
        return [numbers[0] + here[0]]
    if kind == "V":
        return [numbers[0] + here[1]]
    if kind == "A":
        return [*numbers[:5], numbers[5] + here[0], numbers[6] + here[1]]
    return [number + here[index % 2] for index, number in enumerate(numbers)]


def _mirror(here: Place, bend: Place) -> Place:
    return 2 * here[0] - bend[0], 2 * here[1] - bend[1]


def _draw(kind: str, values: list[float], here: Place, mirrored: Place) -> tuple[list[Place], Place | None]:
    """The places after ``here``, and the control point that a following S or T mirrors."""
    pairs = list(zip(values[::2], values[1::2], strict=False))
    if kind == "C":
        return _bezier([here, *pairs]), pairs[1]
    if kind == "S":
        return _bezier([here, mirrored, *pairs]), pairs[0]
    if kind == "Q":
        return _bezier([here, *pairs]), pairs[0]
    if kind == "T":
        return _bezier([here, mirrored, *pairs]), mirrored
    if kind == "H":
        return [(values[0], here[1])], None
    if kind == "V":
        return [(here[0], values[0])], None
    return (_arc(here, values) if kind == "A" else pairs), None


def _bezier(points: list[Place]) -> list[Place]:
    """Of three or four points, by de Casteljau's rule."""
    return [_between(points, step / PIECES) for step in range(1, PIECES + 1)]


def _between(points: list[Place], t: float) -> Place:
    while len(points) > 1:
        points = [(a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t) for a, b in pairwise(points)]
    return points[0]


def _arc(start: Place, values: list[float]) -> list[Place]:
    """From the ends to the middle and the angles, as F.6.5 and F.6.6 of SVG 1.1 say."""
    rx, ry, tilt, large, sweep = abs(values[0]), abs(values[1]), math.radians(values[2]), values[3], values[4]
    end = (values[5], values[6])
    if start == end:
        return []
    if min(rx, ry) < _LEAST_RADIUS:
        return [end]
    cos, sin = math.cos(tilt), math.sin(tilt)
    dx, dy = (start[0] - end[0]) / 2, (start[1] - end[1]) / 2
    x, y = cos * dx + sin * dy, -sin * dx + cos * dy
    grown = max(1.0, math.sqrt((x / rx) ** 2 + (y / ry) ** 2))
    rx, ry = rx * grown, ry * grown
    spread = (rx * y) ** 2 + (ry * x) ** 2
    if not spread:
        return [end]
    size = math.sqrt(max(0.0, (rx * ry) ** 2 - spread) / spread) * (-1 if large == sweep else 1)
    middle_x, middle_y = size * rx * y / ry, -size * ry * x / rx
    first = math.atan2((y - middle_y) / ry, (x - middle_x) / rx)
    turn = math.atan2((-y - middle_y) / ry, (-x - middle_x) / rx) - first
    if sweep and turn < 0:
        turn += 2 * math.pi
    elif not sweep and turn > 0:
        turn -= 2 * math.pi
    left, top = (start[0] + end[0]) / 2, (start[1] + end[1]) / 2
    places: list[Place] = []
    for step in range(1, PIECES):
        angle = first + turn * step / PIECES
        across, down = rx * math.cos(angle) + middle_x, ry * math.sin(angle) + middle_y
        places.append((cos * across - sin * down + left, sin * across + cos * down + top))
    return [*places, end]
