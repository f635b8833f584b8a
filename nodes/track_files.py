"""The nodes that read and write track files, in ComfyUI's input and output folders and nowhere else."""

from collections.abc import Mapping
from pathlib import Path
from typing import get_args

import folder_paths
from comfy_api.v0_0_2 import io

from ..wanmove_core.errors import TrackError
from ..wanmove_core.rendering.atomic_file import unfinished
from ..wanmove_core.tracks.baked import BakedTracks
from ..wanmove_core.tracks.coords_json import write_coords
from ..wanmove_core.tracks.formats.raw_tracks import Axis, Hidden, Scale, Uneven
from ..wanmove_core.tracks.interchange_formats import FORMATS
from ..wanmove_core.tracks.npy_file import write_npy
from .track_values import TracksValue, emit_tracks, known_size, read_baked

NAMED = 'Name of the npy file in ComfyUI\'s input folder, as "tracks.npy" or "folder/tracks.npy"; "… [output]": output folder.'

AS_IT_LOOKS = "as it looks"
"""what is not said of a file, but told from its numbers"""


class WanMoveImportTracks(io.ComfyNode):
    """Tracks from files of any program, or from JSON or SVG text."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="WanMoveImportTracks",
            display_name="Import Tracks (Wan-Move)",
            category="WanMove/tracks",
            description="Reads TRACKS from track files of any program, or from JSON (KJNodes' spline editor) or SVG text.",
            search_aliases=["load tracks", "npy", "coordinates", "tracks from coords", "spline", "ATI", "CoTracker", "SVG"],
            inputs=[
                io.DynamicCombo.Input(
                    "source",
                    options=[
                        io.DynamicCombo.Option(
                            "npy files",
                            [
                                io.String.Input(
                                    "tracks_file", default="tracks.npy", tooltip=f"Positions [frames, tracks, 2]. {NAMED}"
                                ),
                                io.String.Input(
                                    "visibility_file",
                                    default="",
                                    tooltip="Visibility [frames, tracks], named in the same way; empty = all visible.",
                                ),
                            ],
                        ),
                        io.DynamicCombo.Option(
                            "JSON",
                            [
                                io.String.Input(
                                    "coordinates",
                                    default="",
                                    multiline=True,
                                    tooltip="A list of tracks, each a list of an x and y for each frame. Paste or connect it.",
                                )
                            ],
                        ),
                        io.DynamicCombo.Option("any track file", _of_any_file()),
                    ],
                    tooltip="Where the tracks come from.",
                ),
                io.Int.Input(
                    "width", default=832, min=1, max=16384, tooltip="Width of the picture whose pixels the positions are in."
                ),
                io.Int.Input(
                    "height", default=480, min=1, max=16384, tooltip="Height of the picture whose pixels the positions are in."
                ),
                io.Int.Input(
                    "length",
                    default=0,
                    min=0,
                    max=4096,
                    optional=True,
                    tooltip="Frames to stretch the tracks to; 0 = as the file has them. A drawing or a mask needs it.",
                ),
                io.Float.Input(
                    "fps",
                    default=0.0,
                    min=0.0,
                    max=1000.0,
                    step=1.0,
                    optional=True,
                    tooltip="Frames a second to resample the tracks to, for a file that says its own; 0 = as they are.",
                    advanced=True,
                ),
                io.Float.Input(
                    "file_fps",
                    default=0.0,
                    min=0.0,
                    max=1000.0,
                    step=1.0,
                    optional=True,
                    tooltip="Frames a second that the file has; 0 = as it says.",
                    advanced=True,
                ),
            ],
            outputs=[
                io.Tracks.Output(
                    display_name="tracks", tooltip="In pixels of that picture; Transform Tracks brings them to another."
                ),
                io.Int.Output(display_name="length", tooltip="Frames of the tracks."),
                io.String.Output(display_name="note", tooltip="How the file was understood, and what was resampled."),
            ],
            hidden=[io.Hidden.unique_id],
        )

    @classmethod
    def fingerprint_inputs(
        cls, source: Mapping[str, str], width: int, height: int, length: int = 0, fps: float = 0.0, file_fps: float = 0.0
    ) -> str:
        """Files that were changed are read anew."""
        from .track_reading import named_files

        files = [(file.stat().st_mtime_ns, file.stat().st_size) for file in named_files(source)]
        return f"{dict(source)} {width} {height} {length} {fps} {file_fps} {files}"

    @classmethod
    def execute(
        cls, source: Mapping[str, str], width: int, height: int, length: int = 0, fps: float = 0.0, file_fps: float = 0.0
    ) -> io.NodeOutput:
        # not at ComfyUI's start
        from .comfy_host import ComfyHost
        from .track_reading import Wanted, note_of, read_source

        reading = read_source(source, Wanted(width, height, length, fps, file_fps))
        note = note_of(reading)
        ComfyHost(cls.hidden.unique_id).note(note)
        return io.NodeOutput(emit_tracks(reading.tracks), reading.tracks.length, note)


class WanMoveExportTracks(io.ComfyNode):
    """Tracks to files and to JSON text."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="WanMoveExportTracks",
            display_name="Export Tracks (Wan-Move)",
            category="WanMove/tracks",
            description="Writes TRACKS as files of any program, and gives the JSON that ComfyUI's own nodes take.",
            search_aliases=["save tracks", "npy", "coordinates", "tracks to json", "ATI", "CoTracker", "SVG"],
            is_output_node=True,
            inputs=[
                io.Tracks.Input("tracks", tooltip="The tracks to write."),
                io.Combo.Input(
                    "write",
                    options=["npy files", "JSON file", "nothing", "as format says"],
                    tooltip="What goes into the output folder: npy of positions and visibility, JSON, nothing, or any format.",
                ),
                io.String.Input(
                    "filename_prefix",
                    default="wanmove/tracks",
                    tooltip="Folder and beginning of the names, below the output folder.",
                ),
                io.Combo.Input(
                    "format",
                    options=[row.name for row in FORMATS.values() if row.is_written],
                    optional=True,
                    tooltip="The program that is to read the file, where write says so.",
                ),
                io.Float.Input(
                    "fps",
                    default=16.0,
                    min=0.01,
                    max=1000.0,
                    step=1.0,
                    optional=True,
                    tooltip="Frames a second of the tracks, for formats that count in seconds (ati, trajectory-config).",
                    advanced=True,
                ),
            ],
            outputs=[
                io.String.Output(
                    display_name="coordinates", tooltip="As JSON, for WanMoveTracksFromCoords. Says nothing of visibility."
                ),
                io.Int.Output(display_name="length", tooltip="Frames of the tracks."),
                io.String.Output(display_name="note", tooltip="The files that were written, and what their format cannot say."),
            ],
            hidden=[io.Hidden.unique_id],
        )

    @classmethod
    def execute(
        cls, tracks: TracksValue, write: str, filename_prefix: str, format: str = "tracks", fps: float = 16.0
    ) -> io.NodeOutput:
        from .comfy_host import ComfyHost  # not at ComfyUI's start

        baked = read_baked(tracks, *(known_size(tracks) or (1, 1)))
        coordinates = write_coords(baked)
        files, losses = _files(write, baked, coordinates, format, fps)
        note = "\n".join([*_save(filename_prefix, files), *losses])
        if note:
            ComfyHost(cls.hidden.unique_id).note(note)
        return io.NodeOutput(coordinates, baked.length, note)


