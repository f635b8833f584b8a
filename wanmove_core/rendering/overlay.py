"""Tracks drawn over a video: dots with fading tails, numbers, and how far what happened lies from what was asked."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ..errors import RequestError
from ..tracks.baked import BakedTracks
from .frames import Frame, Picture, as_frame
from .thinning import thin_tracks

Colour = tuple[int, int, int]
Points = NDArray[np.float32]

REQUESTED: Colour = (64, 200, 255)
"""requested tracks where achieved ones are drawn too"""
ACHIEVED: Colour = (255, 170, 40)
ERROR: Colour = (255, 70, 90)
LAYERS: tuple[Colour, ...] = (
    (64, 200, 255),
    (255, 170, 40),
    (140, 230, 90),
    (255, 110, 190),
    (180, 140, 255),
    (255, 235, 90),
    (90, 235, 200),
    (255, 120, 90),
)
"""colours of the layers in turn where only requested tracks are drawn"""
_INK: Colour = (20, 20, 24)
_PAPER: Colour = (250, 250, 250)

_SHIFT = 4
_FAR = 30_000
"""OpenCV draws no coordinates beyond 16 bits (with 4 more for the fraction)."""


@dataclass(frozen=True)
class OverlayOptions:
    """What is drawn and how much of it."""

    max_tracks: int = 160
    """most tracks drawn; more are thinned evenly over the layers and their areas (``thin_tracks``)"""
    max_numbers: int = 24
    """numbers are written beside the dots when no more tracks than this are drawn"""
    tail: int = 12
    """frames after which a tail has faded to nothing"""
    label: str = ""
    """written in the top-left corner, e.g. ``warp.DRAFT_LABEL``"""


@dataclass(frozen=True)
class AchievedTracks:
    """Where the tracks' points really went, see ``evaluation.point_tracking``."""

    positions: Points
    """[T, N, 2], of all N tracks in the same order"""
    followed: NDArray[np.bool_]
    """[T, N]; where False the point was lost and no error line is drawn"""


def overlay_frames(
    frames: Iterable[Picture],
    tracks: BakedTracks,
    achieved: AchievedTracks | None = None,
    options: OverlayOptions | None = None,
) -> Iterator[Frame]:
    """The frames with the tracks drawn over them, one by one; the frames given stay as they are.

    A filled dot is visible, a hollow one hidden. With ``achieved``, requested tracks are blue, achieved ones orange, and a
    red line joins the two; else each layer has a colour.

    Args:
        frames: of the tracks' size, as many as the tracks have.

    Raises:
        RequestError: size or number of the frames, or the shape of ``achieved``, does not fit the tracks.
    """
    options = options or OverlayOptions()
    _check_achieved(tracks, achieved)
    chosen = thin_tracks(tracks, options.max_tracks)
    strokes = _strokes(tracks, achieved, chosen)
    tails = _Tails(tracks.height, tracks.width, options.tail)
    numbers = chosen if len(chosen) <= options.max_numbers else None
    count = 0
    for index, picture in enumerate(frames):
        frame = _checked(picture, tracks, index)
        for stroke in strokes:
            tails.extend(stroke, index)
        drawn = tails.over(frame)
        if achieved is not None:
            _draw_errors(drawn, strokes[0], strokes[-1], index)
        for stroke in strokes:
            _draw_dots(drawn, stroke, index)
        if numbers is not None:
            _draw_numbers(drawn, tracks.positions[index, chosen], numbers)
        if options.label:
            _write(drawn, options.label, (8, 22), 0.55)
        count += 1
        yield drawn
    if count != tracks.length:
        raise RequestError(f"The video has {count} frames, the tracks have {tracks.length}; bake them at the video's length.")


@dataclass(frozen=True)
class _Stroke:
    """Tracks of one look."""

    positions: Points
    """[T, n, 2]"""
    shown: NDArray[np.bool_]
    """[T, n]"""
    colours: tuple[Colour, ...]
    """[n]"""
    radius: float


