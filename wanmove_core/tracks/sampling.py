"""Baking: a document → tracks of any length and picture size."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ..errors import DocumentError, RequestError
from .baked import BakedTracks
from .components import COMPONENTS
from .document import Layer, Span, TrackDocument, layer_title
from .motion import affines_at, has_ripple, ripple_at
from .regions import MAX_TRACKS, in_depth_order, seed_points
from .shapes import Box, Frame, Point

Floats = NDArray[np.float64]
FitName = Literal["stretch", "crop"]

MAX_LENGTH = 4096
MAX_SIDE = 16_384
FARTHEST = 1e9
"""pixels; a track beyond is a mistake of scales"""


@dataclass(frozen=True)
class Fit:
    """How the reference picture becomes the target: scaled, then a window of the target's size cut out."""

    scale: tuple[float, float]
    corner: tuple[float, float]
    """left and top of the window, in scaled pixels"""
    width: int
    height: int

    def to_target(self, points: Floats) -> Floats:
        """Reference pixels [..., 2] → target pixels."""
        return points * np.array(self.scale) - np.array(self.corner)

    @property
    def window(self) -> Box:
        """The part of the reference picture that the target shows: left, top, right, bottom in reference pixels."""
        (across, down), (left, top) = self.scale, self.corner
        return left / across, top / down, (left + self.width) / across, (top + self.height) / down


def make_fit(document: TrackDocument, width: int, height: int, fit: FitName | None) -> Fit:
    """``stretch`` scales each side on its own; ``crop`` scales both alike until the target is covered and cuts the middle out.

    Raises:
        RequestError: the sizes have different shapes and ``fit`` is None, or ``fit`` is neither.
    """
    across, down = width / document.width, height / document.height
    if fit not in (None, "stretch", "crop"):
        raise RequestError(f'The fit is "{fit}"; "stretch" or "crop" is needed.')
    if fit is None and width * document.height != height * document.width:
        raise RequestError(
            f"The document's picture is {document.width} x {document.height}, the target {width} x {height}: "
            'another shape. Say fit="stretch" (the picture is squeezed) or fit="crop" (its edges are cut off).'
        )
    if fit != "crop":
        return Fit((across, down), (0.0, 0.0), width, height)
    scale = max(across, down)
    corner = (document.width * scale - width) / 2, (document.height * scale - height) / 2
    return Fit((scale, scale), corner, width, height)


def bake(
    document: TrackDocument, length: int, width: int, height: int, fit: FitName | None = None, *, cell: int = 8
) -> BakedTracks:
    """Tracks of every enabled layer at each frame; frame f is clip progress f / (length - 1).

    The order of the tracks is depth (frames, rests, then the layers as listed; in a layer reading order of the starts).

    Args:
        fit: how the reference picture becomes the target; needed where their shapes differ.
        cell: pixels of the target that one latent cell covers.

    Raises:
        RequestError: length or size out of limits, or ``fit`` missing.
        DocumentError: a point starts outside the picture, too many tracks, none at all, or one that flies off the scale.
    """
    _check_request(length, width, height, cell)
    _check_waves(document)
    fitted = make_fit(document, width, height, fit)
    progress = np.arange(length) / max(length - 1, 1)
    order = in_depth_order(document)
    seeds = [_seeds_of(document, index, fitted, cell) for index in order]
    counts = [len(points) for points in seeds]
    _check_counts(document, order, counts)
    paths = [_positions(document, index, points, progress, fitted) for index, points in zip(order, seeds, strict=True)]
    spans = [visible_at(document.layers[index].visible, progress) for index in order]
    return BakedTracks(
        positions=np.concatenate(paths, axis=1),
        visibility=np.repeat(np.stack(spans, axis=1), counts, axis=1),
        width=width,
        height=height,
        layer=np.repeat(np.array(order, dtype=np.int32), counts),
        names=tuple(layer.name or f"layer {index + 1}" for index, layer in enumerate(document.layers)),
    )


