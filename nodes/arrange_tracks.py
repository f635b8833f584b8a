"""The nodes that put tracks together and put them elsewhere."""

from collections.abc import Mapping

from comfy_api.v0_0_2 import io

from ..wanmove_core.tracks.arrange import (
    Lengths,
    Placement,
    merge_tracks,
    place_tracks,
    refit_tracks,
    resample_tracks,
    reverse_tracks,
)
from ..wanmove_core.tracks.sampling import FitName
from .track_values import TracksValue, emit_tracks, known_size, read_baked, size_of

UNSAID = (1, 1)
"""stands for the size of tracks that do not say it, where it only matters that all are alike"""


class WanMoveMergeTracks(io.ComfyNode):
    """Several TRACKS as one; later inputs lie above earlier ones."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="WanMoveMergeTracks",
            display_name="Merge Tracks (Wan-Move)",
            category="WanMove/tracks",
            description="Puts several TRACKS together. Where two meet in a cell, that of the later input wins.",
            search_aliases=["concat tracks", "combine tracks", "join tracks"],
            inputs=[
                io.Autogrow.Input(
                    "tracks",
                    template=io.Autogrow.TemplatePrefix(
                        io.Tracks.Input("tracks", tooltip="Tracks; the later input lies on top."),
                        prefix="tracks",
                        min=1,
                        max=16,
                    ),
                    tooltip="The tracks to put together, bottom to top.",
                ),
                io.Combo.Input(
                    "lengths",
                    options=["stretch", "cut", "refuse"],
                    tooltip="Where lengths differ: stretch all in time to the longest, cut all to the shortest, or stop.",
                ),
            ],
            outputs=[io.Tracks.Output(display_name="tracks", tooltip="All tracks, the last input on top.")],
        )

    @classmethod
    def execute(cls, tracks: Mapping[str, TracksValue], lengths: Lengths) -> io.NodeOutput:
        parts = list(tracks.values())
        said = next((size for part in parts if (size := known_size(part))), None)
        merged = merge_tracks([read_baked(part, *(known_size(part) or said or UNSAID)) for part in parts], lengths)
        emitted = emit_tracks(merged)
        if said is None:
            del emitted["wanmove_size"]
        return io.NodeOutput(emitted)


class WanMoveTransformTracks(io.ComfyNode):
    """TRACKS moved, turned, scaled, retimed, reversed, or brought to another picture size."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        degrees = "Turn all tracks clockwise about the picture's middle, in degrees."
        return io.Schema(
            node_id="WanMoveTransformTracks",
            display_name="Transform Tracks (Wan-Move)",
            category="WanMove/tracks",
            description="Changes TRACKS: first time, then motion, rotation, scale and place, then the size of the picture.",
            search_aliases=["move tracks", "scale tracks", "retime tracks", "reverse tracks", "resize tracks", "crop tracks"],
            inputs=[
                io.Tracks.Input("tracks", tooltip="The tracks to change."),
                io.Float.Input(
                    "motion",
                    default=1.0,
                    min=-100.0,
                    max=100.0,
                    step=0.05,
                    tooltip="How far each point gets from its start: 2 = twice as far, 0 = pinned, -1 = the other way.",
                ),
                io.Float.Input(
                    "move_x", default=0.0, min=-16384.0, max=16384.0, step=1.0, tooltip="Move all tracks right, in pixels."
                ),
                io.Float.Input(
                    "move_y", default=0.0, min=-16384.0, max=16384.0, step=1.0, tooltip="Move all tracks down, in pixels."
                ),
                io.Float.Input(
                    "scale",
                    default=1.0,
                    min=0.01,
                    max=100.0,
                    step=0.01,
                    tooltip="Scale all tracks, starts included, about the picture's middle.",
                ),
                io.Float.Input("rotation", default=0.0, min=-36000.0, max=36000.0, step=1.0, tooltip=degrees),
                io.Boolean.Input("reverse", default=False, tooltip="Run the tracks backwards in time."),
                io.Int.Input("length", default=0, min=0, max=4096, tooltip="Frames to stretch the tracks to; 0 = as they are."),
                io.Int.Input("width", default=0, min=0, max=16384, step=8, tooltip="Width of the new picture; 0 = as it is."),
                io.Int.Input("height", default=0, min=0, max=16384, step=8, tooltip="Height of the new picture; 0 = as it is."),
                io.Combo.Input(
                    "fit",
                    options=["crop", "stretch"],
                    tooltip="How the old picture becomes the new one where shapes differ: edges cut off, or squeezed.",
                ),
                io.Int.Input(
                    "from_width",
                    default=0,
                    min=0,
                    max=16384,
                    tooltip="Width of the picture that the tracks are for; 0 = as they say. Not all packs' tracks do.",
                    advanced=True,
                ),
                io.Int.Input(
                    "from_height",
                    default=0,
                    min=0,
                    max=16384,
                    tooltip="Height of the picture that the tracks are for; 0 = as they say. Not all packs' tracks do.",
                    advanced=True,
                ),
            ],
            outputs=[io.Tracks.Output(display_name="tracks", tooltip="The changed tracks, in pixels of the new picture.")],
        )

    @classmethod
    def execute(
        cls,
        tracks: TracksValue,
        motion: float,
        move_x: float,
        move_y: float,
        scale: float,
        rotation: float,
        reverse: bool,
        length: int,
        width: int,
        height: int,
        fit: FitName,
        from_width: int,
        from_height: int,
    ) -> io.NodeOutput:
        baked = read_baked(tracks, *size_of(tracks, from_width, from_height))
        timed = resample_tracks(reverse_tracks(baked) if reverse else baked, length or baked.length)
        placed = place_tracks(timed, Placement(motion, rotation, scale, (move_x, move_y)))
        return io.NodeOutput(emit_tracks(refit_tracks(placed, width or baked.width, height or baked.height, fit)))
