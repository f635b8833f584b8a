"""The node that says how well a video followed its tracks."""

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import torch
from comfy_api.v0_0_2 import io

from ..wanmove_core.errors import RequestError
from ..wanmove_core.tracks.arrange import refit_tracks
from ..wanmove_core.tracks.baked import BakedTracks
from .track_values import TracksValue, emit_tracks, known_size, read_baked
from .track_video import OPTICAL_FLOW, find_network, tracker_choices

if TYPE_CHECKING:
    from ..wanmove_core.evaluation.report_parts import VideoReport
    from ..wanmove_core.evaluation.trackers import Tracker

PATCHES = "patches"
SHOWN = "wanmove_measured"
"""under which the page finds what was measured"""


class WanMoveMeasureTracks(io.ComfyNode):
    """A video against the tracks that were asked of it."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="WanMoveMeasureTracks",
            display_name="Measure Tracks (Wan-Move)",
            category="WanMove/tracks",
            description="Says how well a video followed its tracks: motion error, consistency, quality, and closeness to a "
            "true video where there is one.",
            search_aliases=["evaluate", "motion error", "epe", "niqe", "metrics", "score video", "quality"],
            inputs=[
                io.Image.Input("images", tooltip="The frames of the finished video."),
                io.Tracks.Input("tracks", tooltip="The tracks that it was asked to follow, of as many frames."),
                io.Image.Input("truth", optional=True, tooltip="The true video, as many frames of the same size."),
                io.Image.Input("picture", optional=True, tooltip="The start image: shows what the video lost in quality."),
                io.Combo.Input(
                    "tracker",
                    options=_choices(),
                    default=OPTICAL_FLOW,
                    tooltip="Optical flow; patches near the asked places, for soft videos; weights in models/point_trackers.",
                ),
                io.Int.Input(
                    "max_tracks", default=256, min=1, max=4096, tooltip="Most tracks measured; more are thinned evenly."
                ),
                io.Boolean.Input("quality", default=True, tooltip="Whether NIQE is measured too, about 0.1 s a frame."),
            ],
            outputs=[
                io.String.Output(display_name="report", tooltip="All figures, for reading."),
                io.String.Output(display_name="json", tooltip="All figures as JSON."),
                io.Float.Output(display_name="mean_error", tooltip="Mean error, pixels at 832x480; -1 = none measured."),
                io.Tracks.Output(display_name="achieved", tooltip="Where the measured points went; hidden where lost."),
                io.Tracks.Output(display_name="requested", tooltip="The tracks that were measured, as asked."),
            ],
            hidden=[io.Hidden.unique_id],
            is_output_node=True,
        )

    @classmethod
    def execute(
        cls,
        images: torch.Tensor,
        tracks: TracksValue,
        tracker: str,
        max_tracks: int,
        quality: bool,
        truth: torch.Tensor | None = None,
        picture: torch.Tensor | None = None,
    ) -> io.NodeOutput:
        from ..wanmove_core.evaluation.report_text import report_text  # not at ComfyUI's start: OpenCV
        from ..wanmove_core.evaluation.shown_tracks import shown_tracks

        length, height, width = images.shape[:3]
        asked = refit_tracks(read_baked(tracks, *(known_size(tracks) or (width, height))), width, height, "stretch")
        _check_length(length, asked.length)
        settings = _Settings(tracker, max_tracks, quality)
        report = _judge(images, asked, settings, (truth, picture), cls.hidden.unique_id)
        text, error = report_text(report), report.motion.mean_px_at_832x480 if report.motion else -1.0
        achieved, requested = (emit_tracks(found) for found in _measured(report, asked))
        shown = {"text": (text,), SHOWN: (shown_tracks(report),)}
        return io.NodeOutput(text, json.dumps(report.as_dict()), error, achieved, requested, ui=shown)


@dataclass(frozen=True)
class _Settings:
    """What is set on the node."""

    tracker: str
    max_tracks: int
    quality: bool


def _judge(
    images: torch.Tensor,
    asked: BakedTracks,
    settings: _Settings,
    beside: tuple[torch.Tensor | None, torch.Tensor | None],
    node_id: str | None,
) -> "VideoReport":
    # not at ComfyUI's start: OpenCV
    from ..wanmove_core.evaluation.video_report import ALL_TRACKS, EvaluateOptions, evaluate_video
    from ..wanmove_core.rendering.frames import as_frame
    from .comfy_host import ComfyHost

    truth, picture = ([as_frame(frame) for frame in batch[..., :3]] if batch is not None else None for batch in beside)
    measure = replace(ALL_TRACKS, tracker=_tracker(settings.tracker), max_tracks=settings.max_tracks)
    return evaluate_video(
        [as_frame(frame) for frame in images[..., :3]],
        asked,
        EvaluateOptions(measure, quality_every=int(settings.quality)),
        truth=truth,
        picture=picture[0] if picture else None,
        host=ComfyHost(node_id),
    )


def _choices() -> list[str]:
    flow, *weights = tracker_choices()
    return [flow, PATCHES, *weights]


def _tracker(choice: str) -> "Tracker":
    from ..wanmove_core.evaluation.trackers import LucasKanade, PatchMatching

    if choice == OPTICAL_FLOW:
        return LucasKanade()
    return PatchMatching() if choice == PATCHES else find_network(choice)


def _measured(report: "VideoReport", asked: BakedTracks) -> tuple[BakedTracks, BakedTracks]:
    """Achieved and requested tracks; where none could be measured all that were asked for, none of them achieved."""
    if report.measured is None or not report.measured.requested.count:
        return replace(asked, visibility=asked.visibility & False), asked
    requested, found = report.measured.requested, report.measured.achieved
    return replace(requested, positions=found.positions, visibility=found.followed), requested


def _check_length(frames: int, length: int) -> None:
    if frames != length:
        raise RequestError(
            f"The video has {frames} frames, the tracks {length}; connect the tracks that the video was made with, or stretch "
            f"them to {frames} frames with Transform Tracks."
        )