class _Tails:
    """What is left of the ways of all dots: a picture of colours and one of how fresh they are."""

    def __init__(self, height: int, width: int, length: int) -> None:
        self._colour = np.zeros((height, width, 3), np.uint8)
        self._fresh = np.zeros((height, width), np.uint8)
        self._fading = max(1, round(255 / max(length, 1)))

    def extend(self, stroke: _Stroke, index: int) -> None:
        """Add the step to frame ``index``; nothing is drawn to or from a hidden point."""
        if index == 0:
            return
        steps = stroke.positions[index - 1 : index + 1]
        for column in np.flatnonzero(stroke.shown[index - 1] & stroke.shown[index]):
            line = [_fixed(steps[:, column])]
            cv2.polylines(self._colour, line, False, stroke.colours[column], 4, cv2.LINE_8, _SHIFT)
            cv2.polylines(self._fresh, line, False, (255,), 2, cv2.LINE_AA, _SHIFT)

    def over(self, frame: Frame) -> Frame:
        """The frame under the tails, which fade by one frame."""
        share = self._fresh[..., None].astype(np.float32) * (0.85 / 255)
        mixed = frame + (self._colour.astype(np.float32) - frame) * share
        self._fresh = np.asarray(cv2.subtract(self._fresh, np.full_like(self._fresh, self._fading)), np.uint8)
        return np.rint(mixed).astype(np.uint8)


def _strokes(tracks: BakedTracks, achieved: AchievedTracks | None, chosen: NDArray[np.intp]) -> tuple[_Stroke, ...]:
    positions, shown = tracks.positions[:, chosen], tracks.visibility[:, chosen]
    if achieved is None:
        colours = tuple(LAYERS[int(layer) % len(LAYERS)] for layer in tracks.layer[chosen])
        return (_Stroke(positions, shown, colours, 4.0),)
    asked = _Stroke(positions, shown, (REQUESTED,) * len(chosen), 4.0)
    found = achieved.positions[:, chosen].astype(np.float32)
    return asked, _Stroke(found, achieved.followed[:, chosen], (ACHIEVED,) * len(chosen), 3.0)


def _draw_dots(frame: Frame, stroke: _Stroke, index: int) -> None:
    radius = round(stroke.radius * 2**_SHIFT)
    rim = radius + 2**_SHIFT
    for place, shown, colour in zip(_fixed(stroke.positions[index]), stroke.shown[index], stroke.colours, strict=True):
        centre = (int(place[0]), int(place[1]))
        if shown:
            cv2.circle(frame, centre, rim, _INK, -1, cv2.LINE_AA, _SHIFT)
            cv2.circle(frame, centre, radius, colour, -1, cv2.LINE_AA, _SHIFT)
        else:
            cv2.circle(frame, centre, radius, _INK, 4, cv2.LINE_AA, _SHIFT)
            cv2.circle(frame, centre, radius, colour, 2, cv2.LINE_AA, _SHIFT)


def _draw_errors(frame: Frame, asked: _Stroke, found: _Stroke, index: int) -> None:
    both = asked.shown[index] & found.shown[index]
    lines = np.stack([_fixed(asked.positions[index, both]), _fixed(found.positions[index, both])], axis=1)
    cv2.polylines(frame, list(lines), False, ERROR, 1, cv2.LINE_AA, _SHIFT)


def _draw_numbers(frame: Frame, places: Points, numbers: NDArray[np.intp]) -> None:
    for (x, y), number in zip(np.clip(places, -_FAR, _FAR), numbers, strict=True):
        _write(frame, str(number), (int(x) + 7, int(y) - 6), 0.42)


def _write(frame: Frame, text: str, place: tuple[int, int], size: float) -> None:
    """Light letters on a dark plate, so that they can be read over anything."""
    (across, up), down = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, size, 1)
    x, y = place
    cv2.rectangle(frame, (x - 2, y - up - 2), (x + across + 1, y + down - 1), _INK, -1)
    cv2.putText(frame, text, place, cv2.FONT_HERSHEY_SIMPLEX, size, _PAPER, 1, cv2.LINE_AA)


def _fixed(places: Points) -> NDArray[np.int32]:
    """As OpenCV draws them: from pixel centres, in sixteenths of a pixel."""
    return np.rint(np.clip(places - 0.5, -_FAR, _FAR) * 2**_SHIFT).astype(np.int32)


def _checked(picture: Picture, tracks: BakedTracks, index: int) -> Frame:
    frame = as_frame(picture)
    if frame.shape[:2] != (tracks.height, tracks.width):
        raise RequestError(
            f"Frame {index} is {frame.shape[1]}x{frame.shape[0]}, the tracks are for {tracks.width}x{tracks.height}; "
            "bake the tracks at the video's size."
        )
    if index >= tracks.length:
        raise RequestError(f"The video has more frames than the tracks ({tracks.length}); bake them at the video's length.")
    return frame


def _check_achieved(tracks: BakedTracks, achieved: AchievedTracks | None) -> None:
    if achieved is None:
        return
    if achieved.positions.shape != tracks.positions.shape or achieved.followed.shape != tracks.visibility.shape:
        raise RequestError(
            f"Achieved tracks have the shape {list(achieved.positions.shape)}, requested ones {list(tracks.positions.shape)}; "
            "they must be the same tracks."
        )
