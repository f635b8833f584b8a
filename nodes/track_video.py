"""The node that takes the motion of a video for another picture."""

import torch
from comfy_api.v0_0_2 import io

from ..wanmove_core.tracks.arrange import refit_tracks, resample_tracks
from ..wanmove_core.tracks.baked import BakedTracks
from ..wanmove_core.tracks.sampling import FitName
from .pictures import fit_mask
from .track_values import emit_tracks


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
    ) -> io.NodeOutput:
        found = _follow(images, spacing, mask, max_return_error, cls.hidden.unique_id)
        timed = resample_tracks(found, length or found.length)
        return io.NodeOutput(emit_tracks(refit_tracks(timed, width or found.width, height or found.height, fit)))


def _follow(
    images: torch.Tensor, spacing: int, mask: torch.Tensor | None, max_return_error: float, node_id: str | None
) -> BakedTracks:
    # not at ComfyUI's start: OpenCV
    from ..wanmove_core.evaluation.point_tracking import FlowOptions
    from ..wanmove_core.evaluation.start_points import StartPoints
    from ..wanmove_core.evaluation.video_tracking import TrackingOptions, track_video
    from .comfy_host import ComfyHost

    host, (total, height, width) = ComfyHost(node_id), images.shape[:3]
    start = StartPoints(spacing, None if mask is None else fit_mask(mask, width, height, "stretch"))
    # Points found later would carry nothing: guidance knows only what the first frame shows.
    options = TrackingOptions(FlowOptions(max_return_error=max_return_error), find_new=False)
    found = track_video(iter(images[..., :3]), start, host, options, total)
    host.note(f"{found.count} points, {int(found.visibility[-1].sum())} of them followed to the last frame.")
    return found
