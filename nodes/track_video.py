"""The node that takes the motion of a video for another picture."""

from pathlib import Path
from typing import TYPE_CHECKING

import folder_paths
import torch
from comfy_api.v0_0_2 import io

from ..wanmove_core.tracks.arrange import refit_tracks, resample_tracks
from ..wanmove_core.tracks.baked import BakedTracks
from ..wanmove_core.tracks.point_list import read_points
from ..wanmove_core.tracks.sampling import FitName
from .pictures import fit_mask
from .track_values import emit_tracks

if TYPE_CHECKING:
    from ..wanmove_core.evaluation.start_points import StartPoints
    from ..wanmove_core.evaluation.trackers import Tracker

OPTICAL_FLOW = "optical flow"
TRACKERS = "point_trackers"
"""the folder of weights below ComfyUI's models"""


class WanMoveTrackVideo(io.ComfyNode):
    """Points of a video's first frame, followed through it."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="WanMoveTrackVideo",
            display_name="Tracks From Video (Wan-Move)",
            category="WanMove/tracks",
            description="Follows points through a video and gives their ways as TRACKS, to move another picture in the same "
            "way.",
            search_aliases=["tracks from video", "optical flow tracks", "motion transfer", "point tracking", "video to tracks"],
            inputs=[
                io.Image.Input("images", tooltip="The frames of the video whose motion is wanted, at least 2."),
                io.Mask.Input(
                    "mask",
                    optional=True,
                    tooltip="Points start where it is white, on the first frame. Nothing connected: everywhere.",
                ),
                io.Int.Input(
                    "spacing", default=32, min=4, max=256, tooltip="Pixels of the video between points; a flat place has none."
                ),
                io.Int.Input(
                    "length",
                    default=0,
                    min=0,
                    max=4096,
                    tooltip="Frames to stretch the tracks to, 4k + 1 for the model; 0 = as many as the video has.",
                ),
                io.Int.Input(
                    "width", default=0, min=0, max=16384, step=8, tooltip="Width of the picture to be moved; 0 = the video's."
                ),
                io.Int.Input(
                    "height", default=0, min=0, max=16384, step=8, tooltip="Height of the picture to be moved; 0 = the video's."
                ),
                io.Combo.Input(
                    "fit",
                    options=["crop", "stretch"],
                    tooltip="How the video becomes the picture where shapes differ: edges cut off, or squeezed.",
                ),
                io.Float.Input(
                    "max_return_error",
                    default=1.0,
                    min=0.1,
                    max=16.0,
                    step=0.1,
                    tooltip="Pixels by which following a point back may miss it; above, the point is lost from then on.",
                    advanced=True,
                ),
                io.String.Input(
                    "points",
                    optional=True,
                    force_input=True,
                    tooltip="Points to follow instead of a grid: JSON of places in pixels of the video, or of tracks.",
                ),
                io.Combo.Input(
                    "tracker",
                    options=tracker_choices(),
                    default=OPTICAL_FLOW,
                    optional=True,
                    tooltip="Optical flow, or weights of CoTracker3 or TAPIR in models/point_trackers, if you installed it.",
                    advanced=True,
                ),
            ],
            outputs=[
                io.Tracks.Output(
                    display_name="tracks", tooltip="Of the first frame's points, in pixels of the picture; hidden once lost."
                )
            ],
            hidden=[io.Hidden.unique_id],
        )

    @classmethod
    def execute(
        cls,
        images: torch.Tensor,
        spacing: int,
        length: int,
        width: int,
        height: int,
        fit: FitName,
        max_return_error: float,
        mask: torch.Tensor | None = None,
        points: str | None = None,
        tracker: str = OPTICAL_FLOW,
    ) -> io.NodeOutput:
        # not at ComfyUI's start: OpenCV
        from ..wanmove_core.evaluation.start_points import StartPoints

        size = images.shape[2], images.shape[1]
        start = StartPoints(
            spacing=spacing,
            mask=None if mask is None else fit_mask(mask, *size, "stretch"),
            points=read_points(points, "The text in points") if points and points.strip() else None,
        )
        if tracker == OPTICAL_FLOW:
            found = _by_flow(images, start, max_return_error, cls.hidden.unique_id)
        else:
            found = _by_network(images, start, tracker, cls.hidden.unique_id)
        timed = resample_tracks(found, length or found.length)
        return io.NodeOutput(emit_tracks(refit_tracks(timed, width or found.width, height or found.height, fit)))


def tracker_choices() -> list[str]:
    """Optical flow, and the files of weights in the folder for them, which is made known to ComfyUI."""
    folder_paths.add_model_folder_path(TRACKERS, str(Path(folder_paths.models_dir) / TRACKERS))
    files = folder_paths.get_filename_list(TRACKERS)
    return [OPTICAL_FLOW, *(name for name in files if name.lower().endswith((".pth", ".pt", ".safetensors")))]


def find_network(weights: str) -> "Tracker":
    """The tracker whose weights are in this file of the folder, with the device's memory to itself."""
    import comfy.model_management

    from ..wanmove_core.evaluation.tracker_packages import name_of_weights
    from ..wanmove_core.evaluation.trackers import find_tracker

    path = Path(folder_paths.get_full_path_or_raise(TRACKERS, weights))
    tracker = find_tracker(name_of_weights(path), path)
    comfy.model_management.unload_all_models()  # the packages know nothing of ComfyUI's memory
    comfy.model_management.soft_empty_cache()
    return tracker


def _by_flow(images: torch.Tensor, start: "StartPoints", max_return_error: float, node_id: str | None) -> BakedTracks:
    from ..wanmove_core.evaluation.point_tracking import FlowOptions
    from ..wanmove_core.evaluation.video_tracking import TrackingOptions, track_video
    from .comfy_host import ComfyHost

    host = ComfyHost(node_id)
    # Points found later would carry nothing: guidance knows only what the first frame shows.
    options = TrackingOptions(FlowOptions(max_return_error=max_return_error), find_new=False)
    found = track_video(iter(images[..., :3]), start, host, options, len(images))
    host.note(f"{found.count} points, {int(found.visibility[-1].sum())} of them followed to the last frame.")
    return found


def _by_network(images: torch.Tensor, start: "StartPoints", weights: str, node_id: str | None) -> BakedTracks:
    from ..wanmove_core.evaluation.tracker_tracks import track_by
    from .comfy_host import ComfyHost

    host, tracker = ComfyHost(node_id), find_network(weights)
    found = track_by(tracker, iter(images[..., :3]), start, host)
    host.note(f"{found.count} points by {tracker.name} ({tracker.licence}), {int(found.visibility[-1].sum())} seen at the end.")
    return found