def _of_any_file() -> list[io.Input]:
    def choice(name: str, options: tuple[str, ...], tooltip: str) -> io.Input:
        return io.Combo.Input(name, options=[AS_IT_LOOKS, *options], tooltip=tooltip, advanced=True)

    return [
        io.String.Input(
            "file",
            default="",
            tooltip='Name of a npy, npz, pth, JSON, SVG or PNG file in ComfyUI\'s input folder; "… [output]": output folder.',
        ),
        choice("format", tuple(FORMATS), "The program that wrote the file, where its content does not tell."),
        choice("axis", get_args(Axis), "Whether [frames, tracks, 2] or [tracks, frames, 2]."),
        choice("scale", get_args(Scale), "Whether positions are pixels, 0…1 (unit) or -1…1 (centred) of the picture."),
        choice("hidden", get_args(Hidden), "What marks hidden points."),
        choice("uneven", get_args(Uneven), "Whether shorter lists take the whole time or end early."),
        io.String.Input(
            "visibility_file",
            default="",
            tooltip="Visibility [frames, tracks], named in the same way; empty = what the file says.",
            advanced=True,
        ),
    ]


def _files(
    write: str, baked: BakedTracks, coordinates: str, format_name: str, fps: float
) -> tuple[dict[str, bytes], tuple[str, ...]]:
    """Endings of names and what goes into the files; what the format cannot say."""
    match write:
        case "npy files":
            return {"tracks.npy": write_npy(baked.positions), "visibility.npy": write_npy(baked.visibility)}, ()
        case "JSON file":
            return {"tracks.json": coordinates.encode()}, ()
        case "as format says":
            if FORMATS[format_name].needs_size and (baked.width, baked.height) == (1, 1):
                raise TrackError(
                    f"{format_name} needs the picture's size, which these TRACKS do not say; put Transform Tracks before, with "
                    "from_width and from_height set."
                )
            from ..wanmove_core.tracks.interchange_writing import encode_tracks  # not at ComfyUI's start

            suffix = Path(FORMATS[format_name].ending).suffix or FORMATS[format_name].ending
            written = encode_tracks(baked, Path(f"_tracks{suffix}"), format_name, fps)
            return {path.name.removeprefix("_"): content for path, content in written.files.items()}, written.notes
        case _:
            return {}, ()


def _save(prefix: str, files: Mapping[str, bytes]) -> list[str]:
    """All files under one number that no other has; their names below the output folder."""
    if not files:
        return []
    output = folder_paths.get_output_directory()
    folder, name, number, _, _ = folder_paths.get_save_image_path(prefix, output)
    places = [Path(folder) / f"{name}_{number:05}_{ending}" for ending in files]
    for place, content in zip(places, files.values(), strict=True):
        with unfinished(place) as partial:
            partial.write_bytes(content)
    return [f"{place.resolve().relative_to(Path(output).resolve()).as_posix()} [output]" for place in places]
