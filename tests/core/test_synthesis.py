"""Synthetic clips: the same for the same seed, tracks that stay on what they started on, visibility under occlusion."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from wanmove_core.evaluation.motions import compose, invert, matrices, sprite_pose, still, translation
from wanmove_core.evaluation.scenes import Layer, make_layers
from wanmove_core.evaluation.synthesis import SyntheticClip, make_clip, render, track
from wanmove_core.evaluation.textures import KINDS, procedural_texture, random_crop

SIZE = 64
ROOT = Path(__file__).parents[2]


def _noise(seed: int, height: int, width: int) -> NDArray[np.uint8]:
    """[height, width, 3] of independent pixels."""
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3)).astype(np.uint8)


def _box(seed: int, side: int, corners: list[tuple[int, int]]) -> Layer:
    """A noise square of ``side`` px with its top-left corner at ``corners`` (x, y), one a frame."""
    motion = np.stack([translation(x, y) for x, y in corners])
    return Layer(_noise(seed, side, side), np.full((side, side), 255, np.uint8), motion)


def _ground(seed: int, length: int) -> Layer:
    """A noise background that stays."""
    return Layer(_noise(seed, SIZE, SIZE), None, np.stack([translation(0, 0)] * length))


def test_same_seed_same_clip_whatever_ran_before() -> None:
    first = make_clip(7, 9, SIZE, SIZE)
    np.random.seed(3)
    make_clip(8, 9, SIZE, SIZE)
    again = make_clip(7, 9, SIZE, SIZE)
    for name in ("frames", "positions", "visibility", "layer"):
        np.testing.assert_array_equal(getattr(first, name), getattr(again, name))
    assert not np.array_equal(first.frames, make_clip(8, 9, SIZE, SIZE).frames)


@pytest.mark.parametrize(("length", "height", "width"), [(1, 32, 32), (5, 64, 96), (9, 128, 64)])
def test_shapes_and_types(length: int, height: int, width: int) -> None:
    clip = make_clip(1, length, height, width, [_noise(0, 80, 120)])
    count = (height // 8) * (width // 8)
    assert clip.frames.shape == (length, height, width, 3) and clip.frames.dtype == np.uint8
    assert clip.positions.shape == (length, count, 2) and clip.positions.dtype == np.float32
    assert clip.visibility.shape == (length, count) and clip.visibility.dtype == np.bool_
    assert clip.layer.shape == (count,) and clip.layer.dtype == np.int32
    assert clip.visibility[0].all()
    assert (np.diff(clip.layer) >= 0).all(), "sorted by depth"


def test_one_track_starts_in_each_cell() -> None:
    start = make_clip(2, 5, SIZE, SIZE).positions[0]
    cells = {(int(x), int(y)) for x, y in np.round(start * 1000) / 1000}
    assert cells == {(8 * column + 4, 8 * row + 4) for row in range(8) for column in range(8)}


def test_shifted_box_keeps_its_pixels_under_its_tracks() -> None:
    corners = [(9, 13), (12, 15), (20, 11), (37, 29)]
    layers = [_ground(0, 4), _box(1, 24, corners)]
    frames = render(layers, SIZE, SIZE)
    positions, visibility, layer = track(layers, SIZE, SIZE)
    assert set(layer) == {0, 1}
    for time, index in zip(*np.nonzero(visibility), strict=True):
        start, now = (np.round(positions[t, index]).astype(int) for t in (0, time))
        np.testing.assert_array_equal(frames[time, now[1], now[0]], frames[0, start[1], start[0]])


def test_box_tracks_are_the_box_shift() -> None:
    corners = [(9, 13), (12, 15), (37, 29)]
    positions, _, layer = track([_ground(0, 3), _box(1, 24, corners)], SIZE, SIZE)
    shift = np.array(corners) - corners[0]
    np.testing.assert_allclose(positions[:, layer == 1] - positions[0, layer == 1], np.broadcast_to(shift[:, None], (3, 9, 2)))
    assert (positions[:, layer == 0] == positions[0, layer == 0]).all()


def test_the_upper_box_hides_the_lower_one_and_the_background() -> None:
    upper = [(0, 0), (24, 24), (40, 40)]
    layers = [_ground(0, 3), _box(1, 24, [(30, 30)] * 3), _box(2, 16, upper)]
    positions, visibility, layer = track(layers, SIZE, SIZE)
    for time, (x, y) in enumerate(upper):
        covered = ((positions[time] > (x, y)) & (positions[time] < (x + 16, y + 16))).all(-1)
        lower = ((positions[time] > 30) & (positions[time] < 54)).all(-1)
        np.testing.assert_array_equal(visibility[time, layer == 2], True)
        np.testing.assert_array_equal(visibility[time, layer == 1], ~covered[layer == 1])
        np.testing.assert_array_equal(visibility[time, layer == 0], ~(covered | lower)[layer == 0])
    assert not visibility[1, layer == 1].all()


def test_what_leaves_the_picture_is_hidden() -> None:
    positions, visibility, layer = track([_ground(0, 2), _box(1, 16, [(40, 20), (57, 20)])], SIZE, SIZE)
    np.testing.assert_array_equal(visibility[1, layer == 1], positions[1, layer == 1, 0] < SIZE)
    assert not visibility[1, layer == 1].all()


@pytest.mark.parametrize("seed", range(6))
def test_random_clips_look_the_same_along_visible_tracks(seed: int) -> None:
    clip = make_clip(seed, 17, 128, 128)
    exact, off = (np.median(_change(clip, clip.positions + shift)[clip.visibility]) for shift in (0, 3))
    assert exact < 2 and off > 2 * exact + 0.5


def _change(clip: SyntheticClip, positions: NDArray[np.float32]) -> NDArray[np.float64]:
    """[T, N]: how much the colour at ``positions`` differs from the one at the true start of the track."""
    start = _colours(clip.frames[0], clip.positions[0])
    rows = [_colours(frame, place) for frame, place in zip(clip.frames, positions, strict=True)]
    return np.abs(np.stack(rows) - start).mean(-1)


def _colours(frame: NDArray[np.uint8], places: NDArray[np.float32]) -> NDArray[np.float64]:
    """[N, 3] of ``frame`` [H, W, 3] at ``places`` [N, 2] px, without the finest detail, which resampling does not keep."""
    x, y = np.moveaxis(places.astype(np.float32) - 0.5, -1, 0)
    smooth = cv2.GaussianBlur(frame, (0, 0), 1.0)
    return np.asarray(cv2.remap(smooth, x[None], y[None], cv2.INTER_LINEAR), np.float64)[0]


def test_a_pose_turns_about_its_centre_and_starts_where_it_is() -> None:
    rng = np.random.default_rng(0)
    for _ in range(20):
        pose = sprite_pose(rng, 9, np.array([20.0, -5.0]))
        motion = matrices(pose, np.array([30.0, 40.0]))
        np.testing.assert_allclose(motion[0], translation(0, 0), atol=1e-12)
        np.testing.assert_allclose(motion[..., :2] @ (30, 40) + motion[..., 2], pose.offset + np.array([30, 40]), atol=1e-9)
        np.testing.assert_allclose(compose(motion, invert(motion)), [translation(0, 0)] * 9, atol=1e-9)


def test_the_mix_of_clips_is_as_said() -> None:
    scenes = [make_layers(np.random.default_rng(seed), 3, SIZE, SIZE, ()) for seed in range(150)]
    moves = np.array([[np.ptp(layer.motion, axis=0).max() > 1e-6 for layer in (s[0], s[-1])] for s in scenes])
    assert 0.3 < 1 - moves[:, 0].mean() < 0.6, "camera stays"
    assert 0.01 < 1 - moves[:, 1].mean() < 0.12, "nothing moves"
    assert {len(scene) for scene in scenes} == {2, 3, 4, 5}
    assert matrices(still(3), np.zeros(2)).shape == (3, 2, 3)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_each_texture_kind_fills_the_picture(kind: Callable[[np.random.Generator, int, int], NDArray[np.uint8]]) -> None:
    for seed in range(4):
        picture = kind(np.random.default_rng(seed), 40, 56)
        assert picture.shape == (40, 56, 3) and picture.dtype == np.uint8 and picture.std() > 1
    assert procedural_texture(np.random.default_rng(0), (12, 10)).shape == (12, 10, 3)


def test_crops_fit_small_and_large_photographs() -> None:
    for side in (20, 64, 300):
        assert random_crop(np.random.default_rng(0), _noise(0, side, 2 * side), 70, 50).shape == (50, 70, 3)


def test_the_shipped_picture() -> None:
    path = ROOT / "wanmove_core" / "demo" / "picture.jpg"
    picture = cv2.imread(str(path))
    assert picture is not None and picture.shape == (480, 832, 3)
    assert path.stat().st_size <= 200_000


def test_each_training_photograph_is_listed_with_its_licence() -> None:
    pytest.importorskip("skimage")
    from training.photographs import HELD_OUT, TRAINING, held_out_photographs, training_photographs

    listing = (ROOT / "training" / "PHOTOGRAPHS.md").read_text(encoding="utf-8")
    assert all(f"`{name}`" in listing for name in TRAINING + HELD_OUT)
    assert not set(TRAINING) & set(HELD_OUT)
    for picture in training_photographs() + held_out_photographs():
        assert picture.ndim == 3 and picture.shape[2] == 3 and picture.dtype == np.uint8
