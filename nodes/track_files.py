"""The nodes that read and write track files, in ComfyUI's input and output folders and nowhere else."""

from collections.abc import Mapping
from pathlib import Path

import folder_paths
from comfy_api.v0_0_2 import io

from ..wanmove_core.rendering.atomic_file import unfinished
from ..wanmove_core.tracks.baked import BakedTracks
from ..wanmove_core.tracks.coords_json import read_coords, write_coords
from ..wanmove_core.tracks.npy_file import read_npy_tracks, write_npy
from .folders import named_file
from .track_values import TracksValue, emit_tracks, read_baked

NAMED = 'Name of the npy file in ComfyUI\'s input folder, as "tracks.npy" or "folder/tracks.npy"; "… [output]": output folder.'


class WanMoveImportTracks(io.ComfyNode):
    """Tracks from Wan-Move's npy files or from JSON text."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="WanMoveImportTracks",
            display_name="Import Tracks (Wan-Move)",
            category="WanMove/tracks",
            description="Reads TRACKS from Wan-Move's npy files, or from JSON as KJNodes' spline editor writes it.",
            search_aliases=["load tracks", "npy", "coordinates", "tracks from coords", "spline"],
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
                    ],
                    tooltip="Where the tracks come from.",
                ),
                io.Int.Input(
                    "width", default=832, min=1, max=16384, tooltip="Width of the picture whose pixels the positions are in."
                ),
                io.Int.Input(
                    "height", default=480, min=1, max=16384, tooltip="Height of the picture whose pixels the positions are in."
                ),
            ],
            outputs=[
                io.Tracks.Output(
                    display_name="tracks", tooltip="In pixels of that picture; Transform Tracks brings them to another."
                ),
                io.Int.Output(display_name="length", tooltip="Frames of the tracks."),
            ],
        )

    @classmethod
    def fingerprint_inputs(cls, source: Mapping[str, str], width: int, height: int) -> str:
        """Files that were changed are read anew."""
        named = [name for name in (source.get("tracks_file"), source.get("visibility_file")) if name]
        files = [named_file(name, ".npy") for name in named]
        return f"{dict(source)} {width} {height} {[(file.stat().st_mtime_ns, file.stat().st_size) for file in files]}"

    @classmethod
    def execute(cls, source: Mapping[str, str], width: int, height: int) -> io.NodeOutput:
        baked = _read(source, width, height)
        return io.NodeOutput(emit_tracks(baked), baked.length)


class WanMoveExportTracks(io.ComfyNode):
    """Tracks to files and to JSON text."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="WanMoveExportTracks",
            display_name="Export Tracks (Wan-Move)",
            category="WanMove/tracks",
            description="Writes TRACKS as Wan-Move's npy files or as JSON, and gives the JSON that ComfyUI's own nodes take.",
            search_aliases=["save tracks", "npy", "coordinates", "tracks to json"],
            is_output_node=True,
            inputs=[
                io.Tracks.Input("tracks", tooltip="The tracks to write."),
                io.Combo.Input(
                    "write",
                    options=["npy files", "JSON file", "nothing"],
                    tooltip="What goes into the output folder: positions and visibility as npy, positions as JSON, or nothing.",
                ),
                io.String.Input(
                    "filename_prefix",
                    default="wanmove/tracks",
                    tooltip="Folder and beginning of the names, below the output folder.",
                ),
            ],
            outputs=[
                io.String.Output(
                    display_name="coordinates", tooltip="As JSON, for WanMoveTracksFromCoords. Says nothing of visibility."
                ),
                io.Int.Output(display_name="length", tooltip="Frames of the tracks."),
            ],
        )

    @classmethod
    def execute(cls, tracks: TracksValue, write: str, filename_prefix: str) -> io.NodeOutput:
        baked = read_baked(tracks, 1, 1)  # neither kind of file says the picture's size
        coordinates = write_coords(baked)
        _save(filename_prefix, _files(write, baked, coordinates))
        return io.NodeOutput(coordinates, baked.length)


def _read(source: Mapping[str, str], width: int, height: int) -> BakedTracks:
    if source["source"] == "JSON":
        return read_coords(source["coordinates"], width, height)
    positions, visibility = source["tracks_file"], source["visibility_file"].strip()
    return read_npy_tracks(named_file(positions, ".npy"), named_file(visibility, ".npy") if visibility else None, width, height)


def _files(write: str, baked: BakedTracks, coordinates: str) -> dict[str, bytes]:
    """Endings of names and what goes into the files."""
    match write:
        case "npy files":
            return {"tracks.npy": write_npy(baked.positions), "visibility.npy": write_npy(baked.visibility)}
        case "JSON file":
            return {"tracks.json": coordinates.encode()}
        case _:
            return {}


def _save(prefix: str, files: Mapping[str, bytes]) -> None:
    """All files under one number that no other has."""
    if not files:
        return
    folder, name, number, _, _ = folder_paths.get_save_image_path(prefix, folder_paths.get_output_directory())
    for ending, content in files.items():
        with unfinished(Path(folder) / f"{name}_{number:05}_{ending}") as partial:
            partial.write_bytes(content)
