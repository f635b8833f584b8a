"""When things happen: easing, repeats, keys."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wanmove_core.tracks.timing import EASINGS, Key, Timing, ease, phase_at, value_at


@pytest.mark.parametrize("name", EASINGS)
def test_an_easing_is_the_cubic_bezier_of_its_row(name: str) -> None:
    x1, y1, x2, y2 = EASINGS[name]
    s = np.linspace(0, 1, 1001)
    x = 3 * (1 - s) ** 2 * s * x1 + 3 * (1 - s) * s**2 * x2 + s**3
    y = 3 * (1 - s) ** 2 * s * y1 + 3 * (1 - s) * s**2 * y2 + s**3
    assert np.abs(ease(name, x) - y).max() < 1e-9


@pytest.mark.parametrize("name", EASINGS)
def test_an_easing_starts_at_0_and_ends_at_1(name: str) -> None:
    assert ease(name, np.array([0.0, 1.0])).tolist() == [0.0, 1.0]


def test_accelerating_is_the_square_of_time() -> None:
    t = np.linspace(0, 1, 11)
    assert np.abs(ease("accelerate", t) - t**2).max() < 1e-12
    assert np.abs(ease("decelerate", t) - (1 - (1 - t) ** 2)).max() < 1e-12


REPEATS = [
    (Timing(), [0, 0.25, 0.5, 0.75, 1]),
    (Timing(reverse=True), [1, 0.75, 0.5, 0.25, 0]),
    (Timing(repeat="loop", cycles=2), [0, 0.5, 1, 0.5, 1]),
    (Timing(repeat="loop", cycles=2, reverse=True), [1, 0.5, 1, 0.5, 0]),
    (Timing(repeat="ping-pong", cycles=1), [0, 0.5, 1, 0.5, 0]),
    (Timing(repeat="ping-pong", cycles=0.5), [0, 0.25, 0.5, 0.75, 1]),
    (Timing(0.25, 0.75), [0, 0, 0.5, 1, 1]),
    (Timing(0.5, 1.0, repeat="ping-pong", cycles=2), [0, 0, 0, 0, 0]),
]


@pytest.mark.parametrize(("timing", "phases"), REPEATS)
def test_a_motion_repeats_holds_and_turns_back_as_told(timing: Timing, phases: list[float]) -> None:
    assert phase_at(timing, np.linspace(0, 1, 5)).tolist() == phases


@given(
    st.floats(0, 0.99), st.floats(0.001, 1), st.sampled_from(["hold", "loop", "ping-pong"]), st.floats(0.01, 50), st.booleans()
)
def test_an_unhurried_easing_never_leaves_0_to_1(
    start: float, extent: float, repeat: str, cycles: float, reverse: bool
) -> None:
    end = min(start + extent, 1.0)
    timing = Timing(start, end, "ease-in-out", repeat, 1.0 if repeat == "hold" else cycles, reverse)
    phases = phase_at(timing, np.linspace(0, 1, 41))
    assert ((phases >= 0) & (phases <= 1)).all()


KEYS = (Key(0.2, 10.0), Key(0.6, 30.0, "step"), Key(0.8, 0.0))


@pytest.mark.parametrize(("phase", "value"), [(0, 10), (0.2, 10), (0.4, 20), (0.6, 30), (0.79, 30), (0.8, 0), (1, 0), (1.5, 0)])
def test_keys_are_held_outside_and_eased_between(phase: float, value: float) -> None:
    assert value_at(KEYS, np.array([phase]))[0] == pytest.approx(value)


def test_keys_at_the_very_ends_are_carried_on_where_the_easing_overshoots() -> None:
    assert value_at((Key(0.0, 0.0), Key(1.0, 10.0)), np.array([-0.1, 1.1])).tolist() == pytest.approx([-1, 11])


def test_a_single_key_is_a_constant() -> None:
    assert value_at((Key(0.5, 3.0),), np.array([0.0, 0.5, 1.0])).tolist() == [3, 3, 3]
