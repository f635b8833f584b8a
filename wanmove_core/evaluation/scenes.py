"""Random scenes for synthetic clips: a background, a camera, and sprites with their motions."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from .motions import Array, apply, camera_pose, compose, invert, matrices, sprite_pose, still, translation
from .shapes import shape_alpha
from .textures import Picture, pick_texture

NO_MOTION, STILL_CAMERA, SPRITES_RIDE = 0.05, 0.4, 0.5
"""shares of clips: nothing moves; the background stays; a moving camera carries the sprites along"""
OWN_PLACE, LEAVES = 0.4, 0.15
"""shares of sprites: cut from the background at their own place; travel out of the picture"""
HOLE = 60
"""alpha over which a cut sprite leaves a hole"""


@dataclass(frozen=True)
class Layer:
    """A picture with alpha and its way through the clip."""

    picture: Picture
    """[h, w, 3]"""
    alpha: Picture | None
    """[h, w]; None = opaque everywhere"""
    motion: Array
    """[T, 2, 3]: px of ``picture`` to px of frame t"""


@dataclass(frozen=True)
class Outline:
    """A sprite without its picture."""

    alpha: Picture
    """[h, w]"""
    corner: Array
    """[2] px: where its top-left corner is in frame 0, whole numbers"""
    motion: Array
    """[T, 2, 3]: px of ``alpha`` to px of frame t"""


def make_layers(
    rng: np.random.Generator, length: int, height: int, width: int, textures: Sequence[Picture]
) -> tuple[Layer, ...]:
    """A background and one to four sprites, bottom to top, for ``length`` frames of ``width`` x ``height`` px."""
    frozen = rng.random() < NO_MOTION
    fixed = matrices(still(length), np.zeros(2))
    camera = fixed if frozen or rng.random() < STILL_CAMERA else _camera(rng, length, height, width)
    carrier = camera if rng.random() < SPRITES_RIDE else fixed
    background = _background(rng, camera, height, width, textures)
    outlines = [_outline(rng, carrier, height, width, frozen) for _ in range(int(rng.integers(1, 5)))]
    own = rng.random(len(outlines)) < OWN_PLACE
    sprites = [
        _cut(background, outline) if at_home else _pasted(rng, outline, textures)
        for outline, at_home in zip(outlines, own, strict=True)
    ]
    cuts = [outline for outline, at_home in zip(outlines, own, strict=True) if at_home]
    return (_with_holes(rng, background, cuts), *sprites)


def _camera(rng: np.random.Generator, length: int, height: int, width: int) -> Array:
    """[T, 2, 3] of a slow camera that zooms and turns about a point near the middle."""
    centre = np.array([width, height]) * rng.uniform(0.3, 0.7, 2)
    return matrices(camera_pose(rng, length, min(height, width)), centre)


def _background(rng: np.random.Generator, camera: Array, height: int, width: int, textures: Sequence[Picture]) -> Layer:
    """A picture just large enough for all that ``camera`` [T, 2, 3] will see."""
    corners = np.array([[0, 0], [width, 0], [0, height], [width, height]], np.float64)
    seen = apply(invert(camera), corners).reshape(-1, 2)
    left, top = np.floor(seen.min(0)) - 2
    right, bottom = np.ceil(seen.max(0)) + 2
    picture = pick_texture(rng, textures, int(right - left), int(bottom - top))
    return Layer(picture, None, compose(camera, translation(left, top)))


def _outline(rng: np.random.Generator, carrier: Array, height: int, width: int, frozen: bool) -> Outline:
    """A shape of 12 to 45 % of the picture's short side, its place in frame 0 and its way, carried along by ``carrier``."""
    side, length = min(height, width), len(carrier)
    extent = rng.uniform(0.12, 0.45) * side * np.exp(rng.uniform(-0.3, 0.3, 2))
    wide, high = np.clip(extent, 10, 0.6 * side).astype(np.int64)
    corner = np.floor(rng.uniform(-0.1, 1.0, 2) * (width - 0.8 * wide, height - 0.8 * high))
    centre = corner + np.array([wide, high]) / 2
    travel = _travel(rng, centre, height, width)
    pose = still(length) if frozen else sprite_pose(rng, length, travel)
    motion = compose(compose(carrier, matrices(pose, centre)), translation(corner[0], corner[1]))
    return Outline(shape_alpha(rng, int(wide), int(high)), corner, motion)


def _travel(rng: np.random.Generator, centre: Array, height: int, width: int) -> Array:
    """[2] px from ``centre`` [2], 10 to 50 % of the picture's short side: towards the inside unless the sprite is to leave."""
    heading = rng.uniform(0, 2 * np.pi, 4)
    travels = rng.uniform(0.1, 0.5) * min(height, width) * np.stack([np.cos(heading), np.sin(heading)], -1)
    if rng.random() < LEAVES:
        return travels[0] * 1.6
    eccentric = np.abs((centre + travels) / (width, height) - 0.5).max(-1)
    inside = np.flatnonzero(eccentric < 0.45)
    return travels[inside[0]] if len(inside) else travels[int(eccentric.argmin())]


def _pasted(rng: np.random.Generator, outline: Outline, textures: Sequence[Picture]) -> Layer:
    """A sprite of another picture."""
    high, wide = outline.alpha.shape
    return Layer(pick_texture(rng, textures, wide, high), outline.alpha, outline.motion)


def _cut(background: Layer, outline: Outline) -> Layer:
    """A sprite of what the background shows at its place in frame 0 (mirrored beyond the background's border)."""
    high, wide = outline.alpha.shape
    x, y = _place(background, outline)
    padded = cv2.copyMakeBorder(background.picture, high, high, wide, wide, cv2.BORDER_REFLECT_101)
    piece = np.ascontiguousarray(padded[y + high : y + 2 * high, x + wide : x + 2 * wide], np.uint8)
    return Layer(piece, outline.alpha, outline.motion)


def _place(background: Layer, outline: Outline) -> tuple[int, int]:
    """(x, y) of the outline's corner in frame 0, in px of the background's picture."""
    x, y = np.round(outline.corner - background.motion[0, :, 2])
    return int(x), int(y)


def _with_holes(rng: np.random.Generator, background: Layer, cuts: Sequence[Outline]) -> Layer:
    """The background with what lies under ``cuts`` replaced by something that could have been behind it."""
    if not cuts:
        return background
    mask = np.zeros(background.picture.shape[:2], np.uint8)
    for outline in cuts:
        high, wide = outline.alpha.shape
        x, y = _place(background, outline)
        window = mask[max(y, 0) : max(y + high, 0), max(x, 0) : max(x + wide, 0)]
        inner = outline.alpha[max(-y, 0) :, max(-x, 0) :]
        np.maximum(window, inner[: window.shape[0], : window.shape[1]], out=window)
    return Layer(_fill(rng, background.picture, mask), None, background.motion)


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
    weight = cv2.GaussianBlur((mask > HOLE).astype(np.float32), (0, 0), 0.7)[..., None]
    return np.clip(picture + weight * (fill - picture) + 0.5, 0, 255).astype(np.uint8)
