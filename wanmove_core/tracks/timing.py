"""When a motion happens: clip progress 0…1 → phase 0…1 of the motion, by start, end, repeats and easing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ..errors import DocumentError
from .schema import Field, Place, choice, needs, number, numbers, plain, read_fields, read_flag, write_fields

Floats = NDArray[np.float64]
Bezier = tuple[float, float, float, float]

EASINGS: Mapping[str, Bezier] = {
    "linear": (0.0, 0.0, 1.0, 1.0),
    "ease": (0.25, 0.1, 0.25, 1.0),
    "ease-in": (0.42, 0.0, 1.0, 1.0),
    "ease-out": (0.0, 0.0, 0.58, 1.0),
    "ease-in-out": (0.42, 0.0, 0.58, 1.0),
    "ease-in-cubic": (0.32, 0.0, 0.67, 0.0),
    "ease-out-cubic": (0.33, 1.0, 0.68, 1.0),
    "ease-in-out-cubic": (0.65, 0.0, 0.35, 1.0),
    "accelerate": (1 / 3, 0.0, 2 / 3, 1 / 3),
    "decelerate": (1 / 3, 2 / 3, 2 / 3, 1.0),
    "anticipate": (0.36, 0.0, 0.66, -0.56),
    "overshoot": (0.34, 1.56, 0.64, 1.0),
}
"""cubic-bezier(x1, y1, x2, y2) as in CSS; ``accelerate`` and ``decelerate`` are exactly t² and 1 - (1 - t)²."""

STEP = "step"
"""The one easing that is no curve: stays at the start and jumps at the end."""

Easing = str | Bezier

_BISECTIONS = 54


@dataclass(frozen=True)
class Timing:
    """From ``start`` to ``end`` (clip progress) a motion runs ``cycles`` times; before and after it stands still.

    ``hold`` runs once and stays; ``loop`` starts over; a cycle of ``ping-pong`` goes there and back. ``reverse`` plays
    all of it backwards. ``easing`` shapes each pass.
    """

    start: float = 0.0
    end: float = 1.0
    easing: Easing = "linear"
    repeat: str = "hold"
    cycles: float = 1.0
    reverse: bool = False


def _hold(turns: Floats) -> Floats:
    return turns


def _loop(turns: Floats) -> Floats:
    """A whole number of turns counts as the end of a pass, so that a loop ends at the end of its path."""
    return np.where(turns > 0, turns - np.ceil(turns) + 1, 0.0)


def _ping_pong(turns: Floats) -> Floats:
    return 1 - np.abs(1 - 2 * (turns - np.floor(turns)))


REPEATS: Mapping[str, Callable[[Floats], Floats]] = {"hold": _hold, "loop": _loop, "ping-pong": _ping_pong}


def phase_at(timing: Timing, progress: Floats) -> Floats:
    """How far the motion is at clip progress [T]: 0 = its start, 1 = its end; easings may overshoot both. [T]"""
    inside = np.clip((progress - timing.start) / (timing.end - timing.start), 0.0, 1.0)
    played = 1 - inside if timing.reverse else inside
    return ease(timing.easing, REPEATS[timing.repeat](played * timing.cycles))


def ease(easing: Easing, fraction: Floats) -> Floats:
    """An easing's value at fractions 0…1 of a pass, by bisection of the cubic's x(s). [T]"""
    if easing == STEP:
        return np.where(fraction >= 1, 1.0, 0.0)
    x1, y1, x2, y2 = EASINGS[easing] if isinstance(easing, str) else easing
    if x1 == y1 and x2 == y2:
        return fraction
    low, high = np.zeros_like(fraction), np.ones_like(fraction)
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        before = _cubic(x1, x2, middle) < fraction
        low, high = np.where(before, middle, low), np.where(before, high, middle)
    return np.where(fraction <= 0, 0.0, np.where(fraction >= 1, 1.0, _cubic(y1, y2, (low + high) / 2)))


def read_easing(value: object, place: Place) -> Easing:
    """The name of a row of ``EASINGS``, ``step``, or [x1, y1, x2, y2] with x in 0…1 and y in -2…3."""
    if isinstance(value, str):
        return choice([*EASINGS, STEP])(value, place)
    x1, y1, x2, y2 = numbers(4, -2, 3)(value, place)
    if not (0 <= x1 <= 1 and 0 <= x2 <= 1):
        raise DocumentError(f"{place} has x1 = {x1:g} and x2 = {x2:g}; a cubic-bezier needs both from 0 to 1.")
    return x1, y1, x2, y2


TIMING_FIELDS = (
    Field("start", number(0, 1), 0.0),
    Field("end", number(0, 1), 1.0),
    Field("easing", read_easing, "linear"),
    Field("repeat", choice(list(REPEATS)), "hold"),
    Field("cycles", number(0, 1000, above=True), 1.0),
    Field("reverse", read_flag, False),
)


def read_timing(value: object, place: Place) -> Timing:
    """A ``timing`` object."""
    timing = Timing(**read_fields(value, place, TIMING_FIELDS))
    if not timing.start < timing.end:
        raise DocumentError(
            f"{place.owner} moves from {timing.start:g} to {timing.end:g}; a layer needs 0 <= start < end <= 1."
        )
    if timing.repeat == "hold" and timing.cycles != 1:
        raise needs(place.at("cycles"), timing.cycles, '1 where repeat is "hold" (or "loop" or "ping-pong" as repeat)')
    return timing


def write_timing(timing: Timing) -> object:
    """The object that ``read_timing`` reads back."""
    return write_fields(timing, TIMING_FIELDS)


@dataclass(frozen=True)
class Key:
    """A value at a phase of the motion; ``easing`` shapes the way from here to the next key."""

    time: float
    value: float
    easing: Easing = "linear"


def value_at(keys: tuple[Key, ...], phase: Floats) -> Floats:
    """The keys' value at phases [T]: eased between two keys, held before the first and after the last. [T]

    Where the easing of the whole motion overshoots the clip's own 0…1, the first or last pair of keys is carried on.
    """
    if len(keys) == 1:
        return np.full_like(phase, keys[0].value)
    values = np.full_like(phase, keys[0].value)
    for here, following in pairwise(keys):
        fraction = (phase - here.time) / (following.time - here.time)
        eased = ease(here.easing, np.clip(fraction, 0.0, 1.0))
        values = np.where(phase >= here.time, here.value + (following.value - here.value) * eased, values)
    return (
        values + _overshoot(keys[0], keys[1], np.minimum(phase, 0), 0) + _overshoot(keys[-2], keys[-1], np.maximum(phase, 1), 1)
    )


def key_reader(low: float, high: float) -> Callable[[object, Place], Key]:
    """A reader of [time, value] or [time, value, easing] with the value from ``low`` to ``high``."""

    def read(value: object, place: Place) -> Key:
        if not isinstance(value, (list, tuple)) or len(value) not in (2, 3):
            raise needs(place, value, "[time, value] or [time, value, easing]")
        time, amount = number(0, 1)(value[0], place.item(0)), number(low, high)(value[1], place.item(1))
        return Key(time, amount, read_easing(value[2], place.item(2)) if len(value) == 3 else "linear")

    return read


def check_rising(times: tuple[float, ...], place: Place) -> None:
    """Refuse times that do not rise strictly."""
    for index, (before, after) in enumerate(pairwise(times)):
        if before >= after:
            raise DocumentError(f"{place.item(index + 1)} is at {after:g}, not after {before:g} before it; times must rise.")


def write_keys(keys: tuple[Key, ...]) -> object:
    """The list that ``key_reader`` reads back."""
    rows = ((key.time, key.value) if key.easing == "linear" else (key.time, key.value, key.easing) for key in keys)
    return [plain(row) for row in rows]


def _cubic(first: float, second: float, s: Floats) -> Floats:
    """The Bezier curve 0, ``first``, ``second``, 1; the order of operations is part of the contract with JavaScript."""
    return ((3 * first - 3 * second + 1) * s + (3 * second - 6 * first)) * s * s + 3 * first * s


def _overshoot(before: Key, after: Key, phase: Floats, end: float) -> Floats:
    """What a phase beyond ``end`` adds, if a key stands exactly there."""
    if (after if end else before).time != end:
        return np.zeros_like(phase)
    return (phase - end) * ((after.value - before.value) / (after.time - before.time))
