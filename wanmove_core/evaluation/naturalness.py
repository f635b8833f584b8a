"""NIQE: how far the local statistics of a picture are from those of untouched photographs. Lower is better, 0 is the least.

Mittal, Soundararajan and Bovik, "Making a 'Completely Blind' Image Quality Analyzer", IEEE Signal Processing Letters 20 (2013).
The photographs' statistics are those of the authors' release of 2012 (125 photographs, blocks of 96x96 pixels, sharpness
threshold 0.75), in ``niqe_parameters.json`` under the terms in ``niqe_parameters.LICENSE.txt``. Where the paper leaves a choice
(a filter of 7x7 and sigma 7/6, borders repeated, both scales cut to whole blocks) this takes the release's, so that its figures
come out.

It knows photographs only: drawings and rendered pictures are "unnatural" to it. Compare a video with its own start image.
"""

import json
import math
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from ..rendering.frames import Frame

Array = NDArray[np.float64]

BLOCK = 96
"""px, the side of a block in full size; half of it in the second scale"""
_FEATURES = 36
_PARAMETERS = Path(__file__).with_name("niqe_parameters.json")
_SHIFTS = ((0, 1), (1, 0), (1, 1), (1, -1))
"""rows and columns to the neighbours whose products are looked at"""
_ROUNDING = 1e-9
_SHAPES = np.arange(200, 10_001) / 1000
"""exponents of a generalised Gaussian among which the fitting one is looked for"""


def niqe(picture: Frame) -> float | None:
    """The NIQE of a picture; None where it has fewer than two blocks of 96x96 pixels with any texture."""
    grey = _whole_blocks(np.rint(picture.astype(np.float64) @ (0.298936, 0.587043, 0.114021)))
    if grey.size < 2 * BLOCK**2:
        return None
    return distance_to_photographs(np.hstack([block_features(grey, BLOCK), block_features(_halved(grey), BLOCK // 2)]))


def distance_to_photographs(features: Array) -> float | None:
    """Of the Gaussian through a picture's block features [n, 36] (equation 10); None where fewer than two blocks have any.

    A feature that a block without texture cannot have is NaN.
    """
    complete = features[~np.isnan(features).any(axis=1)]
    if len(complete) < 2:
        return None
    mean, covariance = _photographs()
    gap = mean - np.nanmean(features, axis=0)
    shared = np.linalg.pinv((covariance + np.cov(complete, rowvar=False)) / 2)
    return float(np.sqrt(max(0.0, gap @ shared @ gap)))


def block_features(grey: Array, side: int) -> Array:
    """The 18 features of each block of one scale, [n, 18], blocks row by row.

    The exponent and the scale of the contrast-normalised levels, and for each of the four neighbours the exponent, mean and
    both scales of their products (equations 1 to 8).
    """
    rows, columns = grey.shape[0] // side, grey.shape[1] // side
    blocks = _normalised(grey).reshape(rows, side, columns, side).swapaxes(1, 2).reshape(rows * columns, side, side)
    shape, left, right = _fit(blocks)
    features = [shape, (left + right) / 2]
    for shift in _SHIFTS:
        shape, left, right = _fit(blocks * np.roll(blocks, shift, axis=(1, 2)))
        features += [shape, (right - left) * _gamma(2 / shape) / _gamma(1 / shape), left, right]
    return np.stack(features, axis=1)


def _normalised(grey: Array) -> Array:
    """Levels less their local mean, in units of their local deviation (and 1, so that flat places stay still)."""
    mean = _blur(grey)
    deviation = np.sqrt(np.abs(_blur(grey * grey) - mean**2))
    difference = grey - mean
    # In flat places the difference is nothing but rounding, whose signs would be counted, and differ between machines.
    return np.where(np.abs(difference) < _ROUNDING, 0, difference) / (deviation + 1)


def _blur(values: Array) -> Array:
    return np.asarray(cv2.GaussianBlur(values, (7, 7), 7 / 6, borderType=cv2.BORDER_REPLICATE), np.float64)


def _fit(blocks: Array) -> tuple[Array, Array, Array]:
    """Exponent, left and right scale of the asymmetric generalised Gaussian through each block's values, by moments. [n] each

    Lasmar, Stitou and Berthoumieu, "Multiscale Skewed Heavy Tailed Model for Texture Analysis" (2009).
    """
    values = blocks.reshape(len(blocks), -1)
    squares = values**2
    with np.errstate(invalid="ignore", divide="ignore"):
        left, right = (np.sqrt((squares * side).sum(axis=1) / side.sum(axis=1)) for side in (values < 0, values > 0))
        skew = left / right
        ratio = np.abs(values).mean(axis=1) ** 2 / squares.mean(axis=1)
        ratio = ratio * (skew**3 + 1) * (skew + 1) / (skew**2 + 1) ** 2
    shape = np.where(np.isnan(ratio), np.nan, _SHAPES[_nearest(_shape_ratios(), np.nan_to_num(ratio))])
    scale = np.sqrt(_gamma(1 / shape) / _gamma(3 / shape))
    return shape, left * scale, right * scale


@cache
def _shape_ratios() -> Array:
    """The moments' ratio that each exponent of ``_SHAPES`` has; it rises with the exponent."""
    return _gamma(2 / _SHAPES) ** 2 / (_gamma(1 / _SHAPES) * _gamma(3 / _SHAPES))


def _nearest(rising: Array, wanted: Array) -> NDArray[np.intp]:
    """Indices of the values nearest to those wanted."""
    after = np.clip(np.searchsorted(rising, wanted), 1, len(rising) - 1)
    return np.where(wanted - rising[after - 1] <= rising[after] - wanted, after - 1, after)


def _gamma(values: Array) -> Array:
    return np.array([math.gamma(value) if value == value else math.nan for value in values])


def _halved(grey: Array) -> Array:
    """Half as large by cubic interpolation (Keys, a = -0.5) over twice its reach, the borders mirrored."""
    distance = np.abs(np.arange(8) - 3.5) / 2
    near = 1.5 * distance**3 - 2.5 * distance**2 + 1
    far = -0.5 * distance**3 + 2.5 * distance**2 - 4 * distance + 2
    weights = np.where(distance <= 1, near, far) / 2
    weights = weights / weights.sum()
    padded = np.pad(grey, 3, mode="symmetric")
    high, wide = grey.shape
    down = np.stack([padded[index : index + high : 2] for index in range(8)])
    across = np.tensordot(weights, down, 1)
    return np.tensordot(weights, np.stack([across[:, index : index + wide : 2] for index in range(8)]), 1)


def _whole_blocks(grey: Array) -> Array:
    return grey[: grey.shape[0] // BLOCK * BLOCK, : grey.shape[1] // BLOCK * BLOCK]


@cache
def _photographs() -> tuple[Array, Array]:
    """Mean [36] and covariance [36, 36] of the features of untouched photographs."""
    stored = json.loads(_PARAMETERS.read_text(encoding="utf-8"))
    upper = np.zeros((_FEATURES, _FEATURES))
    upper[np.triu_indices(_FEATURES)] = stored["covariance"]
    return np.array(stored["mean"]), upper + np.triu(upper, 1).T
