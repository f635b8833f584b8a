"""PSNR, SSIM, the Fréchet distance, warp error, dynamic degree and CLIP-F have known answers."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wanmove_core.errors import RequestError
from wanmove_core.evaluation.consistency import clip_f, compare_frames
from wanmove_core.evaluation.fidelity import frechet_distance, psnr, ssim
from wanmove_core.host import SilentHost
from wanmove_core.rendering.frames import Frame


def _ramp(extra: int = 0) -> Frame:
    down, across = np.mgrid[:40, :48]
    return np.repeat(((across * 5 + down * 3 + (across % 7) * extra) % 256).astype(np.uint8)[..., None], 3, axis=2)


def _texture(shift: tuple[int, int] = (0, 0), size: tuple[int, int] = (96, 128)) -> Frame:
    noise = np.random.default_rng(3).normal(size=(size[0] + 40, size[1] + 40, 3))
    wide = np.clip(128 + 300 * cv2.GaussianBlur(noise, (0, 0), 2.0), 0, 255).astype(np.uint8)
    top, left = 20 - shift[1], 20 - shift[0]
    return np.ascontiguousarray(wide[top : top + size[0], left : left + size[1]])


def test_a_difference_of_ten_levels_is_28_decibels() -> None:
    assert psnr(np.full((8, 8, 3), 100, np.uint8), np.full((8, 8, 3), 110, np.uint8)) == pytest.approx(28.1308, abs=1e-4)


def test_equal_frames_have_the_most() -> None:
    assert (psnr(_ramp(), _ramp()), ssim(_ramp(), _ramp())) == (100, 1)


def test_psnr_and_ssim_are_those_of_scikit_image() -> None:
    """0.26, ``structural_similarity(gaussian_weights=True, sigma=1.5, use_sample_covariance=False)``."""
    assert psnr(_ramp(), _ramp(4)) == pytest.approx(13.66450007551681, rel=1e-9)
    assert ssim(_ramp(), _ramp(4)) == pytest.approx(0.5824018986908702, rel=1e-9)


def test_frames_that_cannot_be_compared_are_refused() -> None:
    with pytest.raises(RequestError, match="is 48x40, the true one 40x40"):
        psnr(_ramp(), _ramp()[:, :40])
    with pytest.raises(RequestError, match="at least 11x11"):
        ssim(_ramp()[:10], _ramp()[:10])


def test_the_frechet_distance_of_gaussians_is_known() -> None:
    corners = np.array([[-1.0, 0], [1, 0], [0, -1], [0, 1]])
    assert frechet_distance(corners, corners) == pytest.approx(0, abs=1e-12)
    assert frechet_distance(corners, corners + np.array([3, 4])) == pytest.approx(25)
    variance = 2 / 3
    assert frechet_distance(corners, corners * np.array([2, 5])) == pytest.approx(variance * (1 + 16))
    turned = corners @ np.array([[0.6, -0.8], [0.8, 0.6]])
    assert frechet_distance(corners, turned) == pytest.approx(0, abs=1e-9)


def test_the_frechet_distance_is_that_of_the_root_of_the_product() -> None:
    """By the eigenvalues of the covariances' product, another way than the code's."""
    made = np.random.default_rng(7)
    one, other = made.normal(size=(50, 4)) @ made.normal(size=(4, 4)), made.normal(size=(60, 4)) @ made.normal(size=(4, 4)) + 1
    first, second = np.cov(one, rowvar=False), np.cov(other, rowvar=False)
    values = np.linalg.eigvals(first @ second).real
    gap = one.mean(axis=0) - other.mean(axis=0)
    wanted = gap @ gap + np.trace(first) + np.trace(second) - 2 * np.sqrt(values).sum()
    assert frechet_distance(one, other) == pytest.approx(wanted, rel=1e-9)


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 2**31), st.integers(2, 30), st.integers(2, 30), st.integers(1, 40))
def test_the_frechet_distance_is_symmetric_and_never_negative(seed: int, n: int, m: int, d: int) -> None:
    made = np.random.default_rng(seed)
    one, other = made.normal(size=(n, d)), made.normal(size=(m, d)) * 2
    there, back = frechet_distance(one, other), frechet_distance(other, one)
    assert there >= 0 and there == pytest.approx(back, rel=1e-5, abs=1e-5)


@pytest.mark.parametrize("other", [np.zeros((3, 5)), np.zeros((1, 4)), np.full((3, 4), np.nan), np.zeros(4)])
def test_features_that_do_not_fit_are_refused(other: np.ndarray) -> None:
    with pytest.raises(RequestError, match="same d, at least 2 samples"):
        frechet_distance(np.zeros((3, 4)), other)


def test_a_shifted_texture_has_its_step_as_dynamic_degree_and_no_warp_error() -> None:
    found = compare_frames([_texture((4 * time, 3 * time)) for time in range(4)], SilentHost())
    scale = np.hypot(832, 480) / np.hypot(128, 96)
    assert found.dynamic_degree == pytest.approx(5 * scale, rel=0.05)
    assert found.warp_error is not None and found.warp_error < 4
    assert found.masked_percent is not None and 3 < found.masked_percent < 25, "what comes in at the edges"


def test_a_still_has_no_warp_error_and_no_dynamic_degree() -> None:
    found = compare_frames([_texture()] * 3, SilentHost())
    assert (found.warp_error, found.masked_percent) == (0, 0) and found.dynamic_degree == pytest.approx(0, abs=1e-3)


def test_what_is_hidden_is_left_out_of_the_warp_error() -> None:
    one, other = _texture(), _texture()
    one[20:70, 30:80] = other[20:70, 38:88] = 255 - _texture((9, 9))[20:70, 30:80]
    moved = compare_frames([one, other], SilentHost())
    naive = float(np.sqrt(np.mean((one.astype(float) - other) ** 2)))
    assert moved.warp_error is not None and moved.warp_error < naive / 2 and (moved.masked_percent or 0) > 2


def test_one_frame_says_nothing() -> None:
    found = compare_frames([_texture()], SilentHost(), lambda frames: np.ones((len(frames), 2)))
    assert (found.warp_error, found.dynamic_degree, found.masked_percent, found.clip_f) == (None, None, None, None)


def test_large_frames_are_compared_at_the_reference_s_size() -> None:
    small, large = (
        compare_frames([_texture((3 * time, 0)).repeat(scale, 0).repeat(scale, 1) for time in range(2)], SilentHost())
        for scale in (6, 12)
    )
    assert large.dynamic_degree == pytest.approx(small.dynamic_degree or 0, rel=0.05)


def test_clip_f_is_the_mean_cosine_of_neighbours() -> None:
    rows = np.array([[1.0, 0], [2, 0], [0, 3], [0, -1]])
    assert clip_f(rows) == pytest.approx((1 + 0 - 1) / 3)
