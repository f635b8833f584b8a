"""Motion error has known answers: perfect, frozen, half way, jittering, lost."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from wanmove_core.errors import RequestError
from wanmove_core.evaluation.motion_error import motion_error, track_errors
from wanmove_core.evaluation.point_tracking import FollowedPoints
from wanmove_core.tracks.baked import BakedTracks

LENGTH = 5


def _tracks(visibility: NDArray[np.bool_] | None = None, size: tuple[int, int] = (416, 240)) -> BakedTracks:
    """Three tracks in a picture of half the reference's size: 40 px to the right, 20 px down, and a pin."""
    share = np.linspace(0, 1, LENGTH)[:, None]
    ways = [np.array([50, 50]) + share * (40, 0), np.array([90, 80]) + share * (0, 20), np.array([30, 200]) + share * (0, 0)]
    seen = np.ones((LENGTH, 3), np.bool_) if visibility is None else visibility
    return BakedTracks(np.stack(ways, axis=1).astype(np.float32), seen, *size, np.array([0, 0, 1], np.int32), ("boat", "pier"))


def _found(positions: NDArray[np.floating], followed: NDArray[np.bool_] | None = None) -> FollowedPoints:
    kept = np.ones(positions.shape[:2], np.bool_) if followed is None else followed
    return FollowedPoints(positions.astype(np.float32), kept)


def test_points_that_are_where_they_should_be_have_no_error() -> None:
    asked = _tracks()
    error = motion_error(asked, _found(asked.positions))
    assert (error.tracks, error.moving, error.points) == (3, 2, 15)
    assert (error.mean_px, error.median_px, error.end_px, error.mean_percent, error.lost_percent) == (0, 0, 0, 0, 0)
    assert error.within_percent == {"1": 100, "2": 100, "4": 100, "8": 100, "16": 100}
    assert error.path_ratio_median == pytest.approx(1) and error.path_ratio_mean == pytest.approx(1)


def test_frozen_points_have_the_error_of_a_frozen_video_and_no_path() -> None:
    asked = _tracks()
    error = motion_error(asked, _found(np.tile(asked.positions[:1], (LENGTH, 1, 1))))
    assert error.mean_px == pytest.approx((20 + 10 + 0) / 3)
    assert error.mean_px_at_832x480 == pytest.approx(2 * error.mean_px) == error.frozen_px_at_832x480
    assert error.end_px == pytest.approx(20) and error.end_median_px == pytest.approx(20)
    assert (error.path_ratio_median, error.path_ratio_mean) == (0, 0)
    assert error.mean_percent == pytest.approx(100 * 10 / np.hypot(416, 240))


def test_points_that_go_half_the_way_have_half_the_path() -> None:
    asked = _tracks()
    error = motion_error(asked, _found((asked.positions + asked.positions[:1]) / 2))
    assert error.path_ratio_median == pytest.approx(0.5)
    assert error.mean_px == pytest.approx(5)


def test_thresholds_count_pixels_at_832x480() -> None:
    asked = _tracks()
    error = motion_error(asked, _found(asked.positions + np.array([0, 2.5])))
    assert error.median_px == 2.5 and error.median_px_at_832x480 == pytest.approx(5)
    assert error.within_percent == {"1": 0, "2": 0, "4": 0, "8": 100, "16": 100}


def test_a_clip_of_another_size_scores_the_same_at_the_reference() -> None:
    small, large = _tracks(), _tracks(size=(832, 480))
    large = BakedTracks(small.positions * 2, large.visibility, 832, 480, large.layer, large.names)
    one, other = (motion_error(asked, _found(asked.positions * np.float32(0.9))) for asked in (small, large))
    assert one.mean_px_at_832x480 == pytest.approx(other.mean_px_at_832x480, rel=1e-5)
    assert one.mean_percent == pytest.approx(other.mean_percent, rel=1e-5)
    assert one.mean_px == pytest.approx(other.mean_px / 2, rel=1e-5)


def test_hidden_points_do_not_count() -> None:
    seen = np.ones((LENGTH, 3), np.bool_)
    seen[3:, 0] = False
    asked = _tracks(seen)
    wrong = asked.positions.copy()
    wrong[3:, 0] += 1000
    error = motion_error(asked, _found(wrong))
    assert (error.mean_px, error.end_px, error.points) == (0, 0, 13)


