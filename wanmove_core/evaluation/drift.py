"""Take the drift out of followed points: match each with its look in the first frame, turned and scaled as its surroundings.

Following from frame to frame with a rigid window adds up small errors wherever things turn or grow, because a window's
answer belongs to the middle of its texture rather than to the middle of the window. Comparing with the first frame under
the right turn and scale has no such error, however many frames lie between.
"""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float32]
Patches = NDArray[np.float32]
"""[N, side, side]"""

_NEIGHBOURS = 10


@dataclass(frozen=True)
class DriftOptions:
    """When a match with the first frame is believed."""

    side: int = 17
    """side of the patches, px, odd"""
    max_shift: float = 4.0
    """px that the match may differ from the frame-by-frame result"""
    min_correlation: float = 0.9
    """between the patch now and the turned and scaled patch of the first frame"""
    iterations: int = 8
    """most steps of a match"""


def correct_drift(
    first: NDArray[np.uint8], grey: NDArray[np.uint8], start: Points, place: Points, options: DriftOptions
) -> tuple[Points, NDArray[np.bool_]]:
    """Places [N, 2] corrected where the first frame can be recognised, and where that was so.

    Args:
        first, grey: the first and the present frame, [H, W].
        start, place: where the points are in them, [N, 2]; ``place`` is right to ``max_shift``.
    """
    linear = local_linear(start, place)
    grid = patch_grid(options.side)
    template = sample_patches(first, start[:, None] + np.einsum("nij,pj->npi", np.linalg.inv(linear), grid), options.side)
    found, now = align_patches(grey, template, place, options.iterations)
    good = patch_correlation(template, now) >= options.min_correlation
    good &= np.linalg.norm(found - place, axis=1) <= options.max_shift
    return np.where(good[:, None], found, place).astype(np.float32), good


def local_linear(start: Points, place: Points) -> NDArray[np.float64]:
    """How the surroundings of each point turned, scaled and sheared, [N, 2, 2], by least squares over its neighbours.

    The identity where that is absurd (a mirror image, or larger or smaller than 4 times), as between things that move apart.
    """
    if len(start) < 3:
        return np.tile(np.eye(2), (len(start), 1, 1))
    count = min(_NEIGHBOURS, len(start) - 1)
    distance = np.linalg.norm(start[:, None] - start[None], axis=-1)
    near = np.argsort(distance, axis=1, kind="stable")[:, 1 : count + 1]
    before = (start[near] - start[:, None]).astype(np.float64)
    after = (place[near] - place[:, None]).astype(np.float64)
    # A faint pull towards the identity keeps neighbours on one line, or in one place, solvable.
    pull = 1e-3 * (before**2).sum(axis=(1, 2))[:, None, None] * np.eye(2) + 1e-6 * np.eye(2)
    gram = np.einsum("nki,nkj->nij", before, before) + pull
    mixed = np.einsum("nki,nkj->nij", after, before) + pull
    linear = mixed @ np.linalg.inv(gram)
    area = np.linalg.det(linear)
    return np.where(((area > 1 / 16) & (area < 16))[:, None, None], linear, np.eye(2)).astype(np.float64)


def align_patches(grey: NDArray[np.uint8], template: Patches, place: Points, iterations: int) -> tuple[Points, Patches]:
    """Gauss-Newton on the shift and the brightness of each patch; the places [N, 2] where they match and the patches there.

    Args:
        template: [N, side, side], what is looked for from ``place`` [N, 2] on, a few px around.
    """
    side = template.shape[1]
    grid = patch_grid(side)
    down, across = np.gradient(template, axis=(1, 2))
    slopes = np.stack([across.reshape(len(template), -1), down.reshape(len(template), -1)], axis=-1).astype(np.float64)
    slopes -= slopes.mean(axis=1, keepdims=True)
    across_down = slopes.swapaxes(1, 2)
    solve = np.linalg.inv(across_down @ slopes + 1e-3 * np.eye(2)) @ across_down
    found = place.astype(np.float64)
    now = sample_patches(grey, found[:, None] + grid, side)
    for _ in range(iterations):
        difference = (template - now).reshape(len(template), -1).astype(np.float64)
        difference -= difference.mean(axis=1, keepdims=True)
        found = found + np.clip((solve @ difference[..., None])[..., 0], -1, 1)
        now = sample_patches(grey, found[:, None] + grid, side)
    return found.astype(np.float32), now


def patch_grid(side: int) -> NDArray[np.float64]:
    """Offsets of a patch's pixels from its middle, [side * side, 2], row by row."""
    reach = np.arange(side) - (side - 1) / 2
    x, y = np.meshgrid(reach, reach)
    return np.stack([x.ravel(), y.ravel()], axis=-1).astype(np.float64)


def sample_patches(grey: NDArray[np.uint8], places: NDArray[Any], side: int) -> Patches:
    """The grey levels at ``places`` [N, side * side, 2], between pixels by interpolation."""
    # remap counts from pixel centres, and only takes maps of up to 32767 rows.
    where = (places - 0.5).astype(np.float32)
    parts = np.array_split(where, 1 + len(where) // 16384)
    seen = [cv2.remap(grey, part[..., 0], part[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE) for part in parts]
    return np.concatenate(seen).reshape(len(where), side, side).astype(np.float32)


def patch_correlation(one: Patches, other: Patches) -> NDArray[np.float32]:
    """Of each patch with its counterpart, whatever their brightness and contrast: -1 to 1. [N]"""
    a = one - one.mean(axis=(1, 2), keepdims=True)
    b = other - other.mean(axis=(1, 2), keepdims=True)
    scale = np.sqrt((a**2).sum(axis=(1, 2)) * (b**2).sum(axis=(1, 2))) + 1e-6
    return ((a * b).sum(axis=(1, 2)) / scale).astype(np.float32)
