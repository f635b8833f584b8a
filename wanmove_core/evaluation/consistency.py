"""Whether consecutive frames belong together: warp error where nothing is hidden, with how much moves beside it; CLIP-F.

A video that stands still has no warp error at all, so neither figure says anything without the dynamic degree.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from ..host import Host
from ..rendering.frames import Frame
from .motion_error import REFERENCE, reference_scale
from .point_tracking import Grey, to_grey

Embed = Callable[[Sequence[Frame]], NDArray[np.floating]]
"""frames -> [T, d], a row a frame, of a picture encoder such as CLIP's"""
STAGE = "compare frames"
_SHARE, _SLACK = 0.01, 0.5
"""Sundaram, Brox, Keutzer, "Dense Point Trajectories by GPU-Accelerated Large Displacement Optical Flow" (2010), equation 5"""


@dataclass(frozen=True)
class Consistency:
    """Over all pairs of consecutive frames; None = there is but one frame."""

    warp_error: float | None
    """root mean square of the difference between each frame and the next one brought back by the flow, levels of 0 to 255"""
    masked_percent: float | None
    """% of pixels left out of it, because the flow there and back does not agree: hidden, uncovered, or made up anew"""
    dynamic_degree: float | None
    """mean length of the flow, px at 832x480 a frame"""
    clip_f: float | None
    """mean cosine of consecutive frames' embeddings; None = no picture encoder was given"""


def compare_frames(frames: Sequence[Frame], host: Host, embed: Embed | None = None) -> Consistency:
    """Warp error, dynamic degree and CLIP-F of a video.

    Flow is OpenCV's DIS (Kroeger et al., "Fast Optical Flow using Dense Inverse Search", 2016), preset "medium", of grey levels
    at the clip's size, or scaled down to a diagonal of 832x480 where it is larger.
    """
    squares, kept, lengths, pixels = 0.0, 0, 0.0, 0
    finder = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    small = [_shrunk(frame) for frame in frames]
    greys = [to_grey(frame) for frame in small]
    scale = reference_scale(small[0].shape[1], small[0].shape[0])
    host.progress(STAGE, 0, max(1, len(frames) - 1))
    for done, ((one, grey), (other, next_grey)) in enumerate(pairwise(zip(small, greys, strict=True)), start=1):
        host.check_interrupted()
        there, back = _flow(finder, grey, next_grey), _flow(finder, next_grey, grey)
        places = _places(there)
        agrees = _agrees(there, _look_up(back, places), places)
        difference = (one - _look_up(other.astype(np.float32), places))[agrees]
        squares += float(np.square(difference, dtype=np.float64).sum()) / 3
        kept += int(agrees.sum())
        lengths += float(np.linalg.norm(there, axis=-1).sum(dtype=np.float64))
        pixels += agrees.size
        host.progress(STAGE, done, len(frames) - 1)
    return Consistency(
        warp_error=float(np.sqrt(squares / kept)) if kept else None,
        masked_percent=100 * (1 - kept / pixels) if pixels else None,
        dynamic_degree=scale * lengths / pixels if pixels else None,
        clip_f=clip_f(embed(frames)) if embed is not None and len(frames) > 1 else None,
    )


def clip_f(embeddings: NDArray[np.floating]) -> float:
    """Mean cosine of consecutive rows of [T, d], T at least 2."""
    rows = np.asarray(embeddings, np.float64)
    rows = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
    return float((rows[1:] * rows[:-1]).sum(axis=1).mean())


def _shrunk(frame: Frame) -> Frame:
    height, width = frame.shape[:2]
    scale = float(np.hypot(*REFERENCE) / np.hypot(width, height))
    if scale >= 1:
        return frame
    size = (max(16, round(width * scale)), max(16, round(height * scale)))
    return np.asarray(cv2.resize(frame, size, interpolation=cv2.INTER_AREA), np.uint8)


def _flow(finder: cv2.DISOpticalFlow, one: Grey, other: Grey) -> NDArray[np.float32]:
    """[H, W, 2] px"""
    return np.asarray(finder.calc(one, other, np.zeros((*one.shape, 2), np.float32)), np.float32)


def _places(flow: NDArray[np.float32]) -> NDArray[np.float32]:
    """Where each pixel goes, [H, W, 2], counted from pixel centres as ``cv2.remap`` does."""
    height, width = flow.shape[:2]
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    return flow + np.stack([x, y], axis=-1)


def _look_up(values: NDArray[np.float32], places: NDArray[np.float32]) -> NDArray[np.float32]:
    """What is at the places [H, W, 2], between pixels by interpolation."""
    found = cv2.remap(values, places[..., 0], places[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(found, np.float32)


def _agrees(there: NDArray[np.float32], back: NDArray[np.float32], places: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Where the way back returns, and the pixel stays in the picture. [H, W]"""
    height, width = there.shape[:2]
    inside = np.all((places >= 0) & (places <= (width - 1, height - 1)), axis=-1)
    gap = np.square(there + back).sum(axis=-1)
    return inside & (gap <= _SHARE * (np.square(there).sum(axis=-1) + np.square(back).sum(axis=-1)) + _SLACK)
