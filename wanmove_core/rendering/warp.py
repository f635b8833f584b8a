"""The draft: a video made by moving the picture itself, without any model.

It shows where things will go, not how they will look: nothing turns its other side, nothing casts a shadow.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import repeat
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ..errors import TrackError
from ..host import Host
from ..tracks.baked import BakedTracks
from ..tracks.document import TrackDocument
from ..tracks.motion import move_points
from ..tracks.sampling import Fit, FitName, make_fit
from ..tracks.shapes import Frame as WholeFrame
from ..tracks.shapes import Point, Rest
from .cutouts import Alpha, Background, Cutout, take_apart
from .frames import Frame, Picture, as_frame
from .images import fit_image
from .smooth_warp import displacements, nearest_distance
from .source_map import NOWHERE, Moment, Window, affine_grid, ripple_in_frame, source_map
from .thinning import thin_tracks

DRAFT_LABEL = "draft, no model"
"""What every place that shows these frames calls them."""

MAX_PULLS = 200
"""Most tracks that bend the picture; more are thinned by ``thin_tracks``."""

_REACH = 0.12
"""share of the diagonal around a lone point that follows it"""
_LEAST_REACH = 48.0
"""px; in small pictures a nearer reach would bend what lies under the point itself"""
_REACH_OF_PINNED = 16.0
"""px that follow a point when the document pins everything else"""

Floats = NDArray[np.float64]


def warp_frames(
    picture: Picture,
    document: TrackDocument,
    length: int,
    width: int,
    height: int,
    host: Host,
    fit: FitName | None = None,
) -> Iterator[Frame]:
    """The draft of a document, frame by frame; the first is the start picture itself.

    Regions move as cutouts in depth order over a background whose holes are filled; points bend the background; the
    camera moves all. Stage name for the host: "draft".

    Args:
        picture: the document's reference picture at any size; it is fitted as ``bake`` fits the tracks.
        fit: needed where the document's and the frames' shapes differ, see ``bake``.

    Raises:
        RequestError: ``fit`` is missing or the size is not positive.
    """
    fitted = make_fit(document, width, height, fit)
    start = fit_image(picture, width, height, fit or "stretch")
    host.progress("draft", 0, length)
    background, cutouts = take_apart(document, start, fitted, length)
    bends = _point_bends(document, fitted, length)
    for index, bend in zip(range(length), bends, strict=True):
        host.check_interrupted()
        moment = Moment(index, index / max(length - 1, 1), fitted)
        frame = start if index == 0 else _compose(background, cutouts, moment, bend)
        host.progress("draft", index + 1, length)
        yield frame


def warp_frames_from_tracks(picture: Picture, tracks: BakedTracks, host: Host) -> Iterator[Frame]:
    """The draft of bare tracks: the picture bends smoothly after them; tracks that stay hold it in place.

    Args:
        picture: the start picture, stretched to the tracks' size.
    """
    start = fit_image(as_frame(picture), tracks.width, tracks.height)
    usable = _without_gaps(tracks)
    host.progress("draft", 0, tracks.length)
    places = usable.positions[:, thin_tracks(usable, MAX_PULLS)].astype(np.float64)
    bends = displacements(places, tracks.width, tracks.height, _reach(places[0], tracks.width, tracks.height))
    for index, bend in enumerate(bends):
        host.check_interrupted()
        host.progress("draft", index + 1, tracks.length)
        yield start if index == 0 else _bend(start, bend)


def _compose(background: Background, cutouts: tuple[Cutout, ...], moment: Moment, bend: NDArray[np.float32] | None) -> Frame:
    ground = _ground(background, cutouts, moment.index)
    if bend is not None:
        ground = _bend(ground, bend)
    height, width = ground.shape[:2]
    window = (0, 0, width, height)
    where = source_map(background.layer, background.affines[moment.index], moment, window, None)
    frame = _look_up(ground, (0, 0), where, cv2.BORDER_REFLECT_101)
    for cutout in cutouts:
        if cutout.seen[moment.index]:
            _lay_over(frame, cutout, moment)
    return frame


def _ground(background: Background, cutouts: tuple[Cutout, ...], index: int) -> Frame:
    """The background with holes filled as far as their cutouts have left them."""
    open_holes = [cutout for cutout in cutouts if cutout.left[index] > 0]
    share = np.zeros(background.original.shape[:2], np.float32)
    for cutout in open_holes:
        share[cutout.window] = np.maximum(share[cutout.window], cutout.hole * cutout.left[index])
    return _blend(background.original, background.filled, share)


def _lay_over(frame: Frame, cutout: Cutout, moment: Moment) -> None:
    """Draw a cutout into ``frame`` (changed in place: it is this module's own and not yet given away)."""
    left, top, right, bottom = window = _reached(cutout, moment, frame.shape[1], frame.shape[0])
    if right <= left or bottom <= top:
        return
    (x, y), (down, across) = cutout.corner, cutout.alpha.shape
    where = source_map(cutout.layer, cutout.affines[moment.index], moment, window, (x, y, x + across, y + down))
    texture, alpha = _softened(cutout, moment.index)
    part = _look_up(texture, cutout.corner, where, cv2.BORDER_REPLICATE)
    cover = _look_up(alpha, cutout.corner, where, cv2.BORDER_CONSTANT)
    frame[top:bottom, left:right] = _blend(frame[top:bottom, left:right], part, cover)


def _reached(cutout: Cutout, moment: Moment, width: int, height: int) -> Window:
    """Left, top, right, bottom of the part of the frame that the cutout can touch."""
    affine = cutout.affines[moment.index]
    (x, y), (down, across) = cutout.corner, cutout.alpha.shape
    edge = np.array([[x + i * across / 8, y + j * down / 8] for i in range(9) for j in range(9)])
    shift = ripple_in_frame(cutout.layer, edge, moment)
    moved = (edge + shift) @ affine[:, :2].T + affine[:, 2]
    slack = 2 + 0.5 * np.abs(shift).max(initial=0) * np.abs(affine[:, :2]).max()
    limits = np.array([width, height])
    low = np.clip(np.floor(moved.min(0) - slack), 0, limits).astype(int)
    high = np.clip(np.ceil(moved.max(0) + slack) + 1, 0, limits).astype(int)
    return int(low[0]), int(low[1]), int(high[0]), int(high[1])


def _softened(cutout: Cutout, index: int) -> tuple[Frame, Alpha]:
    """Texture and alpha, blurred as far as shrinking them would otherwise leave out pixels."""
    scale = float(np.sqrt(abs(np.linalg.det(cutout.affines[index][:, :2]))))
    if scale > 0.75:
        return cutout.texture, cutout.alpha
    sigma = 0.5 * float(np.sqrt(1 / max(scale, 0.02) ** 2 - 1))
    texture = cv2.GaussianBlur(cutout.texture, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(texture, np.uint8), np.asarray(cv2.GaussianBlur(cutout.alpha, (0, 0), sigma), np.float32)


def _look_up(picture: NDArray[Any], corner: tuple[int, int], where: NDArray[np.float32], border: int) -> NDArray[Any]:
    """The picture's values at places [h, w, 2] of the start picture, of which it is the part from ``corner`` on."""
    x, y = (np.clip(where[..., axis] - corner[axis], NOWHERE, -NOWHERE) for axis in (0, 1))
    way = cv2.INTER_CUBIC if picture.ndim == 3 else cv2.INTER_LINEAR
    return np.asarray(cv2.remap(picture, x, y, way, borderMode=border))


def _bend(picture: Frame, bend: NDArray[np.float32]) -> Frame:
    height, width = picture.shape[:2]
    where = affine_grid(np.eye(2, 3), np.arange(width), np.arange(height)) + bend
    return _look_up(picture, (0, 0), where, cv2.BORDER_REFLECT_101)


def _blend(below: Frame, above: Frame, share: Alpha) -> Frame:
    mixed = below + (above.astype(np.float32) - below) * share[..., None]
    return np.rint(mixed).astype(np.uint8)


def _point_bends(document: TrackDocument, fit: Fit, length: int) -> Iterator[NDArray[np.float32] | None]:
    """How the document's points bend the background before the camera moves it; None in place of "not at all"."""
    points = [layer for layer in document.layers if layer.enabled and isinstance(layer.region, Point)]
    steady = replace(document, layers=tuple(layer for layer in document.layers if not isinstance(layer.region, WholeFrame)))
    places = np.zeros((length, len(points), 2))
    for column, layer in enumerate(points):
        if isinstance(layer.region, Point):
            start = np.array([layer.region.at], np.float64)
            for index in range(length):
                moved = move_points(steady, layer, start, index / max(length - 1, 1))
                places[index, column] = fit.to_target(moved)[0]
    if np.abs(places - places[:1]).max(initial=0) < 0.01:
        return repeat(None, length)
    pinned = any(layer.enabled and isinstance(layer.region, Rest) for layer in document.layers)
    reach = _REACH_OF_PINNED if pinned else _reach(places[0], fit.width, fit.height)
    return displacements(places, fit.width, fit.height, reach)


def _reach(points: Floats, width: int, height: int) -> float:
    return max(_REACH * float(np.hypot(width, height)), _LEAST_REACH, 4 * nearest_distance(points))


def _without_gaps(tracks: BakedTracks) -> BakedTracks:
    """Tracks seen in the first frame; where one is hidden it waits at the last place seen.

    Raises:
        TrackError: no track is seen in the first frame.
    """
    shown = np.flatnonzero(tracks.visibility[0])
    if not len(shown):
        raise TrackError(f"None of the {tracks.count} tracks is visible in the first frame; nothing says what they carry.")
    seen = tracks.visibility[:, shown]
    latest = np.maximum.accumulate(np.where(seen, np.arange(tracks.length)[:, None], 0), axis=0)
    positions = tracks.positions[latest, shown]
    return replace(tracks, positions=positions, visibility=np.ones_like(seen), layer=tracks.layer[shown])
