"""A video of a case measured, and three of its frames for the report."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path

import numpy as np

from ..evaluation.video_report import EvaluateOptions, VideoReport, evaluate_video
from ..host import Host
from ..rendering.frames import Frame
from ..rendering.images import fit_image, save_image
from ..rendering.overlay import AchievedTracks, OverlayOptions, overlay_frames
from ..tracks.arrange import refit_tracks
from ..tracks.baked import BakedTracks
from .json_file import JsonObject
from .layout import Case
from .preparation import ClipShape, prepare, read_result, read_truth

PANEL_WIDTH = 224
"""pixels of one of three frames"""
_GAP = 4
_DRAWN = OverlayOptions(max_tracks=24, max_numbers=0, tail=24, legend=False)


@dataclass(frozen=True)
class Evaluation:
    """What was measured of one video."""

    report: JsonObject
    track_errors: Sequence[float]
    """see ``records.CaseRecord``"""
    track_ratios: Sequence[float]


def score(case: Case, video: Path, thumbnail: Path, shape: ClipShape, options: EvaluateOptions, host: Host) -> Evaluation:
    """Measure a video against the tracks and the real video of its case, and keep three frames of it.

    Raises:
        MediaError: a picture or video cannot be read, or the video has another size or length.
        TrackError: the tracks cannot be.
        RequestError: the picture has another shape and nothing says how it becomes this one.
    """
    frames, asked = read_result(video, shape), prepare(case, shape)
    report = evaluate_video(frames, asked.tracks, options, truth=read_truth(case, shape), picture=asked.picture, host=host)
    save_image(thumbnail, _panels(frames, asked.picture, asked.tracks, report))
    return Evaluation(
        report=finite(report.as_dict()),
        track_errors=[round(track.mean_px_at_832x480, 3) for track in report.tracks],
        track_ratios=[round(track.path_ratio, 4) for track in report.tracks if track.path_ratio is not None],
    )


def finite(report: JsonObject) -> JsonObject:
    """The same with None for numbers that JSON cannot say: NaN and infinity."""
    return {name: _finite(value) for name, value in report.items()}


def _finite(value: object) -> object:
    if isinstance(value, dict):
        return {name: _finite(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(part) for part in value]
    return None if isinstance(value, float) and not isfinite(value) else value


def _panels(frames: Sequence[Frame], picture: Frame, tracks: BakedTracks, report: VideoReport) -> Frame:
    """The start image, then the middle and the last frame under the requested and the achieved tracks."""
    height = max(1, round(picture.shape[0] * PANEL_WIDTH / picture.shape[1]))
    measured = report.measured
    requested = tracks if measured is None else measured.requested
    achieved = None
    if measured is not None:
        factor = np.array([PANEL_WIDTH / tracks.width, height / tracks.height], np.float32)
        achieved = AchievedTracks((measured.achieved.positions * factor).astype(np.float32), measured.achieved.followed)
    small = (fit_image(frame, PANEL_WIDTH, height) for frame in frames)
    drawn = list(overlay_frames(small, refit_tracks(requested, PANEL_WIDTH, height, "stretch"), achieved, _DRAWN))
    shown = [fit_image(picture, PANEL_WIDTH, height), drawn[len(drawn) // 2], drawn[-1]]
    gap = np.full((height, _GAP, 3), 128, np.uint8)
    return np.concatenate([shown[0], gap, shown[1], gap, shown[2]], axis=1)
