"""Letters on frames: light on a dark plate, so that they can be read over anything."""

import cv2

from .frames import Frame

Colour = tuple[int, int, int]

INK: Colour = (20, 20, 24)
PAPER: Colour = (250, 250, 250)
_FONT = cv2.FONT_HERSHEY_SIMPLEX


def text_size(text: str, size: float) -> tuple[int, int, int]:
    """Pixels across, above the base line and below it."""
    (across, up), down = cv2.getTextSize(text, _FONT, size, 1)
    return int(across), int(up), int(down)


def write(frame: Frame, text: str, place: tuple[int, int], size: float, colour: Colour = PAPER) -> None:
    """Letters without a plate, their base line beginning at ``place`` (x, y)."""
    cv2.putText(frame, text, place, _FONT, size, colour, 1, cv2.LINE_AA)


def write_on_plate(frame: Frame, text: str, place: tuple[int, int], size: float) -> None:
    """As ``write``, on a dark plate."""
    across, up, down = text_size(text, size)
    x, y = place
    cv2.rectangle(frame, (x - 2, y - up - 2), (x + across + 1, y + down - 1), INK, -1)
    write(frame, text, place, size)


def letter_scale(width: int, height: int) -> float:
    """By how much letters and marks grow or shrink with the picture; 1 where the shorter side has 480 px."""
    return min(max(min(width, height) / 480, 0.6), 3.0)
