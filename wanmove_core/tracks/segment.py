"""Smart select: a box or a click, and strokes, on a picture → the outline of the thing that is meant. OpenCV's GrabCut.

GrabCut tells colours inside from colours outside and cuts where they part. It runs on a small copy of the surroundings of
the box; ``outline`` then finds the edge in the picture itself.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from ..errors import RequestError
from .outline import trace
from .picture_window import Bools, Bytes, PictureWindow, around, grown, take_window, within
from .shapes import Box, Pair
from .under_click import piece_under

MAX_SIDE = 16_384
MAX_STROKES = 256
MAX_POINTS = 65_536
"""of all strokes together"""
FARTHEST = 1e6
"""pixels; of a mark"""
LEAST_SIDE = 2.0
"""pixels of the picture that a box must cover"""

_PIXELS = 56_000
"""of the small copy: more would take GrabCut over a third of a second on two cores"""
_MARGIN = 0.15
"""of the box on each side: what the background is learnt from"""
_ITERATIONS = 3
_BLOCK = np.ones((3, 3), np.uint8)
_OUT, _IN, _LIKELY_OUT, _LIKELY_IN = cv2.GC_BGD, cv2.GC_FGD, cv2.GC_PR_BGD, cv2.GC_PR_FGD


@dataclass(frozen=True)
class Stroke:
    """What was painted to say "this too" or "not this": everything up to ``radius`` pixels from the line."""

    keep: bool
    points: tuple[Pair, ...]
    radius: float

    @property
    def box(self) -> Box:
        """Around all of it."""
        xs, ys = [x for x, _ in self.points], [y for _, y in self.points]
        return min(xs) - self.radius, min(ys) - self.radius, max(xs) + self.radius, max(ys) + self.radius


@dataclass(frozen=True)
class Marks:
    """What somebody marked, in pixels of the picture: a box around the thing or a click on it, and any strokes."""

    box: Box | None = None
    """left, top, right, bottom"""
    click: Pair | None = None
    """counts when there is no box"""
    strokes: tuple[Stroke, ...] = ()


def select_region(picture: Bytes, marks: Marks) -> tuple[Pair, ...]:
    """The outline of the thing that is marked: 3 to 4,096 points inside the picture, in its pixels. The same each time.

    It runs around the piece under the click or the largest one in the box, and every piece that a keep stroke touches;
    holes are not left out.

    Args:
        picture: uint8 RGB [H, W, 3].

    Raises:
        RequestError: a mark is out of limits or off the picture, or nothing stands out there.
    """
    height, width = _check_picture(picture)
    _check_marks(marks, width, height)
    window, labels = _labels_of_box(picture, marks) if marks.click is None or marks.box else _labels_of_click(picture, marks)
    _paint(labels, window, marks.strokes)
    chosen = _pieces(_cut(window.pixels, labels), labels == _IN, with_largest=marks.box is not None)
    expected: Bools = (labels == _IN) | (labels == _LIKELY_IN)
    if marks.box is None and chosen.sum() < 0.25 * expected.sum():  # too like what is around it to be cut out by colour
        chosen = _pieces(expected, labels == _IN, with_largest=False)
    outline = trace(picture[window.top : window.bottom, window.left : window.right], chosen)
    if outline is None:
        where = "in the box" if marks.box is not None else "at the click"
        raise RequestError(f"Nothing stands out {where}; paint over the thing with a keep stroke, or draw it with the lasso.")
    return tuple((x + window.left, y + window.top) for x, y in outline)


def _labels_of_box(picture: Bytes, marks: Marks) -> tuple[PictureWindow, Bytes]:
    """Everything in the box may be it, nothing outside; a keep stroke that leaves the box takes the box along."""
    boxes = [marks.box] if marks.box else []
    box = within(around([*boxes, *_kept(marks.strokes)]), picture.shape[1], picture.shape[0])
    window = take_window(picture, grown(box, _MARGIN), _PIXELS)
    labels = np.full(window.pixels.shape[:2], _OUT, np.uint8)
    labels[window.slices(box)] = _LIKELY_IN
    if float((labels == _OUT).mean()) < 0.05:  # the box is the whole picture: what lies at its edge is likely not meant
        edge = max(1, round(0.04 * min(labels.shape)))
        labels[:edge], labels[-edge:], labels[:, :edge], labels[:, -edge:] = (_LIKELY_OUT,) * 4
    return window, labels


def _labels_of_click(picture: Bytes, marks: Marks) -> tuple[PictureWindow, Bytes]:
    """The piece under the click is likely it, a band around it may be; the rest is not, but around keep strokes."""
    height, width = picture.shape[:2]
    click = marks.click or (0.0, 0.0)
    piece = piece_under(picture, click)
    kept = [grown(stroke, 0.0, max(stroke[2] - stroke[0], stroke[3] - stroke[1])) for stroke in _kept(marks.strokes)]
    box = within(around([piece.window.box_of(piece.mask), *kept]), width, height)
    window = take_window(picture, grown(box, _MARGIN), _PIXELS)
    labels = np.full(window.pixels.shape[:2], _OUT, np.uint8)
    likely = window.mask_from(piece.mask, piece.window)
    labels[_spread(likely)] = _LIKELY_OUT
    labels[likely] = _LIKELY_IN
    for stroke in kept:
        labels[window.slices(within(stroke, width, height))] = _LIKELY_IN
    cv2.circle(labels, window.at(click), max(1, round(0.01 * max(labels.shape))), _IN, -1)
    return window, labels


def _spread(mask: Bools) -> Bools:
    """A mask with a band around it, an eighth as wide as the mask is large."""
    reach = max(2, round(math.sqrt(float(mask.sum())) / 8))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    return cv2.dilate(mask.astype(np.uint8), kernel).astype(np.bool_)


def _kept(strokes: Sequence[Stroke]) -> list[Box]:
    return [stroke.box for stroke in strokes if stroke.keep]


def _paint(labels: Bytes, window: PictureWindow, strokes: Sequence[Stroke]) -> None:
    """Strokes in their order, the later over the earlier."""
    for stroke in strokes:
        label = _IN if stroke.keep else _OUT
        radius = max(0.5, stroke.radius * sum(window.scale) / 2)
        places = [window.at(place) for place in stroke.points]
        for start, end in zip(places, places[1:] or places, strict=False):
            cv2.line(labels, start, end, label, max(1, min(round(2 * radius), 32_767)))
        for place in places:
            cv2.circle(labels, place, min(round(radius), 32_767), label, -1)


def _cut(pixels: Bytes, labels: Bytes) -> Bools:
    """What GrabCut takes for the thing; where the labels know no inside or no outside at all, just what they say."""
    inside: Bools = (labels == _IN) | (labels == _LIKELY_IN)
    if not inside.any() or inside.all():
        return inside
    cut, outside_model, inside_model = labels.copy(), np.zeros((1, 65)), np.zeros((1, 65))
    cv2.setRNGSeed(0)
    reversed_colours = np.ascontiguousarray(pixels[..., ::-1])
    whole = (0, 0, pixels.shape[1], pixels.shape[0])  # not looked at: the labels count
    cv2.grabCut(reversed_colours, cut, whole, outside_model, inside_model, _ITERATIONS, cv2.GC_INIT_WITH_MASK)
    return (cut == _IN) | (cut == _LIKELY_IN)


def _pieces(inside: Bools, kept: Bools, with_largest: bool) -> Bools:
    """The connected pieces that touch what was kept and, if asked for, the largest; specks and threads are gone."""
    mask = inside
    if min(inside.shape) > 24:
        opened = cv2.morphologyEx(inside.astype(np.uint8), cv2.MORPH_OPEN, _BLOCK).astype(np.bool_)
        mask = opened | (kept & inside) if opened.any() else inside
    count, marks, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=4)
    if count < 2:
        return mask
    wanted = set(np.unique(marks[kept & mask]).tolist()) - {0}
    if with_largest or not wanted:
        wanted.add(1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA])))
    return np.isin(marks, list(wanted))


def _check_picture(picture: Bytes) -> tuple[int, int]:
    if picture.ndim != 3 or picture.shape[2] != 3 or picture.dtype != np.uint8 or not picture.size:
        raise RequestError(
            f"The picture has the shape {list(picture.shape)} and the type {picture.dtype}; uint8 [height, width, 3] is needed."
        )
    height, width = picture.shape[:2]
    if max(height, width) > MAX_SIDE or min(height, width) < LEAST_SIDE:
        raise RequestError(f"The picture is {width} x {height}; smart select needs sides of 2 to {MAX_SIDE} pixels.")
    return height, width


def _check_marks(marks: Marks, width: int, height: int) -> None:
    _check_strokes(marks.strokes)
    if marks.box is not None:
        _check_near(marks.box, "The box")
        left, top, right, bottom = within(marks.box, width, height)
        if right - left < LEAST_SIDE or bottom - top < LEAST_SIDE:
            raise RequestError(
                f"The box {_shown(marks.box)} covers less than {LEAST_SIDE:g} x {LEAST_SIDE:g} pixels of the picture "
                f"({width} x {height}); drag it around the thing."
            )
    elif marks.click is None:
        raise RequestError("Nothing is marked; drag a box around the thing or click on it.")
    else:
        _check_near(marks.click, "The click")
        if not (0 <= marks.click[0] < width and 0 <= marks.click[1] < height):
            raise RequestError(f"The click {_shown(marks.click)} lies outside the picture ({width} x {height}); click inside.")


def _check_strokes(strokes: Sequence[Stroke]) -> None:
    points = sum(len(stroke.points) for stroke in strokes)
    if len(strokes) > MAX_STROKES or points > MAX_POINTS:
        raise RequestError(
            f"There are {len(strokes)} strokes of {points} points; {MAX_STROKES} and {MAX_POINTS} are allowed. Start anew."
        )
    for stroke in strokes:
        if not stroke.points or not 0 < stroke.radius <= FARTHEST:
            raise RequestError(f"A stroke has {len(stroke.points)} points and the radius {stroke.radius}; both must be over 0.")
        _check_near([value for point in stroke.points for value in point], "A stroke")


def _check_near(values: Sequence[float], what: str) -> None:
    for value in values:
        if not abs(value) <= FARTHEST:  # nor is NaN
            raise RequestError(f"{what} has the coordinate {value}; numbers within ±{FARTHEST:,.0f} are needed.")


def _shown(values: Sequence[float]) -> str:
    return f"({', '.join(f'{value:g}' for value in values)})"
