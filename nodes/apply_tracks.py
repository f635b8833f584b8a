"""The native lane: tracks on ComfyUI's own CONDITIONING, for its KSampler."""

from collections.abc import Callable
from typing import Any

import torch
from comfy_api.v0_0_2 import io

from ..wanmove_core.errors import RequestError
from ..wanmove_core.guidance.condition import Edit, Uncond, check_uncond
from ..wanmove_core.guidance.latent_edit import edit_latent
from ..wanmove_core.guidance.latent_tracks import LatentTracks, Temporal, fit_to_latent, to_latent_tracks, video_size
from ..wanmove_core.variants import WAN21_STRIDE
from .track_values import TracksValue, known_size, read_tracks

Conditioning = list[list[Any]]
"""pairs of an embedding and what goes with it"""
START = "concat_latent_image"
CHANNELS = 16


class WanMoveApplyTracks(io.ComfyNode):
    """The start image's features carried along tracks, in a conditioning that has a start image."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="WanMoveApplyTracks",
            display_name="Apply Tracks to Conditioning (Wan-Move)",
            category="WanMove/tracks",
            description="Guides ComfyUI's KSampler along TRACKS. Put it between Wan Image To Video and the KSampler.",
            search_aliases=["WanMoveTrackToVideo", "track to video", "native tracks", "KSampler tracks", "trajectory"],
            inputs=[
                io.Conditioning.Input("positive", tooltip="From Wan Image To Video, with its start image connected."),
                io.Conditioning.Input("negative", tooltip="From Wan Image To Video."),
                io.Tracks.Input(
                    "tracks", tooltip="As many frames as the video has, in its pixels. The last track lies on top."
                ),
                io.Float.Input(
                    "strength",
                    default=1.0,
                    min=0.0,
                    max=100.0,
                    step=0.01,
                    tooltip="How far a guided cell becomes what its track carries: 0 = not at all, 1 = wholly, more: further.",
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
                    tooltip="Where a track is within 4 frames: at the last of them, as released, or the mean, as in the paper.",
                    advanced=True,
                ),
                io.Combo.Input(
                    "negative_sees",
                    options=["edited", "clean"],
                    tooltip="The negative with the tracks, as released (cfg acts on the text), or without (cfg acts on both).",
                    advanced=True,
                ),
            ],
            outputs=[
                io.Conditioning.Output(display_name="positive", tooltip="With the tracks, for the KSampler."),
                io.Conditioning.Output(display_name="negative", tooltip="With or without the tracks, for the KSampler."),
            ],
        )

    @classmethod
    def execute(
        cls,
        positive: Conditioning,
        negative: Conditioning,
        tracks: TracksValue,
        strength: float,
        footprint: float,
        temporal: Temporal,
        negative_sees: Uncond,
    ) -> io.NodeOutput:
        check_uncond(negative_sees)
        edit = _Carried(tracks, Edit(strength, footprint), temporal)
        guided = _with_start(positive, edit, "positive")
        return io.NodeOutput(guided, _with_start(negative, edit, "negative") if negative_sees == "edited" else negative)


class _Carried:
    """The edit of one run; a latent that several entries share is edited once."""

    def __init__(self, tracks: TracksValue, edit: Edit, temporal: Temporal) -> None:
        self._tracks, self._edit = tracks, edit
        self._temporal: Temporal = temporal
        self._done: list[tuple[torch.Tensor, torch.Tensor]] = []

    def __call__(self, latent: torch.Tensor) -> torch.Tensor:
        for seen, edited in self._done:
            if seen is latent:
                return edited
        cells = _cells(self._tracks, latent, self._temporal)
        self._done.append((latent, edit_latent(latent, cells, self._edit.strength, self._edit.footprint)))
        return self._done[-1][1]


def _with_start(conditioning: Conditioning, edit: Callable[[torch.Tensor], torch.Tensor], name: str) -> Conditioning:
    """A new conditioning; entries without a start image stay as they are."""
    if not any(START in said for _, said in conditioning):
        raise RequestError(
            f"The {name} conditioning has no start image, so there is nothing that tracks could carry. "
            "Put this node behind Wan Image To Video and connect its start_image."
        )
    return [[embedding, {**said, START: edit(said[START])} if START in said else said] for embedding, said in conditioning]


def _cells(value: TracksValue, latent: torch.Tensor, temporal: Temporal) -> LatentTracks:
    if latent.ndim != 5 or latent.shape[1] != CHANNELS:
        raise RequestError(
            f"The start image's latent has the shape {list(latent.shape)}; [batch, {CHANNELS}, latent frames, rows, columns] "
            "is needed, as Wan Image To Video makes it with the Wan 2.1 VAE."
        )
    _, width, height = video_size(latent, WAN21_STRIDE)
    tracks = read_tracks(value, *(known_size(value) or (width, height)))
    return to_latent_tracks(fit_to_latent(tracks, latent, WAN21_STRIDE), WAN21_STRIDE, temporal)
