"""Tracks as files of a format."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..errors import RequestError
from .arrange import resample_tracks
from .baked import BakedTracks
from .formats.arrays import ATI_FPS, ATI_LENGTH, visibility_path, write_ati, write_npz
from .formats.lists import write_config, write_lists
from .formats.mask_picture import write_mask
from .formats.svg import write_svg
from .interchange_formats import Format, find_format
from .npy_file import write_npy

WAN_FPS = 16.0
"""at which Wan-Move plays its frames"""


@dataclass(frozen=True)
class Written:
    """Files to write, and what the format cannot say."""

    files: Mapping[Path, bytes]
    format: str
    length: int
    """frames in the files; 0 where they have none"""
    notes: tuple[str, ...] = ()


def encode_tracks(tracks: BakedTracks, path: Path, name: str = "", fps: float | None = None) -> Written:
    """The files that hold the tracks in the named format, or in that of ``path``'s ending.

    Args:
        tracks: 1 x 1 as picture says that its size is not known.
        fps: frames a second of the tracks; 16 where not known.

    Raises:
        RequestError: the format is not known or not written, has another ending, or needs the picture's size.
    """
    known = find_format(path, name)
    if known.needs_size and (tracks.width, tracks.height) == (1, 1):
        raise RequestError(f"{known.name} needs the size of the picture; give it with --size, for example 832x480.")
    rate, notes = fps or WAN_FPS, _losses(tracks, known)
    if known.name == "trajectory-config" and fps is None:
        notes += (f"the duration is that of {WAN_FPS:g} frames a second, because no rate is known (--from-fps)",)
    if known.name == "ati" and tracks.length != ATI_LENGTH:
        seconds = (tracks.length - 1) / rate
        notes += (
            f"{tracks.length} frames ({seconds:.3g} s at {rate:g} a second) were resampled to ATI's {ATI_LENGTH} "
            f"({(ATI_LENGTH - 1) / ATI_FPS:g} s at {ATI_FPS:g})",
        )
        tracks = resample_tracks(tracks, ATI_LENGTH)
    return Written(_files(tracks, known, path, rate), known.name, 0 if known.name == "mask" else tracks.length, notes)


def _losses(tracks: BakedTracks, known: Format) -> tuple[str, ...]:
    if known.name == "mask":
        return ("a mask holds where visible tracks start, to a cell of 8 pixels, and no motion",)
    hidden = int((~tracks.visibility).sum())
    if known.shows_hidden or not hidden:
        return ()
    return (f"{hidden} of {tracks.visibility.size} places are hidden, which {known.name} cannot say; they are written as seen",)


def _files(tracks: BakedTracks, known: Format, path: Path, fps: float) -> dict[Path, bytes]:
    positions, shown = tracks.positions, tracks.visibility
    match known.name:
        case "tracks":
            return {path: write_npz({"track_path": positions, "track_visibility": shown})}
        case "wan-move" | "movebench":
            return {path: write_npy(positions[None]), visibility_path(path): write_npy(shown[None])}
        case "wan2gp":
            parts = positions.astype(np.float64) / (tracks.width, tracks.height)
            return {path: write_npy(np.where(shown[..., None], parts, -1.0).astype(np.float32))}
        case "cotracker":
            return {path: write_npz({"pred_tracks": positions[None], "pred_visibility": shown[None]})}
        case "trajectory-config":
            return {path: write_config(positions, fps)}
        case "ati":
            from .formats.torch_values import save_torch_bytes  # here, so that tracks load without torch

            return {path: save_torch_bytes(write_ati(positions, shown))}
        case "svg":
            return {path: write_svg(tracks)}
        case "mask":
            return {path: write_mask(tracks)}
        case _:
            return {path: write_lists(positions)}
