"""Tracks as paths of an SVG drawing: what this pack wrote, frame by frame, and what anybody drew, at constant speed."""

import re
from collections.abc import Iterator
from xml.etree import ElementTree

import numpy as np
from numpy.typing import NDArray

from ...errors import RequestError, TrackError
from ..baked import BakedTracks
from ..sampling import MAX_SIDE
from .raw_tracks import RawTracks, check_counts, needs_length
from .svg_path import MAX_PLACES, Place, flatten_path
from .svg_transform import Affine, combine, read_transform

Floats = NDArray[np.float64]

PLACES = 3
"""decimals that are written"""
MAX_BYTES = 2**27
_MAX_DEPTH = 64
_NAMESPACE = "{http://www.w3.org/2000/svg}"
_SHAPES = {"path", "polyline", "polygon", "line"}
_UNSEEN = {"defs", "clipPath", "symbol", "marker", "pattern", "mask", "linearGradient", "radialGradient"}
_LEFT_OUT = {"rect", "circle", "ellipse", "text", "use", "image"}


def read_svg(content: bytes, source: str, length: int | None) -> RawTracks:
    """Every path, polyline, polygon and line is a track, bottom to top; ``length`` frames where the file has none.

    Raises:
        TrackError: it is no such drawing, holds no lines, or ``length`` is needed.
    """
    root = _parse(content, source)
    left, top, factor, size = _view(root, source)
    lines: list[tuple[list[Place], str]] = []
    left_out = count = 0
    for element, affine in _elements(root, (1.0, 0.0, 0.0, 1.0, 0.0, 0.0), source, 0):
        name = element.tag.removeprefix(_NAMESPACE)
        left_out += name in _LEFT_OUT
        if name in _SHAPES:
            hidden = element.get("data-hidden", "")
            parts = _places(name, element, source, MAX_PLACES - count)
            count += sum(map(len, parts))
            lines += [([_apply(affine, place) for place in part], hidden) for part in parts]
    if not lines:
        raise TrackError(f"{source} holds no paths; draw each track as one path.")
    stated = root.get("data-frames", "")
    frames = int(stated) if stated.isdecimal() and len(stated) < 6 else None
    if frames is None and length is None:
        raise needs_length(source, f"{len(lines)} drawn paths")
    count = frames or length or 0
    check_counts(count, len(lines), source)
    if frames is not None and any(len(line) != frames for line, _ in lines):
        raise TrackError(f"{source} says that it has {frames} frames, and a path has another number of places.")
    if not all(np.isfinite(line).all() for line, _ in lines):
        raise TrackError(f"{source} has transforms that move its paths beyond all numbers; ungroup and save it again.")
    drawn = [np.array(line) if frames else _walk(np.array(line), count) for line, _ in lines]
    positions = (np.stack(drawn, axis=1) - (left, top)) * factor
    shown = np.stack([_shown(hidden, count, source) for _, hidden in lines], axis=1)
    how = "places" if frames else "paths walked at constant speed"
    notes = (f"{left_out} shapes and texts that are no paths were left out",) if left_out else ()
    return RawTracks(source, f"SVG, {how}", positions, shown, "as drawn", "frames", "pixels", "none", size, notes=notes)


def write_svg(tracks: BakedTracks) -> bytes:
    """A path for each track with a place for each frame; frames in which it is hidden stand in ``data-hidden``.

    Raises:
        RequestError: there are more places than are read back.
    """
    if tracks.visibility.size > MAX_PLACES:
        raise RequestError(
            f"{tracks.count:,} tracks of {tracks.length:,} frames are too many for a drawing of {MAX_PLACES:,} places; "
            "write another format, or fewer frames with --length."
        )
    width, height = tracks.width, tracks.height
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    lines = [f'{head} data-frames="{tracks.length}" fill="none">']
    rounded = np.round(tracks.positions.astype(np.float64), PLACES)
    for track in range(tracks.count):
        places = " L".join(f"{x:.{PLACES}f} {y:.{PLACES}f}" for x, y in rounded[:, track].tolist())
        hidden = _spans(~tracks.visibility[:, track])
        note = f' data-hidden="{hidden}"' if hidden else ""
        hue = track * 137 % 360
        lines.append(f'<path stroke="hsl({hue},80%,50%)" d="M{places}"{note}/>')
    return "\n".join([*lines, "</svg>", ""]).encode()


