"""One video judged from every side: motion, consistency, quality, closeness to a ground truth; and who says so."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import cv2
import numpy as np

from ..errors import RequestError
from ..host import Host
from ..rendering.frames import Frame, checked_frames
from ..rendering.images import fit_image
from ..tracks.baked import BakedTracks
from .consistency import Embed, compare_frames
from .fidelity import psnr, ssim
from .measure import Measurement, MeasureOptions, TrackChoice, choose_tracks, measure_chosen
from .motion_error import MotionError, TrackError, motion_error, reference_scale, track_errors
from .naturalness import niqe
from .report_parts import Fidelity, MadeWith, Quality, VideoReport
from .report_text import report_notes
from .trackers import Tracker

ALL_TRACKS = MeasureOptions(min_motion=0.0, to_the_end=False)
"""tracks that are to stay where they are count too, and such as end early"""
_LEAST_SIDE = 16
_FOLLOW, _QUALITY, _FIDELITY = "follow points", "judge frames", "compare with the truth"


@dataclass(frozen=True)
class EvaluateOptions:
    """What is measured and how."""

    measure: MeasureOptions = ALL_TRACKS
    embed: Embed | None = None
    """frames -> [T, d] for CLIP-F; None = left out"""
    embed_name: str = ""
    """what made the embeddings, for the report"""
    quality_every: int = 1
    """NIQE of every so many frames; 0 = left out"""


def evaluate_video(
    frames: Sequence[Frame],
    tracks: BakedTracks | None,
    options: EvaluateOptions,
    *,
    truth: Sequence[Frame] | None = None,
    picture: Frame | None = None,
    host: Host,
) -> VideoReport:
    """Judge a video.

    Which tracks are measured is decided on the truth's first frame, else on the picture, else on the video's own first frame:
    so a video that is too blurred to be followed loses points rather than tracks.

    Args:
        tracks: as long as the video and of its size; None = no motion error.
        truth: as many frames of the same size.
        picture: the start image; of another size it is fitted as ``crop``.

    Raises:
        RequestError: no frames, or numbers and sizes that do not fit.
    """
    _check(frames, truth)
    height, width = frames[0].shape[:2]
    start = None if picture is None else fit_image(picture, width, height, "crop")
    reference = truth[0] if truth is not None else start if start is not None else frames[0]
    measured = floor = None
    if tracks is not None:
        choice = choose_tracks(tracks, reference, options.measure)
        measured = _measure(frames, tracks, choice, options.measure.tracker, host)
        floor = None if truth is None else _measure(truth, tracks, choice, options.measure.tracker, host)
    motion, quality = _motion(measured), _quality(frames, start, options, host)
    consistency = compare_frames(frames, host, options.embed)
    made_with = _made_with(frames, tracks, options, measured)
    return VideoReport(
        motion=motion,
        consistency=consistency,
        quality=quality,
        fidelity=None if truth is None else _fidelity(frames, truth, host),
        floor=_motion(floor),
        truth_consistency=None if truth is None else compare_frames(truth, host, options.embed),
        truth_quality=None if truth is None else _quality(truth, start, options, host),
        made_with=made_with,
        notes=report_notes(motion, consistency, quality, made_with),
        measured=measured,
        tracks=_rows(measured),
    )


def _measure(frames: Sequence[Frame], tracks: BakedTracks, choice: TrackChoice, tracker: Tracker, host: Host) -> Measurement:
    host.check_interrupted()
    host.progress(_FOLLOW, 0, 1)
    video = list(checked_frames(frames, tracks))
    found = measure_chosen(video, tracks, choice, tracker)
    host.progress(_FOLLOW, 1, 1)
    return found


def _motion(measured: Measurement | None) -> MotionError | None:
    return None if measured is None or not measured.requested.count else motion_error(measured.requested, measured.achieved)


def _rows(measured: Measurement | None) -> tuple[TrackError, ...]:
    if measured is None or not measured.requested.count:
        return ()
    return tuple(track_errors(measured.requested, measured.achieved, measured.choice.indices))


def _quality(frames: Sequence[Frame], start: Frame | None, options: EvaluateOptions, host: Host) -> Quality:
    chosen = range(0, len(frames), options.quality_every) if options.quality_every else range(0)
    values: list[float | None] = []
    host.progress(_QUALITY, 0, max(1, len(chosen)))
    for done, index in enumerate(chosen, start=1):
        host.check_interrupted()
        values.append(niqe(frames[index]))
        host.progress(_QUALITY, done, len(chosen))
    known = [value for value in values if value is not None]
    mean = float(np.mean(known)) if known else None
    before = niqe(start) if start is not None and options.quality_every else None
    return Quality(mean, tuple(values), before, None if mean is None or before is None else mean - before)


def _fidelity(frames: Sequence[Frame], truth: Sequence[Frame], host: Host) -> Fidelity:
    noise: list[float] = []
    likeness: list[float] = []
    host.progress(_FIDELITY, 0, len(frames))
    for done, (made, true) in enumerate(zip(frames, truth, strict=True), start=1):
        host.check_interrupted()
        noise.append(psnr(made, true))
        likeness.append(ssim(made, true))
        host.progress(_FIDELITY, done, len(frames))
    return Fidelity(float(np.mean(noise)), float(np.mean(likeness)), tuple(noise), tuple(likeness))


def _made_with(
    frames: Sequence[Frame], tracks: BakedTracks | None, options: EvaluateOptions, measured: Measurement | None
) -> MadeWith:
    height, width = frames[0].shape[:2]
    measure, tracker = options.measure, options.measure.tracker
    left_out = {} if measured is None else {row.name: getattr(measured.choice, row.name) for row in fields(measured.choice)}
    left_out.pop("indices", None)
    return MadeWith(
        tracker=tracker.name,
        tracker_version=tracker.version,
        tracker_licence=tracker.licence,
        width=width,
        height=height,
        frames=len(frames),
        px_at_832x480=reference_scale(width, height),
        flow=f"OpenCV DIS, medium, {cv2.__version__}",
        clip=options.embed_name if options.embed is not None else "",
        options={
            "min_motion": measure.min_motion,
            "max_tracks": measure.max_tracks,
            "min_texture": measure.min_texture,
            "margin": measure.margin,
            "to_the_end": measure.to_the_end,
            "quality_every": options.quality_every,
        },
        requested=0 if tracks is None else tracks.count,
        left_out=left_out,
    )


def _check(frames: Sequence[Frame], truth: Sequence[Frame] | None) -> None:
    if not frames:
        raise RequestError("The video has no frames; give one with at least one.")
    sizes = {frame.shape for frame in frames}
    if len(sizes) > 1:
        raise RequestError("The frames of the video differ in size; scale all to one.")
    height, width = frames[0].shape[:2]
    if min(height, width) < _LEAST_SIDE:
        raise RequestError(
            f"The video is {width}x{height}; at least {_LEAST_SIDE}x{_LEAST_SIDE} pixels are needed to see motion."
        )
    if truth is None:
        return
    if len(truth) != len(frames):
        raise RequestError(f"The video has {len(frames)} frames, the ground truth {len(truth)}; cut them to the same frames.")
    other = next((frame.shape for frame in truth if frame.shape not in sizes), None)
    if other is not None:
        raise RequestError(
            f"The video is {width}x{height}, the ground truth {other[1]}x{other[0]}; scale the truth to the video's size."
        )
