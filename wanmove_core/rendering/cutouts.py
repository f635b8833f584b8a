"""A start picture taken apart as a track document says: a background and one cutout a layer, each with its way through time.

Matrices here count as OpenCV does, from the centre of the top-left pixel; the document counts from its corner.
"""

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from ..tracks.document import Layer, TrackDocument
from ..tracks.motion import affines_at, has_ripple
from ..tracks.regions import in_depth_order
from ..tracks.sampling import Fit, visible_at
from ..tracks.shapes import Frame as WholeFrame
from ..tracks.shapes import Point, Rest, bounds, contains
from .fill import fill_hole
from .frames import Frame

Alpha = NDArray[np.float32]
"""0 … 1"""
Floats = NDArray[np.float64]

_SUPERSAMPLING = 4
_RIM = 3
"""px around a cutout that are taken from the background too: its edge pixels are a mixture of both"""
_LEAVING = 3.0
"""px of motion over which a cutout's hole turns from the original into what was filled in"""


@dataclass(frozen=True)
class Cutout:
    """A layer's piece of the picture, [h, w], its top-left pixel at ``corner`` of the start picture."""

    layer: Layer
    corner: tuple[int, int]
    """x, y"""
    texture: Frame
    """[h, w, 3]"""
    alpha: Alpha
    """[h, w]"""
    affines: Floats
    """[T, 2, 3]: pixels of the start picture to pixels of frame t, without the ripple"""
    seen: NDArray[np.bool_]
    """[T]"""
    hole: Alpha
    """[h, w]: what the background must have filled once this has left"""
    left: NDArray[np.float32]
    """[T], 0 … 1: how far it has left its hole; all 0 when it never does"""

    @property
    def window(self) -> tuple[slice, slice]:
        """Rows and columns of the start picture."""
        x, y = self.corner
        return slice(y, y + self.alpha.shape[0]), slice(x, x + self.alpha.shape[1])


@dataclass(frozen=True)
class Background:
    """What lies under all cutouts."""

    layer: Layer | None
    """the layer that moves it; None = nothing does"""
    original: Frame
    filled: Frame
    """with every hole filled"""
    affines: Floats
    """[T, 2, 3]"""


def take_apart(document: TrackDocument, picture: Frame, fit: Fit, length: int) -> tuple[Background, tuple[Cutout, ...]]:
    """The background and the cutouts, bottom to top.

    Args:
        picture: [H, W, 3], already fitted: its size is ``fit``'s.
    """
    progress = np.arange(length) / max(length - 1, 1)
    order = [document.layers[index] for index in in_depth_order(document)]
    ground = next((layer for layer in reversed(order) if isinstance(layer.region, (Rest, WholeFrame))), None)
    ground_affines = _still(length) if ground is None else _affines(document, ground, fit, progress)
    cutouts: list[Cutout] = []
    above = np.zeros(picture.shape[:2], np.bool_)
    hole = np.zeros(picture.shape[:2], np.bool_)
    for layer in reversed(order):
        found = _alpha(layer, fit)
        if found is None:
            continue
        corner, alpha = found
        affines = _affines(document, layer, fit, progress)
        seen = visible_at(layer.visible, progress)
        left = _leaving(found, affines - ground_affines, seen, has_ripple(layer))
        cutout = Cutout(layer, corner, picture, alpha, affines, seen, _grown(alpha), left)
        cutouts.append(replace(cutout, texture=_texture(picture, above, cutout)))
        above[cutout.window] |= alpha > 0
        hole[cutout.window] |= (cutout.hole > 0) & bool(left.any())
    return Background(ground, picture, fill_hole(picture, hole), ground_affines), tuple(reversed(cutouts))


def target_affines(affines: Floats, fit: Fit) -> Floats:
    """Maps [T, 2, 3] of reference pixels as maps of the target's pixels, counted from pixel centres."""
    (across, down), (left, top) = fit.scale, fit.corner
    to_target = np.array([[across, 0, -left - 0.5], [0, down, -top - 0.5], [0, 0, 1]])
    full = np.concatenate([affines, np.tile([[[0.0, 0.0, 1.0]]], (len(affines), 1, 1))], axis=1)
    return (to_target @ full @ np.linalg.inv(to_target))[:, :2]


def _affines(document: TrackDocument, layer: Layer, fit: Fit, progress: Floats) -> Floats:
    return target_affines(affines_at(document, layer, progress), fit)


def _still(length: int) -> Floats:
    return np.tile(np.eye(3)[None, :2], (length, 1, 1))


def _alpha(layer: Layer, fit: Fit) -> tuple[tuple[int, int], Alpha] | None:
    """How much of each target pixel the region covers, in its box and a rim; None for layers that are no area of their own."""
    if isinstance(layer.region, (Point, Rest, WholeFrame)):
        return None
    corners = fit.to_target(np.array(bounds(layer.region, 0, 0), np.float64).reshape(2, 2))
    low = np.clip(np.floor(corners[0]).astype(int) - _RIM - 1, 0, (fit.width, fit.height))
    high = np.clip(np.ceil(corners[1]).astype(int) + _RIM + 1, low, (fit.width, fit.height))
    (across, down), fine = high - low, _SUPERSAMPLING
    xs = ((np.arange(across * fine) + 0.5) / fine + low[0] + fit.corner[0]) / fit.scale[0]
    ys = ((np.arange(down * fine) + 0.5) / fine + low[1] + fit.corner[1]) / fit.scale[1]
    alpha = contains(layer.region, xs, ys).reshape(down, fine, across, fine).mean(axis=(1, 3), dtype=np.float32)
    return ((int(low[0]), int(low[1])), alpha) if alpha.any() else None


def _grown(alpha: Alpha) -> Alpha:
    """The alpha, ``_RIM`` px larger with a soft edge."""
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * _RIM + 1, 2 * _RIM + 1))
    grown = cv2.dilate((alpha > 0).astype(np.float32), disc)
    return np.asarray(cv2.blur(grown, (3, 3)), np.float32)


def _leaving(
    found: tuple[tuple[int, int], Alpha], relative: Floats, seen: NDArray[np.bool_], ripples: bool
) -> NDArray[np.float32]:
    """How far a cutout has moved against the ground, as a share of ``_LEAVING`` px; 1 where it is hidden. [T]

    Args:
        relative: [T, 2, 3], the cutout's map less the ground's.
    """
    (x, y), alpha = found
    rows, columns = np.flatnonzero(alpha.any(axis=1)) + y, np.flatnonzero(alpha.any(axis=0)) + x
    corners = np.array([[column, row, 1.0] for column in columns[[0, -1]] for row in rows[[0, -1]]])
    moved = np.linalg.norm(np.einsum("tij,kj->tki", relative, corners), axis=-1).max(axis=1)
    share = np.clip(moved / _LEAVING, 0, 1)
    share[share < 0.01] = 0
    share[1:][ripples | ~seen[1:]] = 1
    return share.astype(np.float32)


def _texture(picture: Frame, above: NDArray[np.bool_], cutout: Cutout) -> Frame:
    """The cutout's pixels; what layers above cover is filled with the region's own looks where there are any."""
    own = picture[cutout.window]
    hidden = above[cutout.window] & (cutout.alpha > 0)
    if not hidden.any() or not ((cutout.alpha > 0.5) & ~hidden).any():
        return own
    rim = cv2.dilate(hidden.astype(np.uint8), np.ones((2 * _RIM + 1, 2 * _RIM + 1), np.uint8)) > 0
    return np.where(rim[..., None], fill_hole(own, rim | (cutout.alpha <= 0.5)), own)
