"""The nodes that show tracks: the picture moved along them without a model, and drawn over pictures."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import torch
from comfy_api.v0_0_2 import io
from numpy.typing import NDArray

from ..wanmove_core.errors import RequestError
from ..wanmove_core.tracks.arrange import refit_tracks
from ..wanmove_core.tracks.baked import BakedTracks
from ..wanmove_core.tracks.document import parse_document
from ..wanmove_core.tracks.sampling import FitName
from ..wanmove_core.variants import WAN21_STRIDE
from .pictures import to_batch, to_video
from .track_values import TracksValue, known_size, read_baked

View = Literal["tracks", "side by side", "cells", "error curves"]


@dataclass(frozen=True)
class _Wished:
    view: View
    max_tracks: int
    max_numbers: int
    tail: int


class WanMovePreviewTracks(io.ComfyNode):
    """The picture itself, moved: what goes where, in seconds, without a model."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="WanMovePreviewTracks",
            display_name="Preview Tracks (Wan-Move)",
            category="WanMove/tracks",
            description="The picture moved along the tracks, without a model: where things go, not how they will look.",
            search_aliases=["warp", "draft", "animatic", "motion preview"],
            inputs=[
                io.Image.Input("image", tooltip="The start image. The first of a batch counts."),
                io.Tracks.Input("tracks", tooltip="How things move; their length and size are those of the draft."),
                io.String.Input(
                    "document",
                    optional=True,
                    force_input=True,
                    tooltip="The document that the tracks were made from: then things move as if cut out.",
                ),
                io.Combo.Input(
                    "fit",
                    options=["crop", "stretch"],
                    tooltip="How the picture becomes the video where shapes differ: edges cut off, or squeezed.",
                ),
                io.Float.Input(
                    "fps", default=16.0, min=1.0, max=120.0, step=1.0, tooltip="Frames a second of the video output."
                ),
            ],
            outputs=[
                io.Image.Output(display_name="frames", tooltip="The draft's frames."),
                io.Video.Output(display_name="video", tooltip="The draft as a video."),
            ],
        )

    @classmethod
    def execute(cls, image: torch.Tensor, tracks: TracksValue, fit: FitName, fps: float, document: str = "") -> io.NodeOutput:
        picture = image[0, ..., :3]
        baked = read_baked(tracks, *(known_size(tracks) or (picture.shape[1], picture.shape[0])))
        drawn = to_batch(_draft(picture, baked, document, fit))
        return io.NodeOutput(drawn, to_video(drawn, fps))


class WanMoveOverlayTracks(io.ComfyNode):
    """Tracks drawn over pictures."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="WanMoveOverlayTracks",
            display_name="Overlay Tracks (Wan-Move)",
            category="WanMove/tracks",
            description="Draws TRACKS over pictures as dots with tails: over the start image, a draft or the finished video.",
            search_aliases=["visualise tracks", "visualize tracks", "draw tracks", "show tracks"],
            inputs=[
                io.Image.Input("images", tooltip="As many pictures as the tracks have frames, or one, which is drawn on anew."),
                io.Tracks.Input("tracks", tooltip="The tracks to draw."),
                io.Int.Input("max_tracks", default=160, min=1, max=4096, tooltip="Most tracks drawn; more are thinned evenly."),
                io.Int.Input(
                    "max_numbers", default=24, min=0, max=4096, tooltip="Numbers are written while no more tracks are drawn."
                ),
                io.Int.Input("tail", default=12, min=0, max=4096, tooltip="Frames after which a tail has faded."),
                io.Tracks.Input(
                    "achieved",
                    optional=True,
                    tooltip="Where the tracks' points really went, of Measure Tracks; the tracks must be its requested ones.",
                ),
                io.Combo.Input(
                    "view",
                    options=list(get_args(View)),
                    optional=True,
                    default="tracks",
                    tooltip="Dots and tails; the same beside the pictures; which cell is filled from where; error curves.",
                ),
            ],
            outputs=[io.Image.Output(display_name="images", tooltip="The pictures with the tracks over them.")],
        )

    @classmethod
    def execute(
        cls,
        images: torch.Tensor,
        tracks: TracksValue,
        max_tracks: int,
        max_numbers: int,
        tail: int,
        achieved: TracksValue | None = None,
        view: View = "tracks",
    ) -> io.NodeOutput:
        height, width = images.shape[1:3]
        baked = _fitted(tracks, width, height)
        found = None if achieved is None else _fitted(achieved, width, height)
        pictures = images[..., :3].expand(baked.length, -1, -1, -1) if len(images) == 1 else images[..., :3]
        _check_length(len(pictures), baked.length)
        wished = _Wished(view, max_tracks, max_numbers, tail)
        return io.NodeOutput(to_batch(_drawn_over(pictures, baked, found, wished)))


def _draft(picture: torch.Tensor, baked: BakedTracks, document: str, fit: FitName) -> Iterator[NDArray[np.uint8]]:
    # not at ComfyUI's start: OpenCV
    from ..wanmove_core.rendering.images import fit_image
    from ..wanmove_core.rendering.warp import warp_frames, warp_frames_from_tracks
    from .comfy_host import ComfyHost

    if not document.strip():
        return warp_frames_from_tracks(fit_image(picture, baked.width, baked.height, fit), baked, ComfyHost())
    drawn = parse_document(document)
    return warp_frames(picture, drawn, baked.length, baked.width, baked.height, ComfyHost(), fit)


def _fitted(tracks: TracksValue, width: int, height: int) -> BakedTracks:
    return refit_tracks(read_baked(tracks, *(known_size(tracks) or (width, height))), width, height, "stretch")


def _drawn_over(
    pictures: torch.Tensor, baked: BakedTracks, found: BakedTracks | None, wished: _Wished
) -> Iterator[NDArray[np.uint8]]:
    # as above
    from ..wanmove_core.rendering.cell_view import cell_frames
    from ..wanmove_core.rendering.error_curves import error_curves
    from ..wanmove_core.rendering.overlay import AchievedTracks, OverlayOptions, overlay_frames
    from ..wanmove_core.rendering.side_by_side import LabelledClip, side_by_side

    achieved = None if found is None else AchievedTracks(found.positions, found.visibility)
    if wished.view == "cells":
        return cell_frames(pictures, baked, WAN21_STRIDE)
    if wished.view == "error curves":
        if achieved is None:
            raise RequestError("Error curves need achieved tracks; connect those of Measure Tracks, or choose another view.")
        return iter([error_curves(baked, achieved)])
    options = OverlayOptions(wished.max_tracks, wished.max_numbers, wished.tail)
    drawn = overlay_frames(pictures, baked, achieved, options)
    if wished.view == "tracks":
        return drawn
    name = "tracks" if achieved is None else "asked and achieved"
    return side_by_side([LabelledClip("pictures", pictures), LabelledClip(name, drawn)])


def _check_length(pictures: int, length: int) -> None:
    if pictures != length:
        raise RequestError(
            f"There are {pictures} pictures, the tracks have {length} frames; stretch the tracks to {pictures} frames with "
            "Transform Tracks, or connect one picture."
        )