def visible_at(spans: Sequence[Span], progress: Floats) -> NDArray[np.bool_]:
    """Whether clip progresses [T] lie in one of the spans, ends included. [T]"""
    seen = np.zeros(len(progress), dtype=np.bool_)
    for start, end in spans:
        seen |= (start <= progress) & (progress <= end)
    return seen


def _seeds_of(document: TrackDocument, index: int, fit: Fit, cell: int) -> Floats:
    layer = document.layers[index]
    seeds = seed_points(document, layer, (cell / fit.scale[0], cell / fit.scale[1]), fit.window)
    if isinstance(layer.region, Point):
        _check_start(document, index, layer.region, fit)
    return seeds


def _check_start(document: TrackDocument, index: int, region: Point, fit: Fit) -> None:
    x, y = fit.to_target(np.array(region.at)).astype(np.float32)
    if 0 <= x < fit.width and 0 <= y < fit.height:
        return
    left, top, right, bottom = fit.window
    whole = (left, top, right, bottom) == (0, 0, document.width, document.height)
    where = "the picture" if whole else "what the crop leaves of the picture"
    raise DocumentError(
        f"{layer_title(document, index)} starts at ({region.at[0]:g}, {region.at[1]:g}), outside {where} "
        f"({left:g} <= x < {right:g}, {top:g} <= y < {bottom:g}): it has nothing to move. Move its start inside or disable it."
    )


def _positions(document: TrackDocument, index: int, seeds: Floats, progress: Floats, fit: Fit) -> NDArray[np.float32]:
    """The layer's tracks in target pixels. [T, n, 2]"""
    layer = document.layers[index]
    out = np.empty((len(progress), len(seeds), 2), dtype=np.float32)
    with np.errstate(all="ignore"):
        for frame, affine in enumerate(affines_at(document, layer, progress)):
            moved = _rippled(layer, seeds, float(progress[frame])) @ affine[:, :2].T + affine[:, 2]
            out[frame] = fit.to_target(moved)
    if not (np.abs(out) < FARTHEST).all():
        raise DocumentError(f"{layer_title(document, index)} moves farther than {FARTHEST:g} px; lower its scale or path.")
    return out


def _rippled(layer: Layer, seeds: Floats, progress: float) -> Floats:
    return seeds + ripple_at(layer, seeds, progress) if has_ripple(layer) else seeds


def _check_request(length: int, width: int, height: int, cell: int) -> None:
    limits = (("length", length, MAX_LENGTH), ("width", width, MAX_SIDE), ("height", height, MAX_SIDE), ("cell", cell, 1024))
    for name, value, most in limits:
        if not 1 <= value <= most:
            raise RequestError(f"The {name} of the tracks is {value}; 1 to {most} is needed.")


def _check_waves(document: TrackDocument) -> None:
    """Only the topmost frame owns the background; a ripple of another would be lost."""
    frames = [index for index in in_depth_order(document) if isinstance(document.layers[index].region, Frame)]
    for index in frames[:-1]:
        if has_ripple(document.layers[index]):
            kind = next(part.kind for part in document.layers[index].motion.components if COMPONENTS[part.kind].ripple)
            raise DocumentError(
                f"{layer_title(document, index)} has a {kind}, but {layer_title(document, frames[-1])} lies above it and "
                f"carries the background; put the {kind} there."
            )


def _check_counts(document: TrackDocument, order: list[int], counts: list[int]) -> None:
    if not sum(counts):
        what = "all its regions lie outside the picture" if order else "it has no enabled layer"
        raise DocumentError(f"The document makes no tracks: {what}. Draw a layer inside the picture.")
    if sum(counts) <= MAX_TRACKS:
        return
    largest = order[int(np.argmax(counts))]
    raise DocumentError(
        f"The document makes {sum(counts)} tracks; {MAX_TRACKS} are allowed. {layer_title(document, largest)} alone makes "
        f"{max(counts)}: lower its density (now {document.layers[largest].density:g}) or its scale."
    )
