"""NIQE agrees with an independent implementation that itself agrees with the authors' release in MATLAB.

The figures of ``REFERENCE`` were computed on 2026-11-21 with BasicSR's ``niqe`` (github.com/XPixelGroup/BasicSR) on these
pictures, as grey levels. On BasicSR's ``baboon.png``, which cannot be shipped, this module's functions give 5.729574 for its Y
channel, where MATLAB R2021a gives 5.729573 (BasicSR's docstring), and 5.73154 and 5.62525 for its grey levels and its blue
channel, as mmediting's tests say.
"""

import json
from importlib.resources import files

import cv2
import numpy as np
import pytest

from wanmove_core.demo.assets import PICTURE
from wanmove_core.evaluation.naturalness import block_features, distance_to_photographs, niqe
from wanmove_core.rendering.frames import Frame
from wanmove_core.rendering.images import load_image


def _noise() -> Frame:
    return np.random.default_rng(11).integers(0, 256, (288, 288, 3), dtype=np.uint8)


REFERENCE = {
    "noise": (_noise, 32.96444, 0.001),
    "demo": (lambda: load_image(PICTURE), 4.94628, 0.02),
    "part": (lambda: np.ascontiguousarray(load_image(PICTURE)[100:320, 200:500]), 5.31536, 0.02),
    "soft": (lambda: np.asarray(cv2.GaussianBlur(load_image(PICTURE), (0, 0), 1), np.uint8), 6.88407, 0.05),
}
"""name -> picture, BasicSR's figure, how close: it computes in float32, and JPEG is not decoded alike everywhere"""


@pytest.mark.parametrize("name", REFERENCE)
def test_niqe_is_that_of_an_independent_implementation(name: str) -> None:
    make, wanted, near = REFERENCE[name]
    assert niqe(make()) == pytest.approx(wanted, abs=near)


@pytest.mark.parametrize("how", ["noise", "blur"])
def test_niqe_rises_with_noise_and_with_blur(how: str) -> None:
    picture = load_image(PICTURE)
    grain = np.random.default_rng(2).normal(size=picture.shape)
    noisy = [np.clip(picture + strength * grain, 0, 255).astype(np.uint8) for strength in (0, 8, 20, 50)]
    soft = [picture, *(np.asarray(cv2.GaussianBlur(picture, (0, 0), strength), np.uint8) for strength in (1, 2, 4))]
    found = [niqe(frame) or 0 for frame in (noisy if how == "noise" else soft)]
    assert found == sorted(found) and found[-1] > found[0] + 3


@pytest.mark.parametrize("size", [(96, 191), (95, 400), (96, 96), (20, 20)])
def test_a_picture_of_less_than_two_blocks_has_no_niqe(size: tuple[int, int]) -> None:
    assert niqe(_noise()[: size[0], : size[1]]) is None


def test_a_picture_without_texture_has_no_niqe() -> None:
    assert niqe(np.full((288, 288, 3), 90, np.uint8)) is None


def test_flat_places_beside_texture_are_no_trouble() -> None:
    picture = _noise()
    picture[:100] = 90
    found = niqe(picture)
    assert found is not None and np.isfinite(found)


def test_gaussian_blocks_have_the_exponent_of_a_gaussian() -> None:
    values = np.random.default_rng(0).normal(128, 30, (960, 960))
    features = block_features(values, 96)
    assert features.shape == (100, 18)
    assert features[:, 0].mean() == pytest.approx(2.8, abs=0.2), "a division by the local deviation takes the tails"
    assert np.abs(features[:, [3, 7, 11, 15]]).mean() < 0.2


def test_blocks_like_photographs_are_near_them() -> None:
    stored = json.loads(files("wanmove_core.evaluation").joinpath("niqe_parameters.json").read_text(encoding="utf-8"))
    covariance = np.zeros((36, 36))
    covariance[np.triu_indices(36)] = stored["covariance"]
    covariance = covariance + np.triu(covariance, 1).T
    assert np.linalg.eigvalsh(covariance).min() > 0 and len(stored["mean"]) == 36
    blocks = np.random.default_rng(1).multivariate_normal(stored["mean"], covariance, 4000)
    near, far = distance_to_photographs(blocks), distance_to_photographs(blocks + 3 * np.sqrt(np.diag(covariance)))
    assert near is not None and far is not None and near < 0.2 < 3 < far


def test_the_licence_of_the_parameters_lies_beside_them() -> None:
    text = files("wanmove_core.evaluation").joinpath("niqe_parameters.LICENSE.txt").read_text(encoding="utf-8")
    assert "Copyright (c) 2011 The University of Texas at Austin" in text and "COPYRIGHT NOTICE ENDS" in text
