"""The track files that are read and written: a row each, with what their format says of the numbers."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ..errors import RequestError
from .formats.raw_tracks import Axis, Hidden, Scale


@dataclass(frozen=True)
class Format:
    """A kind of track file. None = the format does not say, or each file says it itself."""

    name: str
    ending: str
    purpose: str
    axis: Axis | None = "frames"
    scale: Scale | None = "pixels"
    hidden: Hidden | None = "none"
    needs_size: bool = False
    """writing needs the picture's size"""
    shows_hidden: bool = True
    is_written: bool = True


_ROWS = (
    Format("tracks", ".npz", "ComfyUI's TRACKS: track_path [T, N, 2] and track_visibility [T, N]"),
    Format("wan-move", ".npy", "[1, T, N, 2], and visibility [1, T, N] in a second file", hidden=None),
    Format("movebench", "_tracks.npy", "the same, as <id>_tracks.npy and <id>_visibility.npy", hidden=None),
    Format("wan2gp", ".npy", "[T, N, 2] in 0…1, hidden points at -1, -1", scale="unit", hidden="-1", needs_size=True),
    Format("cotracker", ".npz", "pred_tracks [1, T, N, 2] and pred_visibility [1, T, N]", hidden="-100"),
    Format("kjnodes", ".json", 'KJNodes, ComfyUI: [[{"x", "y"}, ...], ...], a list a track', scale=None, shows_hidden=False),
    Format("ltx", ".json", "LTX's sparse tracks: the same text", scale=None, shows_hidden=False),
    Format("trajectory-config", ".json", "points, trajectories and duration in seconds", scale=None, shows_hidden=False),
    Format("ati", ".pth", "121 frames at 24 a second, times 8, visibility as third column"),
    Format("svg", ".svg", "a drawing, one path a track", needs_size=True),
    Format("mask", ".png", "white where tracks start, no motion", needs_size=True, shows_hidden=False),
    Format("document", ".json", "a track document of the editor", is_written=False),
)

FORMATS: Mapping[str, Format] = {row.name: row for row in _ROWS}
"""by name; of those with a file's ending the first is written where none is named"""


def find_format(path: Path, name: str) -> Format:
    """The format that is written under ``path``: the named one, or by its ending.

    Raises:
        RequestError: it is not known, is only read, or goes by another ending.
    """
    written = [row for row in _ROWS if row.is_written]
    if name:
        known = FORMATS.get(name)
        if known is None or not known.is_written:
            raise RequestError(f'"{name}" is no format that is written; it is one of {", ".join(row.name for row in written)}.')
    else:
        longest_first = sorted(written, key=lambda row: -len(row.ending))
        known = next((row for row in longest_first if path.name.lower().endswith(row.ending)), None)
    if known is None:
        raise RequestError(f'"{path.name}" ends like no track file; end it in .npy, .npz, .json, .pth, .svg or .png.')
    if not path.name.lower().endswith(known.ending):
        raise RequestError(f'"{path.name}" is to be written as {known.name}, whose files end in {known.ending}; name it so.')
    return known
