"""Paths are walked at constant speed, through their points, smoothly, whatever the points are."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wanmove_core.tracks.curves import KINDS, Path, flatten, path_length, walk

BENDS = ((0.0, 0.0), (60.0, -40.0), (60.0, 40.0), (130.0, 10.0))
COORDINATES = st.floats(-1e6, 1e6)
POINTS = st.lists(st.tuples(COORDINATES, COORDINATES), min_size=2, max_size=6).map(tuple)


@pytest.mark.parametrize("kind", KINDS)
def test_equal_steps_of_phase_are_equal_steps_along_the_path(kind: str) -> None:
    places = walk(Path(kind, BENDS), np.linspace(0, 1, 2001))
    steps = np.hypot(*np.diff(places, axis=0).T)
    assert np.median(steps) == pytest.approx(path_length(Path(kind, BENDS)) / 2000, rel=1e-3)
    assert np.percentile(steps, 1) > 0.97 * np.median(steps)


@pytest.mark.parametrize("kind", KINDS)
def test_a_path_goes_through_all_its_points(kind: str) -> None:
    corners = flatten(Path(kind, BENDS))
    for point in BENDS:
        assert np.hypot(*(corners - np.array(point)).T).min() == 0


@pytest.mark.parametrize("kind", KINDS)
def test_points_are_reached_at_their_times(kind: str) -> None:
    times = (0.0, 0.1, 0.7, 1.0)
    assert np.abs(walk(Path(kind, BENDS, times=times), np.array(times)) - np.array(BENDS)).max() < 1e-9


def test_a_catmull_rom_path_turns_at_its_points_no_harder_than_beside_them() -> None:
    legs = np.diff(flatten(Path("catmull-rom", BENDS)), axis=0)
    turns = np.abs(np.diff(np.unwrap(np.arctan2(legs[:, 1], legs[:, 0]))))
    for point in (64, 128):
        assert turns[point - 1] < 1.5 * max(turns[point - 2], turns[point])


def test_a_catmull_rom_segment_is_the_centripetal_one() -> None:
    """Against the tangents of the non-uniform Hermite form, an independent statement of the same curve."""
    p = np.array([[-60.0, 40.0], *BENDS[:3]])
    gaps = np.sqrt(np.hypot(*np.diff(p, axis=0).T))
    start = gaps[1] * ((p[1] - p[0]) / gaps[0] - (p[2] - p[0]) / (gaps[0] + gaps[1]) + (p[2] - p[1]) / gaps[1])
    end = gaps[1] * ((p[2] - p[1]) / gaps[1] - (p[3] - p[1]) / (gaps[1] + gaps[2]) + (p[3] - p[2]) / gaps[2])
    s = 0.375
    hermite = (
        (2 * s**3 - 3 * s**2 + 1) * p[1] + (s**3 - 2 * s**2 + s) * start + (3 * s**2 - 2 * s**3) * p[2] + (s**3 - s**2) * end
    )
    assert np.abs(flatten(Path("catmull-rom", BENDS))[24] - hermite).max() < 1e-9


def test_four_handles_make_a_circle() -> None:
    k = 0.5522847498307936
    points = ((1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0), (1.0, 0.0))
    handles = tuple((k * y, -k * x, -k * y, k * x) for x, y in points)
    places = walk(Path("bezier", points, handles), np.linspace(0, 1, 100))
    assert np.abs(np.hypot(*places.T) - 1).max() < 1e-3


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(list(KINDS)), POINTS, st.lists(st.floats(-2, 3), min_size=1, max_size=5))
def test_any_path_gives_finite_places_that_start_and_end_at_its_ends(
    kind: str, points: tuple[tuple[float, float], ...], phases: list[float]
) -> None:
    path = Path(kind, points)
    assert np.isfinite(walk(path, np.array(phases))).all()
    ends = walk(path, np.array([0.0, 1.0]))
    assert np.abs(ends - np.array([points[0], points[-1]])).max() < 1e-6 + 1e-12 * np.abs(points).max()
