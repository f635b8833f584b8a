"""How close a video is to the one that it should be: PSNR and SSIM of its frames, and the Fréchet distance of two sets.

SSIM is that of Wang, Bovik, Sheikh and Simoncelli, "Image Quality Assessment: From Error Visibility to Structural Similarity",
IEEE Transactions on Image Processing 13 (2004): an 11x11 Gaussian window of sigma 1.5, K1 = 0.01, K2 = 0.03, of grey levels,
where the window lies wholly inside the picture.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from ..errors import RequestError
from ..rendering.frames import Frame

MOST_PSNR = 100.0
"""dB that equal frames get, so that a mean over frames stays a number"""
_WINDOW, _SIGMA = 11, 1.5
_STABLE_MEAN, _STABLE_VARIANCE = (0.01 * 255) ** 2, (0.03 * 255) ** 2


def psnr(made: Frame, truth: Frame) -> float:
    """Peak signal-to-noise ratio over all pixels and colours, dB; at most ``MOST_PSNR``."""
    _check_sizes(made, truth)
    error = float(np.mean((made.astype(np.float64) - truth) ** 2))
    return MOST_PSNR if error == 0 else min(MOST_PSNR, float(10 * np.log10(255**2 / error)))


def ssim(made: Frame, truth: Frame) -> float:
    """Mean structural similarity, 1 = the same, around 0 = nothing in common."""
    _check_sizes(made, truth)
    if min(made.shape[:2]) < _WINDOW:
        raise RequestError(
            f"SSIM needs frames of at least {_WINDOW}x{_WINDOW} pixels; these are {made.shape[1]}x{made.shape[0]}."
        )
    one, other = (cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY).astype(np.float64) for frame in (made, truth))
    mean_one, mean_other = _blur(one), _blur(other)
    variance_one, variance_other = _blur(one * one) - mean_one**2, _blur(other * other) - mean_other**2
    covariance = _blur(one * other) - mean_one * mean_other
    likeness = (2 * mean_one * mean_other + _STABLE_MEAN) * (2 * covariance + _STABLE_VARIANCE)
    most = (mean_one**2 + mean_other**2 + _STABLE_MEAN) * (variance_one + variance_other + _STABLE_VARIANCE)
    return float(np.mean(likeness / most))


def frechet_distance(one: NDArray[np.floating], other: NDArray[np.floating]) -> float:
    """The Fréchet distance between two sets of features, each taken as a Gaussian: FID of Inception's, FVD of I3D's.

    Heusel et al., "GANs Trained by a Two Time-Scale Update Rule Converge to a Local Nash Equilibrium" (2017), equation 6. It
    depends on how many samples there are: compare only sets of the same size, and not those of fewer than some hundred.

    Args:
        one, other: [n, d] and [m, d], a row a sample, at least 2 each.

    Raises:
        RequestError: shapes that do not fit, fewer than 2 samples, or values that are not finite.
    """
    sets = [np.asarray(features, np.float64) for features in (one, other)]
    for features in sets:
        if features.ndim != 2 or len(features) < 2 or features.shape[1] != sets[0].shape[-1] or not np.isfinite(features).all():
            raise RequestError(
                f"The features have the shapes {list(sets[0].shape)} and {list(sets[1].shape)}; [samples, d] with the same d, "
                "at least 2 samples each and finite values are needed."
            )
    first, second = FeatureMoments(), FeatureMoments()
    first.add(sets[0])
    second.add(sets[1])
    return first.frechet_distance(second)


class FeatureMoments:
    """Mean and covariance of features that come a few at a time and need not be kept."""

    def __init__(self) -> None:
        self.count = 0
        self._mean = self._scatter = np.zeros(0)

    def add(self, features: NDArray[np.floating]) -> None:
        """Take in [n, d], n >= 1, finite values; d is that of the first call. Sums are merged as Chan et al. (1979) do."""
        rows = np.asarray(features, np.float64)
        if not self.count:
            self._mean, self._scatter = np.zeros(rows.shape[1]), np.zeros((rows.shape[1], rows.shape[1]))
        mean = rows.mean(axis=0)
        gap, total = mean - self._mean, self.count + len(rows)
        self._scatter += (rows - mean).T @ (rows - mean) + np.outer(gap, gap) * (self.count * len(rows) / total)
        self._mean += gap * (len(rows) / total)
        self.count = total

    def frechet_distance(self, other: "FeatureMoments") -> float:
        """As the function of that name, of all that was taken in: at least 2 samples each."""
        first, second = (moments._scatter / (moments.count - 1) for moments in (self, other))
        gap = self._mean - other._mean
        # The trace of the root of first @ second is that of the root of the symmetric first^(1/2) @ second @ first^(1/2).
        root = _root(first)
        overlap = np.sqrt(np.clip(np.linalg.eigvalsh(root @ second @ root), 0, None)).sum()
        return max(0.0, float(gap @ gap + np.trace(first) + np.trace(second) - 2 * overlap))


def _root(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """The symmetric root of a covariance."""
    values, vectors = np.linalg.eigh(matrix)
    return (vectors * np.sqrt(np.clip(values, 0, None))) @ vectors.T


def _blur(values: NDArray[np.float64]) -> NDArray[np.float64]:
    blurred = cv2.GaussianBlur(values, (_WINDOW, _WINDOW), _SIGMA)
    edge = _WINDOW // 2
    return np.asarray(blurred[edge:-edge, edge:-edge], np.float64)


def _check_sizes(made: Frame, truth: Frame) -> None:
    if made.shape != truth.shape:
        raise RequestError(
            f"A frame is {made.shape[1]}x{made.shape[0]}, the true one {truth.shape[1]}x{truth.shape[0]}; scale one of them."
        )