def _parse(content: bytes, source: str) -> ElementTree.Element:
    if len(content) > MAX_BYTES:
        raise TrackError(f"{source} has {len(content):,} bytes; drawings of at most {MAX_BYTES:,} are read.")
    try:
        text = content.decode("utf-8-sig")
        if "<!ENTITY" in text:
            raise TrackError(f"{source} defines entities, which are never followed; save it as plain SVG.")
        root = ElementTree.fromstring(text)
    except (UnicodeDecodeError, ElementTree.ParseError, ValueError, RecursionError) as error:
        raise TrackError(f"{source} is no SVG drawing in UTF-8 ({str(error)[:160]}); save it as plain SVG.") from error
    if root.tag.removeprefix(_NAMESPACE) != "svg":
        raise TrackError(f'{source} begins with "{root.tag[:40]}" instead of "svg"; save it as plain SVG.')
    return root


def _elements(
    parent: ElementTree.Element, affine: Affine, source: str, depth: int
) -> Iterator[tuple[ElementTree.Element, Affine]]:
    """All elements that are drawn, with what moves them."""
    if depth > _MAX_DEPTH:
        raise TrackError(f"{source} is nested over {_MAX_DEPTH} levels deep; ungroup it.")
    for element in parent:
        if not isinstance(element.tag, str) or element.tag.removeprefix(_NAMESPACE) in _UNSEEN:
            continue
        moved = combine(affine, read_transform(element.get("transform", ""), source))
        yield element, moved
        yield from _elements(element, moved, source, depth + 1)


def _places(name: str, element: ElementTree.Element, source: str, most: int) -> list[list[Place]]:
    if name == "path":
        return flatten_path(element.get("d", ""), source, most)
    if name == "line":
        ends = " ".join(element.get(key, "0") for key in ("x1", "y1", "x2", "y2"))
        return flatten_path(f"M {ends}", source, most)
    points = element.get("points", "").strip()
    return flatten_path(f"M {points}{' Z' if name == 'polygon' else ''}", source, most) if points else []


def _view(root: ElementTree.Element, source: str) -> tuple[float, float, float, tuple[int, int] | None]:
    """Left, top and factor that bring the drawing's units to pixels, and the picture's size; as much as it says."""
    numbers = [_number(part) for part in re.split(r"[\s,]+", root.get("viewBox", "").strip())]
    box = [number for number in numbers if number is not None]
    width, height = _number(root.get("width", "")), _number(root.get("height", ""))
    if len(box) != 4 or min(box[2:]) <= 0:
        return 0.0, 0.0, 1.0, _size(width, height, source)
    if width is None or height is None:
        return box[0], box[1], 1.0, _size(box[2], box[3], source)
    # as preserveAspectRatio has it where nothing is said: as large as fits, in the middle
    factor = min(width / box[2], height / box[3])
    spare_x, spare_y = (width - factor * box[2]) / 2, (height - factor * box[3]) / 2
    if factor <= 0:
        raise TrackError(f"{source} is {width:g} x {height:g} in size; a drawing of some size is needed.")
    return box[0] - spare_x / factor, box[1] - spare_y / factor, factor, _size(width, height, source)


def _number(text: str) -> float | None:
    found = re.fullmatch(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,2})?)\s*(?:px)?\s*", text[:64])
    return float(found[1]) if found and abs(float(found[1])) < 1e9 else None


def _size(width: float | None, height: float | None, source: str) -> tuple[int, int] | None:
    if width is None or height is None:
        return None
    if not (1 <= round(width) <= MAX_SIDE and 1 <= round(height) <= MAX_SIDE):
        raise TrackError(f"{source} is {width:g} x {height:g} in size; 1 to {MAX_SIDE} on each side is needed.")
    return round(width), round(height)


def _apply(affine: Affine, place: Place) -> Place:
    a, b, c, d, e, f = affine
    return a * place[0] + c * place[1] + e, b * place[0] + d * place[1] + f


def _walk(line: Floats, count: int) -> Floats:
    """``count`` places [count, 2] along a polyline [P, 2], the same distance apart."""
    gone = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
    stops = np.linspace(0.0, gone[-1], count)
    return np.stack([np.interp(stops, gone, line[:, axis]) for axis in (0, 1)], axis=1)


def _spans(hidden: NDArray[np.bool_]) -> str:
    """Frames from 0 as "3-7,10-10"."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], hidden, [False]]).astype(np.int8)))
    return ",".join(f"{first}-{last - 1}" for first, last in edges.reshape(-1, 2).tolist())


def _shown(spans: str, count: int, source: str) -> Floats:
    shown = np.ones(count)
    for span in filter(None, spans.split(",")):
        found = re.fullmatch(r"(\d{1,5})-(\d{1,5})", span.strip())
        if not found:
            raise TrackError(f'{source} hides the frames "{span[:20]}"; a span as "3-7" is needed.')
        shown[int(found[1]) : int(found[2]) + 1] = 0
    return shown
