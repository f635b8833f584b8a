"""Tracks drawn over a video: dots with fading tails, numbers, and how far what happened lies from what was asked."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ..errors import RequestError
from ..tracks.baked import BakedTracks
from .error_colours import LOST, REQUESTED, error_legend, error_levels, level_colours
from .frames import Frame, Picture, as_frame
from .lettering import Colour, letter_scale, write_on_plate
from .marks import Look, MarkLayer
from .thinning import thin_tracks

Points = NDArray[np.float32]

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

_SHIFT = 4
_FAR = 30_000
"""OpenCV draws no coordinates beyond 16 bits (with 4 more for the fraction)."""

_CROWD = 256
"""tracks from which on marks are drawn smaller"""
_SMALLEST = 0.5


@dataclass(frozen=True)
class OverlayOptions:
    """What is drawn and how much of it."""

    max_tracks: int = 1024
    """most tracks drawn; more are thinned evenly over the layers and their areas (``thin_tracks``)"""
    max_numbers: int = 24
    """numbers are written beside the dots when no more tracks than this are drawn"""
    tail: int = 12
    """frames after which a tail has faded to nothing"""
    label: str = ""
    """written in the top-left corner, e.g. ``warp.DRAFT_LABEL``"""
    legend: bool = True
    """what the colours of the errors mean, in the bottom-left corner where there is room"""
    last_only: bool = False
    """give the last frame alone, which shows the ways of all"""


@dataclass(frozen=True)
class AchievedTracks:
    """Where the tracks' points really went, see ``evaluation.point_tracking``."""

    positions: Points
    """[T, N, 2], of all N tracks in the same order"""
    followed: NDArray[np.bool_]
    """[T, N]; where False the point was lost: no error line is drawn, but a cross where it was last seen"""


def overlay_frames(
    frames: Iterable[Picture],
    tracks: BakedTracks,
    achieved: AchievedTracks | None = None,
    options: OverlayOptions | None = None,
) -> Iterator[Frame]:
    """The frames with the tracks drawn over them, one by one; the frames given stay as they are.

    A filled dot is visible, a hollow one hidden. Each layer has a colour. With ``achieved`` requested tracks are white; the
    achieved ones, and a line that joins the two, have the colour of the error (``error_colours``). A cross marks where a
    point that should be seen was lost.

    Args:
        frames: of the tracks' size, as many as the tracks have.

    Raises:
        RequestError: size or number of the frames, or the shape of ``achieved``, does not fit the tracks.
    """
    options = options or OverlayOptions()
    check_achieved(tracks, achieved)
    chosen = thin_tracks(tracks, options.max_tracks)
    numbers = chosen if len(chosen) <= options.max_numbers else None
    drawing = _Drawing(tracks, achieved, chosen, options)
    legend = error_legend(tracks.width, tracks.height) if options.legend and achieved is not None else None
    letters = 0.55 * max(letter_scale(tracks.width, tracks.height), 0.75)
    count = 0
    for index, picture in enumerate(frames):
        if options.last_only and index < tracks.length - 1:
            drawing.pass_over(index)
            count += 1
            continue
        drawn = drawing.over(_checked(picture, tracks, index), index)
        if numbers is not None:
            _draw_numbers(drawn, tracks.positions[index, chosen], numbers)
        if options.label:
            write_on_plate(drawn, options.label, (8, round(40 * letters)), letters)
        if legend is not None:
            drawn[-len(legend) - 6 : -6, 6 : 6 + legend.shape[1]] = legend
        count += 1
        yield drawn
    if count != tracks.length:
        raise RequestError(f"The video has {count} frames, the tracks have {tracks.length}; bake them at the video's length.")


def check_achieved(tracks: BakedTracks, achieved: AchievedTracks | None) -> None:
    """Raise ``RequestError`` unless the achieved tracks are as many, and as long, as the requested ones."""
    if achieved is None:
        return
    if achieved.positions.shape != tracks.positions.shape or achieved.followed.shape != tracks.visibility.shape:
        raise RequestError(
            f"Achieved tracks have the shape {list(achieved.positions.shape)}, requested ones {list(tracks.positions.shape)}; "
            "they must be the same tracks."
        )


def last_known(achieved: AchievedTracks) -> Points:
    """Where each point is or, lost, where it was last seen: [T, N, 2]. Before it was ever seen, its first position."""
    frame = np.where(achieved.followed, np.arange(len(achieved.followed))[:, None], 0)
    frame = np.maximum.accumulate(frame, axis=0)
    known = np.take_along_axis(achieved.positions, frame[..., None], axis=0)
    return np.nan_to_num(known.astype(np.float32), nan=-_FAR, posinf=_FAR, neginf=-_FAR)


@dataclass(frozen=True)
class _Stroke:
    """Tracks that are drawn alike."""

    positions: Points
    """[T, n, 2]"""
    shown: NDArray[np.bool_]
    """[T, n]"""
    shade: NDArray[np.intp]
    """[T, n], index into ``palette``"""
    palette: NDArray[np.uint8]
    """[k, 3]"""
    radius: float


