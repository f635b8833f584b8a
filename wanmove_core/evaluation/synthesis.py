"""Synthetic clips with exact tracks: textured layers that move over one another.

The demo model is trained on them, and ``wanmove demo --evaluate`` is scored on held-out ones. Coordinates are (x, y) pixels
with the origin at the top-left corner of the top-left pixel, as in ``BakedTracks``.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from .motions import Array, apply, compose, invert, translation
from .scenes import Layer, make_layers
from .textures import Picture

CELL = 8
"""px between tracks in frame 0: one track a cell of the latent"""
OPAQUE = 127.5
"""alpha over which a layer hides what is under it"""


@dataclass(frozen=True)
class SyntheticClip:
    """A clip and the tracks of its points: one for each 8 px cell of frame 0, in the order of depth (higher index on top)."""

    frames: Picture
    """[T, H, W, 3] RGB"""
    positions: NDArray[np.float32]
    """[T, N, 2] (x, y) px"""
    visibility: NDArray[np.bool_]
    """[T, N]: inside the picture and not covered"""
    layer: NDArray[np.int32]
    """[N]: 0 = background, then the sprites from bottom to top"""


def make_clip(seed: int, length: int, height: int, width: int, textures: Sequence[Picture] = ()) -> SyntheticClip:
    """A random clip of ``length`` frames, the same for the same arguments.

    Args:
        textures: uint8 [h, w, 3] photographs to cut layers from; none = procedural textures only.
    """
    layers = make_layers(np.random.default_rng(seed), length, height, width, textures)
    frames = render(layers, height, width)
    positions, visibility, layer = track(layers, height, width)
    return SyntheticClip(frames, positions, visibility, layer)


def render(layers: Sequence[Layer], height: int, width: int) -> Picture:
    """[T, H, W, 3] of ``layers``, bottom to top; the first one is opaque."""
    length = len(layers[0].motion)
    frames = np.empty((length, height, width, 3), np.uint8)
    steady = _is_still(layers[0])
    for time in range(1 if steady else length):
        frames[time] = _warp(layers[0].picture, layers[0].motion[time], (width, height))
    if steady:
        frames[1:] = frames[:1]
    for sprite in layers[1:]:
        _draw(frames, sprite)
    return frames


def _is_still(layer: Layer) -> bool:
    """Whether the layer stays where it is."""
    return bool(np.ptp(layer.motion, axis=0).max() < 1e-9)


def _warp(picture: NDArray[np.uint8], matrix: Array, size: tuple[int, int]) -> NDArray[np.uint8]:
    """``picture`` through ``matrix`` [2, 3] into ``size`` = (width, height) px, blurred first where it shrinks."""
    scale = float(np.sqrt(abs(np.linalg.det(matrix[:, :2]))))
    if scale < 0.95:
        picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), 0.45 * np.sqrt(scale**-2 - 0.9)), np.uint8)
    index = matrix.copy()
    index[:, 2] += matrix[:, :2] @ (0.5, 0.5) - 0.5
    border = cv2.BORDER_REFLECT_101 if picture.shape[2] == 3 else cv2.BORDER_CONSTANT
    return np.asarray(cv2.warpAffine(picture, index, size, flags=cv2.INTER_LINEAR, borderMode=border), np.uint8)


def _draw(frames: Picture, sprite: Layer) -> None:
    """Lay ``sprite`` over ``frames`` [T, H, W, 3] in place, each frame only where it reaches."""
    high, wide = sprite.picture.shape[:2]
    alpha = np.full((high, wide), 255, np.uint8) if sprite.alpha is None else sprite.alpha
    cover = cv2.merge([alpha] * 3)
    colours = cv2.multiply(sprite.picture, cover, scale=1 / 255)
    source = np.dstack([colours, alpha]).astype(np.uint8, copy=False)
    corners = np.array([[0, 0], [wide, 0], [0, high], [wide, high]], np.float64)
    reach = apply(sprite.motion, corners)
    limit = np.array([frames.shape[2], frames.shape[1]])
    low = np.clip(np.floor(reach.min(1)) - 1, 0, limit).astype(int)
    top = np.clip(np.ceil(reach.max(1)) + 1, 0, limit).astype(int)
    for time in np.flatnonzero((top > low).all(-1)):
        (x0, y0), (x1, y1) = low[time], top[time]
        moved = _warp(source, compose(translation(-x0, -y0), sprite.motion[time]), (int(x1 - x0), int(y1 - y0)))
        through = cv2.cvtColor(255 - moved[..., 3], cv2.COLOR_GRAY2BGR)
        under = cv2.multiply(frames[time, y0:y1, x0:x1], through, scale=1 / 255)
        frames[time, y0:y1, x0:x1] = cv2.add(under, moved[..., :3])


def track(layers: Sequence[Layer], height: int, width: int) -> tuple[NDArray[np.float32], NDArray[np.bool_], NDArray[np.int32]]:
    """Positions [T, N, 2], visibility [T, N] and layer [N] of the cell centres of frame 0, sorted by layer."""
    y, x = np.mgrid[CELL / 2 : height : CELL, CELL / 2 : width : CELL]
    points = np.stack([x.ravel(), y.ravel()], -1)
    owner = np.zeros(len(points), np.int32)
    for index, layer in enumerate(layers[1:], start=1):
        owner[_covers(layer, points[None], layer.motion[:1])[0]] = index
    order = np.argsort(owner, kind="stable")
    points, owner = points[order], owner[order]
    positions = np.concatenate(
        [apply(compose(layer.motion, invert(layer.motion[0])), points[owner == index]) for index, layer in enumerate(layers)], 1
    )
    visible: NDArray[np.bool_] = np.all((positions >= 0) & (positions < (width, height)), axis=-1)
    for index, layer in enumerate(layers[1:], start=1):
        below = owner < index
        visible[:, below] &= ~_covers(layer, positions[:, below], layer.motion)
    return positions.astype(np.float32), visible, owner


def _covers(layer: Layer, points: Array, motion: Array) -> NDArray[np.bool_]:
    """[T, N]: whether ``layer`` under ``motion`` [T, 2, 3] hides what lies at ``points`` [T, N, 2]."""
    back = invert(motion)
    local = (points @ np.swapaxes(back[..., :2], -1, -2) + back[:, None, :, 2] - 0.5).astype(np.float32)
    if layer.alpha is None:
        return np.ones(points.shape[:2], np.bool_)
    alpha = cv2.remap(layer.alpha, local[..., 0], local[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    return np.asarray(alpha) > OPAQUE