def test_lost_points_count_with_their_last_place_and_are_within_nothing() -> None:
    asked = _tracks()
    followed = np.ones((LENGTH, 3), np.bool_)
    followed[2:, 0] = False
    places = asked.positions.copy()
    places[2:, 0] = places[1, 0]
    error = motion_error(asked, _found(places, followed))
    assert error.lost_percent == pytest.approx(20) and error.lost_at_end_percent == pytest.approx(100 / 3)
    assert error.mean_px == pytest.approx((10 + 20 + 30) / 15)
    assert error.within_percent["16"] == 80
    assert error.followed_mean_px_at_832x480 == 0
    assert error.path_ratio_mean == pytest.approx(1), "the first track went 10 px before it was lost, too little at 16 px*"


def test_all_lost_leaves_nothing_to_say_about_the_followed() -> None:
    asked = _tracks()
    error = motion_error(asked, _found(asked.positions, np.zeros((LENGTH, 3), np.bool_)))
    assert (error.lost_percent, error.followed_mean_px_at_832x480, error.path_ratio_median) == (100, None, None)
    assert error.within_percent["16"] == 0


def test_each_track_has_its_own_row() -> None:
    asked = _tracks()
    wrong = asked.positions.copy()
    wrong[-1, 1] += 10
    boat, second, pin = track_errors(asked, _found(wrong), np.array([7, 8, 12]))
    assert (boat.track, boat.layer, boat.mean_px, boat.path_ratio) == (7, "boat", 0, pytest.approx(1))
    assert second.end_px == pytest.approx(200**0.5) and second.mean_px == pytest.approx(200**0.5 / 5)
    assert (pin.track, pin.layer, pin.asked_path_px, pin.path_ratio) == (12, "pier", 0, None)


def test_a_track_that_is_never_visible_has_no_row_and_no_error() -> None:
    seen = np.ones((LENGTH, 3), np.bool_)
    seen[:, 1] = False
    asked = _tracks(seen)
    assert [row.track for row in track_errors(asked, _found(asked.positions))] == [0, 2]
    assert motion_error(asked, _found(asked.positions)).points == 10


def test_nothing_visible_and_shapes_that_differ_are_refused() -> None:
    asked = _tracks(np.zeros((LENGTH, 3), np.bool_))
    with pytest.raises(RequestError, match="hidden in every frame"):
        motion_error(asked, _found(asked.positions))
    with pytest.raises(RequestError, match="must agree"):
        motion_error(_tracks(), _found(asked.positions[:, :2]))


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 2**31), st.floats(0, 30), st.floats(1, 30))
def test_more_jitter_means_more_error_and_fewer_points_within(seed: int, least: float, more: float) -> None:
    asked = _tracks()
    noise = np.random.default_rng(seed).normal(size=asked.positions.shape)
    little, much = (motion_error(asked, _found(asked.positions + size * noise)) for size in (least, least + more))
    assert little.mean_px <= much.mean_px and little.end_px <= much.end_px
    assert all(little.within_percent[most] >= much.within_percent[most] for most in little.within_percent)


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 2**31), st.integers(2, 12), st.integers(1, 9))
def test_figures_of_any_tracks_agree_with_one_another(seed: int, length: int, count: int) -> None:
    made = np.random.default_rng(seed)
    positions = made.uniform(-50, 500, (length, count, 2)).astype(np.float32)
    seen, followed = made.random((length, count)) < 0.8, made.random((length, count)) < 0.8
    seen[0, 0] = True
    asked = BakedTracks(positions, seen, 400, 300, np.zeros(count, np.int32), ("all",))
    found = _found(made.uniform(-50, 500, (length, count, 2)), followed)
    error, rows = motion_error(asked, found), track_errors(asked, found)
    weights = np.array([row.visible for row in rows])
    assert error.points == weights.sum() == seen.sum()
    assert error.mean_px == pytest.approx(float(np.average([row.mean_px for row in rows], weights=weights)))
    assert error.end_px == pytest.approx(float(np.mean([row.end_px for row in rows])))
    assert error.lost_percent == pytest.approx(100 * (1 - sum(row.followed for row in rows) / weights.sum()))
    shares = list(error.within_percent.values())
    assert shares == sorted(shares)
