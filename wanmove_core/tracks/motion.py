"""Where a layer is at a clip progress 0…1: an affine map for the layer as a whole and a ripple for single places.

At progress 0 the map is the identity and the ripple is zero: the start picture is where every layer starts from. The
camera (all enabled ``frame`` layers, bottom to top) composes after the layer's own motion.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from .components import COMPONENTS, Pose, pose
from .curves import walk
from .document import Layer, Motion, TrackDocument
from .shapes import Frame, centre
from .timing import Key, phase_at, value_at

Floats = NDArray[np.float64]


def affine_at(document: TrackDocument, layer: Layer, progress: float) -> Floats:
    """The map from pixels of the start picture to where the layer has them at ``progress``, camera included. [2, 3]"""
    return affines_at(document, layer, np.array([progress], dtype=np.float64))[0]


def affines_at(document: TrackDocument, layer: Layer, progress: Floats) -> Floats:
    """``affine_at`` for many clip progresses [T] at once. [T, 2, 3]"""
    cameras = tuple(other for other in document.layers if _is_camera(other))
    camera = _camera_affines(cameras, document.width, document.height, progress.astype(np.float64).tobytes())
    if isinstance(layer.region, Frame):
        return camera[:, :2].copy()
    return (camera @ _own_affines(layer, document.width, document.height, progress))[:, :2]


def ripple_at(layer: Layer, points: Floats, progress: float) -> Floats:
    """What is added to points of the start picture [N, 2] before the affine map; zero unless the layer has a ripple.

    A ripple of a ``frame`` layer moves the background only, not the layers above it. [N, 2] pixels
    """
    total = np.zeros((len(points), 2))
    rippling = [part for part in layer.motion.components if COMPONENTS[part.kind].ripple]
    if not rippling:
        return total
    start, now = phase_at(layer.motion.timing, np.array([0.0, progress]))
    places = points - np.array(_ripple_origin(layer))
    for part in rippling:
        ripple, values = COMPONENTS[part.kind].ripple, part.named()
        if ripple is not None:
            total += ripple(values, places, now) - ripple(values, places, start)
    return total


def move_points(document: TrackDocument, layer: Layer, points: Floats, progress: float) -> Floats:
    """Where points of the start picture [N, 2] are at ``progress``: rippled, then moved. [N, 2] pixels"""
    affine = affine_at(document, layer, progress)
    return (points + ripple_at(layer, points, progress)) @ affine[:, :2].T + affine[:, 2]


def has_ripple(layer: Layer) -> bool:
    """Whether ``ripple_at`` is ever anything but zero."""
    return any(COMPONENTS[part.kind].ripple for part in layer.motion.components)


def anchor_of(document: TrackDocument, layer: Layer) -> tuple[float, float]:
    """What the layer turns and grows about: its motion's anchor or the middle of its region's box. Pixels."""
    return _anchor(layer, document.width, document.height)


def scales_at(document: TrackDocument, layer: Layer, progress: Floats) -> Floats:
    """How much larger than in the start picture the layer is at clip progresses [T], camera included. [T]"""
    linear = affines_at(document, layer, progress)[:, :, :2]
    return np.sqrt(np.abs(linear[:, 0, 0] * linear[:, 1, 1] - linear[:, 0, 1] * linear[:, 1, 0]))


def pose_at(motion: Motion, progress: Floats) -> Pose:
    """The change since progress 0 at clip progresses [T], before the anchor and the camera come in."""
    total = _pose_of(motion, phase_at(motion.timing, np.concatenate([[0.0], progress])))
    return Pose(
        total.shift[1:] - total.shift[:1],
        total.turn[1:] - total.turn[:1],
        total.growth[1:] - total.growth[:1],
    )


def _pose_of(motion: Motion, phase: Floats) -> Pose:
    parts = [kind.pose(part.named(), phase) for part in motion.components if (kind := COMPONENTS[part.kind]).pose]
    if motion.path is not None:
        along = walk(motion.path, phase)
        parts.append(pose(phase, x=along[:, 0], y=along[:, 1]))
    if motion.rotation:
        parts.append(pose(phase, turn=value_at(motion.rotation, phase)))
    if motion.scale:
        logarithms = tuple(Key(key.time, float(np.log(key.value)), key.easing) for key in motion.scale)
        parts.append(pose(phase, growth=value_at(logarithms, phase)))
    total = pose(phase)
    for part in parts:
        total = Pose(total.shift + part.shift, total.turn + part.turn, total.growth + part.growth)
    return total


def _ripple_origin(layer: Layer) -> tuple[float, float]:
    """The anchor; without one the middle of the region's box, and of regions without a box the top-left corner."""
    return _anchor(layer, 0, 0)


def _anchor(layer: Layer, width: int, height: int) -> tuple[float, float]:
    return layer.motion.anchor or centre(layer.region, width, height)


@lru_cache(maxsize=16)
def _camera_affines(cameras: tuple[Layer, ...], width: int, height: int, moments: bytes) -> Floats:
    """What the cameras do together, bottom to top; kept, because every layer asks for it. [T, 3, 3], not to be written to"""
    progress = np.frombuffer(moments, dtype=np.float64)
    combined = np.repeat(np.eye(3)[None], len(progress), axis=0)
    for camera in cameras:
        combined = _own_affines(camera, width, height, progress) @ combined
    combined.setflags(write=False)
    return combined


def _own_affines(layer: Layer, width: int, height: int, progress: Floats) -> Floats:
    """The layer's own motion as homogeneous matrices. [T, 3, 3]"""
    moved, anchor = pose_at(layer.motion, progress), np.array(_anchor(layer, width, height))
    angle, scale = np.radians(moved.turn), np.exp(moved.growth)
    matrices = np.zeros((len(progress), 3, 3))
    matrices[:, 0, 0] = matrices[:, 1, 1] = scale * np.cos(angle)
    matrices[:, 1, 0] = scale * np.sin(angle)
    matrices[:, 0, 1] = -matrices[:, 1, 0]
    matrices[:, :2, 2] = anchor + moved.shift - matrices[:, :2, :2] @ anchor
    matrices[:, 2, 2] = 1
    return matrices


def _is_camera(layer: Layer) -> bool:
    return layer.enabled and isinstance(layer.region, Frame)
