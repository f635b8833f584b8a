"""Following points and scoring them: known motions give known numbers, and lost points are not forgotten."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from wanmove_core.errors import RequestError
from wanmove_core.evaluation.measure import choose_tracks, measure_tracks, take_tracks
from wanmove_core.evaluation.metrics import endpoint_error
from wanmove_core.evaluation.point_tracking import PatchOptions, follow_points, is_trackable, match_patches
from wanmove_core.evaluation.trackers import PatchMatching, find_tracker
from wanmove_core.rendering.frames import Frame
from wanmove_core.tracks.baked import BakedTracks

SIZE, LENGTH = 128, 9


def _texture() -> Frame:
    noise = np.random.default_rng(3).normal(size=(SIZE, SIZE, 3))
    return np.clip(128 + 300 * cv2.GaussianBlur(noise, (0, 0), 2.0), 0, 255).astype(np.uint8)


def _affine(angle: float, scale: float, x: float, y: float, share: float) -> np.ndarray:
    matrix = cv2.getRotationMatrix2D((SIZE / 2 - 0.5, SIZE / 2 - 0.5), angle * share, 1 + (scale - 1) * share)
    matrix[:, 2] += (x * share, y * share)
    return matrix


def _video(angle: float = 0, scale: float = 1, x: float = 0, y: float = 0) -> tuple[list[Frame], np.ndarray]:
    """Frames of the texture on its way, and where a grid of points is in each of them [T, N, 2]."""
    start = np.stack(np.meshgrid(np.arange(36, 93, 8.0), np.arange(36, 93, 8.0)), axis=-1).reshape(-1, 2)
    frames, places = [], []
    for share in np.linspace(0, 1, LENGTH):
        matrix = _affine(angle, scale, x, y, float(share))
        warped = cv2.warpAffine(_texture(), matrix, (SIZE, SIZE), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
        frames.append(np.asarray(warped, np.uint8))
        places.append((start - 0.5) @ matrix[:, :2].T + matrix[:, 2] + 0.5)
    return frames, np.array(places, np.float32)


def _tracks(positions: np.ndarray, layer: np.ndarray | None = None) -> BakedTracks:
    numbers = np.zeros(positions.shape[1], np.int32) if layer is None else layer.astype(np.int32)
    names = tuple(str(number) for number in range(int(numbers.max()) + 1))
    return BakedTracks(positions.astype(np.float32), np.ones(positions.shape[:2], np.bool_), SIZE, SIZE, numbers, names)


@pytest.mark.parametrize(
    "way", [{"x": 20.5, "y": -6.25}, {"angle": 35}, {"scale": 1.3}, {"scale": 0.8}, {"angle": -20, "scale": 1.2, "x": 8}]
)
def test_flow_finds_a_moving_texture_to_a_tenth_of_a_pixel(way: dict[str, float]) -> None:
    frames, truth = _video(**way)
    found = follow_points(frames, truth[0])
    error = np.linalg.norm(found.positions - truth, axis=-1)[found.followed]
    assert found.followed.mean() >= 0.98
    assert np.median(error) <= 0.1
    assert np.percentile(error, 95) <= 0.5


def test_patches_find_a_shifted_texture_to_a_third_of_a_pixel() -> None:
    frames, truth = _video(x=20.5, y=-6.25)
    found = match_patches(frames, truth)
    assert found.followed.all()
    assert np.linalg.norm(found.positions - truth, axis=-1).max() <= 0.33


def test_patches_find_a_point_again_after_something_passed_in_front_of_it() -> None:
    frames = [_texture() for _ in range(LENGTH)]
    frames[4] = np.full_like(frames[4], 90)
    places = np.full((LENGTH, 1, 2), 60, np.float32)
    found = match_patches(frames, places)
    assert found.followed[:, 0].tolist() == [True] * 4 + [False] + [True] * 4
    assert np.allclose(found.positions, 60, atol=0.1)


def test_flow_loses_points_when_the_picture_changes_and_they_stay_where_they_were() -> None:
    frames = [_texture()] * 3 + [np.random.default_rng(5).integers(0, 255, (SIZE, SIZE, 3)).astype(np.uint8)] * 2
    found = follow_points(frames, np.array([[50, 50], [70, 80]]))
    assert found.followed[2].all()
    assert not found.followed[-1].any()
    assert np.allclose(found.positions[-1], found.positions[2])


def test_flat_places_and_places_outside_cannot_be_followed() -> None:
    picture = _texture()
    picture[:, 64:] = 128
    found = is_trackable(picture, np.array([[30, 30], [100, 60], [-5, 10], [30, 128]]))
    assert found.tolist() == [True, False, False, False]


def test_a_frozen_video_scores_the_length_of_the_motion() -> None:
    _, wanted = _video(x=12, y=-16)
    measured = measure_tracks([_texture()] * LENGTH, _tracks(wanted))
    assert measured.score is not None
    assert measured.score.mean_px == pytest.approx(20, abs=0.01)
    assert measured.score.motion_px == pytest.approx(20, abs=0.01)
    assert measured.score.within_percent == 0


def test_the_floor_of_the_measure_is_near_zero() -> None:
    frames, wanted = _video(x=12, y=-16)
    measured = measure_tracks(frames, _tracks(wanted))
    assert measured.score is not None
    assert measured.score.mean_px <= 0.2
    assert measured.score.within_percent == 100


def test_lost_points_count_with_where_they_were_last_seen() -> None:
    wanted = _tracks(np.array([[[10, 10], [20, 20]], [[40, 10], [20, 60]]]))
    achieved = np.array([[[10, 10], [20, 20]], [[40, 10], [20, 20]]], np.float32)
    score = endpoint_error(wanted, achieved, np.array([[True, True], [True, False]]))
    assert score.mean_px == 20
    assert score.median_px == 20
    assert score.followed_mean_px == 0
    assert (score.within_percent, score.lost_percent, score.motion_px) == (50, 50, 35)
    assert score.mean_percent == pytest.approx(100 * 20 / (128 * 2**0.5))


def test_all_lost_leaves_no_mean_of_the_followed() -> None:
    wanted = _tracks(np.array([[[10, 10]], [[10, 50]]]))
    score = endpoint_error(wanted, wanted.positions * 0 + 10, np.array([[True], [False]]))
    assert score.followed_mean_px is None
    assert (score.mean_px, score.within_percent) == (40, 0)


def test_each_rule_says_how_many_tracks_it_left_out() -> None:
    picture = _texture()
    picture[96:] = 128
    start = np.array([[20, 20], [60, 60], [40, 20], [100, 110], [100, 40], [60, 20]], np.float32)
    end = start + np.array([[0, 9], [0, 2], [0, 300], [9, 0], [-9, 0], [30, 21]], np.float32)
    layer = np.array([0, 0, 0, 0, 0, 1])
    choice = choose_tracks(_tracks(np.stack([start, end]), layer), picture)
    assert choice.indices.tolist() == [0, 5]
    assert (choice.hidden, choice.still, choice.covered, choice.flat, choice.surplus) == (1, 1, 1, 1, 0)


def test_tracks_in_the_middle_of_a_region_are_preferred_to_its_edge() -> None:
    _, wanted = _video(x=20)
    choice = choose_tracks(_tracks(wanted), _texture())
    assert wanted.shape[1] == 64
    assert len(choice.indices) == 16
    assert choice.surplus == 48


def test_no_track_to_measure_gives_no_score_but_the_reasons() -> None:
    _, wanted = _video()
    measured = measure_tracks([_texture()] * LENGTH, _tracks(wanted))
    assert measured.score is None
    assert measured.choice.still == 64


@pytest.mark.parametrize("length", [LENGTH - 1, LENGTH + 1])
def test_a_video_of_another_length_is_refused(length: int) -> None:
    _, wanted = _video(x=20)
    with pytest.raises(RequestError, match=f"has {length} frames, the tracks have {LENGTH}"):
        measure_tracks([_texture()] * length, _tracks(wanted))


def test_a_video_of_another_size_is_refused() -> None:
    _, wanted = _video(x=20)
    with pytest.raises(RequestError, match="64x64, the tracks are for 128x128"):
        measure_tracks([_texture()[:64, :64]] * LENGTH, _tracks(wanted))


def test_scoring_nothing_is_refused() -> None:
    _, wanted = _video()
    nothing = take_tracks(_tracks(wanted), np.array([], np.intp))
    with pytest.raises(RequestError, match="no tracks to measure"):
        endpoint_error(nothing, nothing.positions, nothing.visibility)


@pytest.mark.parametrize(("name", "says"), [("flow", "OpenCV pyramidal Lucas-Kanade"), ("patches", "OpenCV patch matching")])
def test_a_tracker_says_what_it_is_and_follows(name: str, says: str) -> None:
    frames, truth = _video(x=12, y=-16)
    tracker = find_tracker(name)
    assert (tracker.name, tracker.version, tracker.licence) == (says, cv2.__version__, "Apache-2.0")
    found = tracker.follow(frames, truth[0])
    assert found.followed.all()
    assert np.linalg.norm(found.positions - truth, axis=-1).max() <= 0.5


def test_patches_reach_a_leap_that_is_expected() -> None:
    frames, truth = _video(x=20)
    leap, points = [frames[0], frames[-1]], truth[0, :4]
    near = PatchMatching(PatchOptions(reach=12))
    assert not near.follow(leap, points).followed[-1].any()
    assert near.expecting(truth[[0, -1], :4]).follow(leap, points).followed[-1].all()


def test_an_unknown_tracker_and_weights_for_one_without_are_refused() -> None:
    with pytest.raises(RequestError, match='no tracker "optic"; use one of flow, patches'):
        find_tracker("optic")
    with pytest.raises(RequestError, match="has no weights, but x"):
        find_tracker("flow", Path("x.pt"))
