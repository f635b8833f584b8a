"""ComfyUI's TRACKS to the core's tracks and back.

TRACKS is {"track_path": [T, N, 2] in pixels, "track_visibility": [T, N]}. Ours also say the picture's size that the pixels
belong to, under a key that other packs' nodes neither read nor keep.
"""

from typing import TypedDict

import torch

from ..wanmove_core.errors import TrackError
from ..wanmove_core.tracks.baked import BakedTracks
from ..wanmove_core.tracks.tensors import Tracks, make_tracks, to_baked, to_tensors

SIZE = "wanmove_size"


class TracksValue(TypedDict, total=False):
    """What flows through a TRACKS link."""

    track_path: torch.Tensor
    track_visibility: torch.Tensor
    wanmove_size: tuple[int, int]


def known_size(value: TracksValue) -> tuple[int, int] | None:
    """(width, height) of the picture that the tracks are for, where the node that made them said it."""
    return value.get(SIZE)


def size_of(value: TracksValue, width: int = 0, height: int = 0) -> tuple[int, int]:
    """(width, height) as given, or where that is 0 as the tracks say.

    Raises:
        TrackError: neither says it.
    """
    known = known_size(value) or (0, 0)
    size = (width or known[0], height or known[1])
    if min(size) < 1:
        raise TrackError("These TRACKS do not say what picture size they are for; set the width and height of that picture.")
    return size


def read_tracks(value: TracksValue, width: int, height: int) -> Tracks:
    """The tracks, checked. Visibility may lack (all visible), be [T, 1] for all tracks at once, or be longer than the path.

    ComfyUI's own nodes make all three: [T, 1] of as many frames as a mask has.

    Raises:
        TrackError: positions or visibility do not fit.
    """
    path = value.get("track_path")
    if not isinstance(path, torch.Tensor):
        raise TrackError("What came in as TRACKS has no track_path; connect the tracks output of a node that makes TRACKS.")
    visibility = value.get("track_visibility")
    if visibility is not None and path.ndim == 3:
        visibility = visibility[: path.shape[0]]
        if visibility.shape[-1:] == (1,):
            visibility = visibility.expand(-1, path.shape[1])
    return make_tracks(path, visibility, width, height)


def read_baked(value: TracksValue, width: int, height: int) -> BakedTracks:
    """``read_tracks`` as arrays."""
    return to_baked(read_tracks(value, width, height))


def emit_tracks(baked: BakedTracks) -> TracksValue:
    """The tracks as TRACKS, with visibility for every track and frame."""
    tracks = to_tensors(baked)
    return {
        "track_path": tracks.positions,
        "track_visibility": tracks.visibility,
        "wanmove_size": (tracks.width, tracks.height),
    }