class _Drawing:
    """All that is drawn over the frames, in their order."""

    def __init__(
        self, tracks: BakedTracks, achieved: AchievedTracks | None, chosen: NDArray[np.intp], options: OverlayOptions
    ) -> None:
        self._scale = max(letter_scale(tracks.width, tracks.height) * _crowding(len(chosen)), _SMALLEST)
        self._tails = _Tails(tracks.height, tracks.width, options.tail)
        self._marks = MarkLayer(tracks.height, tracks.width, margin=round(16 * self._scale) + 4)
        self._asked = _requested(tracks, achieved is not None, chosen)
        self._found = None if achieved is None else _achieved(tracks, achieved, chosen)
        self._lost = None if self._found is None else self._asked.shown & ~self._found.shown

    def pass_over(self, index: int) -> None:
        """A frame that nobody wants to see: only its tails stay."""
        self._extend_tails(index)
        self._tails.fade()

    def _extend_tails(self, index: int) -> None:
        for stroke in (self._asked, self._found):
            if stroke is not None:
                self._tails.extend(stroke, index)

    def over(self, frame: Frame, index: int) -> Frame:
        """A new frame: tails below, then errors, then marks."""
        self._extend_tails(index)
        drawn = self._tails.over(frame)
        if self._found is not None:
            _draw_errors(drawn, self._asked, self._found, index)
        self._add_dots(self._asked, index, with_hidden=True)
        if self._found is not None and self._lost is not None:
            self._add_dots(self._found, index, with_hidden=False)
            places = self._found.positions[index, self._lost[index]]
            look = Look("cross", 3.5 * self._scale, self._scale)
            self._marks.add(places, np.zeros(len(places), np.intp), np.array([LOST], np.uint8), look)
        return self._marks.over(drawn)

    def _add_dots(self, stroke: _Stroke, index: int, *, with_hidden: bool) -> None:
        shade, shown, places = stroke.shade[index], stroke.shown[index], stroke.positions[index]
        radius = stroke.radius * self._scale
        if with_hidden:
            self._marks.add(places[~shown], shade[~shown], stroke.palette, Look("ring", radius, self._scale))
        self._marks.add(places[shown], shade[shown], stroke.palette, Look("dot", radius, self._scale))


class _Tails:
    """What is left of the ways of all dots: a picture of colours and one of how fresh they are."""

    def __init__(self, height: int, width: int, length: int) -> None:
        self._colour = np.zeros((height, width, 3), np.uint8)
        self._fresh = np.zeros((height, width), np.uint8)
        self._fading = max(1, round(255 / max(length, 1)))
        self._width = max(2, round(2 * letter_scale(width, height)))

    def extend(self, stroke: _Stroke, index: int) -> None:
        """Add the step to frame ``index``; nothing is drawn to or from a hidden point."""
        if index == 0:
            return
        steps = _fixed(stroke.positions[index - 1 : index + 1]).transpose(1, 0, 2)  # [n, 2, 2]
        drawn = stroke.shown[index - 1] & stroke.shown[index] & (steps[:, 0] != steps[:, 1]).any(axis=1)
        for lines, colour in _by_colour(steps[drawn], stroke.shade[index, drawn], stroke.palette):
            cv2.polylines(self._colour, lines, False, colour, self._width + 2, cv2.LINE_8, _SHIFT)
            cv2.polylines(self._fresh, lines, False, (255,), self._width, cv2.LINE_AA, _SHIFT)

    def over(self, frame: Frame) -> Frame:
        """The frame under the tails, which fade by one frame."""
        share = self._fresh.astype(np.float32) * np.float32(0.85 / 255)
        mixed = cv2.blendLinear(self._colour, frame, share, 1 - share)
        self.fade()
        return np.ascontiguousarray(mixed, np.uint8)

    def fade(self) -> None:
        """By one frame."""
        self._fresh = np.asarray(cv2.subtract(self._fresh, np.full_like(self._fresh, self._fading)), np.uint8)


def _crowding(count: int) -> float:
    """By how much marks shrink where there are many."""
    return float(np.clip((_CROWD / max(count, 1)) ** 0.5, 0.7, 1.0))


def _requested(tracks: BakedTracks, with_achieved: bool, chosen: NDArray[np.intp]) -> _Stroke:
    palette = np.array([REQUESTED] if with_achieved else LAYERS, np.uint8)
    shade = np.broadcast_to(tracks.layer[chosen] % len(palette), (tracks.length, len(chosen))).astype(np.intp)
    return _Stroke(tracks.positions[:, chosen], tracks.visibility[:, chosen], shade, palette, 3.0 if with_achieved else 4.0)


def _achieved(tracks: BakedTracks, achieved: AchievedTracks, chosen: NDArray[np.intp]) -> _Stroke:
    known, followed = last_known(achieved)[:, chosen], achieved.followed[:, chosen]
    error = np.linalg.norm(known - tracks.positions[:, chosen], axis=-1)
    return _Stroke(known, followed, error_levels(error, tracks.width, tracks.height), level_colours(), 3.5)


def _by_colour(
    lines: NDArray[np.int32], shade: NDArray[np.intp], palette: NDArray[np.uint8]
) -> Iterator[tuple[list[NDArray[np.int32]], Colour]]:
    """The lines [n, 2, 2] of each colour: OpenCV draws all of a colour in one call."""
    for one in np.unique(shade):
        red, green, blue = palette[one].tolist()
        yield list(lines[shade == one]), (red, green, blue)


def _draw_errors(frame: Frame, asked: _Stroke, found: _Stroke, index: int) -> None:
    both = asked.shown[index] & found.shown[index]
    lines = np.stack([_fixed(asked.positions[index, both]), _fixed(found.positions[index, both])], axis=1)
    for group, colour in _by_colour(lines, found.shade[index, both], found.palette):
        cv2.polylines(frame, group, False, colour, 1, cv2.LINE_AA, _SHIFT)


def _draw_numbers(frame: Frame, places: Points, numbers: NDArray[np.intp]) -> None:
    size = 0.42 * max(letter_scale(frame.shape[1], frame.shape[0]), 0.85)
    for (x, y), number in zip(np.clip(places, -_FAR, _FAR), numbers, strict=True):
        write_on_plate(frame, str(number), (int(x) + 7, int(y) - 6), size)


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
