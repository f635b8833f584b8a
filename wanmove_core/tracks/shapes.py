"""The kinds of regions: which places of the picture a layer takes hold of.

Every test is made on a grid: ``xs`` [W] and ``ys`` [H] in pixels of the reference picture (rising) give bool [H, W].
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from ..errors import DocumentError
from .schema import (
    COORDINATE_LIMIT,
    Field,
    Place,
    choice,
    integer,
    list_of,
    number,
    numbers,
    points,
    read_fields,
    read_object,
    read_point,
    write_fields,
)

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Pair = tuple[float, float]
Box = tuple[float, float, float, float]
"""left, top, right, bottom in pixels"""

MASK_CELLS = 4_194_304
MASK_RUNS = 65_536


@dataclass(frozen=True)
class Point:
    """One place, one track."""

    kind: ClassVar[str] = "point"
    at: Pair


@dataclass(frozen=True)
class Disc:
    """Everything up to ``radius`` pixels from ``centre``."""

    kind: ClassVar[str] = "disc"
    centre: Pair
    radius: float


@dataclass(frozen=True)
class Rectangle:
    """``box`` = left, top, width, height in pixels; the right and bottom edges are outside."""

    kind: ClassVar[str] = "rectangle"
    box: tuple[float, float, float, float]


@dataclass(frozen=True)
class Polygon:
    """The inside of a closed outline by the even-odd rule."""

    kind: ClassVar[str] = "polygon"
    points: tuple[Pair, ...]


@dataclass(frozen=True)
class Brush:
    """Everything up to ``radius`` pixels from a line through ``points``."""

    kind: ClassVar[str] = "brush"
    points: tuple[Pair, ...]
    radius: float


@dataclass(frozen=True)
class Mask:
    """Marked cells of ``cell`` x ``cell`` pixels, ``columns`` x ``rows`` of them from the top-left corner on.

    ``runs`` are lengths in reading order, first unmarked, then marked, and so on; they add up to columns * rows.
    """

    kind: ClassVar[str] = "mask"
    columns: int
    rows: int
    runs: tuple[int, ...]
    cell: float = 8.0


@dataclass(frozen=True)
class Frame:
    """The whole picture: the camera. Its motion carries every other layer along."""

    kind: ClassVar[str] = "frame"


@dataclass(frozen=True)
class Rest:
    """Everything outside the regions of the other layers: without motion, it pins the background."""

    kind: ClassVar[str] = "rest"


Region = Point | Disc | Rectangle | Polygon | Brush | Mask | Frame | Rest

_read_radius = number(0, COORDINATE_LIMIT, above=True)

REGIONS: Mapping[str, tuple[type, tuple[Field, ...]]] = {
    "point": (Point, (Field("at", read_point),)),
    "disc": (Disc, (Field("centre", read_point), Field("radius", _read_radius))),
    "rectangle": (Rectangle, (Field("box", numbers(4, -COORDINATE_LIMIT, COORDINATE_LIMIT)),)),
    "polygon": (Polygon, (Field("points", points(3)),)),
    "brush": (Brush, (Field("points", points(1)), Field("radius", _read_radius))),
    "mask": (
        Mask,
        (
            Field("columns", integer(1, 16_384)),
            Field("rows", integer(1, 16_384)),
            Field("runs", list_of(integer(0, MASK_CELLS), 2, MASK_RUNS, "runs")),
            Field("cell", number(1, 1024), 8.0),
        ),
    ),
    "frame": (Frame, ()),
    "rest": (Rest, ()),
}


def read_region(value: object, place: Place) -> Region:
    """A ``region`` object."""
    data = dict(read_object(value, place))
    if "kind" not in data:
        raise DocumentError(f'{place} lacks the field "kind"; known kinds are {", ".join(REGIONS)}.')
    make, fields = REGIONS[choice(list(REGIONS))(data.pop("kind"), place.at("kind"))]
    region = make(**read_fields(data, place, fields))
    if isinstance(region, Rectangle) and min(region.box[2:]) <= 0:
        width, height = region.box[2:]
        raise DocumentError(f"{place.at('box')} is {width:g} wide and {height:g} high; both must be over 0.")
    if isinstance(region, Mask):
        _check_mask(region, place)
    return region


def write_region(region: Region) -> object:
    """The object that ``read_region`` reads back."""
    return {"kind": region.kind, **write_fields(region, REGIONS[region.kind][1])}


def contains(region: Region, xs: Floats, ys: Floats) -> Bools:
    """Which places of a grid an area covers. [H, W]; a point covers none, the whole frame and the rest cover all."""
    match region:
        case Disc(centre=(x, y), radius=radius):
            return (xs - x)[None] ** 2 + (ys - y)[:, None] ** 2 <= radius**2
        case Rectangle(box=(left, top, width, height)):
            return _within(xs, left, left + width)[None] & _within(ys, top, top + height)[:, None]
        case Polygon(points=corners):
            return _in_polygon(corners, xs, ys)
        case Brush(points=line, radius=radius):
            return _near_line(line, radius, xs, ys)
        case Mask():
            return _in_mask(region, xs, ys)
        case Point():
            return np.zeros((len(ys), len(xs)), dtype=np.bool_)
        case _:
            return np.ones((len(ys), len(xs)), dtype=np.bool_)


def bounds(region: Region, width: int, height: int) -> Box:
    """The smallest box around a region; the picture (``width`` x ``height``) for the frame and the rest."""
    match region:
        case Point(at=(x, y)):
            return x, y, x, y
        case Disc(centre=(x, y), radius=radius):
            return x - radius, y - radius, x + radius, y + radius
        case Rectangle(box=(left, top, across, down)):
            return left, top, left + across, top + down
        case Polygon(points=corners):
            return _around(corners, 0.0)
        case Brush(points=line, radius=radius):
            return _around(line, radius)
        case Mask():
            marked = _marked(region)
            rows, columns = np.flatnonzero(marked.any(axis=1)), np.flatnonzero(marked.any(axis=0))
            left, top, right, bottom = columns[0], rows[0], columns[-1] + 1, rows[-1] + 1
            return left * region.cell, top * region.cell, right * region.cell, bottom * region.cell
        case _:
            return 0.0, 0.0, float(width), float(height)


def centre(region: Region, width: int, height: int) -> Pair:
    """The middle of a region's box: the anchor of a motion that names none."""
    left, top, right, bottom = bounds(region, width, height)
    return (left + right) / 2, (top + bottom) / 2


