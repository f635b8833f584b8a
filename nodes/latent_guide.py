"""The node that turns a picture and tracks into what a Wan network is guided by."""

from typing import TYPE_CHECKING

import torch
from comfy_api.v0_0_2 import io

from ..wanmove_core.guidance.condition import Edit
from ..wanmove_core.guidance.latent_tracks import Temporal
from .links import WanMoveGuide, WanMoveModel
from .track_values import TracksValue

if TYPE_CHECKING:
    from ..wanmove_core.rendering.images import Fit
    from .hosted_model import HostedModel


class TrajectoryToLatentGuide(io.ComfyNode):
    """The start image's features, carried along the tracks."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="TrajectoryToLatentGuide",
            display_name="Trajectory To Latent Guide (Wan-Move)",
            category="WanMove",
            description="Encodes the picture once and carries its features along the tracks. Other tracks cost no new encode.",
            search_aliases=["wanmove guide", "track guidance", "latent trajectory", "tracks to latent"],
            inputs=[
                WanMoveModel.Input("model", tooltip="From Load Wan-Move."),
                io.Image.Input("image", tooltip="The start image, the one that was drawn on. Of a batch the first."),
                io.Tracks.Input("tracks", tooltip="They say how long the video is and, from this pack's nodes, how large."),
                io.Float.Input(
                    "strength",
                    default=1.0,
                    min=0.0,
                    max=100.0,
                    step=0.01,
                    tooltip="How far a guided place becomes what the track carries: 0 = not at all, 1 = wholly.",
                ),
                io.Float.Input(
                    "footprint",
                    default=0.0,
                    min=0.0,
                    max=16.0,
                    step=0.5,
                    tooltip="Radius in latent cells (8 pixels) that each track carries along; 0 = its own cell, as released.",
                ),
                io.Combo.Input(
                    "temporal",
                    options=["last", "mean"],
                    default="last",
                    tooltip="Where a track is within 4 frames: at the last of them, as released, or the mean, as in the paper.",
                    advanced=True,
                ),
                io.Combo.Input(
                    "fit",
                    options=["crop", "stretch"],
                    default="crop",
                    tooltip="How a picture of another shape becomes the video: edges cut off, or squeezed. As in the editor.",
                ),
                io.Boolean.Input(
                    "draft",
                    default=False,
                    optional=True,
                    tooltip="Half the frames at half the rate, to judge the motion; approximate. Best with the preset draft.",
                ),
            ],
            outputs=[
                WanMoveGuide.Output(display_name="guide", tooltip="For Wan-Move Sampler."),
                io.String.Output(display_name="report", tooltip="How much is guided, and what the model will not be told."),
            ],
            hidden=[io.Hidden.unique_id],
        )

    @classmethod
    def execute(
        cls,
        model: "HostedModel",
        image: torch.Tensor,
        tracks: TracksValue,
        strength: float,
        footprint: float,
        temporal: Temporal,
        fit: "Fit",
        draft: bool = False,
    ) -> io.NodeOutput:
        # here, not above: ComfyUI starts without the networks' code, and reads it when a workflow wants it
        from .comfy_host import ComfyHost
        from .guide import Guidance, describe, make_guide, start_image

        guidance, host = Guidance(Edit(strength, footprint), temporal, draft), ComfyHost(cls.hidden.unique_id)
        guide, report = make_guide(model, start_image(image, tracks, fit), tracks, guidance, host)
        return io.NodeOutput(guide, describe(report))
