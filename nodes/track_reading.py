"""How the node Import Tracks reads: which options the file's reader gets, and its answers in the node's words."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..wanmove_core.errors import RequestError, TrackError
from ..wanmove_core.tracks.interchange import Reading, ReadOptions, read_track_file, read_track_text, retime
from ..wanmove_core.tracks.npy_file import read_npy_tracks
from .folders import named_file
from .track_files import AS_IT_LOOKS

SUFFIXES = (".json", ".npy", ".npz", ".pth", ".pt", ".svg", ".png", ".txt")
_INPUTS = {
    "from": "format",
    "from-fps": "file_fps",
    "size": "width and height",
    "visibility": "visibility_file",
}
"""options of the command line -> inputs of the node, where they differ"""


@dataclass(frozen=True)
class Wanted:
    """What the node's own inputs say, whatever the source; 0 = not said."""

    width: int
    height: int
    length: int = 0
    fps: float = 0.0
    file_fps: float = 0.0


def read_source(source: Mapping[str, Any], wanted: Wanted) -> Reading:
    """The tracks, at the length or rate that is wanted.

    Raises:
        TrackError, RequestError: as ``read_track_file``, with the names of the node's inputs.
    """
    try:
        reading = _read(source, wanted)
        return retime(replace(reading, fps=reading.fps or wanted.file_fps or None), wanted.length or None, wanted.fps or None)
    except (TrackError, RequestError) as error:
        raise type(error)(_in_words_of_the_node(str(error))) from error


def named_files(source: Mapping[str, Any]) -> list[Path]:
    """The files that the source names, found in ComfyUI's folders.

    Raises:
        TrackError: there is none of such a name.
    """
    any_file = source["source"] == "any track file"
    main, beside = ("file", "visibility_file") if any_file else ("tracks_file", "visibility_file")
    found = [named_file(source[main], *(SUFFIXES if any_file else (".npy",)))] if main in source else []
    second = str(source.get(beside, "")).strip()
    return found + ([named_file(second, ".npy")] if second else [])


def note_of(reading: Reading) -> str:
    """How the tracks were understood, a line for each thing."""
    tracks = reading.tracks
    lines = [f"{reading.layout}: {tracks.count} tracks, {tracks.length} frames"]
    named = (("axis", reading.axis), ("scale", reading.scale), ("visibility", reading.visibility), ("rate", reading.rate))
    lines += [f"{name}: {said}" for name, said in named if said]
    return "\n".join([*lines, *reading.notes])


def _read(source: Mapping[str, Any], wanted: Wanted) -> Reading:
    size = (wanted.width, wanted.height)
    said = ReadOptions(size=size, has_own_size=True, fps=wanted.file_fps or None, length=wanted.length or None)
    if source["source"] == "JSON":
        text = str(source["coordinates"])
        # lists were in pixels before other text was read here
        return read_track_text(text, replace(said, scale="pixels") if text.lstrip()[:1] == "[" else said)
    files = named_files(source)
    if source["source"] == "npy files":
        tracks = read_npy_tracks(files[0], files[1] if len(files) > 1 else None, *size)
        return Reading(tracks, None, "Wan-Move's npy files", "", "", "", "")
    return read_track_file(files[0], replace(said, **_answers(source), visibility=files[1] if len(files) > 1 else None))


def _answers(source: Mapping[str, Any]) -> dict[str, Any]:
    """What the advanced inputs say of the file."""
    answers = {name: source.get(name, AS_IT_LOOKS) for name in ("format", "axis", "scale", "hidden", "uneven")}
    return {name: value for name, value in answers.items() if value != AS_IT_LOOKS}


def _in_words_of_the_node(message: str) -> str:
    return re.sub(r"--([a-z]+(?:-[a-z]+)*)(=?)", lambda found: _INPUTS.get(found[1], found[1]) + " " * bool(found[2]), message)
