"""Synthetic clips with exact tracks: textured layers that move over one another.

The demo model is trained on them, and ``wanmove demo --evaluate`` is scored on held-out ones. Coordinates are (x, y) pixels
with the origin at the top-left corner of the top-left pixel, as in ``BakedTracks``.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from .motions import Array, apply, camera_pose, compose, invert, matrices, sprite_pose, still, translation
from .shapes import shape_alpha
from .textures import Picture, pick_texture

CELL = 8
"""px between tracks in frame 0: one track a cell of the latent"""
NO_MOTION, STILL_CAMERA, SPRITES_RIDE = 0.05, 0.4, 0.5
"""shares of clips: nothing moves; the background stays; a moving camera carries the sprites along"""
OWN_PLACE, LEAVES = 0.4, 0.15
"""shares of sprites: cut from the background at their own place; travel out of the picture"""
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


@dataclass(frozen=True)
class Layer:
    """A picture with alpha and its way through the clip."""

    picture: Picture
    """[h, w, 3]"""
    alpha: Picture | None
    """[h, w]; None = opaque everywhere"""
    motion: Array
    """[T, 2, 3]: px of ``picture`` to px of frame t"""


def make_clip(seed: int, length: int, height: int, width: int, textures: Sequence[Picture] = ()) -> SyntheticClip:
    """A random clip of ``length`` frames, the same for the same arguments.

    Args:
        textures: uint8 [h, w, 3] photographs to cut layers from; none = procedural textures only.
    """
    layers = make_layers(np.random.default_rng(seed), length, height, width, textures)
    frames = render(layers, height, width)
    positions, visibility, layer = track(layers, height, width)
    return SyntheticClip(frames, positions, visibility, layer)


def make_layers(rng: np.random.Generator, length: int, height: int, width: int, textures: Sequence[Picture]) -> list[Layer]:
    """A background and one to four sprites, bottom to top."""
    frozen = rng.random() < NO_MOTION
    camera = still(length) if frozen or rng.random() < STILL_CAMERA else camera_pose(rng, length, min(height, width))
    motion = matrices(camera, np.array([width, height]) * rng.uniform(0.3, 0.7, 2))
    background = _background(rng, motion, height, width, textures)
    rides = rng.random() < SPRITES_RIDE
    sprites: list[Layer] = []
    for _ in range(int(rng.integers(1, 5))):
        outer = motion if rides or frozen else matrices(still(length), np.zeros(2))
        background, sprite = _sprite(rng, background, outer, (height, width), textures, frozen)
        sprites.append(sprite)
    return [background, *sprites]


def _background(rng: np.random.Generator, motion: Array, height: int, width: int, textures: Sequence[Picture]) -> Layer:
    """A picture just large enough for all that the camera ``motion`` [T, 2, 3] will see."""
    corners = np.array([[0, 0], [width, 0], [0, height], [width, height]], np.float64)
    seen = apply(invert(motion), corners).reshape(-1, 2)
    low, high = np.floor(seen.min(0)) - 2, np.ceil(seen.max(0)) + 2
    picture = pick_texture(rng, textures, int(high[0] - low[0]), int(high[1] - low[1]))
    return Layer(picture, None, compose(motion, translation(low[0], low[1])))


def _sprite(
    rng: np.random.Generator,
    background: Layer,
    outer: Array,
    size: tuple[int, int],
    textures: Sequence[Picture],
    frozen: bool,
) -> tuple[Layer, Layer]:
    """The background (with a filled hole where the sprite was cut from it) and a sprite that ``outer`` carries along."""
    height, width = size
    extent = rng.uniform(0.12, 0.45) * min(height, width) * np.exp(rng.uniform(-0.3, 0.3, 2))
    wide, high = np.clip(extent, 10, 0.6 * min(height, width)).astype(int).tolist()
    alpha = shape_alpha(rng, wide, high)
    corner = np.floor(rng.uniform(-0.1, 1.0, 2) * (width - 0.8 * wide, height - 0.8 * high))
    centre = corner + np.array([wide, high]) / 2
    pose = still(len(outer)) if frozen else sprite_pose(rng, len(outer), _travel(rng, centre, size))
    motion = compose(compose(outer, matrices(pose, centre)), translation(corner[0], corner[1]))
    if rng.random() < OWN_PLACE:
        background, picture = _cut(rng, background, alpha, corner)
    else:
        picture = pick_texture(rng, textures, wide, high)
    return background, Layer(picture, alpha, motion)


def _travel(rng: np.random.Generator, centre: Array, size: tuple[int, int]) -> Array:
    """[2] px, 10 to 50 % of the picture, towards the inside unless the sprite is to leave."""
    frame = np.array([size[1], size[0]], np.float64)
    heading = rng.uniform(0, 2 * np.pi, 4)
    travels = rng.uniform(0.1, 0.5) * min(size) * np.stack([np.cos(heading), np.sin(heading)], -1)
    if rng.random() < LEAVES:
        return travels[0] * 1.6
    outside = np.abs((centre + travels) / frame - 0.5).max(-1)
    inside = np.flatnonzero(outside < 0.45)
    return travels[inside[0]] if len(inside) else travels[int(outside.argmin())]


def _cut(rng: np.random.Generator, background: Layer, alpha: Picture, corner: Array) -> tuple[Layer, Picture]:
    """The background without what lies under ``alpha`` at ``corner`` (px of frame 0), and that piece of it [h, w, 3]."""
    left, top = np.round(corner - background.motion[0, :, 2]).astype(int).tolist()
    high, wide = alpha.shape
    padded = cv2.copyMakeBorder(background.picture, high, high, wide, wide, cv2.BORDER_REFLECT_101)
    piece = np.ascontiguousarray(padded[top + high : top + 2 * high, left + wide : left + 2 * wide], dtype=np.uint8)
    mask = np.zeros(padded.shape[:2], np.uint8)
    mask[top + high : top + 2 * high, left + wide : left + 2 * wide] = alpha
    mask = mask[high : mask.shape[0] - high, wide : mask.shape[1] - wide]
    filled = _fill(rng, background.picture, mask)
    return Layer(filled, None, background.motion), piece


def _fill(rng: np.random.Generator, picture: Picture, mask: Picture) -> Picture:
    """``picture`` [h, w, 3] with the area under ``mask`` [h, w] grown over from around, half of the time with texture."""
    high, wide = mask.shape
    small = (max(8, wide // 4), max(8, high // 4))
    hole = (cv2.resize(mask, small, interpolation=cv2.INTER_AREA) > 4).astype(np.uint8)
    hole = cv2.dilate(hole, np.ones((3, 3), np.uint8))
    low = cv2.inpaint(cv2.resize(picture, small, interpolation=cv2.INTER_AREA), hole, 4, cv2.INPAINT_TELEA)
    fill = cv2.resize(low, (wide, high), interpolation=cv2.INTER_CUBIC).astype(np.float32)
    if rng.random() < 0.5:
        other = np.roll(picture, (int(rng.integers(high)), int(rng.integers(wide))), (0, 1)).astype(np.float32)
        fill += other - cv2.GaussianBlur(other, (0, 0), 4)
    weight = cv2.GaussianBlur(cv2.dilate((mask > 100).astype(np.float32), np.ones((3, 3))), (0, 0), 0.8)[..., None]
    return np.clip(picture + weight * (fill - picture) + 0.5, 0, 255).astype(np.uint8)


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
    assert sprite.alpha is not None
    high, wide = sprite.alpha.shape
    cover = cv2.merge([sprite.alpha] * 3)
    colours = cv2.multiply(sprite.picture, cover, scale=1 / 255)
    source = np.dstack([colours, sprite.alpha])
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