def _check_mask(mask: Mask, place: Place) -> None:
    cells = mask.columns * mask.rows
    if cells > MASK_CELLS:
        raise DocumentError(f"{place} has {mask.columns} x {mask.rows} cells; {MASK_CELLS} are allowed. Use larger cells.")
    if sum(mask.runs) != cells:
        raise DocumentError(f"{place.at('runs')} add up to {sum(mask.runs)}; {mask.columns} x {mask.rows} = {cells} is needed.")
    if not sum(mask.runs[1::2]):
        raise DocumentError(f"{place.at('runs')} mark no cell; mark at least one.")


def _within(values: Floats | NDArray[np.int64], low: float, high: float) -> Bools:
    return (low <= values) & (values < high)


def _around(corners: Sequence[Pair], margin: float) -> Box:
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    return min(xs) - margin, min(ys) - margin, max(xs) + margin, max(ys) + margin


def _in_polygon(corners: Sequence[Pair], xs: Floats, ys: Floats) -> Bools:
    """Even-odd: an edge with (y1 <= y) != (y2 <= y) flips every place to the left of where it crosses the row."""
    inside = np.zeros((len(ys), len(xs)), dtype=np.bool_)
    for (x1, y1), (x2, y2) in zip(corners, (*corners[1:], corners[0]), strict=True):
        first, last = np.searchsorted(ys, (min(y1, y2), max(y1, y2)), side="left")
        if first < last and y1 != y2:
            crossing = x1 + (ys[first:last] - y1) * (x2 - x1) / (y2 - y1)
            inside[first:last] ^= xs[None] < crossing[:, None]
    return inside


def _near_line(line: Sequence[Pair], radius: float, xs: Floats, ys: Floats) -> Bools:
    near = np.zeros((len(ys), len(xs)), dtype=np.bool_)
    for start, end in zip(line, line[1:] or line, strict=False):
        left, top, right, bottom = _around((start, end), radius)
        x0, x1 = np.searchsorted(xs, left, side="left"), np.searchsorted(xs, right, side="right")
        y0, y1 = np.searchsorted(ys, top, side="left"), np.searchsorted(ys, bottom, side="right")
        near[y0:y1, x0:x1] |= _squared_distance(start, end, xs[x0:x1], ys[y0:y1]) <= radius**2
    return near


def _squared_distance(start: Pair, end: Pair, xs: Floats, ys: Floats) -> Floats:
    """Squared distance of a grid's places from a segment. [H, W]"""
    across, down = end[0] - start[0], end[1] - start[1]
    x, y = (xs - start[0])[None], (ys - start[1])[:, None]
    squared = across**2 + down**2
    along = np.clip((x * across + y * down) / squared, 0, 1) if squared > 0 else np.zeros((1, 1))
    return (x - along * across) ** 2 + (y - along * down) ** 2


@lru_cache(maxsize=16)
def _marked(mask: Mask) -> Bools:
    """The mask's cells. [rows, columns], not to be written to"""
    values = np.arange(len(mask.runs)) % 2 == 1
    cells = np.repeat(values, mask.runs).reshape(mask.rows, mask.columns)
    cells.setflags(write=False)
    return cells


def _in_mask(mask: Mask, xs: Floats, ys: Floats) -> Bools:
    columns, rows = np.floor(xs / mask.cell).astype(np.int64), np.floor(ys / mask.cell).astype(np.int64)
    known = _within(columns, 0, mask.columns)[None] & _within(rows, 0, mask.rows)[:, None]
    cells = _marked(mask)[np.clip(rows, 0, mask.rows - 1)][:, np.clip(columns, 0, mask.columns - 1)]
    return known & cells
