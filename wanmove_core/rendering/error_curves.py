"""Errors over the frames of a clip, as a picture: the mean, the median and each track above, the share of lost points below."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ..errors import RequestError
from ..tracks.baked import BakedTracks
from .error_colours import error_levels, level_colours
from .frames import Frame
from .lettering import Colour, text_size, write
from .overlay import AchievedTracks, check_achieved, last_known
from .thinning import thin_tracks

Floats = NDArray[np.float64]

_WIDTH, _HEIGHT = 1000, 640
_GROUND: Colour = (250, 250, 250)
_TEXT: Colour = (40, 40, 46)
_GRID: Colour = (222, 222, 226)
_MEAN: Colour = (20, 60, 160)
_MEDIAN: Colour = (213, 94, 0)
_LOST: Colour = (130, 50, 170)
_MOST_LINES = 400
_LETTERS = 0.5
_SHIFT = 4
_FAR = 30_000


@dataclass(frozen=True)
class ErrorSeries:
    """Errors of N tracks in each of T frames, in px of the video; over the points that should be visible."""

    each: Floats
    """[T, N]; NaN where the point should be hidden or was lost"""
    mean: Floats
    """[T]; a lost point counts with where it was last seen. NaN where no point should be visible"""
    median: Floats
    """[T], likewise"""
    lost: Floats
    """[T], % of the points that should be visible"""


@dataclass(frozen=True)
class _Panel:
    """A rectangle of the picture and what its edges mean."""

    left: int
    top: int
    right: int
    bottom: int
    last: float
    """frame at the right edge"""
    most: float
    """value at the top"""

    def place(self, frames: Floats, values: Floats) -> NDArray[np.int32]:
        """Fixed-point places [n, 2] of values at frames."""
        x = self.left + frames / max(self.last, 1) * (self.right - self.left)
        y = self.bottom - values / self.most * (self.bottom - self.top)
        return np.rint(np.clip(np.stack([x, y], axis=-1), -_FAR, _FAR) * 2**_SHIFT).astype(np.int32)


def error_series(requested: BakedTracks, achieved: AchievedTracks) -> ErrorSeries:
    """How far the points are from where they should be, frame by frame.

    Raises:
        RequestError: the achieved tracks are not the same ones, or there are none.
    """
    check_achieved(requested, achieved)
    if requested.count == 0:
        raise RequestError("There are no tracks of which errors could be drawn; measure a video with tracks first.")
    distance = np.linalg.norm(last_known(achieved).astype(np.float64) - requested.positions, axis=-1)
    wanted = np.where(requested.visibility, distance, np.nan)
    counts = requested.visibility.sum(axis=1)
    some = counts > 0
    mean, median, lost = (np.full(requested.length, np.nan) for _ in range(3))
    mean[some] = np.nanmean(wanted[some], axis=1)
    median[some] = np.nanmedian(wanted[some], axis=1)
    lost[some] = 100 * (requested.visibility & ~achieved.followed).sum(axis=1)[some] / counts[some]
    return ErrorSeries(np.where(achieved.followed, wanted, np.nan), mean, median, lost)


def error_curves(requested: BakedTracks, achieved: AchievedTracks, title: str = "") -> Frame:
    """The curves on a picture of 1000 x 640: px above, % below, frames across. Thin lines are single tracks.

    The upper axis ends where 98 % of the single errors lie, or the mean if that is higher, so that one runaway does not
    flatten the rest.

    Raises:
        RequestError: as ``error_series``.
    """
    series = error_series(requested, achieved)
    sheet = np.full((_HEIGHT, _WIDTH, 3), _GROUND, np.uint8)
    last = float(requested.length - 1)
    upper = _Panel(80, 64, _WIDTH - 24, 430, last, _top_of(series))
    lower = _Panel(80, 480, _WIDTH - 24, _HEIGHT - 56, last, 100.0)
    _draw_axes(sheet, upper, "error, px", _ticks(upper.most), with_frames=False)
    _draw_axes(sheet, lower, "lost, %", [0, 50, 100], with_frames=True)
    shown = thin_tracks(requested, _MOST_LINES)
    _draw_tracks(sheet, upper, series.each[:, shown], requested)
    frames = np.arange(requested.length, dtype=np.float64)
    for panel, values, colour in ((upper, series.median, _MEDIAN), (upper, series.mean, _MEAN), (lower, series.lost, _LOST)):
        _draw_line(sheet, panel, frames, values, colour)
    _write_heading(sheet, title or f"{requested.count} tracks, {requested.width} x {requested.height}", series)
    return sheet


def _top_of(series: ErrorSeries) -> float:
    known = series.each[np.isfinite(series.each)]
    single = float(np.percentile(known, 98)) if known.size else 0.0
    means = series.mean[np.isfinite(series.mean)]
    return 1.1 * max(single, float(means.max()) if means.size else 0.0, 1.0)


def _ticks(most: float) -> list[float]:
    """Round numbers from 0, about five."""
    rough = most / 5
    power = 10 ** np.floor(np.log10(rough))
    step = float(next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough))
    return [index * step for index in range(int(most / step) + 1)]


def _draw_axes(sheet: Frame, panel: _Panel, unit: str, ticks: list[float], *, with_frames: bool) -> None:
    for tick in ticks:
        y = int(panel.place(np.zeros(1), np.array([tick], np.float64))[0, 1]) >> _SHIFT
        cv2.line(sheet, (panel.left, y), (panel.right, y), _GRID, 1)
        text = f"{tick:g}"
        write(sheet, text, (panel.left - 8 - text_size(text, _LETTERS)[0], y + 5), _LETTERS, _TEXT)
    for tick in _ticks(max(panel.last, 5)):
        if tick > panel.last or tick != round(tick):
            continue
        x = int(panel.place(np.array([tick], np.float64), np.zeros(1))[0, 0]) >> _SHIFT
        cv2.line(sheet, (x, panel.top), (x, panel.bottom), _GRID, 1)
        if with_frames:
            text = f"{tick:g}"
            write(sheet, text, (x - text_size(text, _LETTERS)[0] // 2, panel.bottom + 20), _LETTERS, _TEXT)
    cv2.rectangle(sheet, (panel.left, panel.top), (panel.right, panel.bottom), _TEXT, 1)
    write(sheet, unit, (8, panel.top - 10), _LETTERS, _TEXT)
    if with_frames:
        across = text_size("frame", _LETTERS)[0]
        write(sheet, "frame", ((panel.left + panel.right - across) // 2, panel.bottom + 42), _LETTERS, _TEXT)


def _draw_tracks(sheet: Frame, panel: _Panel, each: Floats, requested: BakedTracks) -> None:
    """A thin line a track, pale, in the colour of its last known error."""
    lines = sheet.copy()
    frames = np.arange(len(each), dtype=np.float64)
    colours = level_colours()
    for track in range(each.shape[1]):
        known = np.flatnonzero(np.isfinite(each[:, track]))
        if len(known) == 0:
            continue
        level = int(error_levels(each[known[-1:], track], requested.width, requested.height)[0])
        red, green, blue = colours[level].tolist()
        parts = np.split(known, np.flatnonzero(np.diff(known) > 1) + 1)
        places = [panel.place(frames[part], each[part, track]) for part in parts]
        cv2.polylines(lines, places, False, (red, green, blue), 1, cv2.LINE_AA, _SHIFT)
    inside = (slice(panel.top, panel.bottom), slice(panel.left, panel.right))
    sheet[inside] = cv2.addWeighted(lines[inside], 0.55, sheet[inside], 0.45, 0)


def _draw_line(sheet: Frame, panel: _Panel, frames: Floats, values: Floats, colour: Colour) -> None:
    known = np.flatnonzero(np.isfinite(values))
    parts = [part for part in np.split(known, np.flatnonzero(np.diff(known) > 1) + 1) if len(part)]
    cv2.polylines(sheet, [panel.place(frames[part], values[part]) for part in parts], False, colour, 3, cv2.LINE_AA, _SHIFT)


def _write_heading(sheet: Frame, title: str, series: ErrorSeries) -> None:
    write(sheet, title, (80, 26), 0.6, _TEXT)
    left = 200
    for name, values, colour, unit in (
        ("mean", series.mean, _MEAN, "px"),
        ("median", series.median, _MEDIAN, "px"),
        ("lost", series.lost, _LOST, "%"),
    ):
        known = values[np.isfinite(values)]
        text = f"{name}: {known.mean():.1f} {unit}, at the end {known[-1]:.1f}" if known.size else f"{name}: unknown"
        cv2.line(sheet, (left, 46), (left + 24, 46), colour, 3, cv2.LINE_AA)
        write(sheet, text, (left + 30, 51), _LETTERS, _TEXT)
        left += 50 + text_size(text, _LETTERS)[0]
