"""The colour of an error, and what says so in the picture.

Bluish green, yellow, vermillion: of Okabe and Ito's palette (Color Universal Design, 2008), made lighter so that they stand
out from photographs. They stay apart for people who see no red or no green, and differ in lightness.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from .frames import Frame
from .lettering import INK, Colour, letter_scale, text_size, write
from .marks import Look, MarkLayer, Shape

REFERENCE_SIZE = (832, 480)
"""px; the size of video for which ``STEPS`` are meant, others in proportion to their diagonals"""
STEPS = (2.0, 8.0, 16.0)
"""px of error at ``REFERENCE_SIZE`` up to which a point is green, at which it is yellow, and from which it is red"""
STOPS: tuple[Colour, Colour, Colour] = (30, 200, 150), (255, 228, 70), (240, 74, 30)
"""colours of the steps"""
LOST: Colour = (200, 84, 255)
"""crosses where points were last seen"""
REQUESTED: Colour = (240, 244, 255)
"""requested tracks where achieved ones are drawn too"""
LEVELS = 17
"""shades that are drawn; ``STEPS`` are the first, the middle and the last"""


def steps_at(width: int, height: int) -> tuple[float, float, float]:
    """``STEPS`` in px of a picture of this size."""
    factor = float(np.hypot(width, height) / np.hypot(*REFERENCE_SIZE))
    return STEPS[0] * factor, STEPS[1] * factor, STEPS[2] * factor


def error_levels(error: NDArray[np.floating], width: int, height: int) -> NDArray[np.intp]:
    """Which of ``LEVELS`` shades each error, in px of a picture of this size, has; NaN and infinity are the last."""
    place = np.interp(np.nan_to_num(error, nan=np.inf), steps_at(width, height), (0.0, 0.5, 1.0))
    return np.rint(place * (LEVELS - 1)).astype(np.intp)


def level_colours() -> NDArray[np.uint8]:
    """[LEVELS, 3]"""
    stops = np.array(STOPS, np.float64)
    places = np.linspace(0, 1, LEVELS)
    channels = [np.interp(places, (0.0, 0.5, 1.0), stops[:, channel]) for channel in range(3)]
    return np.rint(np.stack(channels, axis=-1)).astype(np.uint8)


def error_legend(width: int, height: int) -> Frame | None:
    """A plate that says what the colours mean, for the corner of a picture of this size; None where there is no room."""
    unit = max(letter_scale(width, height), 0.75)
    size, gap, tall = 0.45 * unit, round(10 * unit), round(34 * unit)
    ticks = [f"{step:.2g}" for step in steps_at(width, height)]
    ticks[-1] += " px"
    bar = round(max(100 * unit, 1.4 * text_size("  ".join(ticks), size)[0]))
    names: tuple[tuple[str, Colour, Shape], ...] = (("asked", REQUESTED, "dot"), ("lost", LOST, "cross"))
    wide = [text_size(name, size)[0] + round(2.4 * gap) for name, _, _ in names]
    across = bar + sum(wide) + 2 * gap
    if across > width - 8 or tall > height // 4:
        return None
    plate = np.full((tall, across, 3), INK, np.uint8)
    left = gap
    marks = MarkLayer(tall, across, margin=round(16 * unit))
    for (_, colour, shape), room in zip(names, wide, strict=True):
        look = Look(shape, 4 * unit, unit)
        marks.add(np.array([[left + gap / 2, tall / 2]]), np.zeros(1, np.intp), np.array([colour], np.uint8), look)
        left += room
    plate = marks.over(plate)
    _write_ticks(plate, ticks, left, bar, size)
    left = gap
    for (name, _, _), room in zip(names, wide, strict=True):
        write(plate, name, (left + round(1.4 * gap), round(tall / 2 + 4 * unit)), size)
        left += room
    return plate


def _write_ticks(plate: Frame, ticks: list[str], left: int, wide: int, size: float) -> None:
    """The shades as a bar, below it what they mean: at its beginning, its middle and its end."""
    tall = len(plate)
    shades = cv2.resize(level_colours()[None], (wide, max(tall // 4, 2)), interpolation=cv2.INTER_NEAREST)
    top = max(tall // 6, 2)
    plate[top : top + len(shades), left : left + wide] = shades
    for tick, share in zip(ticks, (0.0, 0.5, 1.0), strict=True):
        start = left + round(share * (wide - text_size(tick, size)[0]))
        write(plate, tick, (start, tall - max(tall // 6, 3)), size)
