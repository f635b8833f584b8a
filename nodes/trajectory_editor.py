"""The node that carries the editor: a picture and what is drawn on it become TRACKS."""

from dataclasses import replace

import numpy as np
import torch
from comfy_api.v0_0_2 import io
from numpy.typing import NDArray

from ..wanmove_core.errors import DocumentError
from ..wanmove_core.tracks.arrange import resample_tracks
from ..wanmove_core.tracks.baked import BakedTracks
from ..wanmove_core.tracks.document import TrackDocument, parse_document
from ..wanmove_core.tracks.sampling import FitName, bake
from ..wanmove_core.tracks.shapes import Frame, Rest
from .pictures import fit_mask, show_picture, to_batch
from .track_values import emit_tracks

SHAPE_TOLERANCE = 0.01
"""how far the aspect ratio of the picture may be from that of the document: resizing rounds to whole pixels"""
OVERLAY_MOMENTS, OVERLAY_TRACKS = 25, 256
"""points of each way in the overlay, and most ways"""


class TrajectoryEditor(io.ComfyNode):
    """Draw how things move on the picture itself."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="TrajectoryEditor",
            display_name="Trajectory Editor (Wan-Move)",
            category="WanMove",
            description="Draw regions on the picture and how they move. Gives dense TRACKS for Wan-Move.",
            inputs=[
                io.Image.Input("image", tooltip="The start image. Load Image shows here at once, anything else after a run."),
                io.Int.Input(
                    "length", default=81, min=1, max=4096, step=4, tooltip="Frames of the clip, 4k + 1 (16 frames a second)."
                ),
                io.Int.Input("width", default=832, min=16, max=16384, step=16, tooltip="Width of the video in pixels."),
                io.Int.Input("height", default=480, min=16, max=16384, step=16, tooltip="Height of the video in pixels."),
                io.Combo.Input(
                    "fit",
                    options=["crop", "stretch"],
                    tooltip="How the picture becomes the video where shapes differ: edges cut off, or squeezed.",
                ),
                io.String.Input(
                    "document",
                    default="",
                    socketless=True,
                    extra_dict={"widgetType": "WANMOVE_DOCUMENT"},
                    tooltip="What was drawn, as JSON. It is part of the workflow.",
                ),
                io.Mask.Input(
                    "mask", optional=True, tooltip="Of the picture: what was drawn moves only inside it. The editor shows all."
                ),
            ],
            outputs=[
                io.Tracks.Output(display_name="tracks", tooltip="In pixels of the video, for this pack's and ComfyUI's nodes."),
                io.String.Output(display_name="document", tooltip="What was drawn, as JSON."),
                io.Image.Output(display_name="overlay", tooltip="The picture with the tracks drawn over it."),
            ],
        )

    @classmethod
    def execute(
        cls,
        image: torch.Tensor,
        length: int,
        width: int,
        height: int,
        fit: FitName,
        document: str,
        mask: torch.Tensor | None = None,
    ) -> io.NodeOutput:
        drawn = _read(document)
        _check_shape(drawn, image)
        baked = bake(drawn, length, width, height, fit)
        if mask is not None:
            baked = _inside(baked, drawn, fit_mask(mask, width, height, fit))
        overlay = _drawn_over(image, baked, fit)
        return io.NodeOutput(emit_tracks(baked), document, overlay, ui={"wanmove_picture": [show_picture(image)]})


def _read(document: str) -> TrackDocument:
    if not document.strip():
        raise DocumentError("Nothing is drawn in the Trajectory Editor. Draw around a thing, then drag it where it should go.")
    return parse_document(document)


def _check_shape(document: TrackDocument, image: torch.Tensor) -> None:
    height, width = image.shape[1:3]
    if abs(width * document.height / (height * document.width) - 1) > SHAPE_TOLERANCE:
        raise DocumentError(
            f"The tracks were drawn on a picture of {document.width} x {document.height}, the one that came in is "
            f"{width} x {height}: another shape. Connect the picture that they were drawn on, or draw anew."
        )


def _inside(baked: BakedTracks, document: TrackDocument, mask: NDArray[np.bool_]) -> BakedTracks:
    """Without the tracks of drawn regions that start outside the mask [H, W]; pins and camera cover the picture anyway."""
    columns, rows = baked.positions[0].astype(int).clip(0, (baked.width - 1, baked.height - 1)).T
    everywhere = [isinstance(layer.region, Rest | Frame) for layer in document.layers]
    kept = mask[rows, columns] | np.array(everywhere)[baked.layer]
    if not kept.any():
        raise DocumentError("No track starts inside the mask. Connect a mask of what was drawn around, or none.")
    return replace(baked, positions=baked.positions[:, kept], visibility=baked.visibility[:, kept], layer=baked.layer[kept])


def _drawn_over(image: torch.Tensor, baked: BakedTracks, fit: FitName) -> torch.Tensor:
    """The first picture with the ways of the tracks: IMAGE [1, H, W, 3]."""
    # not at ComfyUI's start: OpenCV
    from ..wanmove_core.rendering.images import fit_image
    from ..wanmove_core.rendering.overlay import OverlayOptions, overlay_frames

    moments = resample_tracks(baked, min(baked.length, OVERLAY_MOMENTS))
    picture = fit_image(image[0, ..., :3], baked.width, baked.height, fit)
    options = OverlayOptions(OVERLAY_TRACKS, tail=4 * OVERLAY_MOMENTS, last_only=True)
    (last,) = overlay_frames([picture] * moments.length, moments, options=options)
    return to_batch([last])
