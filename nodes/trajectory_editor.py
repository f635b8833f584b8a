"""The node that carries the editor: a picture and what is drawn on it become TRACKS."""

import torch
from comfy_api.v0_0_2 import io

from ..wanmove_core.errors import DocumentError
from ..wanmove_core.tracks.document import TrackDocument, parse_document
from ..wanmove_core.tracks.sampling import FitName, bake
from .pictures import show_picture
from .track_values import emit_tracks

SHAPE_TOLERANCE = 0.01
"""how far the aspect ratio of the picture may be from that of the document: resizing rounds to whole pixels"""


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
            ],
            outputs=[
                io.Tracks.Output(display_name="tracks", tooltip="In pixels of the video, for this pack's and ComfyUI's nodes."),
                io.String.Output(display_name="document", tooltip="What was drawn, as JSON."),
            ],
        )

    @classmethod
    def execute(cls, image: torch.Tensor, length: int, width: int, height: int, fit: FitName, document: str) -> io.NodeOutput:
        drawn = _read(document)
        _check_shape(drawn, image)
        emitted = emit_tracks(bake(drawn, length, width, height, fit))
        return io.NodeOutput(emitted, document, ui={"wanmove_picture": [show_picture(image)]})


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
