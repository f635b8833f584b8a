"""The node that moves a picture, a part or a mask by a named motion, without drawing."""

from collections.abc import Mapping

import torch
from comfy_api.v0_0_2 import io

from ..wanmove_core.errors import RequestError
from ..wanmove_core.tracks.components import Parameter
from ..wanmove_core.tracks.document import Layer, TrackDocument, serialise_document
from ..wanmove_core.tracks.mask_region import mask_region
from ..wanmove_core.tracks.presets import PRESETS, apply_preset
from ..wanmove_core.tracks.sampling import FitName, bake
from ..wanmove_core.tracks.shapes import Frame, Rectangle, Region, Rest
from .pictures import fit_mask
from .track_values import emit_tracks

Choice = Mapping[str, object]
"""what ComfyUI gives for a choice with inputs: the word under the choice's id, and the inputs by theirs"""


def _parameter_input(parameter: Parameter) -> io.Input:
    limits = f"{parameter.low:g} to {parameter.high:g}" + (f" {parameter.unit}" if parameter.unit else "")
    tooltip = f"{parameter.name.replace('_', ' ').capitalize()}, {limits}."
    if parameter.whole:
        low, high, default = int(parameter.low), int(parameter.high), int(parameter.default)
        return io.Int.Input(parameter.name, default=default, min=low, max=high, tooltip=tooltip)
    low, high, default = float(parameter.low), float(parameter.high), float(parameter.default)
    return io.Float.Input(parameter.name, default=default, min=low, max=high, step=0.01, tooltip=tooltip)


_REGIONS = {
    "whole picture": [],
    "rectangle": [
        io.Int.Input("left", default=272, min=-16384, max=16384, tooltip="Left edge in pixels of the video."),
        io.Int.Input("top", default=152, min=-16384, max=16384, tooltip="Upper edge in pixels of the video."),
        io.Int.Input("across", default=288, min=1, max=16384, tooltip="Width of the rectangle in pixels of the video."),
        io.Int.Input("down", default=176, min=1, max=16384, tooltip="Height of the rectangle in pixels of the video."),
    ],
    "mask": [
        io.Mask.Input("mask", tooltip="White moves. The first mask counts, fitted as the picture is fitted to the video."),
    ],
}


class WanMovePresetTracks(io.ComfyNode):
    """A named motion on the whole picture, a rectangle or a mask."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="WanMovePresetTracks",
            display_name="Preset Tracks (Wan-Move)",
            category="WanMove/tracks",
            description="A named motion for the whole picture (the camera), a rectangle or a mask, as TRACKS and document.",
            search_aliases=["camera move", "pan", "zoom", "motion preset", "trajectory", "handheld"],
            inputs=[
                io.DynamicCombo.Input(
                    "preset",
                    options=[
                        io.DynamicCombo.Option(preset.name, [_parameter_input(parameter) for parameter in preset.parameters])
                        for preset in PRESETS.values()
                    ],
                    tooltip="The motion. Lengths are in pixels of the video.",
                ),
                io.DynamicCombo.Input(
                    "region",
                    options=[io.DynamicCombo.Option(name, inputs) for name, inputs in _REGIONS.items()],
                    tooltip="What moves: the whole picture (a camera move), a rectangle of it, or what a mask marks.",
                ),
                io.Int.Input("length", default=81, min=1, max=4096, step=4, tooltip="Frames of the clip, 4k + 1."),
                io.Int.Input("width", default=832, min=16, max=16384, step=16, tooltip="Width of the video in pixels."),
                io.Int.Input("height", default=480, min=16, max=16384, step=16, tooltip="Height of the video in pixels."),
                io.Combo.Input(
                    "fit",
                    options=["crop", "stretch"],
                    tooltip="How the picture becomes the video where shapes differ; a mask is fitted in the same way.",
                ),
                io.Boolean.Input(
                    "pin_rest", default=False, tooltip="Hold everything else in place. Not for the whole picture."
                ),
                io.Float.Input(
                    "density", default=1.0, min=0.05, max=16.0, step=0.05, tooltip="Tracks per latent cell (8 x 8 pixels)."
                ),
            ],
            outputs=[
                io.Tracks.Output(display_name="tracks", tooltip="In pixels of the video, for this pack's and ComfyUI's nodes."),
                io.String.Output(display_name="document", tooltip="The same as a track document, for the Trajectory Editor."),
            ],
        )

    @classmethod
    def execute(
        cls,
        preset: Choice,
        region: Choice,
        length: int,
        width: int,
        height: int,
        fit: FitName,
        pin_rest: bool,
        density: float,
    ) -> io.NodeOutput:
        chosen = _region(region, width, height, fit)
        layer = Layer(str(preset["preset"]), chosen, density=density)
        below = (Layer("rest", Rest()),) if pin_rest and not isinstance(chosen, Frame) else ()
        empty = TrackDocument(width, height)
        document = TrackDocument(width, height, (*below, apply_preset(empty, layer, layer.name, _values(preset))))
        return io.NodeOutput(emit_tracks(bake(document, length, width, height)), serialise_document(document))


def _values(preset: Choice) -> dict[str, float]:
    return {name: value for name, value in preset.items() if isinstance(value, (int, float))}


def _region(region: Choice, width: int, height: int, fit: FitName) -> Region:
    kind = region["region"]
    if kind == "rectangle":
        left, top, across, down = (float(str(region[name])) for name in ("left", "top", "across", "down"))
        return Rectangle((left, top, across, down))
    if kind != "mask":
        return Frame()
    mask = region.get("mask")
    if not isinstance(mask, torch.Tensor):
        raise RequestError('The region is "mask" but no mask is connected; connect one or choose another region.')
    return mask_region(fit_mask(mask, width, height, fit))
